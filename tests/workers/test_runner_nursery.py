"""The nursery forks at once, and gets ready for more jobs between its orders."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import pytest

from mediadl.workers.runner_link import Runner

STEPS = 3
STAND_IN = """
import os, sys
from mediadl.workers import runner_nursery

done = 0

def warming():
    global done
    while done < 3:
        if sys.argv[2] == "breaks":
            raise RuntimeError("this part is broken")
        done += 1
        yield
    print("ready", file=sys.stderr, flush=True)

def work():
    print(done, flush=True)
    os._exit(0)

runner_nursery._QUIET_S = float(sys.argv[1])
runner_nursery.Nursery(runner_nursery.take_orders(), work, warming()).serve()
"""


@dataclass
class Stage:
    orders: socket.socket
    stderr: IO[str]

    def steps_before(self) -> int:
        """Order a runner: how many steps were done when it was forked."""
        runner = Runner(self.orders)
        assert runner.wait_born()
        with runner.stdin, runner.stdout, runner.stderr:
            done = int(runner.stdout.read())
        assert runner.bury(60) == 0
        return done


@contextlib.contextmanager
def nursery(quiet_s: float, steps: str = "work") -> Iterator[Stage]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        process = subprocess.Popen(
            [sys.executable, "-c", STAND_IN, str(quiet_s), steps],
            stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        theirs.close()
        with process:
            assert process.stderr is not None
            yield Stage(ours, process.stderr)
            ours.close()
    assert process.returncode == 0


@pytest.mark.timeout(60)
def test_the_first_runner_waits_for_nothing_and_the_second_one_shows_that_more_come() -> None:
    with nursery(quiet_s=3600) as stage:
        assert stage.steps_before() == 0
        assert stage.steps_before() == 0
        assert stage.stderr.readline() == "ready\n"
        assert stage.steps_before() == STEPS


@pytest.mark.timeout(60)
def test_a_nursery_that_nobody_orders_from_gets_ready_by_itself() -> None:
    with nursery(quiet_s=0) as stage:
        assert stage.stderr.readline() == "ready\n"
        assert stage.steps_before() == STEPS


@pytest.mark.timeout(60)
def test_a_part_that_cannot_be_made_ready_ends_nothing() -> None:
    with nursery(quiet_s=0, steps="breaks") as stage:
        while "this part is broken" not in stage.stderr.readline():
            pass
        assert stage.steps_before() == 0
        assert stage.steps_before() == 0
