"""Patterns of users: bad ones are refused with the place, hostile ones cost no time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.security.patterns import MOST_CHARS, pattern


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(a", "at character 1: missing )"),
        ("é(", "at character 2: missing )"),
        ("a{2000}", "at character 2: invalid repetition size"),
        ("[z-a]", "at character 2: bad character range z-a"),
        ("ab(?=x)", "at character 3: looking around is not possible"),
        ("*a", "at character 1: nothing to repeat"),
        ("a\ud800", "at character 2: not a character"),
        ("a" * (MOST_CHARS + 1), "501 characters, more than 500"),
    ],
)
def test_a_bad_pattern_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said.replace(")", r"\)")):
        pattern(text)


@pytest.mark.parametrize(
    ("text", "inside", "found"),
    [
        ("CAFÉ", "ein café", True),
        ("(?-i)CAFÉ", "ein café", False),
        ("^a", "b\na", False),
        (r"\bsea\b", "oversea", False),
    ],
)
def test_capitals_do_not_count_unless_asked_for(text: str, inside: str, *, found: bool) -> None:
    assert pattern(text).found_in(inside) is found


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*a){12}$", r"^(([a-z])+.)+[A-Z]([a-z])+$"]
)
def test_no_pattern_takes_long(text: str) -> None:
    hostile = "a" * 20_000 + "!"
    pattern(text).found_in(hostile)


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_pattern_is_either_refused_or_gives_an_answer(text: str, inside: str) -> None:
    try:
        made = pattern(text)
    except InvalidInput:
        return
    assert made.found_in(inside) in {True, False}
