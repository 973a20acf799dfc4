"""Filters as people type them: every kind of text, what is kept of it, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput, MediadlError
from mediadl.service import filtering
from mediadl.settings.fields import fields
from mediadl.settings.filters import FilterTree

NAMES = [key.partition(".")[2] for key, _ in fields(FilterTree)]


@pytest.mark.parametrize(
    ("given_texts", "kept"),
    [
        ({}, {}),
        ({"match": "a+", "strict": "false"}, {"match": "a+"}),
        ({"keywords": "cat, dog ,cat"}, {"keywords": ["cat", "dog"]}),
        ({"min_duration_s": "1:30"}, {"min_duration_s": 90}),
        ({"min_duration_s": "1:00:01"}, {"min_duration_s": 3601}),
        ({"max_duration_s": "5 min"}, {"max_duration_s": 300}),
        ({"max_duration_s": "45"}, {"max_duration_s": 45}),
        ({"min_size_bytes": "1.5 MB"}, {"min_size_bytes": 1_500_000}),
        ({"max_size_bytes": "2000000"}, {"max_size_bytes": 2_000_000}),
        ({"media": "Images,videos"}, {"media": ["image", "video"]}),
        ({"all_keywords": "yes"}, {"all_keywords": True}),
    ],
)  # fmt: skip
def test_texts_become_what_a_job_carries(given_texts: dict[str, str], kept: dict[str, Any]) -> None:
    assert filtering.parse(given_texts) == kept
    assert filtering.parse(kept) == kept


@pytest.mark.parametrize(
    ("given_texts", "said"),
    [
        ({"match": "("}, "match: not a pattern at character 1"),
        ({"keywords": ",".join(f"w{n}" for n in range(51))}, "keyword: at most 50 words"),
        ({"min_duration_s": "-1"}, "min-duration: must be a time"),
        ({"min_size_bytes": "3 MB", "max_size_bytes": "2 MB"}, "min-size is more than max-size"),
        ({"strict": "perhaps"}, "strict: must be true or false"),
        ({"colour": "red"}, "no such setting"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_name(given_texts: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInput, match=said.replace("(", r"\(")):
        filtering.parse(given_texts)


def test_the_form_has_every_filter_with_its_value_and_help() -> None:
    rows = filtering.form({"match": "x", "min_duration_s": "1:30"})

    assert [row.key.partition(".")[2] for row in rows] == NAMES
    assert all(row.title and row.help.endswith(".") for row in rows)
    values = {row.key.partition(".")[2]: row.value for row in rows}
    assert (values["match"], values["min_duration_s"], values["strict"]) == ("x", 90, False)


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30)))
def test_any_texts_are_either_refused_or_kept_the_same_twice(texts: dict[str, str]) -> None:
    try:
        kept = filtering.parse(texts)
    except MediadlError:
        return
    assert filtering.parse(kept) == kept
    assert filtering.in_words(kept) == filtering.in_words(texts)
