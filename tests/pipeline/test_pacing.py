"""Pauses are human, and a budget is never exceeded whatever the order of requests."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.pipeline.pacing import DAY_S, HOUR_S, Budget, pause_s, standing

NOW = 1_800_000_000.0


@given(st.floats(0.1, 600), st.integers())
def test_a_pause_stays_near_its_base(base_s: float, seed: int) -> None:
    assert 0.75 * base_s <= pause_s(base_s, random.Random(seed)) <= 1.35 * base_s


def test_pauses_are_not_all_the_same() -> None:
    dice = random.Random(1)

    assert len({pause_s(30, dice) for _ in range(20)}) == 20


def test_without_a_base_there_is_no_pause() -> None:
    assert pause_s(0.0, random.Random(1)) == 0.0


def test_request_21_of_20_waits_until_the_first_is_an_hour_old() -> None:
    sent = [NOW + n for n in range(20)]

    how = standing(sent, Budget(per_hour=20), NOW + 100)

    assert how.until == pytest.approx(NOW + HOUR_S, abs=0.1)
    assert how.why == "20 requests per hour are used up"
    assert standing(sent, Budget(per_hour=20), NOW + HOUR_S + 0.1).until is None


@pytest.mark.parametrize(("budget", "left"), [(Budget(5), 2), (Budget(0, 10), 7), (Budget(), None)])
def test_what_is_left_is_told(budget: Budget, left: int | None) -> None:
    assert standing([NOW - 3, NOW - 2, NOW - 1], budget, NOW).left == left


@given(
    st.integers(1, 8),
    st.integers(0, 12),
    st.lists(st.floats(0, 4 * HOUR_S), min_size=1, max_size=80),
)
def test_never_more_than_the_budget_in_any_hour_or_day(
    per_hour: int, per_day: int, steps: list[float]
) -> None:
    """A clock of its own: whoever asks at these moments, and waits as told, keeps the budget."""
    budget, now = Budget(per_hour, per_day), NOW
    sent: list[float] = []
    for step in steps:
        now += step / 20
        how = standing(sent, budget, now)
        if how.until is not None:
            assert how.until > now
            now = how.until
            assert standing(sent, budget, now).until is None or per_day
            while (again := standing(sent, budget, now)).until is not None:
                now = again.until
        sent.append(now)

    for at in sent:
        assert sum(at - HOUR_S < one <= at for one in sent) <= per_hour
        assert not per_day or sum(at - DAY_S < one <= at for one in sent) <= per_day


def test_a_clock_that_was_set_back_opens_no_budget() -> None:
    sent = [NOW + 5000 + n for n in range(3)]

    how = standing(sent, Budget(per_hour=3), NOW)

    assert how.until is not None
    assert NOW < how.until <= NOW + HOUR_S + 1
