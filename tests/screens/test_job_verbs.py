"""Verbs say how far they are when they take a while, and what cannot be done, they say beforehand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mediadl.models import JobStatus, QueueCounts
from mediadl.screens.job_verbs import JobVerbs, reason_against_all


class Told:
    """Stands for the app: keeps what it is told to say."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def notify(self, text: str, **_how: Any) -> None:
        self.said.append(text)


def test_a_verb_that_takes_longer_than_a_second_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("mediadl.screens.job_verbs.time", SimpleNamespace(monotonic=lambda: now[0]))
    app: Any = Told()
    tell = JobVerbs(app, None, lambda: None)._teller()  # type: ignore[arg-type]
    for done in range(1, 101):
        now[0] += 0.0625
        tell(done * 1000, 100_000)

    assert app.said[0] == "16,000 of 100,000 jobs done…"
    assert len(app.said) == 3


def test_a_quick_verb_says_nothing_on_its_way() -> None:
    app: Any = Told()
    tell = JobVerbs(app, None, lambda: None)._teller()  # type: ignore[arg-type]
    for done in (100, 200, 300):
        tell(done, 300)

    assert app.said == []


def counts(**numbers: int) -> QueueCounts:
    return QueueCounts({JobStatus(word): n for word, n in numbers.items()}, 0.0, 0, 0)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("clear_completed", "completed"),
        ("retry_failed", "failed"),
        ("pause_all", "pending"),
        ("resume_all", "paused"),
    ],
)
def test_what_there_is_none_of_cannot_be_done_to_all(name: str, status: str) -> None:
    assert reason_against_all(name, counts(cancelled=3))
    assert reason_against_all(name, counts(**{status: 1})) == ""
    assert reason_against_all(name, None) == ""
    assert reason_against_all("remove", counts()) == ""
