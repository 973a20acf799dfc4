"""One run of one job: hears what runner and transfer child say, and decides what is asked of them and written down.

No threads, no clock, no I/O: the supervisor calls the `on_…` methods from its one thread and empties the `Outbox`.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from mediadl.errors import (
    Action,
    DownloadError,
    ExpiredLink,
    Interrupted,
    NotMedia,
    from_dict,
)
from mediadl.models import FoundItem, Identity, Job, Lane, Wanted
from mediadl.modules.base import site_of
from mediadl.pipeline import settlement
from mediadl.pipeline.conditions import Conditions
from mediadl.pipeline.facts import (
    DescribeFact,
    Outbox,
    RefusedFact,
    SettleFact,
)
from mediadl.pipeline.job_items import JobItems
from mediadl.pipeline.outcome import Outcome
from mediadl.pipeline.protocol import (
    Asked,
    Cancel,
    Ended,
    EngineProgress,
    Found,
    Made,
    Message,
    Stored,
    ThreadRead,
    ThreadWalked,
    TransferFailed,
    TransferProgress,
    Trouble,
    Working,
)
from mediadl.pipeline.run_notes import RunNotes

EXPIRED, EXPIRED_AGAIN = "link expired", "link expired again"
"""What is noted of a backend whose links ran out: it lists once more, then the next one is asked."""

BACKLOG_HIGH, BACKLOG_LOW = 2000, 500
"""The runner is not listened to above the first and until below the second."""


class _Paper(Enum):
    """Whether a thread that was read is to be written down before the run ends."""

    NONE = 0
    DUE = 1
    ORDERED = 2


class JobRun:
    """The state machine of one claimed job."""

    def __init__(self, job: Job, conditions: Conditions, busy: dict[Identity, int], outbox: Outbox) -> None:
        self.job = job
        self._is = conditions
        self._out = outbox
        self._listing = False
        self.items = JobItems(job, conditions, busy, outbox, self._stop)
        self.items.backend = job.backend
        self._notes = RunNotes(job, outbox)
        self.meter, self.tally = self.items.meter, self.items.tally
        self._empty = ""
        self._stopping: Wanted | DownloadError | None = None
        self._waiting_for_cancel = False
        self._end_error: DownloadError | None = None
        self._refusal: tuple[DownloadError, Outcome] | None = None
        """What the site refused the run with, and what becomes of the job for it."""
        self._title = job.title
        self._titled = False
        self.tried = job.tried
        self._thread = _Paper.NONE
        self.settled = False

    # What starts and drives the run

    def start_direct(self, item: FoundItem, *, known: FoundItem | None = None, account: str = "") -> None:
        """Begin a job that is one plain file: no runner is needed.

        `known` is the same file asked for with the cookies of `account`, for when a visitor does not get it; without
        it, `item` has them already.
        """
        self.items.backend = "direct"
        self.items.account = account
        self.items.known = known
        self.tally.expected = 1
        self._take(item, asked=False)
        self._settle_if_done()

    def start_listing(self) -> None:
        """A runner was started for this job."""
        self._listing = self.items.listening = True

    def on_runner(self, message: Message) -> None:
        """The runner said something."""
        match message:
            case Found(item=item):
                self._take(item, asked=False)
            case Asked(item=item):
                self._take(item, asked=True)
            case Made():
                self.items.made(message)
            case EngineProgress(n=n) if self.items.is_with_engine(n):
                self.meter.engine_moved(message)
            case Working():
                self._on_working(message)
            case Trouble():
                self._on_trouble(message)
            case Ended():
                self._on_ended(message)
            case _:
                self._notes.take(message)
                if isinstance(message, ThreadRead | ThreadWalked):
                    self._thread = _Paper.DUE
        self._settle_if_done()

    def on_runner_gone(self, why: str) -> None:
        """The runner process ended. Fine after `Ended` or a stop; else everything it still owed is interrupted."""
        if self._listing:
            self._listing = False
            if self._stopping is None:
                self._end_error = Interrupted(why)
        self.items.runner_gone()
        self._settle_if_done()

    def on_transfer(self, message: Stored | TransferFailed | TransferProgress) -> None:
        """The transfer child said something about one of our transfers."""
        if isinstance(message, TransferProgress):
            self.items.moved(message)
            return
        self.items.ended(message)
        self._settle_if_done()

    def on_transfers_cancelled(self) -> None:
        """The transfer child let go of everything of this job."""
        self._waiting_for_cancel = False
        self.items.let_go_of_transfers()
        self._settle_if_done()

    def on_transfer_child_gone(self) -> list[str]:
        """The transfer child died; returns the keys that must be handed over again."""
        if self._waiting_for_cancel:
            self.on_transfers_cancelled()
            return []
        return list(self.items.fetching)

    def resubmit(self, key: str) -> None:
        """Hand a transfer over again after the transfer child died."""
        self.items.resubmit(key)

    def drop(self, key: str, error: DownloadError) -> None:
        """Give up a transfer that the transfer child did not survive."""
        self.items.drop(key, error)
        self._settle_if_done()

    def on_documents_written(self, error: DownloadError | None) -> None:
        """The thread's page and sidecars are on the disk, or cannot be written."""
        self._thread = _Paper.NONE
        if error is not None and self._stopping is None:
            self.items.errors.append(error)
            self.tally.failed += 1
        self._settle_if_done()

    def want(self, wanted: Wanted) -> None:
        """The user wants the job paused, cancelled or removed."""
        if not isinstance(self._stopping, Wanted) or self._stopping is Wanted.PAUSE:
            self._stop(wanted)

    def fail_now(self, error: DownloadError) -> None:
        """End the run because of something around it: disk full, too slow, shutting down."""
        if self._stopping is None:
            self._stop(error)

    def recheck_held(self) -> None:
        """Another job finished something: items held for it may go on."""
        if self.items.held and self._stopping is None:
            self.items.recheck_held()
            self._settle_if_done()

    # What others may ask

    @property
    def backend(self) -> str:
        """Who lists, or did."""
        return self.items.backend

    @property
    def listing(self) -> bool:
        """Whether a runner works for this job."""
        return self._listing

    @property
    def stopping(self) -> bool:
        """Whether the run is being ended."""
        return self._stopping is not None

    @property
    def backlog(self) -> int:
        """Items found but not handed over yet."""
        return self.items.backlog

    def bytes_total(self) -> int | None:
        """Bytes of everything known so far, stored included; None when a size is missing."""
        items = self.items
        if items.backlog or (self._listing and not items.with_engine and self.tally.expected is None):
            return None
        return self.meter.bytes_total(items.fetching)

    def percent(self) -> float:
        """0 to 100; stays below 100 until the run is over."""
        return self.meter.percent(self.tally, self.items.seen)

    @property
    def engine_bytes(self) -> int | None:
        """Bytes the engine has of what it downloads itself; None when it downloads nothing."""
        return self.meter.engine_bytes() if self.items.with_engine else None

    # The runner's other news

    def _take(self, item: FoundItem, *, asked: bool) -> None:
        first = not self.items.count
        self.items.take(item, asked=asked)
        if first and self.items.title and not self._titled:
            # Better than the guess from the address, until the engine names the whole
            self._title_is(self.items.title)

    def _on_working(self, message: Working) -> None:
        fields: dict[str, object] = {}
        if message.backend and message.backend != self.backend:
            self.items.backend = fields["backend"] = message.backend
        if message.title:
            self._titled = True
            self._title_is(message.title)
        if message.items_total is not None:
            self.tally.expected = message.items_total
        if message.note:
            fields["message"] = message.note
        if fields:
            self._out.facts.append(DescribeFact(self.job, fields))

    def _title_is(self, title: str) -> None:
        if title != self._title:
            self._title = title
            self._out.facts.append(DescribeFact(self.job, {"title": title}))

    def _on_trouble(self, message: Trouble) -> None:
        error = from_dict(message.error)
        if not message.n:
            self._note_tried(f"{message.backend}: {error.title.lower()}")
            return
        self.items.engine_failed(message.n, error, message.identity)

    def _note_tried(self, line: str) -> None:
        known = self.tried.split("; ") if self.tried else []
        if line not in known:
            self.tried = "; ".join([*known, line])
            self._out.facts.append(DescribeFact(self.job, {"tried": self.tried}))

    def _on_ended(self, message: Ended) -> None:
        self._listing = self.items.listening = False
        if message.backend:
            self.items.backend = message.backend
        for line in message.tried:
            self._note_tried(line)
        if message.error is not None and self._end_error is None:
            self._end_error = from_dict(message.error)
            if self._end_error.action is Action.PAUSE_SITE and self._stopping is None:
                self._refused(self._end_error)
        self._empty = message.empty
        self.tally.expected = max(self.tally.expected or 0, self.items.seen) or None

    # The end

    def _refused(self, error: DownloadError) -> None:
        """The site wants to be left alone: tell it now; what still comes from elsewhere may come."""
        outcome = self._is.decide(error, self.job)
        self._refusal = (error, outcome)
        if outcome.cool_down_until is not None:
            self._out.facts.append(RefusedFact(self.job, error, outcome.cool_down_until))
        if self._stopping is None and any(site_of(url) == self.job.site for url in self.items.urls()):
            self._stop(error)

    def _decide(self, error: DownloadError, job: Job) -> Outcome:
        if self._refusal is not None and self._refusal[0] is error:
            return self._refusal[1]
        return self._is.decide(error, job)

    def _expired(self, error: DownloadError | None) -> bool:
        """Whether links ran out and another listing may help; noted, so that the next run knows who to leave out."""
        if error is None or error.action is not Action.RETRY or self.job.lane is Lane.TRANSFER:
            return False
        if not any(isinstance(one, ExpiredLink) for one in (error, *self.items.errors)):
            return False
        for words in (EXPIRED, EXPIRED_AGAIN):
            line = f"{self.backend}: {words}"
            if line not in self.tried.split("; "):
                self._note_tried(line)
                return True
        return False

    def _stop(self, why: Wanted | DownloadError) -> None:
        self._stopping = why
        if isinstance(why, DownloadError) and why.action is Action.PAUSE_SITE and self._refusal is None:
            self._refused(why)
        if self._listing or self.items.with_engine:
            self._out.runner_stops.append(self.job.id)
        self.items.close()
        if self.items.fetching and not self._waiting_for_cancel:
            self._waiting_for_cancel = True
            # A removed job may come back, and goes on with its bytes then
            self._out.transfers.append(Cancel(self.job.id, discard=why is Wanted.CANCEL))
        self._settle_if_done()

    def _settle_if_done(self) -> None:
        items = self.items
        if self.settled or self._listing or items.fetching or self._waiting_for_cancel or items.with_engine:
            return
        if self._stopping is None and (items.backlog or items.held):
            return
        if self._stopping is None and self._thread is not _Paper.NONE:
            if self._thread is _Paper.DUE:
                self._thread = _Paper.ORDERED
                self._out.documents.append(self.job)
            return
        self.settled = True
        items.release_all()
        is_whole = self._stopping is None and self._end_error is None
        news = self._notes.source_news(whole=is_whole, cut=items.cut, missing=items.owed)
        self._out.facts.append(replace(self._settlement(), source=news))

    def _settlement(self) -> SettleFact:
        if isinstance(self._stopping, Wanted):
            return settlement.obeyed(self.job, self._stopping, backend=self.backend, tried=self.tried)
        missing = self.items.missing
        if self.items.improving and missing:
            # The stored file is there all the same: nothing failed
            missing, self._empty = (
                0,
                self._empty or "no better version: the page does not have the file any more",
            )
        error = self._stopping or settlement.verdict(
            self.tally, self._end_error, self.items.errors, empty=self._empty, missing=missing
        )
        if isinstance(error, NotMedia) and self.job.lane is Lane.TRANSFER:
            # The address looked like a file and is a page: let the engines try
            self._note_tried(f"direct: {error.title.lower()}")
            return settlement.handed_to_engines(self.job, tried=self.tried)
        if self._stopping is None and self._expired(error):
            return settlement.listed_again(self.job, backend=self.backend, tried=self.tried)
        if error is None and not self.items.left_out:
            self._out.facts.extend(self._notes.if_complete)
        return settlement.ended(
            self.job,
            error,
            self.tally,
            decide=self._decide,
            backend=self.backend,
            tried=self.tried,
            stopped=self._stopping is not None,
            empty=self._empty,
            pages=self._notes.pages,
            walked=self._notes.walked,
            stored=self.items.stored_now,
            answered=self.job.lane is Lane.RUNNER and self.tally.skipped > 0,
        )
