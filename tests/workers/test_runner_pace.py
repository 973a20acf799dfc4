"""A runner's requests: apart from each other, granted before they are sent, and given up when it takes too long."""

from __future__ import annotations

import random
from typing import Any

import pytest

from mediadl.errors import BudgetSpent
from mediadl.pipeline.protocol import Grant, Message, Spend, Working
from mediadl.workers.runner_pace import ASK_AGAIN_S, LONGEST_HOLD_S, RunnerPace
from mediadl.workers.runner_reporter import PipeReporter

URL = "https://site.example/list"


class Played:
    """A pace with a clock of its own and a daemon played by the test."""

    def __init__(self, *answers: tuple[float, str], **fields: Any) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        self.said: list[Message] = []
        self.answers = list(answers)
        self.pace = RunnerPace(
            self._send,
            PipeReporter(self.said.append),
            dice=random.Random(1),
            sleep=self._sleep,
            clock=lambda: self.now,
            **fields,
        )

    def _send(self, message: Message) -> None:
        self.said.append(message)
        assert isinstance(message, Spend)
        wait_s, why = self.answers.pop(0) if self.answers else (0.0, "")
        self.pace.heard(Grant(message.n, wait_s, why))

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def notes(self) -> list[tuple[float, str]]:
        return [(one.waiting_s, one.note) for one in self.said if isinstance(one, Working)]


def test_requests_are_apart_and_the_first_one_goes_at_once() -> None:
    played = Played(base_s=10.0)

    for _ in range(4):
        played.pace.wait(URL)

    assert len(played.slept) == 3
    assert all(7.5 <= pause <= 13.5 for pause in played.slept)
    assert len(set(played.slept)) == 3
    assert played.notes()[0][1] == "pause between requests"


def test_time_that_went_by_counts_as_pause() -> None:
    played = Played(base_s=10.0)
    played.pace.wait(URL)
    played.now += 60

    played.pace.wait(URL)

    assert played.slept == []


def test_a_visitor_asks_nobody() -> None:
    played = Played()

    played.pace.wait(URL)

    assert played.said == []


def test_a_request_with_the_account_is_granted_before_it_is_sent() -> None:
    played = Played(account="me")

    played.pace.wait(URL)
    played.pace.wait(URL)

    assert [one for one in played.said if isinstance(one, Spend)] == [Spend(1, "me"), Spend(2, "me")]


def test_a_used_up_budget_is_waited_for_in_place_and_told() -> None:
    played = Played(
        (90.0, "20 requests per hour are used up"), (30.0, "20 requests per hour are used up"), account="me"
    )

    played.pace.wait(URL)

    assert played.slept == [ASK_AGAIN_S, 30.0]
    waits = played.notes()
    assert waits[0][0] == 90.0
    assert waits[0][1].startswith("20 requests per hour are used up; goes on at ")


def test_who_would_wait_for_hours_goes_back_to_the_queue_and_asks_for_nothing_more() -> None:
    played = Played((LONGEST_HOLD_S * 2, "600 requests per day are used up"), account="me")

    with pytest.raises(BudgetSpent) as raised:
        played.pace.wait(URL)
    with pytest.raises(BudgetSpent):
        played.pace.wait(URL)

    assert raised.value.retry_after_s == LONGEST_HOLD_S * 2
    assert sum(isinstance(one, Spend) for one in played.said) == 1
    assert played.pace.broken is raised.value
