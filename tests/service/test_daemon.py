from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mediadl.errors import DaemonUnavailable
from mediadl.models import JobRequest
from mediadl.paths import Home
from mediadl.security.permissions import Caller, Role, rights_of
from mediadl.service import Services, daemon, open_services
from mediadl.store import jobs, schedules, workers
from mediadl.timing.rules import Due

WAIT_S = 20.0


def eventually(true: Callable[[], bool]) -> bool:
    """Whether something comes true in time."""
    deadline = time.monotonic() + WAIT_S
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def holder(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a script in the place of the daemon's program."""
    made: list[list[str]] = []
    real = subprocess.Popen

    def stand_in(script: str) -> None:
        body = textwrap.dedent(script)
        prelude = (
            "import os, signal, sys, time\n"
            "from mediadl.paths import Home\n"
            "from mediadl.store.locks import ProcessLock\n"
            "lock = ProcessLock(Home.locate().daemon_lock)\n"
        )

        def start(command: list[str], **options: object) -> subprocess.Popen[bytes]:
            made.append(command)
            return real([sys.executable, "-c", prelude + body], **options)  # type: ignore[call-overload, no-any-return]

        monkeypatch.setattr(subprocess, "Popen", start)

    yield stand_in
    assert all(command[1:] == ["-m", "mediadl.workers.daemon"] for command in made)


@pytest.fixture
def services(home: Home) -> Iterator[Services]:
    with open_services(home) as made:
        yield made
        made.daemon.stop(5, force=True)


OBEDIENT = """
    if not lock.try_acquire():
        sys.exit(0)
    signal.pause()
"""
STUBBORN = """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lock.try_acquire()
    time.sleep(60)
"""


def test_ensure_starts_one_daemon_and_only_one(services: Services, holder: Callable[[str], None]) -> None:
    holder(OBEDIENT)

    assert services.daemon.ensure()
    assert not services.daemon.ensure()
    assert eventually(lambda: services.daemon.status().running)
    with open_services(services.home) as other:
        assert not other.daemon.ensure()


def test_requests_of_several_callers_start_one_daemon(
    services: Services, holder: Callable[[str], None]
) -> None:
    holder("\n    time.sleep(1)" + OBEDIENT)
    admin = Caller(1, "anna", Role.ADMIN, rights_of(Role.ADMIN), "api")

    started = [services.acting_as(admin).daemon.ensure() for _ in range(3)]

    # It has no lock yet: only who started it knows of it
    assert started == [True, False, False]
    assert eventually(lambda: services.daemon.status().running)


def test_the_daemon_outlives_its_starter_without_its_terminal(
    home: Home, holder: Callable[[str], None]
) -> None:
    holder(OBEDIENT)
    with open_services(home) as services:
        services.daemon.start()
        pid = services.daemon.status().pid
        assert pid is not None

    assert os.getsid(pid) == pid
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
    assert [Path(f"/proc/{pid}/fd/{n}").readlink() for n in (0, 1)] == [Path(os.devnull)] * 2
    assert Path(f"/proc/{pid}/fd/2").readlink() == home.daemon_output
    with open_services(home) as services:
        assert services.daemon.stop(WAIT_S)


def test_stop_waits_for_the_end_and_says_when_none_ran(
    services: Services, holder: Callable[[str], None]
) -> None:
    holder(OBEDIENT)
    services.daemon.start()

    assert services.daemon.stop(WAIT_S)
    assert not services.daemon.status().running
    assert not services.daemon.stop(WAIT_S)


def test_one_that_does_not_end_is_killed_only_by_force(
    services: Services, holder: Callable[[str], None]
) -> None:
    holder(STUBBORN)
    services.daemon.start()

    with pytest.raises(DaemonUnavailable, match="did not end"):
        services.daemon.stop(0.1)
    assert services.daemon.status().running
    assert services.daemon.stop(0.1, force=True)
    assert not services.daemon.status().running


def test_a_stale_number_in_the_lock_file_is_never_signalled(services: Services, home: Home) -> None:
    bystander = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.pause()"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    home.daemon_lock.write_text(f'{{"pid": {bystander.pid}, "boot": "x", "note": ""}}')

    stopped = services.daemon.stop(0.1)

    assert not stopped
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_daemon_that_cannot_start_tells_its_last_words(
    services: Services, holder: Callable[[str], None]
) -> None:
    holder("print('error: the moon is in the way.', file=sys.stderr); sys.exit(9)")

    with pytest.raises(DaemonUnavailable, match="the moon is in the way"):
        services.daemon.start()


def test_no_daemon_is_started_when_told_so(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(daemon.NO_DAEMON, "1")

    assert not services.daemon.ensure()
    with pytest.raises(DaemonUnavailable, match=daemon.NO_DAEMON):
        services.daemon.start()


def test_relative_paths_of_the_environment_mean_the_same_to_the_daemon(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, holder: Callable[[str], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEDIADL_DOWNLOADS__DIRECTORY", "media")
    holder(
        "open(os.environ['MEDIADL_HOME'] + '/told', 'w').write(os.environ['MEDIADL_DOWNLOADS__DIRECTORY'])"
    )

    services.daemon.ensure()

    told = services.home.root / "told"
    assert eventually(lambda: told.exists() and bool(told.read_text()))
    assert told.read_text() == str(tmp_path / "media")


def test_a_screen_is_on_the_list_while_attached(services: Services) -> None:
    services.daemon.attach("queue")
    services.daemon.attach("queue")
    (screen,) = workers.list(services.store.read())

    services.daemon.detach()

    assert (screen.kind, screen.pid, screen.note) == ("screen", os.getpid(), "queue")
    assert workers.list(services.store.read()) == []


@pytest.mark.kill
def test_the_real_daemon_starts_tells_how_it_is_and_stops(services: Services) -> None:
    started = services.daemon.start()

    assert started.running
    assert eventually(lambda: services.daemon.status().heartbeat_age_s is not None)
    assert services.daemon.stop(WAIT_S)


@pytest.mark.kill
def test_a_second_one_on_its_way_does_not_take_over_from_one_that_is_stopped(
    services: Services, home: Home
) -> None:
    services.daemon.start()
    with daemon._spawn(home.daemon_output, services.daemon._environment()) as late:
        os.kill(late.pid, signal.SIGSTOP)

        assert services.daemon.stop()
        os.kill(late.pid, signal.SIGCONT)

        assert late.wait(WAIT_S) == 0
    assert not services.daemon.status().running
    assert services.daemon.start().running


def test_a_killed_daemon_is_seen_as_gone_and_started_anew(services: Services) -> None:
    pid = services.daemon.start().pid
    assert pid is not None

    os.kill(pid, signal.SIGKILL)

    assert eventually(lambda: not services.daemon.status().running)
    assert eventually(services.daemon.ensure)
    assert eventually(lambda: services.daemon.status().running)


def test_it_is_needed_for_jobs_and_for_schedules_that_will_run(services: Services) -> None:
    now = time.time()
    assert not services.daemon.is_needed()

    with services.store.write() as tx:
        kept = schedules.add(tx, "cats", {"every_s": 60}, [], True, None, Due(now + 60, now + 60), now)
    assert services.daemon.is_needed()
    with services.store.write() as tx:
        schedules.set_enabled(tx, kept, False, None, now)
    assert not services.daemon.is_needed()

    with services.store.write() as tx:
        asked = JobRequest("https://h.example/1", "direct", "h", not_before=now + 60)
        jobs.add(tx, [asked], max_attempts=1, now=now)
    assert services.daemon.is_needed()
