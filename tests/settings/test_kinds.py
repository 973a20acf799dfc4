"""Sizes and times as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.settings.kinds import (
    Kind,
    duration_text,
    parse_duration,
    parse_size,
    parse_words,
    shown_text,
    size_text,
    typed_text,
)


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("10 GB", 10**10), ("10gb", 10**10), ("1.5G", 1_500_000_000), ("500 MiB", 500 * 2**20), ("2 MB/s", 2_000_000),
        ("0 B", 0), (" 7 kb ", 7000), ("12 bytes", 12), (".5 MB", 500_000), ("1 PB", 10**15),
    ],
)  # fmt: skip
def test_sizes_are_read_as_people_write_them(text: str, size_bytes: int) -> None:
    assert parse_size(text) == size_bytes


@pytest.mark.parametrize(
    "text", ["", "GB", "10", "1.5", "-1 GB", "10 XB", "1 GB 5", "1,5 GB", "nan", "9" * 50 + " B"]
)
def test_what_is_no_size_with_a_unit_is_none(text: str) -> None:
    assert parse_size(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 s", 30), ("5 min", 300), ("5m", 300), ("1h30m", 5400), ("1 h 30 min", 5400), ("2 days", 172_800),
        ("0.25 s", 0.25), ("1.5 hours", 5400), ("10 SEC", 10),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", " ", "30", "-5 s", "5 parsecs", "min", "1 h x", "s30"])
def test_what_is_no_time_with_a_unit_is_none(text: str) -> None:
    assert parse_duration(text) is None


@given(st.integers(0, 10**18))
def test_a_size_reads_back_exactly(size_bytes: int) -> None:
    assert parse_size(size_text(size_bytes)) == size_bytes


@given(st.one_of(st.integers(0, 10**9).map(float), st.integers(0, 10**8).map(lambda n: n / 100)))
def test_a_time_reads_back_exactly(seconds: float) -> None:
    assert parse_duration(duration_text(seconds)) == seconds


@given(st.text())
def test_no_text_breaks_the_parsers(text: str) -> None:
    parse_size(text)
    parse_duration(text)
    parse_words(text)


def test_values_are_told_in_words() -> None:
    assert shown_text(Kind.SWITCH, True) == "on"
    assert shown_text(Kind.SPEED, 0, "no limit") == "no limit"
    assert shown_text(Kind.TEXT, "") == "none"
    assert shown_text(Kind.WORDS, ("a", "b")) == "a, b"


def test_a_secret_is_never_shown() -> None:
    assert shown_text(Kind.SECRET, "hunter2") == "set"
    assert shown_text(Kind.SECRET, "") == "not set"
    assert typed_text(Kind.SECRET, "hunter2") == ""
