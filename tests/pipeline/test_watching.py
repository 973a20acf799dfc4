"""The pauses between checks of a thread, and their end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.pipeline import watching
from mediadl.pipeline.watching import Habits

NOW = 1_800_000_000.0
HOUR = 3600.0
DAY = 86_400.0
MONTH = 30 * DAY

ages = st.floats(0, 400 * DAY)
habits = st.builds(
    Habits,
    posts=st.integers(0, 100_000),
    span_s=st.floats(HOUR, MONTH),
    newest_at=st.none() | ages.map(lambda age: NOW - age),
    empty_checks=st.integers(0, 10_000),
)


def busy(posts_per_hour: float, *, quiet_s: float = 0.0, empty: int = 0) -> Habits:
    return Habits(round(posts_per_hour * 720), MONTH, NOW - quiet_s, empty)


def test_a_busy_thread_is_looked_at_for_about_five_posts() -> None:
    assert watching.pause_s(busy(4), NOW) == pytest.approx(1.25 * HOUR)


def test_five_empty_checks_double_the_pause() -> None:
    before = watching.pause_s(busy(4), NOW)

    assert watching.pause_s(busy(4, empty=5), NOW) == pytest.approx(2 * before)


def test_silence_lengthens_the_pause() -> None:
    assert watching.pause_s(busy(4, quiet_s=8 * HOUR), NOW) == pytest.approx(2 * HOUR)


def test_a_thread_without_posts_is_looked_at_once_a_day() -> None:
    assert watching.pause_s(Habits(0, MONTH, None), NOW) == DAY


def test_a_fixed_pause_is_kept() -> None:
    assert watching.pause_s(busy(4, empty=500), NOW, fixed_s=60.0) == 60.0


@given(habits)
def test_every_pause_lies_between_a_quarter_of_an_hour_and_a_day(found: Habits) -> None:
    assert watching.SHORTEST_S <= watching.pause_s(found, NOW) <= watching.LONGEST_S


@given(habits, st.integers(1, 50))
def test_more_empty_checks_never_shorten_the_pause(found: Habits, more: int) -> None:
    later = Habits(found.posts, found.span_s, found.newest_at, found.empty_checks + more)

    assert watching.pause_s(later, NOW) >= watching.pause_s(found, NOW)


@given(st.floats(1, DAY), st.text())
def test_chance_moves_a_pause_by_a_tenth_at_most_and_always_the_same_way(pause: float, seed: str) -> None:
    moved = watching.moved(pause, seed)

    assert 0.9 * pause * (1 - 1e-9) <= moved <= 1.1 * pause * (1 + 1e-9)
    assert moved == watching.moved(pause, seed)


@given(habits, st.floats(1, 365))
def test_a_plan_goes_on_or_says_why_not(found: Habits, days: float) -> None:
    made = watching.plan(found, NOW, since=NOW - DAY, seed="x", expire_days=days)

    assert (made.next_at is None) == bool(made.ended)
    assert made.next_at is None or made.next_at > NOW


def test_thirty_quiet_days_end_it() -> None:
    quiet = Habits(0, MONTH, NOW - 30 * DAY)

    made = watching.plan(quiet, NOW, since=NOW - 90 * DAY, seed="x", expire_days=30)

    assert made.next_at is None
    assert made.ended == "no post for 30 days: no longer watched"


def test_a_day_less_does_not() -> None:
    quiet = Habits(1, MONTH, NOW - 29 * DAY)

    made = watching.plan(quiet, NOW, since=NOW - 90 * DAY, seed="x", expire_days=30)

    assert made.next_at is not None
    assert made.expires_at == pytest.approx(NOW + DAY)


def test_nothing_expires_where_the_user_says_so() -> None:
    quiet = Habits(0, MONTH, NOW - 900 * DAY)

    assert watching.plan(quiet, NOW, since=0.0, seed="x", expire_days=0).next_at is not None


def test_a_thread_without_dates_expires_by_when_it_was_first_read() -> None:
    unknown = Habits(0, MONTH, None)

    assert watching.plan(unknown, NOW, since=NOW - 31 * DAY, seed="x", expire_days=30).ended


def test_five_failures_in_a_row_end_it() -> None:
    made = watching.plan(busy(4), NOW, since=NOW, seed="x", expire_days=30, failures=5)

    assert made.ended == "5 checks in a row failed: no longer watched"


@pytest.mark.parametrize(
    ("checks", "age_s", "due"),
    [
        (0, None, True),
        (1, HOUR, False),
        (19, HOUR, False),
        (20, HOUR, True),
        (3, 14 * DAY, True),
        (3, 13 * DAY, False),
    ],
)
def test_the_whole_thread_is_read_at_first_every_twentieth_time_and_after_two_weeks(
    checks: int, age_s: float | None, *, due: bool
) -> None:
    assert watching.full_is_due(checks, None if age_s is None else NOW - age_s, NOW) is due
