"""The write gate, process locks, job locks: what they refuse, and that they die with their holder."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from mediadl.errors import DatabaseUnusable
from mediadl.store.locks import Gate, JobLock, ProcessLock, boot_id, boot_time_s
from store.making import finish, first_line, python

_HOLD = """
import sys
from pathlib import Path
from mediadl.store.locks import {lock}
lock = {lock}({arguments})
{take}
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_the_gate_keeps_threads_apart(path: Path) -> None:
    gate = Gate(path)
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(200):
            with gate.held():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (max(most), len(most)) == (1, 1200)


def test_the_gate_keeps_processes_apart(path: Path) -> None:
    code = """
    import os, sys
    from pathlib import Path
    from mediadl.store.locks import Gate
    gate, claim = Gate(Path(sys.argv[1])), sys.argv[1] + ".claim"
    for _ in range(300):
        with gate.held():
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
            os.unlink(claim)
    """

    assert [status for status, _, _ in finish(python(code, path) for _ in range(4))] == [0] * 4


def test_a_gate_that_nobody_opens_is_given_up_in_time_and_works_again(path: Path) -> None:
    holder = python(_HOLD.format(lock="Gate", arguments="Path(sys.argv[1])", take="lock.acquire()"), path)
    assert first_line(holder) == "held\n"
    gate = Gate(path, timeout_s=0.05)

    with pytest.raises(DatabaseUnusable) as caught:
        gate.acquire()

    assert caught.value.exit_code == 9
    assert caught.value.next_step
    holder.kill()
    finish([holder])
    with gate.held(10):
        pass


def test_a_killed_holder_frees_the_gate(path: Path) -> None:
    holder = python(_HOLD.format(lock="Gate", arguments="Path(sys.argv[1])", take="lock.acquire()"), path)
    assert first_line(holder) == "held\n"
    gate, entered = Gate(path, timeout_s=60), threading.Event()

    def wait() -> None:
        with gate.held():
            entered.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not entered.is_set()
    holder.kill()

    assert entered.wait(30)
    thread.join()
    finish([holder])


def test_the_gate_notices_that_its_file_was_deleted(path: Path) -> None:
    first, second = Gate(path, timeout_s=0.05), Gate(path, timeout_s=0.05)
    with first.held():
        pass
    path.unlink()

    with second.held(), pytest.raises(DatabaseUnusable):
        first.acquire()


def test_the_gate_inside_itself_is_a_mistake(path: Path) -> None:
    gate = Gate(path)

    with gate.held(), pytest.raises(RuntimeError):
        gate.acquire()


def test_a_process_lock_has_one_holder_that_can_be_named(path: Path) -> None:
    first, second = ProcessLock(path), ProcessLock(path)

    assert first.try_acquire("a note")
    assert not second.try_acquire()
    holder = second.holder()

    assert holder
    assert (os.getpid(), boot_id(), "a note") == (holder.pid, holder.boot, holder.note)
    assert (first.held, second.held) == (True, False)


def test_a_released_process_lock_has_no_holder(path: Path) -> None:
    lock = ProcessLock(path)
    assert lock.holder() is None
    lock.try_acquire()

    lock.release()

    assert lock.holder() is None
    assert ProcessLock(path).try_acquire()


def test_a_process_lock_dies_with_its_holder_though_a_child_lives_on(path: Path) -> None:
    code = """
    import subprocess, sys
    from pathlib import Path
    from mediadl.store.locks import ProcessLock
    lock = ProcessLock(Path(sys.argv[1]))
    assert lock.try_acquire()
    child = subprocess.Popen([sys.executable, "-c", "print(1, flush=True); import time; time.sleep(60)"])
    sys.stdin.read()
    """
    holder = python(code, path)
    assert first_line(holder) == "1\n"
    lock = ProcessLock(path)
    assert not lock.try_acquire()

    holder.kill()
    holder.wait(30)

    assert lock.holder() is None
    assert lock.try_acquire()
    os.killpg(holder.pid, 9)
    finish([holder])


def test_looking_for_the_holder_never_keeps_the_lock_from_being_taken(path: Path) -> None:
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            ProcessLock(path).holder()

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    taken = []
    for _ in range(100):
        lock = ProcessLock(path)
        taken.append(lock.try_acquire())
        lock.release()
    stop.set()
    for thread in threads:
        thread.join()

    assert taken == [True] * 100


def test_only_one_of_many_processes_gets_the_process_lock(path: Path) -> None:
    code = """
    import sys
    from pathlib import Path
    from mediadl.store.locks import ProcessLock
    lock = ProcessLock(Path(sys.argv[1]))
    sys.stdin.readline()
    print(lock.try_acquire(), flush=True)
    sys.stdin.read()
    """
    children = [python(code, path) for _ in range(5)]
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()

    said = [child.stdout.readline() for child in children if child.stdout]
    finish(children)

    assert sorted(said) == ["False\n"] * 4 + ["True\n"]


def test_a_job_lock_refuses_a_second_writer_of_the_same_job_only(path: Path) -> None:
    first = JobLock(path, 7)
    assert first.try_acquire()

    assert not JobLock(path, 7).try_acquire()
    assert JobLock(path, 8).try_acquire()
    first.release()
    assert JobLock(path, 7).try_acquire()


def test_a_job_lock_outlives_its_holder_while_the_child_that_writes_lives(path: Path) -> None:
    code = """
    import subprocess, sys
    from pathlib import Path
    from mediadl.store.locks import JobLock
    lock = JobLock(Path(sys.argv[1]), 7)
    assert lock.try_acquire()
    subprocess.Popen([sys.executable, "-c", "print(1, flush=True); import time; time.sleep(60)"], pass_fds=[lock.fd])
    sys.stdin.read()
    """
    holder = python(code, path)
    assert first_line(holder) == "1\n"
    holder.kill()
    holder.wait(30)
    lock = JobLock(path, 7)

    assert not lock.try_acquire()

    os.killpg(holder.pid, 9)
    finish([holder])
    assert lock.try_acquire()


def test_boot_time_runs_forward() -> None:
    first = boot_time_s()

    assert 0 < first <= boot_time_s()
    assert boot_id() == boot_id() != ""
