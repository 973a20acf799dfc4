"""The daemon's main loop: claims jobs, drives their runs, obeys the user, writes facts. One thread does all of it.

Runner listeners and the transfer child's listener only put messages into the inbox; so runs need no locks, and all
facts of one turn share one durable transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from mediadl.errors import Interrupted, MediadlError
from mediadl.logs import get_logger
from mediadl.models import Identity, JobStatus, Lane, Wanted
from mediadl.paths import Home
from mediadl.pipeline import work_folder
from mediadl.pipeline.facts import DocumentsFact, LinkedFact, Outbox, RefusedFact, SettleFact
from mediadl.pipeline.job_run import BACKLOG_HIGH, BACKLOG_LOW
from mediadl.pipeline.protocol import (
    Ended,
    Limits,
    LoginNews,
    Stored,
    TransferFailed,
    TransferProgress,
    TransfersCancelled,
)  # fmt: skip
from mediadl.settings.schema import Settings
from mediadl.store import jobs
from mediadl.store.database import Database
from mediadl.workers.accounts import Accounts
from mediadl.workers.active import Active, changed_rows, emptied, lease_until, progress_row
from mediadl.workers.deaths import Deaths
from mediadl.workers.engine_store import EngineStore
from mediadl.workers.gentleness import Gentleness
from mediadl.workers.inbox import Inbox
from mediadl.workers.live_settings import LiveSettings
from mediadl.workers.pool import Pool, RunnerGone, RunnerSaid
from mediadl.workers.recorder import Settled, record
from mediadl.workers.stalls import end_stuck
from mediadl.workers.starter import Starter
from mediadl.workers.thread_documents import DocumentsWritten, Order, ThreadDocuments
from mediadl.workers.transfer_link import TransferGone, TransferLink

_log = get_logger("supervisor")

TURN_S = 0.02
"""Longest wait for news before the queue is looked at again."""
IDLE_TURN_S, IDLE_AFTER_S = 0.15, 10.0
"""The same where nothing was to be done for so long: each turn costs the processor a little."""
WARM_AFTER_S = 1.0
"""The engines are imported that long after the start, where nothing needs them before."""
GATHER_S = 0.015
"""Between two durable writes while news keeps coming: each waits for the disk, and many facts cost no more than one."""
PROGRESS_S = 0.25
HEARTBEAT_S = 5.0
DIRECT_JOBS = 64
"""Plain-file jobs at once; the transfer child limits the connections."""
DAEMON_DEATHS = 100
"""The daemon runs no engine and opens no media: when it dies, its jobs are hardly ever to blame."""


class Supervisor:
    """Owns everything that is active. Lives in one thread."""

    def __init__(
        self,
        home: Home,
        database: Database,
        *,
        worker: str,
        boot: str,
        make_pool: Callable[[Inbox], Pool] = Pool,
        make_link: Callable[[Home, Callable[[object], None]], TransferLink] = TransferLink,
    ) -> None:
        """Nothing is started yet; `make_pool` and `make_link` are the edges where tests put children of their own."""
        self._home = home
        self._database = database
        self._worker = worker
        self._boot = boot
        self._inbox = Inbox()
        self.wake = self._inbox.wake
        """Ends the wait for news; for signal handlers."""
        self._outbox = Outbox()
        self._busy: dict[Identity, int] = {}
        self._active: dict[int, Active] = {}
        self._deaths = Deaths()
        self._live_settings = LiveSettings(home.settings_file)
        self._data_version = -1
        self._look_again = True
        self._wrote_at = 0.0
        self._next_second = 0.0
        self._warm_at = 0.0
        self._next_progress = 0.0
        self._next_heartbeat = 0.0
        self.pool = make_pool(self._inbox)
        self.pool.engines = EngineStore(home.engines).paths
        self.transfers = make_link(home, self._inbox.put)
        self._accounts = Accounts(home, database, self._outbox, self.pool.send)
        self._starter = Starter(home, database, self._busy, self._outbox, self._accounts)
        self._documents = ThreadDocuments(database, self._inbox.put)
        self._gentle = Gentleness(
            database,
            self._active,
            self._outbox.transfers.append,
            lambda job_id, message: self._outbox.runner_messages.append((job_id, message)),
        )
        self.before_claim: Callable[[], object] = bool  # nothing
        """Called when jobs could start, before any does."""
        self.busy_at = time.monotonic()
        """When there was something to do for the last time (monotonic)."""

    @property
    def settings(self) -> Settings:
        """The settings in force; a broken file leaves the last good ones."""
        return self._live_settings.current

    @property
    def active_jobs(self) -> int:
        """Jobs at work now."""
        return len(self._active)

    def start(self) -> None:
        """Take over what a dead predecessor left, start the children."""
        with self._database.write() as tx:
            left = jobs.recover(
                tx, worker=self._worker, boot=self._boot, now=time.time(), deaths_allowed=DAEMON_DEATHS
            )
        if left:
            _log.info("took over %d jobs that were active before", len(left))
        self._accounts.start(self.settings, left)
        self.transfers.start()
        self.transfers.send(self._limits())
        # First what waits in the queue: it may need no engine
        self._warm_at = time.monotonic() + WARM_AFTER_S

    def look_again(self) -> None:
        """Hear of what this thread itself changed in the queue."""
        self._look_again = True

    def turn(self) -> None:
        """One round: hear, obey, claim, write, tell."""
        self._hear()
        now = time.monotonic()
        if now >= self._next_second:
            self._next_second = now + 1.0
            self._every_second()
        version = self._database.data_version()
        if version != self._data_version or self._look_again:
            self._data_version = version
            self._look_again = False
            self._obey()
            self._claim()
        self._flush()
        if now >= self._next_progress and self._active:
            self._next_progress = now + PROGRESS_S
            self._report_progress()
        if now >= self._next_heartbeat:
            self._next_heartbeat = now + HEARTBEAT_S
            self._extend_leases()

    def shut_down(self, grace_s: float) -> None:
        """End all runs so that they go on where they were; keep every partial file."""
        for active in list(self._active.values()):
            active.run.fail_now(Interrupted("the daemon was stopped"))
        deadline = time.monotonic() + grace_s
        self._flush()
        while self._active and time.monotonic() < deadline:
            self._hear()
            self.pool.tick()
            self._flush()
        self.pool.close()
        self.transfers.stop()
        self._documents.close()

    # Hearing

    def _hear(self) -> None:
        idle = not self._active and time.monotonic() - self.busy_at > IDLE_AFTER_S
        message = self._inbox.next(IDLE_TURN_S if idle else TURN_S)
        gather_until = self._wrote_at + GATHER_S
        for _ in range(4096):
            if message is None:
                return
            self._dispatch(message)
            message = self._inbox.next(max(0.0, gather_until - time.monotonic()))

    def _dispatch(self, message: object) -> None:
        match message:
            case RunnerSaid(job_id=job_id, fence=fence):
                active = self._of(job_id, fence)
                if active is not None and isinstance(message.message, LoginNews):
                    self._accounts.hear(active, message.message)
                elif active is not None:
                    if isinstance(message.message, Ended):
                        self._accounts.give_back(job_id, str((message.message.error or {}).get("kind", "")))
                    self._gentle.heard(active, message.message, self.settings)
                    active.run.on_runner(message.message)
                    self._regulate(active)
            case RunnerGone():
                self._runner_gone(message)
            case TransferProgress(job_id=job_id) | Stored(job_id=job_id) | TransferFailed(job_id=job_id):
                active = self._active.get(job_id)
                if active is not None:
                    if isinstance(message, TransferFailed):
                        self._gentle.transfer_failed(active.run.job, message)
                    active.run.on_transfer(message)
                    self._after_transfer(active, message)
            case TransfersCancelled(job_id=job_id):
                active = self._active.get(job_id)
                if active is not None:
                    active.run.on_transfers_cancelled()
            case TransferGone():
                self._transfer_child_gone(message)
            case DocumentsWritten(job=job):
                active = self._of(job.id, job.fence)
                if active is not None:
                    self._outbox.facts.append(DocumentsFact(job, message.posts, message.folder))
                    active.run.on_documents_written(message.error)
            case _:
                _log.warning("an unexpected message of type %s", type(message).__name__)

    def _of(self, job_id: int, fence: int) -> Active | None:
        active = self._active.get(job_id)
        return active if active is not None and active.run.job.fence == fence else None

    def _after_transfer(self, active: Active, message: Stored | TransferFailed | TransferProgress) -> None:
        if isinstance(message, Stored):
            self._deaths.survived(message.job_id)
        if not isinstance(message, TransferProgress):
            self._deaths.transfer_ended(message.key)
            for other in self._active.values():
                other.run.recheck_held()
        self._regulate(active)

    def _regulate(self, active: Active) -> None:
        """Let the pipe of a runner fill up while more items are found than can be handed over."""
        backlog = active.run.backlog
        if backlog > BACKLOG_HIGH and not active.held:
            active.held = True
            self.pool.hold(active.run.job.id, on=True)
        elif backlog < BACKLOG_LOW and active.held:
            active.held = False
            self.pool.hold(active.run.job.id, on=False)

    def _runner_gone(self, message: RunnerGone) -> None:
        self.pool.forget(message.job_id)
        active = self._of(message.job_id, message.fence)
        if active is None:
            return
        run = active.run
        self._accounts.give_back(message.job_id, "")
        self._deaths.runner_gone(run, message.returncode)
        run.on_runner_gone(f"the engine's process ended with {message.returncode}")

    def _transfer_child_gone(self, message: TransferGone) -> None:
        _log.warning("the transfer child ended with %s; starting another", message.returncode)
        self.transfers.start()
        self.transfers.send(self._limits())
        for active in list(self._active.values()):
            self._deaths.transfer_child_gone(active.run)

    # Obeying and claiming

    def _obey(self) -> None:
        for job_id, wanted in jobs.wanted_changes(self._database.read()):
            active = self._active.get(job_id)
            if active is not None and wanted is not Wanted.RUN:
                active.run.want(wanted)

    def _claim(self) -> None:
        if any(isinstance(fact, RefusedFact) for fact in self._outbox.facts):
            self._look_again = True  # first it must be written down which site is left alone
            return
        if not jobs.counts(self._database.read()).by_status.get(JobStatus.PENDING):
            return
        self.before_claim()
        settings = self.settings
        self._gentle.hold_back(settings, time.time())
        engines = [active for active in self._active.values() if active.run.job.lane is Lane.RUNNER]
        at_work = sum(1 for active in engines if self._gentle.at_work(active, time.monotonic()))
        room = {
            Lane.RUNNER: (
                settings.downloads.concurrent - at_work,
                settings.downloads.per_site,
            ),
            Lane.TRANSFER: (DIRECT_JOBS - (len(self._active) - len(engines)), DIRECT_JOBS),
        }
        for lane, (limit, per_site) in room.items():
            if limit <= 0:
                continue
            with self._database.write() as tx:
                claimed = jobs.claim(
                    tx,
                    lane=lane,
                    limit=limit,
                    per_site=per_site,
                    worker=self._worker,
                    boot=self._boot,
                    lease_until=lease_until(),
                    now=time.time(),
                    one_at_a_time=self._gentle.one_at_a_time() if lane is Lane.RUNNER else (),
                )
            for job in claimed:
                self._gentle.starts(job)
                self._active[job.id] = self._starter.begin(job, settings)

    # Writing and telling

    def _flush(self) -> None:
        out = self._outbox
        while out.facts:
            facts, out.facts = out.facts, []
            now = time.time()
            # The last count belongs to the end: a quick run never came to a progress report
            ends = [f.job.id for f in facts if isinstance(f, SettleFact) and f.job.id in self._active]
            rows = [progress_row(self._active[job_id].run, now) for job_id in ends]
            try:
                written = record(self._database, facts, rows, now)
            except MediadlError:
                out.facts[:0] = facts
                raise
            self._wrote_at = time.monotonic()
            self._look_again |= any(isinstance(fact, LinkedFact) for fact in facts)
            for fact in facts:
                if isinstance(fact, RefusedFact):
                    self._gentle.refused(fact, now)
            for settled in written:
                self._after_settled(settled)
        for job in emptied(out.documents):
            if (active := self._of(job.id, job.fence)) is not None:  # else its next run writes them
                self._documents.write(Order(job, self.settings, active.root))
        for start in emptied(out.runner_starts):
            self.pool.start(start)
        for message in emptied(out.transfers):
            self.transfers.send(message)
        for job_id, answer in emptied(out.runner_messages):
            self.pool.send(job_id, answer)
        for job_id in emptied(out.runner_stops):
            self.pool.stop(job_id, self.settings.daemon.stop_grace_s)
        if self._active:
            self.busy_at = time.monotonic()

    def _after_settled(self, settled: Settled) -> None:
        fact = settled.fact
        active = self._active.pop(fact.job.id, None)
        if active is not None:
            self._accounts.settled(active, fact.error)
        self._look_again = True
        level = _log.info if fact.error is None else _log.warning
        level("%s%s", fact.status, f": {fact.message}" if fact.message else "", extra={"job": fact.job.id})
        for other in self._active.values():
            other.run.recheck_held()
        if fact.status is JobStatus.COMPLETED:
            self._deaths.survived(fact.job.id)
        if active is not None and settled.work_is_done:
            try:
                work_folder.discard(active.root, fact.job.id)
            except OSError as error:
                _log.warning("could not remove the work folder: %s", error, extra={"job": fact.job.id})

    def _report_progress(self) -> None:
        rows = changed_rows(self._active.values(), time.time())
        if rows:
            with self._database.write(durable=False) as tx:
                jobs.progress(tx, rows)

    def _extend_leases(self) -> None:
        if self._active:
            with self._database.write(durable=False) as tx:
                jobs.extend_leases(tx, self._worker, lease_until())

    # Once a second

    def _every_second(self) -> None:
        if self._live_settings.refresh():
            self.transfers.send(self._limits())
            with self._database.write() as tx:
                jobs.wake(tx, site=None, reason="budget")
        self.pool.tick()
        if self._nursery_is_worth_it():
            self.pool.warm()
        end_stuck(list(self._active.values()))
        due = jobs.next_due(self._database.read())
        if due is not None and due <= time.time():
            with self._database.write() as tx:
                jobs.promote(tx, time.time())
            self._look_again = True

    def _nursery_is_worth_it(self) -> bool:
        """Importing the engines takes a second of a core or more: not beside transfers, unless a job waits for it."""
        if not self._active:
            return time.monotonic() >= self._warm_at
        return bool(jobs.counts(self._database.read()).by_status.get(JobStatus.PENDING))

    def _limits(self) -> Limits:
        network = self.settings.network
        return Limits(network.rate_limit, network.connections, network.connections_per_host)
