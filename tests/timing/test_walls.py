"""Between the clock on the wall and real time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.timing import walls

BERLIN = ZoneInfo("Europe/Berlin")
BACK = datetime(2026, 10, 25, 1, tzinfo=UTC).timestamp()
FORWARD = datetime(2027, 3, 28, 1, tzinfo=UTC).timestamp()
ZONES = st.sampled_from(
    [
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "America/Havana",
        "Asia/Beirut",
        "Pacific/Chatham",
        "Asia/Kathmandu",
        "UTC",
    ]
).map(ZoneInfo)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_ordinary_wall_time_is_shown_once() -> None:
    assert walls.moments_of(wall("2026-11-24T12:00"), BERLIN) == (
        datetime(2026, 11, 24, 11, tzinfo=UTC).timestamp(),
    )


def test_the_hour_before_the_clock_goes_back_is_shown_twice() -> None:
    assert walls.moments_of(wall("2026-10-25T02:30"), BERLIN) == (BACK - 1800, BACK + 1800)
    assert walls.moment_of(wall("2026-10-25T02:30"), BERLIN) == BACK - 1800


def test_the_hour_that_the_clock_jumps_over_is_never_shown() -> None:
    assert walls.moments_of(wall("2027-03-28T02:30"), BERLIN) == ()
    assert walls.moment_of(wall("2027-03-28T02:30"), BERLIN) == FORWARD
    assert walls.moment_of(wall("2027-03-28T02:00"), BERLIN) == FORWARD


@pytest.mark.parametrize(("change", "forward"), [(BACK, False), (FORWARD, True)])
def test_a_change_of_the_clock_is_found_to_the_second(change: float, forward: bool) -> None:
    assert walls.change_between(change - 50_000, change + 30_000, BERLIN) == change
    assert walls.change_between(change - 1, change, BERLIN) == change
    assert walls.change_between(change, change + 50_000, BERLIN) is None
    assert walls.goes_forward(change, BERLIN) is forward


@settings(deadline=None)
@given(st.integers(1_700_000_000, 2_000_000_000), ZONES)
def test_a_moment_is_among_those_that_its_wall_is_shown_at(at: int, zone: ZoneInfo) -> None:
    shown = walls.moments_of(walls.wall_at(at, zone), zone)

    assert at in shown
    assert list(shown) == sorted(set(shown))
    assert all(
        walls.wall_at(one, zone).replace(fold=0) == walls.wall_at(at, zone).replace(fold=0) for one in shown
    )
    assert walls.is_shown_again(walls.wall_at(at, zone), zone) == (len(shown) == 2 and at == shown[0])


@settings(deadline=None)
@given(st.integers(0, 365 * 1440), ZONES)
def test_later_walls_never_come_earlier(minute: int, zone: ZoneInfo) -> None:
    here = datetime(2026, 1, 1) + timedelta(minutes=minute)

    assert walls.moment_of(here, zone) <= walls.moment_of(here + timedelta(minutes=1), zone)


@settings(deadline=None)
@given(st.floats(allow_nan=False))
def test_any_clock_is_brought_within_reach_of_calendars(at: float) -> None:
    assert walls.wall_at(walls.clamped(at), BERLIN).year <= 9000
