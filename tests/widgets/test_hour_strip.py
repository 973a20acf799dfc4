"""The next 24 hours as blocks, and the chart of a schedule's runs."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.models.plans import Hours
from mediadl.models.schedules import RunKind, RunState, ScheduleRun
from mediadl.widgets.hour_strip import HourStrip, fold, hour_line
from mediadl.widgets.run_chart import bars, chart


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()


@given(st.lists(st.integers(0, 50), min_size=1, max_size=144), st.integers(1, 300))
def test_nothing_is_lost_when_slots_become_cells(starts: list[int], cells: int) -> None:
    folded = fold(tuple(starts), cells)

    assert len(folded) == cells
    assert sum(folded) == sum(starts)


def test_hours_stand_above_their_cells() -> None:
    begin = datetime(2026, 5, 17, 11, 50).timestamp()

    line = hour_line(begin, 86_400, 96)

    assert len(line) == 96
    assert line.split()[0] == "12:00"
    assert abs(line.index("18:00") - (6 * 60 + 10) / 15) <= 1


def test_the_night_with_an_hour_twice_names_it_twice() -> None:
    begin = datetime(2026, 10, 24, 23, 0).timestamp()

    assert hour_line(begin, 8 * 3600, 80).split().count("02:00") == 2


@given(st.floats(0, 2e9), st.integers(1, 250))
def test_hours_never_touch_each_other(begin: float, cells: int) -> None:
    line = hour_line(begin, 86_400, cells)

    assert len(line) == cells
    assert all(len(word) == 5 for word in line.split())


def test_the_strip_says_how_much_starts() -> None:
    strip = HourStrip()
    strip._hours = Hours(0.0, 600.0, (0, 3, *[0] * 142))

    assert strip.text.endswith("3 starts")

    strip._hours = Hours(0.0, 600.0, (1, *[0] * 143), cut=True)
    assert strip.text.endswith("at least 1 start")


def test_bars_are_as_high_as_what_they_stand_for() -> None:
    assert bars([0, 1, 2, 4], 2) == ["   █", " ▄██"]
    assert bars([], 3) == ["", "", ""]


def test_a_failed_run_has_a_cross() -> None:
    def run(n: int, state: RunState, new: int) -> ScheduleRun:
        return ScheduleRun(n, 1, n, RunKind.DUE, state, "", 0, n, n + 1, 1, new, new, 0, 0, 0, "")

    drawn = [str(line) for line in chart([run(3, RunState.DONE, 4), run(2, RunState.FAILED, 0)], 40, 3)]

    assert drawn == ["4 new  █", "       █", "      ✗─"]
    assert chart([run(1, RunState.RUNNING, 9)], 40, 3) == []
