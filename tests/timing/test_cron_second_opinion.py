"""Cron lines against cronsim, another reading of the same rules, over nights in which clocks change.

`CRON_YEARS=2 pytest tests/timing/test_cron_second_opinion.py -s` compares two whole years in place of those nights.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from cronsim import CronSim

from mediadl.timing import walls
from mediadl.timing.cron import Cron

YEARS = int(os.environ.get("CRON_YEARS", "0"))
START = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "America/Santiago", "Asia/Beirut",
    "Africa/Casablanca", "Pacific/Chatham", "Asia/Kolkata",
)  # fmt: skip
UNEVEN = {"Australia/Lord_Howe", "Pacific/Chatham"}
"""The clock changes by half an hour, or at a quarter to."""
FIXED = (
    "30 2 * * *", "0,30 2 * * *", "0 3 * * *", "59 1 * * *", "15 0 * * *", "0 0 * * *", "45 23 * * *", "0 1-3 * * *",
    "10-20 2 * * *", "30 2 * * sun", "0 2 1,15 * mon", "0 4 L * *", "30 1 29 2 *", "5 0-3,22,23 * * 0#4",
)  # fmt: skip
RUNNING = (
    "*/5 * * * *", "30 * * * *", "0 */2 * * *", "*/15 2 * * *", "0 * * * 6,0", "7 1-23/3 * * 0L", "* 2 * * *",
    "*/20 0,1 * 3,4,9-11 *",
)  # fmt: skip

CLOCK_ONLY = {text: " ".join([*text.split()[:2], "* * *"]) for text in RUNNING}
"""The same hours and minutes on every day."""


def changes(zone: ZoneInfo, start: datetime, days: int) -> Iterator[float]:
    for day in range(days):
        at = (start + timedelta(days=day)).timestamp()
        if (change := walls.change_between(at, at + 86_400, zone)) is not None:
            yield change


def spans(zone: ZoneInfo) -> list[tuple[float, float]]:
    """What is compared: whole years, or some days around each change of the clock."""
    if YEARS:
        return [(START.timestamp(), START.replace(year=START.year + YEARS).timestamp())]
    found = [(change - 1.5 * 86_400, change + 1.5 * 86_400) for change in changes(zone, START, 730)]
    return found or [(START.timestamp(), START.timestamp() + 3 * 86_400)]


def firings(text: str, zone: ZoneInfo, start: float, end: float) -> list[float]:
    cron, found = Cron.parse(text), []
    at = cron.after(start, zone)
    while at is not None and at < end:
        found.append(at)
        at = cron.after(at, zone)
    return found


def opinion(text: str, zone: ZoneInfo, start: float, end: float) -> list[float]:
    found = []
    for moment in CronSim(text, datetime.fromtimestamp(start, zone)):
        if (at := moment.timestamp()) >= end:
            break
        found.append(at)
    return found


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("text", FIXED + RUNNING)
def test_lines_come_when_another_program_says_so(text: str, name: str) -> None:
    zone = ZoneInfo(name)
    for start, end in spans(zone):
        ours, theirs = firings(text, zone, start, end), opinion(text, zone, start, end)
        if YEARS:
            print(f"{text:<24} {name:<20} {len(ours):>7} {len(ours) - len(set(ours))} doubles "
                  f"{len(set(ours) ^ set(theirs))} different")  # fmt: skip

        assert ours == sorted(set(ours))
        if name not in UNEVEN:
            assert ours == theirs
        else:
            # It leaves out times near such a change; the test below shows that the clock does show them
            assert set(theirs) <= set(ours)
            assert all(walls.change_between(at - 86_400, at + 3600, zone) for at in set(ours) - set(theirs))


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("text", RUNNING)
def test_what_follows_real_time_comes_whenever_the_clock_shows_it(text: str, name: str) -> None:
    zone = ZoneInfo(name)
    sets = [
        set(range(100)) if field == ["*"] else set(field) for field in croniter.expand(CLOCK_ONLY[text])[0]
    ]
    for start, end in [(change - 14_400, change + 90_000) for change in changes(zone, START, 730)]:
        shown = [
            float(at)
            for at in range(int(start) // 60 * 60 + 60, int(end), 60)
            if (wall := walls.wall_at(at, zone)).minute in sets[0] and wall.hour in sets[1]
        ]

        assert firings(CLOCK_ONLY[text], zone, start, end) == shown


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize(
    "text", [text for text in FIXED if "-" not in text and "," not in text and " 2 *" not in text]
)
def test_a_fixed_time_comes_once_on_every_date_it_is_told_for(text: str, name: str) -> None:
    zone = ZoneInfo(name)
    start = START.timestamp()
    dates = [
        datetime.fromtimestamp(at, zone).date() for at in firings(text, zone, start, start + 730 * 86_400)
    ]

    assert len(dates) == len(set(dates))
    if text.endswith("* * *"):
        assert {after - before for before, after in pairwise(dates)} == {timedelta(days=1)}
