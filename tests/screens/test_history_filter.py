"""How the history is looked at: what people type for times and sizes, and what is kept of it."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.models import HistoryQuery, HistorySort, MediaKind
from mediadl.screens.history_filter import Look, bounds, size_text, typed_size, typed_span

NOW = 1_795_000_000.0


def _day(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("typed", "when", "words"),
    [
        ("2026-01-01 2026-01-31", "2026-01-01 2026-01-31", "2026-01-01 to 2026-01-31"),
        ("from 2026-01-01 to 2026-01-31", "2026-01-01 2026-01-31", "2026-01-01 to 2026-01-31"),
        ("2026-01-01, 2026-01-31", "2026-01-01 2026-01-31", "2026-01-01 to 2026-01-31"),
        ("7d", "7d -", "since 7d"),
        ("since 12h", "12h -", "since 12h"),
        ("until 2026-01-31", "- 2026-01-31", "until 2026-01-31"),
        ("before 2d", "- 2d", "until 2d"),
    ],
)
def test_spans_of_time_are_understood(typed: str, when: str, words: str) -> None:
    assert typed_span(typed) == when
    assert Look(when=when).when_words == words


@pytest.mark.parametrize("typed", ["", "soon", "2026-02-01 2026-01-01", "1d 2d 3d", "since", "2026-13-01"])
def test_what_is_no_span_of_time_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        typed_span(typed)


def test_days_count_to_their_end() -> None:
    since, until = bounds("2026-01-01 2026-01-31", NOW)

    assert since == _day("2026-01-01")
    assert until is not None
    assert _day("2026-02-01") - 1 < until < _day("2026-02-01")


def test_today_begins_at_local_midnight() -> None:
    since, until = bounds("today", NOW)

    assert since is not None
    assert time.localtime(since)[3:6] == (0, 0, 0)
    assert 0 <= NOW - since < 90_000
    assert until is None


def test_the_last_days_count_back_from_now() -> None:
    assert bounds("7d", NOW) == (NOW - 7 * 86_400, None)
    assert bounds("30d", NOW) == (NOW - 30 * 86_400, None)
    assert bounds("", NOW) == (None, None)


@pytest.mark.parametrize(
    ("typed", "low", "high"),
    [
        ("", None, None), ("10MB", 10_000_000, None), (">10MB", 10_000_000, None), (">= 10 MB", 10_000_000, None),
        ("<1GB", None, 1_000_000_000), ("10MB-1GB", 10_000_000, 1_000_000_000), ("10MB – 1GB", 10**7, 10**9),
        ("-500k", None, 500_000), ("2KiB-", 2048, None),
    ],
)  # fmt: skip
def test_sizes_are_understood(typed: str, low: int | None, high: int | None) -> None:
    assert typed_size(typed) == (low, high)
    query = HistoryQuery(min_size_bytes=low, max_size_bytes=high)
    if low != 2048:
        assert typed_size(size_text(query)) == (low, high)


@pytest.mark.parametrize("typed", ["-", "<", "big", "1GB-1MB", "1MB-x", "1-2-3"])
def test_what_is_no_size_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        typed_size(typed)


_words = st.text(alphabet="0123456789-:T. dhwmkgMBi<>=–fromtosinceuntil", max_size=24)


@given(_words)
def test_no_text_makes_anything_but_a_refusal(typed: str) -> None:
    for read in (typed_span, typed_size):
        with contextlib.suppress(InvalidInput):
            read(typed)


_looks = st.builds(
    Look,
    query=st.builds(
        HistoryQuery,
        platform=st.text(max_size=5),
        source=st.text(max_size=5),
        search=st.text(max_size=5),
        kind=st.none() | st.sampled_from(MediaKind),
        min_size_bytes=st.none() | st.integers(0, 10**12),
        max_size_bytes=st.none() | st.integers(0, 10**12),
        sort=st.sampled_from(HistorySort),
        descending=st.booleans(),
    ),
    gallery=st.booleans(),
    zoom=st.integers(-3, 3),
)


@given(_looks)
def test_a_look_is_kept_whole(look: Look) -> None:
    assert Look.of(look.state()) == look


def test_a_span_of_time_is_counted_anew_at_the_next_start() -> None:
    look = Look().span("7d", NOW)

    again = Look.of(look.state())

    assert again.when == "7d"
    assert again.query.since == pytest.approx(time.time() - 7 * 86_400, abs=5)


@given(
    st.dictionaries(
        st.sampled_from(list(Look().state())), st.none() | st.integers() | st.text() | st.booleans()
    )
)
def test_no_state_is_too_odd(state: dict[str, Any]) -> None:
    Look.of(state)


@pytest.mark.parametrize("name", ["kind", "platform", "source", "when", "size", "words"])
def test_one_filter_goes_and_the_others_stay(name: str) -> None:
    query = HistoryQuery("a", "b", MediaKind.IMAGE, None, None, 1, 2, "c", HistorySort.TITLE, False)
    look = replace(Look(query), gallery=True).span("7d", NOW)

    left = look.without(name)

    assert left != look
    assert left.narrowed
    assert (left.query.sort, left.query.descending, left.gallery) == (HistorySort.TITLE, False, True)
    changed = [key for key, value in left.state().items() if value != look.state()[key]]
    assert changed == {"size": ["min", "max"], "words": ["search"]}.get(name, [name])
    assert not look.without("all").narrowed
