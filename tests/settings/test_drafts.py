"""Unsaved changes: what rests on what, and what others changed meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.settings.drafts import Drafts, before
from mediadl.settings.kinds import Kind, Setting, Sheet, Source, Tab

KEYS = ("a.one", "a.two")


def sheet(in_file: dict[str, Any], environment: tuple[str, ...] = ()) -> Sheet:
    made = []
    for key in KEYS:
        source = Source.FILE if key in in_file else Source.DEFAULT
        source = Source.ENVIRONMENT if key in environment else source
        made.append(
            Setting(key, in_file.get(key, 5), 5, source, key, "Help.", Kind.NUMBER, Tab.GENERAL, "a number")
        )
    return Sheet(tuple(made), in_file, (len(in_file),))


@pytest.fixture
def drafts() -> Drafts:
    made = Drafts()
    made.take(sheet({"a.two": 7}))
    return made


def test_a_change_back_to_what_is_saved_is_none(drafts: Drafts) -> None:
    drafts.put("a.one", "6", 6)
    assert drafts.changes() == {"a.one": "6"}
    drafts.put("a.one", "5", 5)

    assert drafts.changes() == {}


def test_reset_takes_the_line_out_of_the_file(drafts: Drafts) -> None:
    drafts.reset("a.two")
    drafts.reset("a.one")

    assert drafts.changes() == {"a.two": None}
    assert drafts.value("a.two") == 5


def test_a_change_of_another_field_elsewhere_is_no_clash(drafts: Drafts) -> None:
    drafts.put("a.one", "6", 6)

    assert drafts.take(sheet({"a.two": 8})) == []
    assert drafts.seen() == {"a.one": None}


def test_a_change_of_the_same_field_elsewhere_is_told_once(drafts: Drafts) -> None:
    drafts.put("a.two", "6", 6)

    assert drafts.take(sheet({"a.two": 8})) == ["a.two"]
    assert drafts.get("a.two").elsewhere == "8"  # type: ignore[union-attr]
    assert drafts.take(sheet({"a.two": 8})) == []
    assert drafts.seen() == {"a.two": 8}


def test_the_same_change_elsewhere_ends_the_own_one(drafts: Drafts) -> None:
    drafts.put("a.two", "6", 6)
    drafts.take(sheet({"a.two": 6}))

    assert len(drafts) == 0


def test_a_variable_of_the_environment_ends_a_change(drafts: Drafts) -> None:
    drafts.put("a.one", "6", 6)
    drafts.take(sheet({}, environment=("a.one",)))

    assert len(drafts) == 0


def test_what_was_given_up_can_come_back(drafts: Drafts) -> None:
    drafts.put("a.one", "6", 6)
    drafts.put("a.two", "6", 6)
    dropped = drafts.drop()
    for key, draft in dropped.items():
        drafts.put_back(key, draft)

    assert drafts.changes() == {"a.one": "6", "a.two": "6"}


def test_how_to_take_changes_back_is_exact() -> None:
    odd = replace(sheet({"a.two": 0.1 + 0.2}))

    assert before(odd, {"a.one": "1", "a.two": "2"}) == {"a.one": None, "a.two": "0.30000000000000004"}


NUMBERS = st.integers(1, 9)
FILES = st.dictionaries(st.sampled_from(KEYS), NUMBERS)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(KEYS), NUMBERS),
        st.tuples(st.just("reset"), st.sampled_from(KEYS), st.none()),
        st.tuples(st.just("take"), st.none(), FILES),
    ),
    max_size=12,
)


@given(FILES, STEPS)
def test_saving_gives_what_the_screen_shows(
    in_file: dict[str, Any], steps: list[tuple[str, Any, Any]]
) -> None:
    drafts = Drafts()
    drafts.take(sheet(in_file))
    for verb, key, what in steps:
        if verb == "put":
            drafts.put(key, str(what), what)
        elif verb == "reset":
            drafts.reset(key)
        else:
            drafts.take(sheet(what))
    shown = {key: drafts.value(key) for key in KEYS}
    saved = dict(drafts.sheet.in_file)
    for key, text in drafts.changes().items():
        if text is None:
            saved.pop(key, None)
        else:
            saved[key] = int(text)

    assert {key: saved.get(key, 5) for key in KEYS} == shown
    assert drafts.seen() == {key: drafts.sheet.in_file.get(key) for key in drafts.changes()}
