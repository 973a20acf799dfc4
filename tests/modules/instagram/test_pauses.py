"""Pauses: random around what was asked for, told, and over when nobody waits any more."""

from __future__ import annotations

import random
from typing import Any, cast

import pytest

from mediadl.modules.base import Reporter
from mediadl.modules.instagram import pauses


class Listener:
    """Hears what is waited for; stops wanting after so many looks."""

    def __init__(self, looks: int = 10**9) -> None:
        self.waits: list[tuple[float, str]] = []
        self._looks = looks

    def working(self, *, waiting_s: float = 0.0, note: str = "", **_: Any) -> None:
        self.waits.append((waiting_s, note))

    def stopped(self) -> bool:
        self._looks -= 1
        return self._looks < 0


def test_a_pause_lies_around_the_average_and_is_never_the_same_twice() -> None:
    drawn = [pauses.between(5.5, random.Random(seed)) for seed in range(200)]

    assert min(drawn) >= 3.0
    assert max(drawn) <= 8.0
    assert len(set(drawn)) == len(drawn)


def test_a_pause_is_told_and_waited_for_whole() -> None:
    listener, slept = Listener(), list[float]()

    pauses.wait(5.0, cast("Reporter", listener), "pause", sleep=slept.append)

    assert listener.waits == [(5.0, "pause")]
    assert sum(slept) == pytest.approx(5.0)


def test_a_pause_ends_when_nobody_wants_more() -> None:
    slept = list[float]()

    pauses.wait(500.0, cast("Reporter", Listener(looks=3)), "pause", sleep=slept.append)

    assert len(slept) == 3


def test_nothing_is_waited_for_before_the_first_request() -> None:
    listener = Listener()

    pauses.Pauses(500.0, cast("Reporter", listener), "Imginn").before_next()

    assert listener.waits == []
