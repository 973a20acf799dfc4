"""The background process as front ends see it: see to it that it runs, ask how it is, stop it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import DaemonUnavailable
from mediadl.models import JobStatus, WorkerInfo
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks, does
from mediadl.store import jobs, schedule_runs, schedules, workers
from mediadl.store.locks import ASKED_AT, Holder, ProcessLock, boot_id, boot_time_s

if TYPE_CHECKING:
    from mediadl.service import Services

NO_DAEMON = "MEDIADL_NO_DAEMON"
"""Set in the environment, no daemon is started: for tests and for those who run `mediadl daemon run` elsewhere."""

_PATH_VARIABLES = ("MEDIADL_DOWNLOADS__DIRECTORY", "MEDIADL_NETWORK__CA_FILE")
_LOOK_S = 0.05
_UNFINISHED = (JobStatus.PENDING, JobStatus.ACTIVE, JobStatus.WAITING, JobStatus.SCHEDULED)


@dataclass(frozen=True, slots=True)
class DaemonStatus:
    """How the background process is."""

    running: bool
    pid: int | None = None
    started_at: float | None = None
    heartbeat_age_s: float | None = None
    """Seconds since it last said that it lives; more than 15 means it hangs."""
    jobs_active: int = 0
    note: str = ""


class DaemonService(Verbs):
    """The daemon of one data folder."""

    def __init__(self, services: Services, started: list[subprocess.Popen[bytes]] | None = None) -> None:
        """`started`: the daemon that any caller's services started, in common for all of them."""
        self._services = services
        self._home = services.home
        self._started: list[subprocess.Popen[bytes]] = [] if started is None else started
        self._attached_at = 0.0

    @asks(Right.LOOK)
    def ensure(self) -> bool:
        """Start the daemon detached unless one runs; returns at once, true when one was started.

        A second one started at the same moment by someone else finds the lock taken and leaves.
        """
        if os.environ.get(NO_DAEMON) or self._starting() or self._holder() is not None:
            return False
        self._started[:] = [_spawn(self._home.create().daemon_output, self._environment())]
        return True

    @asks(Right.LOOK)
    def is_needed(self) -> bool:
        """Whether something goes on by itself once it runs: a job, or the next run of a schedule."""
        read = self._services.store.read()
        by_status = jobs.counts(read).by_status
        if any(by_status.get(status, 0) for status in _UNFINISHED):
            return True
        return schedules.next_start(read) is not None or bool(schedule_runs.running(read))

    @does(Right.DAEMON, "daemon.start")
    def start(self, timeout_s: float = 15.0) -> DaemonStatus:
        """Start the daemon where none runs and wait until it is there.

        Raises:
            DaemonUnavailable: it ended at once or did not come up in time; says where it told why.
        """
        deadline = time.monotonic() + timeout_s
        self.ensure()
        while self._holder() is None:
            child = self._child
            if child is None:
                raise DaemonUnavailable(
                    f"the daemon is not to be started ({NO_DAEMON} is set)", next_step=f"Unset {NO_DAEMON}."
                )
            if child.poll() not in {None, 0} or time.monotonic() > deadline:
                raise DaemonUnavailable(
                    f"the daemon did not start: {self._last_words()}",
                    next_step="Run mediadl doctor, or mediadl daemon run to see what it says.",
                )
            time.sleep(_LOOK_S)
        return self.status()

    @asks(Right.LOOK)
    def status(self) -> DaemonStatus:
        """Whether it runs, since when, and how busy it is."""
        holder = self._holder()
        if holder is None:
            return DaemonStatus(running=False)
        if not self._home.database.exists():
            return DaemonStatus(running=True, pid=holder.pid)
        read = self._services.store.read()
        known = next((w for w in workers.list(read) if w.kind == "daemon" and w.pid == holder.pid), None)
        active = jobs.counts(read).by_status.get(JobStatus.ACTIVE, 0)
        if known is None:
            return DaemonStatus(running=True, pid=holder.pid, jobs_active=active, note="starting")
        age_s = max(0.0, time.time() - known.heartbeat_at)
        return DaemonStatus(True, holder.pid, known.started_at, age_s, active, known.note)

    @does(Right.DAEMON, "daemon.stop")
    def stop(self, timeout_s: float = 30.0, *, force: bool = False) -> bool:
        """Let the daemon end its work tidily and wait for it; false when none runs. `force` kills it after that.

        One that is being started at this moment does not come up.

        Raises:
            DaemonUnavailable: it did not end in time.
        """
        # Without room for a note, or a folder to put it in, it is stopped all the same
        with contextlib.suppress(OSError):
            ProcessLock(self._home.daemon_lock).turn_away()
        holder = self._holder()
        if holder is None:
            return False
        try:
            handle = os.pidfd_open(holder.pid)
        except ProcessLookupError:
            return self._holder() is not None
        try:
            # The number cannot be another process any more once it is held by the handle
            now = self._holder()
            if now is None or now.pid != holder.pid or now.boot != boot_id():
                return now is None
            if not _ended(handle, signal.SIGTERM, timeout_s):
                if not force:
                    raise DaemonUnavailable(
                        f"the daemon (process {holder.pid}) did not end within {timeout_s:.0f} s",
                        next_step="Try again, or kill it: mediadl daemon stop --force.",
                    )
                _ended(handle, signal.SIGKILL, 10.0)
        except PermissionError as error:
            raise DaemonUnavailable(
                f"the daemon (process {holder.pid}) belongs to another user",
                next_step="Stop it as that user.",
            ) from error
        finally:
            os.close(handle)
        self._starting()
        return True

    @asks(Right.LOOK)
    def attach(self, note: str = "") -> None:
        """Note that this process shows a screen, so that the daemon stays; call again at least every 10 seconds."""
        now = time.time()
        self._attached_at = self._attached_at or now
        with self._services.store.write(durable=False) as tx:
            workers.beat(tx, WorkerInfo(_screen(), "screen", os.getpid(), self._attached_at, now, note))

    @asks(Right.LOOK)
    def detach(self) -> None:
        """Note that the screen is gone."""
        self._attached_at = 0.0
        with self._services.store.write(durable=False) as tx:
            workers.remove(tx, _screen())

    @asks(Right.LOOK)
    def close(self) -> None:
        """Let go of a daemon that was started here: it outlives this process."""
        if not self._starting() or self._child is None:
            return
        # Told that its end is known, the object does not complain about a child that is meant to stay
        self._child.returncode = 0
        self._started.clear()

    def _starting(self) -> bool:
        """Whether the daemon started here is still alive, perhaps before it has the lock."""
        if self._child is not None and self._child.poll() is not None:
            self._started.clear()
        return self._child is not None

    @property
    def _child(self) -> subprocess.Popen[bytes] | None:
        return next(iter(self._started), None)

    def _holder(self) -> Holder | None:
        return ProcessLock(self._home.daemon_lock).holder()

    def _environment(self) -> dict[str, str]:
        """Ours, with paths that mean the same from the daemon's working folder."""
        environment = dict(os.environ)
        environment["MEDIADL_HOME"] = str(self._home.root)
        environment[ASKED_AT] = str(boot_time_s())
        for name in _PATH_VARIABLES:
            if environment.get(name):
                environment[name] = str(Path(environment[name]).expanduser().absolute())
        return environment

    def _last_words(self) -> str:
        try:
            lines = self._home.daemon_output.read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1].removeprefix("error: ").rstrip(".") if lines else "it said nothing"


def _screen() -> str:
    return f"screen-{os.getpid()}"


def _spawn(output: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process of its own session without a terminal; what its log cannot take goes to `output`."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(output, flags, 0o600)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "mediadl.workers.daemon"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=descriptor,
            cwd="/",
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise DaemonUnavailable(
            f"the daemon could not be started: {error.strerror or error}", next_step="Run mediadl doctor."
        ) from error
    finally:
        os.close(descriptor)


def _ended(handle: int, signum: signal.Signals, timeout_s: float) -> bool:
    """Send a signal to the process and wait for its end."""
    try:
        signal.pidfd_send_signal(handle, signum)
    except ProcessLookupError:
        return True
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    return bool(waiting.poll(timeout_s * 1000))
