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
from mediadl.workers.runner_link import LOST

STAND_IN = """
import json, os, subprocess, sys, time
from mediadl.workers.runner_nursery import Nursery, take_orders

def work():
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
        case "breaks":
            raise RuntimeError("not today")
        case "hangs":
            child = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            say(op="working", note=str(child.pid))
            time.sleep(1000)
    os._exit(0)

Nursery(take_orders(), work).serve()
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
    made = Pool(inbox, command=(sys.executable, str(program)))
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
    deadline = time.monotonic() + 30
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


def pids_said(inbox: queue.SimpleQueue[object], count: int) -> list[int]:
    notes = [hear(inbox, RunnerSaid).message for _ in range(count)]
    return [int(note.note) for note in notes if isinstance(note, Working)]


def test_a_runner_that_breaks_is_told_and_never_becomes_a_second_nursery(
    pool: Pool, inbox: queue.SimpleQueue[object]
) -> None:
    pool.start(job(1, "breaks"))

    assert hear(inbox, RunnerGone).returncode == 1


def test_runners_have_a_group_of_their_own_and_end_alone(
    pool: Pool, inbox: queue.SimpleQueue[object]
) -> None:
    pool.start(job(1, "hangs"))
    first, _ = pids_said(inbox, 2)
    pool.start(job(2, "ends"))

    assert hear(inbox, RunnerGone) == RunnerGone(2, 1, 0)
    assert is_alive(first)
    assert os.getpgid(first) == first


def test_a_dead_nursery_is_replaced_and_its_runners_work_on(
    pool: Pool, inbox: queue.SimpleQueue[object]
) -> None:
    pool.start(job(1, "hangs"))
    leader, child = pids_said(inbox, 2)
    nursery = pool._nursery
    assert nursery is not None
    nursery.kill()

    pool.start(job(2, "ends"))
    assert hear(inbox, RunnerGone) == RunnerGone(2, 1, 0)

    assert is_alive(leader)
    pool.stop(1, grace_s=0.0)
    pool.tick()
    assert hear(inbox, RunnerGone).job_id == 1
    until(lambda: not is_alive(leader) and not is_alive(child))


def test_a_runner_that_is_never_born_is_reported_as_gone(
    inbox: queue.SimpleQueue[object],
) -> None:
    pool = Pool(inbox, command=(sys.executable, "-c", "raise SystemExit(1)"))

    pool.start(job(1, "ends"))

    assert hear(inbox, RunnerGone) == RunnerGone(1, 1, LOST)
    pool.close()


def test_a_runner_that_is_told_to_end_before_it_is_born_ends(
    inbox: queue.SimpleQueue[object], tmp_path: Path
) -> None:
    program = tmp_path / "stand_in.py"
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    program.write_text(f"open({str(gate)!r}).read()\n{STAND_IN}")
    pool = Pool(inbox, command=(sys.executable, str(program)))
    pool.start(job(1, "hangs"))

    pool.stop(1, grace_s=0.0)
    pool.tick()
    gate.write_text("now")

    assert hear(inbox, RunnerGone).returncode == -signal.SIGKILL
    pool.close()


def test_new_engines_make_a_new_nursery_while_the_old_one_looks_after_its_runners(
    pool: Pool, inbox: queue.SimpleQueue[object]
) -> None:
    pool.start(job(1, "hangs"))
    pids_said(inbox, 2)
    old = pool._nursery
    assert old is not None
    pool.engines = lambda: ("/an/engine",)

    pool.start(job(2, "ends"))

    assert hear(inbox, RunnerGone) == RunnerGone(2, 1, 0)
    assert pool._nursery is not old
    assert old.lives
    pool.stop(1, grace_s=0.0)
    pool.tick()
    assert hear(inbox, RunnerGone) == RunnerGone(1, 1, -signal.SIGKILL)
    until(lambda: not old.lives)


def test_a_runner_that_is_not_listened_to_waits(pool: Pool, inbox: queue.SimpleQueue[object]) -> None:
    pool.start(job(1, "hangs"))
    pool.hold(1, on=True)
    hear_nothing_more = inbox.qsize()

    pool.hold(1, on=False)

    assert hear_nothing_more <= 2
    assert isinstance(hear(inbox, RunnerSaid).message, Working)
