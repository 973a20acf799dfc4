"""The pool with a small stand-in for the runner program: real processes, real pipes, real signals."""

from __future__ import annotations

import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from mediadl.pipeline.protocol import Ended, NetworkOptions, RunJob, Working
from mediadl.workers.pool import Pool, RunnerGone, RunnerSaid

STAND_IN = """
import json, os, subprocess, sys, time
job = json.loads(sys.stdin.readline())
say = lambda **m: print(json.dumps(m), flush=True)
say(op="working", note=str(os.getpid()))
match job["url"]:
    case "ends":
        say(op="ended", backend="stand-in")
    case "noise":
        print("not a message", flush=True)
        print("on stderr", file=sys.stderr, flush=True)
        say(op="ended", backend="stand-in")
    case "dies":
        os._exit(3)
    case "hangs":
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        child = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        say(op="working", note=str(child.pid))
        time.sleep(1000)
"""

T = TypeVar("T")


def job(job_id: int, what: str) -> RunJob:
    return RunJob(job_id, 1, what, "generic", "", {}, "/nowhere", NetworkOptions(), "/nowhere/locks")


@pytest.fixture
def inbox() -> queue.SimpleQueue[object]:
    return queue.SimpleQueue()


@pytest.fixture
def pool(inbox: queue.SimpleQueue[object], tmp_path: Path) -> Iterator[Pool]:
    program = tmp_path / "stand_in.py"
    program.write_text(STAND_IN)
    made = Pool(inbox, command=[sys.executable, str(program)])
    yield made
    made.close()


def hear(inbox: queue.SimpleQueue[object], wanted: type[T]) -> T:
    """The next news of one kind."""
    while True:
        news = inbox.get(timeout=20)
        if isinstance(news, wanted):
            return news


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        os.sched_yield()


def test_what_a_runner_says_arrives_in_order_and_then_that_it_is_gone(
    pool: Pool, inbox: queue.SimpleQueue[object]
) -> None:
    pool.start(job(7, "ends"))

    first, second = hear(inbox, RunnerSaid), hear(inbox, RunnerSaid)
    gone = hear(inbox, RunnerGone)

    assert isinstance(first.message, Working)
    assert second == RunnerSaid(7, 1, Ended("stand-in"))
    assert gone == RunnerGone(7, 1, 0)


def test_a_line_that_is_no_message_is_passed_over(pool: Pool, inbox: queue.SimpleQueue[object]) -> None:
    pool.start(job(1, "noise"))

    said = [hear(inbox, RunnerSaid).message for _ in range(2)]

    assert isinstance(said[1], Ended)


def test_a_runner_that_dies_is_told_with_its_code(pool: Pool, inbox: queue.SimpleQueue[object]) -> None:
    pool.start(job(1, "dies"))

    assert hear(inbox, RunnerGone).returncode == 3


def test_a_runner_that_does_not_end_in_time_is_killed_with_all_it_started(
    pool: Pool, inbox: queue.SimpleQueue[object]
) -> None:
    pool.start(job(1, "hangs"))
    notes = [hear(inbox, RunnerSaid).message for _ in range(2)]
    pids = [int(note.note) for note in notes if isinstance(note, Working)]

    pool.stop(1, grace_s=0.0)
    pool.tick()
    gone = hear(inbox, RunnerGone)

    assert gone.returncode == -signal.SIGKILL
    until(lambda: not any(is_alive(pid) for pid in pids))


def test_the_spare_takes_the_job_and_a_dead_spare_is_replaced(
    pool: Pool, inbox: queue.SimpleQueue[object]
) -> None:
    pool.warm()
    spare = pool._spare
    assert spare is not None
    os.kill(spare.process.pid, signal.SIGKILL)
    spare.process.wait()

    pool.start(job(1, "ends"))

    assert hear(inbox, RunnerGone).returncode == 0


def test_a_runner_that_is_not_listened_to_waits(pool: Pool, inbox: queue.SimpleQueue[object]) -> None:
    pool.start(job(1, "hangs"))
    pool.hold(1, on=True)
    hear_nothing_more = inbox.qsize()

    pool.hold(1, on=False)

    assert hear_nothing_more <= 2
    assert isinstance(hear(inbox, RunnerSaid).message, Working)


def test_a_spare_with_an_older_engine_is_replaced_and_runners_at_work_stay(
    pool: Pool, inbox: queue.SimpleQueue[object]
) -> None:
    pool.start(job(1, "hangs"))
    pool.warm()
    old = pool._spare
    assert old is not None

    pool.engines = lambda: ("/engines/x/2.0",)
    pool.warm()
    new = pool._spare

    assert new is not None
    assert (old.engines, new.engines) == ((), ("/engines/x/2.0",))
    assert isinstance(new.process.args, list)
    assert new.process.args[-1] == "/engines/x/2.0"
    assert old.process.returncode == -signal.SIGKILL
    assert len(pool) == 1
    assert isinstance(hear(inbox, RunnerSaid).message, Working)
