from __future__ import annotations

import time
from datetime import datetime

import pytest

from mediadl.widgets import when

NOW = datetime(2026, 5, 17, 12, 0).timestamp()


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (5399, "89 min"), (5400, "2 h"), (35 * 3600, "35 h"),
     (36 * 3600, "2 days"), (40 * 86_400, "40 days")],
)  # fmt: skip
def test_spans_are_rough(seconds: float, words: str) -> None:
    assert when.rough(seconds) == words


def test_what_was_is_ago_and_what_comes_is_in() -> None:
    assert when.ago(None, NOW) == when.soon(None, NOW) == ""
    assert when.ago(NOW - 3, NOW) == "just now"
    assert when.ago(NOW - 180, NOW) == "3 min ago"
    assert when.soon(NOW - 3, NOW) == "now"
    assert when.soon(NOW + 3 * 3600, NOW) == "in 3 h"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-05-17T22:30", "22:30"),
        ("2026-05-18T08:00", "tomorrow 08:00"),
        ("2026-05-16T23:59", "yesterday 23:59"),
        ("2026-05-25T08:00", "Mon 25 May 08:00"),
        ("2027-01-02T08:00", "Sat 2 Jan 2027 08:00"),
    ],
)
def test_a_moment_has_its_day_where_it_is_not_today(at: str, words: str) -> None:
    now = datetime(2026, 5, 17, 12, 0).timestamp()

    assert when.local(datetime.fromisoformat(at).timestamp(), now) == words
