"""Schedules as text: the same words in TOML and YAML, and one line for whatever is wrong."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.service import schedule_texts as texts
from mediadl.settings.filters import Filters
from mediadl.settings.schedule import ScheduleSpec

PRINTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30
).map(str.strip).filter(bool)  # fmt: skip
SECONDS = st.integers(60, 31_536_000).map(float) | st.floats(60, 31_536_000)


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    """Schedules as they are kept, whatever their texts say."""
    every_s = draw(SECONDS)
    adaptive = draw(st.booleans())
    spec = ScheduleSpec(
        name=draw(PRINTABLE),
        sources=tuple(draw(st.lists(PRINTABLE, max_size=6, unique=True))),
        enabled=draw(st.booleans()),
        every_s=0 if adaptive else every_s,
        adaptive=adaptive,
        jitter_s=draw(st.floats(0, 86_400)),
        content_types=tuple(draw(st.lists(st.sampled_from(["posts", "stories", "no", "null", "1:30"])))),
        max_items=draw(st.integers(0, 1000)),
        since=draw(st.sampled_from(["", "2026-01-31", "7d"])),
        priority=draw(st.sampled_from(["high", "normal", "low"])),
        options=draw(st.dictionaries(PRINTABLE, PRINTABLE, max_size=3)),
    ).model_dump(mode="json")
    spec["filters"] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "match": PRINTABLE,
                "min_duration_s": SECONDS,
                "max_size_bytes": st.integers(1, 10**15),
                "media": st.just(["image", "video"]),
                "strict": st.just(True),
            },
        )
    )
    return spec


@given(
    found=st.lists(specs(), max_size=4, unique_by=lambda one: one["name"]),
    form=st.sampled_from(["toml", "yaml"]),
)
def test_what_is_written_is_read_again(found: list[dict[str, Any]], form: str) -> None:
    text = texts.write(found, form)
    entries = texts.read(text, f"all.{form}", form)

    again = []
    for entry in entries:
        told = dict(entry.told)
        filters = told.pop("filters", {})
        spec = ScheduleSpec.model_validate(told).model_dump(mode="json")
        kept = Filters.model_validate(filters).model_dump(mode="json", exclude_defaults=True)
        again.append(spec | {"filters": kept})
    assert again == found


@given(
    text=st.text(max_size=300) | st.lists(st.sampled_from(
        ["schedules", ":", "\n", "- ", "  ", "name", "[[schedules]]", "=", "'a'", "{", "}", "[", "]", "&x", "*x",
         "!!int", "<<", "|", ">", "#", '"""', "9" * 50, "---", "?"]), max_size=40).map("".join),
    form=st.sampled_from(["toml", "yaml"]),
)  # fmt: skip
def test_whatever_is_in_a_file_it_is_read_or_refused(text: str, form: str) -> None:
    with contextlib.suppress(InvalidInput):
        texts.read(text, "some.file", form)


@pytest.mark.parametrize(
    ("form", "text", "why"),
    [
        ("toml", "[[schedules]]\nname = 'a'\nevery", "line 3: "),
        ("toml", "[[schedules]]\nname = 'a'\n\n[[schedules]]\nname='b'\neverry='6h'", "line 4: no word 'everry'; did"),
        ("toml", "x = 1", "'x' is not expected there; the file has schedules only"),
        ("toml", "[schedules]\nname = 'a'", "write [[schedules]] above each schedule"),
        ("toml", "schedules = [1]", "a schedule is a table of words and values"),
        ("toml", "a = " + "[" * 50_000, "not TOML that anybody would write"),
        ("toml", "a = " + "9" * 5000, "not TOML that anybody would write"),
        ("yaml", "schedules:\n- name: a\n- name: a", "line 3: the name 'a' is there twice, as in line 2"),
        ("yaml", "schedules:\n- every: 6h", "line 2: a schedule needs a name"),
        ("yaml", "schedules:\n- name: a\n  name: b", "line 3: 'name' is there twice"),
        ("yaml", "a: &a [x]\nb: [*a, *a]", "line 1: anchors and aliases are not read"),
        ("yaml", "- name: a", "line 1: write schedules: and the schedules below it"),
        ("yaml", "schedules: !!python/object:os.system x", "line 1: tags are not read"),
        ("yaml", "[" * 1000, "line 1: nested too deeply"),
        ("yaml", "schedules: []\n---\nschedules: []", "line 2: a second document begins there"),
        ("yaml", "schedules:\n\t- name: a", "line 2: "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_at_once(form: str, text: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        texts.read(text, f"f.{form}", form)

    assert (
        refused.value.message.removeprefix(f"f.{form}").removeprefix(", ").removeprefix(": ").startswith(why)
    )


def test_yaml_words_are_words() -> None:
    """YAML 1.1 would make a number of seconds of `12:30`, and false of `no`."""
    (entry,) = texts.read(
        "schedules:\n- name: no\n  sources: [instagram:a]\n  daily: 12:30\n", "f.yaml", "yaml"
    )

    assert entry.told["name"] == "no"
    assert entry.told["cron"] == "30 12 * * *"
    assert entry.line == 2


def test_a_file_without_schedules_has_none() -> None:
    for form, text in (
        ("toml", ""),
        ("toml", "schedules = []"),
        ("yaml", ""),
        ("yaml", "schedules:"),
        ("yaml", "# x"),
    ):
        assert texts.read(text, "f", form) == []


def test_the_format_is_known_by_name_or_beginning() -> None:
    assert texts.format_of("a.YML", "") == "yaml"
    assert texts.format_of("a.opml", "") == "opml"
    assert texts.format_of("-", "\ufeff <?xml version='1.0'?><opml/>") == "opml"
    assert texts.format_of("-", "# x\n[[schedules]]\n") == "toml"
    assert texts.format_of("-", "schedules:\n- name: a") == "yaml"
    with pytest.raises(InvalidInput, match="the text: no telling what kind of file it is"):
        texts.format_of("-", "hello")


def test_what_is_too_large_or_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput, match="larger than 4 MB"):
        texts.decoded(b"x" * (texts.MOST_BYTES + 1), "a.toml")
    with pytest.raises(InvalidInput, match=r"a\.toml, line 2: not UTF-8 text"):
        texts.decoded(b"ok\n\xff\xfe", "a.toml")
    with pytest.raises(InvalidInput, match=r"a\.toml, line 3: not text"):
        texts.decoded(b"ok\n\n\0", "a.toml")
