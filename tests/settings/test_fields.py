"""Forms from the schema: each field has one tab, one kind and words for what it allows."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel, Field, ValidationError

from mediadl.settings import fields as f
from mediadl.settings.files import listing
from mediadl.settings.kinds import Form, Kind, Setting, Source, Tab
from mediadl.settings.schema import Bytes, Secret, Section, Settings, Words

KEYS = [key for key, _ in f.fields()]


class Sample(Section):
    """A group for tests."""

    TAB = Tab.SECURITY

    password: Secret = Field("", title="Password", description="A word.")
    tags: Words = Field((), title="Tags", description="Several.")
    room: Annotated[Bytes, Form(tab=Tab.GENERAL)] = Field(
        5, ge=1, le=10_000, title="Room", description="How much."
    )


class Tree(BaseModel):
    sample: Sample = Field(default_factory=Sample)


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> list[Setting]:
    return listing(tmp_path_factory.mktemp("home") / "settings.toml", {})


def test_every_field_is_on_exactly_one_tab(settings: list[Setting]) -> None:
    by_tab = {tab: [one.key for one in settings if one.tab is tab] for tab in Tab}

    assert sorted(key for keys in by_tab.values() for key in keys) == sorted(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_every_field_can_be_edited(key: str) -> None:
    info = dict(f.fields())[key]

    assert f.kind_of(info) in Kind
    assert f.allowed(info)
    assert bool(f.choices_of(info)) is (f.kind_of(info) in {Kind.CHOICE, Kind.SWITCH})


def test_the_default_reads_back_as_itself(settings: list[Setting]) -> None:
    from mediadl.settings.files import check

    for one in settings:
        if one.text:
            assert check(one.key, one.text) == one.value, one.key


def test_kinds_come_from_types_and_annotations() -> None:
    kinds = {key.partition(".")[2]: f.kind_of(info) for key, info in f.fields(Tree)}
    tabs = {key.partition(".")[2]: f.tab_of(info, Sample) for key, info in f.fields(Tree)}

    assert kinds == {"password": Kind.SECRET, "tags": Kind.WORDS, "room": Kind.SIZE}
    assert tabs == {"password": Tab.SECURITY, "tags": Tab.SECURITY, "room": Tab.GENERAL}


def test_words_are_taken_from_one_line() -> None:
    assert Tree.model_validate({"sample": {"tags": "one, two ,,three"}}).sample.tags == (
        "one",
        "two",
        "three",
    )


def test_a_secret_has_no_text_for_people() -> None:
    _, info = f.fields(Tree)[0]
    made = f.setting("sample.password", info, Sample, "hunter2", Source.FILE)

    assert (made.text, made.shown) == ("", "set")
    assert made.variable == "MEDIADL_SAMPLE__PASSWORD"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"room": "lots"}, "must be a size such as 500 MB, from 1 B to 10 kB"),
        ({"room": "20 kB"}, "must be a size such as 500 MB, from 1 B to 10 kB"),
        ({"password": "x" * 5000}, "must be at most 4096 characters long"),
        ({"password": "a\x1bb"}, "must not have control characters"),
        ({"tags": 5}, "must be words with commas between them"),
        ({"colour": "red"}, "no such setting"),
    ],
)
def test_what_is_wrong_is_told_in_plain_words(given: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Tree.model_validate({"sample": given})

    assert f.complaint(caught.value, Tree) == (f"sample.{next(iter(given))}", reason)


def test_every_section_names_its_tab() -> None:
    for section in Settings.model_fields.values():
        assert section.annotation is not None
        assert section.annotation.TAB in Tab
