"""The daemon looks for newer engines when it is told to, when it is time, and when nothing else goes on."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediadl.paths import Home
from mediadl.settings.schema import Engines, Settings
from mediadl.workers.engine_schedule import AGAIN_S, EngineSchedule

DAILY = Settings(engines=Engines(update="daily"))
DAY_S = 86_400


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    return tmp_path / "ran"


def schedule(home: Home, ran: Path, *, code: int = 0, more: str = "") -> EngineSchedule:
    script = f"open({str(ran)!r}, 'a').write('x'); {more}raise SystemExit({code})"
    return EngineSchedule(home, command=[sys.executable, "-c", script], look_s=0.0)


def until_done(made: EngineSchedule, settings: Settings = DAILY) -> None:
    deadline = time.monotonic() + 30
    while made.busy:
        assert time.monotonic() < deadline
        made.tick(settings, idle_s=100.0)
        os.sched_yield()


def pretend(home: Home, ago_s: float, *, worked: bool) -> None:
    home.engines.mkdir(exist_ok=True)
    (home.engines / "schedule.json").write_text(
        json.dumps({"tried_at": time.time() - ago_s, "worked": worked})
    )


@pytest.fixture
def made(home: Home, ran: Path) -> Iterator[EngineSchedule]:
    found = schedule(home, ran)
    yield found
    found.close()


def test_off_means_never(made: EngineSchedule, ran: Path) -> None:
    made.tick(Settings(), idle_s=1e9)

    assert not made.busy
    assert not ran.exists()


def test_it_waits_for_a_quiet_moment(made: EngineSchedule) -> None:
    made.tick(DAILY, idle_s=0.0)
    while_at_work = made.busy
    made.tick(DAILY, idle_s=30.0)
    when_quiet = made.busy

    assert (while_at_work, when_quiet) == (False, True)
    until_done(made)


def test_once_it_worked_it_is_quiet_for_the_time_that_was_set(made: EngineSchedule, ran: Path) -> None:
    made.tick(DAILY, idle_s=30.0)
    until_done(made)

    made.tick(DAILY, idle_s=30.0)

    assert not made.busy
    assert ran.read_text() == "x"


@pytest.mark.parametrize(
    ("ago_s", "worked", "due"),
    [
        (DAY_S - 60, True, False), (DAY_S + 60, True, True), (AGAIN_S - 60, False, False), (AGAIN_S + 60, False, True),
        (-2 * DAY_S, True, True),
    ],
)  # fmt: skip
def test_when_it_is_due(made: EngineSchedule, home: Home, ago_s: float, worked: bool, due: bool) -> None:
    pretend(home, ago_s, worked=worked)

    made.tick(DAILY, idle_s=30.0)

    assert made.busy == due
    until_done(made)


def test_an_update_that_fails_is_tried_again_some_hours_later(home: Home, ran: Path) -> None:
    made = schedule(home, ran, code=1)
    made.tick(DAILY, idle_s=30.0)
    until_done(made)

    made.tick(DAILY, idle_s=30.0)

    assert not made.busy
    assert json.loads((home.engines / "schedule.json").read_text())["worked"] is False


def test_stopping_ends_an_update_under_way(home: Home, ran: Path) -> None:
    made = schedule(home, ran, more="import time; time.sleep(1000); ")
    made.tick(DAILY, idle_s=30.0)
    child = made._child
    assert child is not None

    made.close()

    assert not made.busy
    assert child.returncode == -9
