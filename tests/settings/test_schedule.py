"""What a schedule can be told, and in which words it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from mediadl.settings.fields import complaint
from mediadl.settings.schedule import MOST_NAME, MOST_SOURCES, Misfire, ScheduleSpec, ScheduleTree
from mediadl.timing.rules import Rule

DAILY: dict[str, Any] = {"name": "cats", "sources": ["instagram:cats"], "cron": "30 2 * * *"}


def made(**told: Any) -> ScheduleSpec:
    return ScheduleTree.model_validate({"schedule": DAILY | told}).schedule


def refusal(**told: Any) -> str:
    """The field and what is said of it."""
    with pytest.raises(ValidationError) as refused:
        made(**told)
    key, reason = complaint(refused.value, ScheduleTree)
    return f"{key.removeprefix('schedule').removeprefix('.')}: {reason}".removeprefix(": ")


def test_a_name_a_source_and_a_rule_are_enough() -> None:
    spec = made()

    assert (spec.enabled, spec.misfire, spec.time_zone, spec.windows) == (True, Misfire.ONCE, "", ())


def test_what_is_told_is_kept_in_one_spelling() -> None:
    spec = made(
        name="  Cats  ",
        cron="@daily",
        time_zone="europe/berlin",
        windows="1-6, Sat-Sun 8-20",
        active_from="20261201",
        jitter_s="10 min",
        sources=["a", "b", "a"],
    )

    assert spec.name == "Cats"
    assert spec.cron == "0 0 * * *"
    assert spec.time_zone == "Europe/Berlin"
    assert spec.windows == ("01:00-06:00", "sat-sun 08:00-20:00")
    assert spec.active_from == "2026-12-01"
    assert spec.jitter_s == 600
    assert spec.sources == ("a", "b")


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"cron": "", "every_s": "6 h", "windows": ["mon 22:00-04:00"]},
        {"cron": "", "adaptive": True, "most_every_s": "2 d"},
        {"active_from": "2026-12-01 08:00", "active_until": "2026-12-31", "misfire": "skip", "jitter_s": 60},
    ],
)
def test_what_is_kept_reads_back_and_makes_a_rule(told: dict[str, Any]) -> None:
    kept = made(**told).model_dump(mode="json")

    assert ScheduleTree.model_validate({"schedule": kept}).schedule.model_dump(mode="json") == kept
    rule = Rule.of(kept, anchor_at=0.0, seed="1")
    assert rule.first(1_780_000_000.0) is not None
    assert rule.words()
    assert rule.skips_missed is (told.get("misfire") == "skip")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"cron": "61 * * * *"}, "cron: minute: '61' is not possible; write 0 to 59, or *"),
        ({"cron": "02:30"}, "cron: a time of day is written minute first; write 30 2 * * *"),
        (
            {"cron": "* * * * * *"},
            "cron: seconds and years are not possible; write five fields such as 30 2 * * *",
        ),
        (
            {"cron": "R 2 * * *"},
            "cron: minute: 'r' would be left to chance; write a number from 0 to 59, and let jitter move the start",
        ),
        (
            {"cron": "0 0 30 2 *"},
            "cron: day 30 of month 2 never comes; for the last day of a month write L as the day",
        ),
        (
            {"time_zone": "Mars/Base"},
            "time_zone: there is no time zone 'Mars/Base': write it as in Europe/Berlin",
        ),
        ({"windows": "sat"}, "windows: 'sat' has no hours; write sat 00:00-24:00 for the whole day"),
        ({"active_until": "soon"}, "active_until: 'soon' is no date; write 2026-12-31 or 2026-12-31 18:00"),
        ({"name": " "}, "name: must not be empty"),
        ({"name": "x" * (MOST_NAME + 1)}, "name: must not be longer than 80 characters"),
        ({"name": "a\x1b[31m"}, "name: must not have control characters"),
        ({"sources": [str(number) for number in range(MOST_SOURCES + 1)]}, "sources: at most 1000 sources"),
        ({"misfire": "all"}, "misfire: must be once or skip"),
        ({"cron": ""}, "needs a rule: a cron line, a time between runs, or adaptive"),
        ({"every_s": 3600}, "needs one rule only: a cron line, a time between runs, or adaptive"),
        ({"cron": "", "every_s": 59}, "every: at least 60 seconds"),
        (
            {"cron": "", "adaptive": True, "least_every_s": "2 d", "most_every_s": "1 d"},
            "at-most-every is longer than at-least-every",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_write(told: dict[str, Any], said: str) -> None:
    assert refusal(**told) == said


@pytest.mark.parametrize(
    "told", [{"every_s": float("nan")}, {"jitter_s": float("inf")}, {"cron": 5}, {"unknown": 1}]
)
def test_values_of_another_kind_are_refused(told: dict[str, Any]) -> None:
    assert refusal(**told)
