"""What makes due times."""

from __future__ import annotations

import math
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.timing.cron import Cron
from mediadl.timing.rhythms import MOST_COUNTED, Adaptive, ByCron, Every, Rhythm, rhythm_of, span_words

BERLIN = ZoneInfo("Europe/Berlin")
ANCHOR = 1_780_000_000.0
ROWS: list[Rhythm] = [
    Every(3600, ANCHOR),
    Every(86_400.5, ANCHOR + 0.25),
    ByCron(Cron.parse("*/20 * * * *"), BERLIN),
    ByCron(Cron.parse("30 2 * * *"), BERLIN),
]


def walk(rhythm: Rhythm, start: float, end: float) -> list[float]:
    found, due_at = [], rhythm.after(start, 0)
    while due_at is not None and due_at <= end:
        found.append(due_at)
        due_at = rhythm.after(due_at, 0)
    return found


@pytest.mark.parametrize("rhythm", ROWS, ids=["hour", "odd day", "cron often", "cron daily"])
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 400_000), st.integers(0, 400_000))
def test_the_newest_due_time_is_the_last_one_that_a_walk_finds(
    rhythm: Rhythm, start_s: int, more_s: int
) -> None:
    due_at = rhythm.at_or_after(ANCHOR + start_s, 0)
    assert due_at is not None
    until = due_at + more_s
    row = walk(rhythm, due_at, until)

    assert rhythm.newest(due_at, until) == (row[-1] if row else due_at, len(row))
    assert rhythm.beyond(due_at, until, 0) == (rhythm.after(row[-1], 0) if row else rhythm.after(due_at, 0))
    assert rhythm.gap_s(due_at) == (rhythm.after(due_at, 0) or math.inf) - due_at


@pytest.mark.parametrize("text", ["* * * * *", "*/5 2 * * *", "30 2 * * 1"])
def test_many_due_times_are_not_counted_to_their_end_but_the_newest_is_found(text: str) -> None:
    rhythm = ByCron(Cron.parse(text), BERLIN)
    due_at = rhythm.at_or_after(ANCHOR, 0)
    assert due_at is not None
    until = due_at + 20 * 365 * 86_400
    newest, count = rhythm.newest(due_at, until)

    assert count == MOST_COUNTED
    assert newest <= until
    following = rhythm.after(newest, 0)
    assert following is not None
    assert following > until


@settings(deadline=None)
@given(st.floats(60, 1e6), st.floats(0, 1e8), st.floats(60, 1e6))
def test_an_adaptive_one_goes_beyond_now_by_whole_pauses(
    least_s: float, away_s: float, pause_s: float
) -> None:
    rhythm = Adaptive(least_s, max(least_s, 1e6))
    following = rhythm.beyond(ANCHOR, ANCHOR + away_s, pause_s)
    step_s = (rhythm.after(ANCHOR, pause_s) or 0) - ANCHOR

    assert following is not None
    assert following > ANCHOR + away_s
    assert following <= max(ANCHOR + away_s, ANCHOR) + step_s * 1.001
    assert (following - ANCHOR) / step_s == pytest.approx(round((following - ANCHOR) / step_s), abs=1e-3)


@pytest.mark.parametrize("every_s", [-5, math.inf, 0.5])
def test_times_apart_that_cannot_be_are_refused(every_s: float) -> None:
    with pytest.raises(ValueError):
        rhythm_of({"every_s": every_s}, anchor_at=ANCHOR, zone=BERLIN)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "second"), (1.5, "1.5 seconds"), (90, "90 seconds"), (60, "minute"), (5400, "90 minutes"), (3600, "hour"),
        (86_400, "day"), (129_600, "36 hours"), (604_800, "week"), (1_209_600, "2 weeks"),
    ],
)  # fmt: skip
def test_spans_are_told_as_people_say_them(seconds: float, words: str) -> None:
    assert span_words(seconds) == words
