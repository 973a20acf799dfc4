"""How long a subscribed source is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.timing import adaptive

NOW = 1_780_000_000.0
HOUR, DAY = 3600.0, 86_400.0


def pause(
    posts_30d: int,
    *,
    quiet_s: float | None = 0.0,
    empty: int = 0,
    least_s: float = HOUR,
    most_s: float = 7 * DAY,
) -> float:
    newest_at = None if quiet_s is None else NOW - quiet_s
    return adaptive.pause_s(posts_30d, newest_at, empty, NOW, least_s, most_s)


def test_a_look_comes_about_as_often_as_a_post() -> None:
    assert pause(30) == pytest.approx(DAY)
    assert pause(120) == pytest.approx(6 * HOUR)


def test_the_pause_lies_within_its_bounds() -> None:
    assert pause(100_000) == HOUR
    assert pause(0, quiet_s=400 * DAY) == 7 * DAY
    assert pause(100_000, least_s=2 * HOUR, most_s=HOUR) == HOUR


def test_a_silent_source_is_looked_at_less_and_less() -> None:
    assert pause(30, quiet_s=8 * DAY) == pytest.approx(2 * DAY)
    assert pause(30, quiet_s=8 * DAY, empty=5) == pytest.approx(4 * DAY)


def test_a_source_of_which_nothing_is_known_is_looked_at_daily_at_first() -> None:
    assert pause(0, quiet_s=None) == DAY
    assert pause(0, quiet_s=None, empty=10) == 4 * DAY


@settings(deadline=None)
@given(
    st.integers(0, 10**6),
    st.one_of(st.none(), st.floats(-1e9, 1e10)),
    st.integers(-5, 10**6),
    st.floats(300, 1e7),
    st.floats(300, 1e7),
)
def test_whatever_is_known_the_pause_is_finite_and_within_bounds(
    posts: int, quiet_s: float | None, empty: int, one_s: float, other_s: float
) -> None:
    least_s, most_s = sorted((one_s, other_s))
    found = pause(posts, quiet_s=quiet_s, empty=empty, least_s=least_s, most_s=most_s)

    assert least_s <= found <= most_s
    assert pause(posts, quiet_s=quiet_s, empty=max(0, empty) + 1, least_s=least_s, most_s=most_s) >= found
