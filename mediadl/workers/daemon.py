"""The background process: one per data folder, started on demand; `python -m mediadl.workers.daemon`."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from mediadl import logs
from mediadl.errors import DiskFull, InvalidInput, MediadlError
from mediadl.events import Event, EventKind
from mediadl.models import JobStatus, WorkerInfo
from mediadl.modules import options
from mediadl.paths import Home
from mediadl.pipeline import preview_folder
from mediadl.settings import files as settings_files
from mediadl.settings.schema import Logs as LogSettings
from mediadl.store import jobs, journal, schedule_runs, schedules, workers
from mediadl.store.database import Database
from mediadl.store.locks import ASKED_AT, ProcessLock, boot_id
from mediadl.workers.engine_schedule import EngineSchedule
from mediadl.workers.improver import Improver
from mediadl.workers.janitor import Janitor
from mediadl.workers.scheduler import Scheduler
from mediadl.workers.supervisor import HEARTBEAT_S, Supervisor

_log = logs.get_logger("daemon")

SCREEN_S = 20.0
"""A screen that did not show up for this long is gone."""

DISK_PAUSE_S = 2.0
IDLE_LOOK_S = 0.5
"""So often it is asked whether an idle daemon is still needed."""


class Daemon:
    """Holds the lock of the data folder and turns the supervisor until told to stop or idle for long enough."""

    def __init__(self, home: Home, *, service: bool) -> None:
        self._home = home
        self._service = service
        self._lock = ProcessLock(home.daemon_lock)
        # No Event: two signals at once would wait for each other in it
        self._stopping = False
        self._wake: Callable[[], object] = bool  # nothing waits yet
        self._started_at = time.time()
        self._next_beat = 0.0
        self._next_idle_look = 0.0

    def run(self) -> int:
        """Work until the end; returns the exit code.

        Raises:
            DatabaseUnusable: the database cannot be used; it was not touched.
        """
        # Before the lock: who sees it held may send a signal at once
        self._catch_signals()
        if not self._lock.try_acquire():
            print("a daemon already runs for this data folder", file=sys.stderr)  # noqa: T201 - nobody else to tell
            return 1 if self._service else 0
        asked_s = os.environ.pop(ASKED_AT, "")
        if asked_s and self._lock.turned_away(asked_s):
            # Started beside another one that was stopped meanwhile: who stops the daemon wants none
            self._lock.release()
            return 0
        database = Database.open(self._home)
        try:
            return self._serve(database)
        finally:
            database.close()
            self._lock.release()

    def _serve(self, database: Database) -> int:
        supervisor = Supervisor(self._home, database, worker=_worker_name(), boot=boot_id())
        self._wake = supervisor.wake
        janitor = Janitor(database)
        engines = EngineSchedule(self._home)
        improver = Improver(database)
        scheduler = Scheduler(database)
        preview_folder.sweep(self._home.run)
        supervisor.start()

        def begin_due(*, at_once: bool = True) -> None:
            if scheduler.tick(supervisor.settings, at_once=at_once):
                supervisor.look_again()

        # Before any job may start, after a sleep too: some have to wait for the hours of their schedule
        supervisor.before_claim = begin_due
        begin_due()
        self._announce(database, "started")
        _log.info("started")
        try:
            while not self._stopping:
                try:
                    supervisor.turn()
                except DiskFull as error:
                    # What was to be written is kept and written once there is room
                    _log.error("the database cannot grow: %s", error.message)
                    time.sleep(DISK_PAUSE_S)
                    continue
                self._beat(database, supervisor)
                begin_due(at_once=False)
                janitor.tick(supervisor.settings, idle=supervisor.active_jobs == 0)
                idle_s = 0.0 if supervisor.active_jobs else time.monotonic() - supervisor.busy_at
                engines.tick(supervisor.settings, idle_s=idle_s)
                if engines.busy:
                    continue
                improver.tick(supervisor.settings, idle_s=idle_s)
                if self._is_idle(database, supervisor) and self._may_leave(database):
                    break
        finally:
            _log.info("stopping")
            engines.close()
            supervisor.shut_down(supervisor.settings.daemon.stop_grace_s + 2.0)
            self._announce(database, "stopped")
            with database.write() as tx:
                workers.remove(tx, "daemon")
        return 0

    def _is_idle(self, database: Database, supervisor: Supervisor) -> bool:
        limit_s = supervisor.settings.daemon.idle_exit_s
        if self._service or not limit_s or supervisor.active_jobs:
            return False
        now = time.monotonic()
        if now - supervisor.busy_at <= limit_s or now < self._next_idle_look:
            return False
        self._next_idle_look = now + IDLE_LOOK_S
        return not self._is_needed(database)

    @staticmethod
    def _is_needed(database: Database) -> bool:
        read = database.read()
        if schedules.next_start(read) is not None or schedule_runs.running(read):
            return True
        if jobs.next_due(read) is not None or jobs.counts(read).by_status.get(JobStatus.PENDING):
            return True
        now = time.time()
        return any(w.kind == "screen" and now - w.heartbeat_at < SCREEN_S for w in workers.list(read))

    def _may_leave(self, database: Database) -> bool:
        """Give the lock back first, then look once more: a job added in between is seen by us or by its front end."""
        self._lock.release()
        if not self._is_needed(database):
            return True
        return not self._lock.try_acquire()

    def _beat(self, database: Database, supervisor: Supervisor) -> None:
        now = time.monotonic()
        if now < self._next_beat:
            return
        self._next_beat = now + HEARTBEAT_S
        note = f"{supervisor.active_jobs} active"
        with database.write(durable=False) as tx:
            workers.beat(tx, WorkerInfo("daemon", "daemon", os.getpid(), self._started_at, time.time(), note))

    @staticmethod
    def _announce(database: Database, what: str) -> None:
        with database.write() as tx:
            journal.append(
                tx, [Event(EventKind.DAEMON, None, {"state": what, "pid": os.getpid()})], time.time()
            )

    def _catch_signals(self) -> None:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._on_signal)
        # A terminal that goes away is no reason to stop downloading
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._wake()


def main(*, service: bool = False) -> int:
    """Run the daemon of this data folder in this process; returns the exit code. `service`: never leave when idle."""
    home = Home.locate().create()
    handler = _start_log(home)
    try:
        return Daemon(home, service=service).run()
    except MediadlError as error:
        _log.error("%s", error.message)
        print(f"error: {error.message}. {error.next_step}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    finally:
        logs.stop(handler)


def _worker_name() -> str:
    """What this daemon signs its claims with."""
    return f"daemon-{os.getpid()}-{threading.get_native_id()}"


def _start_log(home: Home) -> logs.LogHandler:
    try:
        wanted = settings_files.load(home.settings_file, schema=options.schema()).logs
    except InvalidInput:
        # The supervisor reports the broken file once it runs
        wanted = LogSettings()
    return logs.start(home.logs, level=wanted.level, keep_days=wanted.keep_days)


if __name__ == "__main__":
    sys.exit(main())
