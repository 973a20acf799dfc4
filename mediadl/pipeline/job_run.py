"""One run of one job: hears what runner and transfer child say, and decides what is asked of them and written down.

No threads, no clock, no I/O: the supervisor calls the `on_…` methods from its one thread and empties the `Outbox`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from enum import Enum

from mediadl.errors import (
    Action,
    DownloadError,
    ExpiredLink,
    Forbidden,
    Interrupted,
    LoginNeeded,
    NotBetter,
    NotMedia,
    from_dict,
)
from mediadl.models import FoundItem, Identity, ItemState, Job, Lane, Wanted
from mediadl.modules.base import site_of
from mediadl.pipeline import filters, settlement
from mediadl.pipeline.conditions import Conditions
from mediadl.pipeline.facts import (
    AnsweredFact,
    DescribeFact,
    Fact,
    ItemFact,
    LinkedFact,
    Outbox,
    RefusedFact,
    RememberFact,
    SettleFact,
    StoredFact,
    ThreadReadFact,
    ThreadWalkedFact,
    TriedFact,
)
from mediadl.pipeline.meter import Meter, Tally
from mediadl.pipeline.outcome import Outcome
from mediadl.pipeline.protocol import (
    Answer,
    Asked,
    Cancel,
    Ended,
    EngineProgress,
    Enough,
    Fetch,
    Found,
    Ingest,
    Known,
    Linked,
    Made,
    Message,
    Remember,
    Stored,
    ThreadRead,
    ThreadWalked,
    TransferFailed,
    TransferProgress,
    Tried,
    Trouble,
    Working,
)  # fmt: skip

WINDOW = 128
"""Transfers of one job that are handed over at the same time; the rest waits here."""

EXPIRED, EXPIRED_AGAIN = "link expired", "link expired again"
"""What is noted of a backend whose links ran out: it lists once more, then the next one is asked."""

ANSWERED_BYTES = 1 << 20
"""A plain file of which so much is there came from a site that answers."""

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
        self._busy = busy
        """Identities being fetched now, by job: shared by all runs, so that two jobs never fetch the same file."""
        self._out = outbox
        self._listing = False
        self._fetching: dict[str, FoundItem] = {}
        self.meter = Meter()
        self._asked: dict[int, FoundItem] = {}
        """Items the engine is downloading itself."""
        self._backlog: deque[FoundItem] = deque()
        self._held: list[tuple[FoundItem, bool]] = []
        """Items another job is fetching right now; the flag says that the runner waits for an answer."""
        self._selection = filters.Selection(job.options)
        # What a person picked is fetched even if it was before
        self._force = bool(job.options.get("force")) or self._selection.by_hand
        self._improving = "improve" in job.options
        """Better versions of stored files are looked for."""
        self._seen: set[Identity] = set()
        self._count = 0
        """Items seen and wanted; each may have several identities."""
        self._empty = ""
        self._enough = False
        self._stopping: Wanted | DownloadError | None = None
        self._waiting_for_cancel = False
        self._errors: list[DownloadError] = []
        self._end_error: DownloadError | None = None
        self._if_complete: list[Fact] = []
        self._left_out = False
        """Some item was not wanted."""
        self._refusal: tuple[DownloadError, Outcome] | None = None
        """What the site refused the run with, and what becomes of the job for it."""
        self._answered = not conditions.careful
        self._title = job.title
        self._titled = False
        self.backend = job.backend
        self.tried = job.tried
        self.tally = Tally()
        self._pages = 0
        self._walked = False
        self._stored_now = 0
        self._thread = _Paper.NONE
        self.settled = False
        self._known: FoundItem | None = None
        """The one file of a direct job with the cookies of an account, for when visitors do not get it."""
        self.account = ""
        """Whose cookies a direct job goes out with, or would."""
        self.login_refused: DownloadError | None = None
        """What the site said to a direct job that went out with an account."""

    # What starts and drives the run

    def start_direct(self, item: FoundItem, *, known: FoundItem | None = None, account: str = "") -> None:
        """Begin a job that is one plain file: no runner is needed.

        `known` is the same file asked for with the cookies of `account`, for when a visitor does not get it; without
        it, `item` has them already.
        """
        self.backend = "direct"
        self.account = account
        self._known = known
        self.tally.expected = 1
        self._take(item, asked=False)
        self._settle_if_done()

    def start_listing(self) -> None:
        """A runner was started for this job."""
        self._listing = True

    def on_runner(self, message: Message) -> None:
        """The runner said something."""
        match message:
            case Found(item=item):
                self._take(item, asked=False)
            case Asked(item=item):
                self._take(item, asked=True)
            case Made():
                self._on_made(message)
            case EngineProgress(n=n) if n in self._asked:
                self.meter.engine_moved(message)
            case Working():
                self._on_working(message)
            case Trouble():
                self._on_trouble(message)
            case Remember(key=key, value=value, if_complete=wait):
                (self._if_complete if wait else self._out.facts).append(RememberFact(self.job, key, value))
            case ThreadRead(page=page):
                self._pages += 1
                self._thread = _Paper.DUE
                self._out.facts.append(ThreadReadFact(self.job, page))
            case ThreadWalked(full=full, last_page=last_page, gone=gone):
                self._thread = _Paper.DUE
                self._walked = True
                self._out.facts.append(ThreadWalkedFact(self.job, full, last_page, gone))
            case Linked(link=link):
                self._out.facts.append(LinkedFact(self.job, link))
            case Tried():
                self._out.facts.append(TriedFact(self.job, message))
            case Ended():
                self._on_ended(message)
            case _:
                pass
        self._settle_if_done()

    def on_runner_gone(self, why: str) -> None:
        """The runner process ended. Fine after `Ended` or a stop; else everything it still owed is interrupted."""
        if self._listing:
            self._listing = False
            if self._stopping is None:
                self._end_error = Interrupted(why)
        for n in list(self._asked):
            item = self._asked.pop(n)
            self._release(item)
        self._held = [(item, asked) for item, asked in self._held if not asked]
        self._settle_if_done()

    def on_transfer(self, message: Stored | TransferFailed | TransferProgress) -> None:
        """The transfer child said something about one of our transfers."""
        item = self._fetching.get(message.key)
        if item is None:
            return
        if isinstance(message, TransferProgress):
            self.meter.transfer_moved(message)
            if not self._answered and message.done_bytes >= ANSWERED_BYTES and self.job.lane is Lane.TRANSFER:
                self._answered = True
                self._out.facts.append(AnsweredFact(self.job))
            return
        del self._fetching[message.key]
        self.meter.ended(message.key)
        self._release(item)
        if isinstance(message, Stored):
            self.tally.stored += 1
            self._stored_now += 1
            self.meter.stored_bytes += message.file.size_bytes
            self._out.facts.append(StoredFact(self.job, item, message.file, self.backend))
        else:
            error = from_dict(message.error)
            if not self._again_as_account(item, error):
                self._item_failed(item, error)
        self._fill()
        self._settle_if_done()

    def on_transfers_cancelled(self) -> None:
        """The transfer child let go of everything of this job."""
        self._waiting_for_cancel = False
        for item in self._fetching.values():
            self._release(item)
        self._fetching.clear()
        self._settle_if_done()

    def on_transfer_child_gone(self) -> list[str]:
        """The transfer child died; returns the keys that must be handed over again."""
        if self._waiting_for_cancel:
            self.on_transfers_cancelled()
            return []
        return list(self._fetching)

    def resubmit(self, key: str) -> None:
        """Hand a transfer over again after the transfer child died."""
        item = self._fetching.pop(key, None)
        if item is not None:
            self._fetch(item)

    def drop(self, key: str, error: DownloadError) -> None:
        """Give up a transfer that the transfer child did not survive."""
        item = self._fetching.pop(key, None)
        if item is not None:
            self._release(item)
            self._item_failed(item, error)
            self._settle_if_done()

    def on_documents_written(self, error: DownloadError | None) -> None:
        """The thread's page and sidecars are on the disk, or cannot be written."""
        self._thread = _Paper.NONE
        if error is not None and self._stopping is None:
            self._errors.append(error)
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
        if not self._held or self._stopping is not None:
            return
        held, self._held = self._held, []
        for item, asked in held:
            self._place(item, asked=asked)
        self._settle_if_done()

    # What others may ask

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
        return len(self._backlog)

    def bytes_total(self) -> int | None:
        """Bytes of everything known so far, stored included; None when a size is missing."""
        if self._backlog or (self._listing and not self._asked and self.tally.expected is None):
            return None
        return self.meter.bytes_total(self._fetching)

    def percent(self) -> float:
        """0 to 100; stays below 100 until the run is over."""
        return self.meter.percent(self.tally, self._count + self.tally.refused)

    @property
    def engine_bytes(self) -> int | None:
        """Bytes the engine has of what it downloads itself; None when it downloads nothing."""
        if not self._asked:
            return None
        return self.meter.engine_bytes()

    # Items

    def _take(self, item: FoundItem, *, asked: bool) -> None:
        if self._stopping is not None:
            return
        if not self._seen.isdisjoint(item.names):
            if asked:
                self._answer(item.n, take=False)
            return
        refusal = self._selection.refusal(item, self._count)
        if refusal is not None:
            self._refuse(item, refusal, asked=asked)
            return
        if not self._count and not self._titled and item.title:
            # Better than the guess from the address, until the engine names the whole
            self._title_is(item.title)
        self._seen.update(item.names)
        self._count += 1
        self._place(item, asked=asked)
        if self._selection.by_hand and not self._held:
            self._enough_listed()

    def _refuse(self, item: FoundItem, refusal: filters.Refusal, *, asked: bool) -> None:
        """Leave an item out, and write down which rule said so."""
        self._left_out = True
        if refusal.by_rule:
            self._seen.update(item.names)
            self.tally.refused += 1
            self._out.facts.append(ItemFact(self.job, item, ItemState.SKIPPED, filters.FILTERED, refusal.why))
        self._enough_listed()
        if asked:
            self._answer(item.n, take=False)

    def _place(self, item: FoundItem, *, asked: bool) -> None:
        """Skip it, hold it, hand it over or let the engine have it."""
        owner = next((self._busy[name] for name in item.names if name in self._busy), None)
        stored = next((name for name in item.names if name in self._is.stored_before), None)
        if stored is not None:
            self.tally.stored += 1
            self.meter.stored_bytes += self._is.stored_before[stored]
            if asked:
                self._answer(item.n, take=False)
        elif owner is not None and owner != self.job.id:
            self._held.append((item, asked))
        elif not self._force and any(map(self._is.known, item.names)):
            self.tally.skipped += 1
            self._out.facts.append(
                ItemFact(
                    self.job, item, ItemState.SKIPPED, "archived", "fetched before; --force fetches it again"
                )
            )
            if asked:
                self._answer(item.n, take=False)
            if self._listing:
                self._out.runner_messages.append((self.job.id, Known(item.n)))
        elif asked and self._improving:
            self._not_better(item, "only the engine itself can fetch it: another file than the stored one")
            self._answer(item.n, take=False)
        else:
            self._busy.update(dict.fromkeys(item.names, self.job.id))
            self._out.facts.append(ItemFact(self.job, item, ItemState.ACTIVE))
            if asked:
                self._asked[item.n] = item
                self._answer(item.n, take=True)
            else:
                self._backlog.append(item)
                self._fill()

    def _fill(self) -> None:
        while self._backlog and len(self._fetching) < WINDOW and self._stopping is None:
            self._fetch(self._backlog.popleft())

    def _fetch(self, item: FoundItem) -> None:
        self._order(item, lambda: self._is.fetch(self.job, item))

    def _on_made(self, message: Made) -> None:
        item = self._asked.pop(message.n, None)
        self.meter.engine_ended(message.n)
        if item is not None and self._stopping is None:
            self._order(item, lambda: self._is.ingest(self.job, item, message))

    def _order(self, item: FoundItem, make: Callable[[], Fetch | Ingest]) -> None:
        try:
            order = make()
        except DownloadError as error:
            self._release(item)
            self._item_failed(item, error)
            return
        self._fetching[order.key] = item
        self._out.transfers.append(order)

    def _item_failed(self, item: FoundItem, error: DownloadError) -> None:
        if self._stopping is not None:
            return
        if isinstance(error, NotBetter):
            self._not_better(item, error.message)
            return
        a_page_after_all = isinstance(error, NotMedia) and self.job.lane is Lane.TRANSFER
        if item.gate and isinstance(error, Forbidden | LoginNeeded):
            # Files for members only: others of the same page are for everyone
            error = LoginNeeded(item.gate)
        elif error.action in {Action.PAUSE_SITE, Action.WAIT} or a_page_after_all:
            # Nothing else of this job would fare better: stop all of it
            self._stop(error)
            return
        self.tally.failed += 1
        self._errors.append(error)
        self._out.facts.append(ItemFact(self.job, item, ItemState.FAILED, error.kind, error.message))

    def _not_better(self, item: FoundItem, why: str) -> None:
        """A stored file stays as it is."""
        self.tally.skipped += 1
        self.tally.not_better += 1
        self._out.facts.append(ItemFact(self.job, item, ItemState.SKIPPED, NotBetter.kind, why))

    def _again_as_account(self, item: FoundItem, error: DownloadError) -> bool:
        """Whether a file that visitors do not get is asked for with the cookies of an account now."""
        if self.job.lane is not Lane.TRANSFER or not self.account or self._stopping is not None:
            return False
        known, self._known = self._known, None
        if known is None:
            if isinstance(error, LoginNeeded):
                self.login_refused = error
            return False
        if not isinstance(error, LoginNeeded | Forbidden | NotMedia):
            return False
        self._busy.update(dict.fromkeys(item.names, self.job.id))
        self._backlog.append(replace(known, n=item.n + 1))
        return True

    def _release(self, item: FoundItem) -> None:
        for name in item.names:
            if self._busy.get(name) == self.job.id:
                del self._busy[name]

    def _enough_listed(self) -> None:
        if not self._enough and self._selection.is_complete(self._count) and self._listing:
            self._enough = True
            self._out.runner_messages.append((self.job.id, Enough()))

    def _answer(self, n: int, *, take: bool) -> None:
        self._out.runner_messages.append((self.job.id, Answer(n, take)))

    # The runner's other news

    def _on_working(self, message: Working) -> None:
        fields: dict[str, object] = {}
        if message.backend and message.backend != self.backend:
            self.backend = fields["backend"] = message.backend
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
        item = self._asked.pop(message.n, None)
        self.meter.engine_ended(message.n)
        if item is not None:
            self._release(item)
            self._item_failed(item, error)
        elif self._stopping is None:
            # A post that the engine could not read at all: no item to blame, yet not a success
            self.tally.failed += 1
            self._errors.append(error)

    def _note_tried(self, line: str) -> None:
        known = self.tried.split("; ") if self.tried else []
        if line not in known:
            self.tried = "; ".join([*known, line])
            self._out.facts.append(DescribeFact(self.job, {"tried": self.tried}))

    def _on_ended(self, message: Ended) -> None:
        self._listing = False
        if message.backend and message.backend != self.backend:
            self.backend = message.backend
        for line in message.tried:
            self._note_tried(line)
        if message.error is not None and self._end_error is None:
            self._end_error = from_dict(message.error)
            if self._end_error.action is Action.PAUSE_SITE and self._stopping is None:
                self._refused(self._end_error)
        self._empty = message.empty
        self.tally.expected = max(self.tally.expected or 0, self._count + self.tally.refused) or None

    # The end

    def _refused(self, error: DownloadError) -> None:
        """The site wants to be left alone: tell it now; what still comes from elsewhere may come."""
        outcome = self._is.decide(error, self.job)
        self._refusal = (error, outcome)
        if outcome.cool_down_until is not None:
            self._out.facts.append(RefusedFact(self.job, error, outcome.cool_down_until))
        here = (item.url for item in (*self._fetching.values(), *self._backlog))
        if self._stopping is None and any(site_of(url) == self.job.site for url in here):
            self._stop(error)

    def _decide(self, error: DownloadError, job: Job) -> Outcome:
        if self._refusal is not None and self._refusal[0] is error:
            return self._refusal[1]
        return self._is.decide(error, job)

    def _expired(self, error: DownloadError | None) -> bool:
        """Whether links ran out and another listing may help; noted, so that the next run knows who to leave out."""
        if error is None or error.action is not Action.RETRY or self.job.lane is Lane.TRANSFER:
            return False
        if not any(isinstance(one, ExpiredLink) for one in (error, *self._errors)):
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
        if self._listing or self._asked:
            self._out.runner_stops.append(self.job.id)
        for item in self._backlog:
            self._release(item)
        self._backlog.clear()
        self._held.clear()
        if self._fetching and not self._waiting_for_cancel:
            self._waiting_for_cancel = True
            # A removed job may come back, and goes on with its bytes then
            self._out.transfers.append(Cancel(self.job.id, discard=why is Wanted.CANCEL))
        self._settle_if_done()

    def _settle_if_done(self) -> None:
        if self.settled or self._listing or self._fetching or self._waiting_for_cancel:
            return
        if self._stopping is None and (self._asked or self._backlog or self._held):
            return
        if self._stopping is not None and self._asked:
            return
        if self._stopping is None and self._thread is not _Paper.NONE:
            if self._thread is _Paper.DUE:
                self._thread = _Paper.ORDERED
                self._out.documents.append(self.job)
            return
        self.settled = True
        for identity in [i for i, owner in self._busy.items() if owner == self.job.id]:
            del self._busy[identity]
        self._out.facts.append(self._settlement())

    def _settlement(self) -> SettleFact:
        if isinstance(self._stopping, Wanted):
            return settlement.obeyed(self.job, self._stopping, backend=self.backend, tried=self.tried)
        missing = self._selection.missing
        if self._improving and missing:
            # The stored file is there all the same: nothing failed
            missing, self._empty = (
                0,
                self._empty or "no better version: the page does not have the file any more",
            )
        error = self._stopping or settlement.verdict(
            self.tally, self._end_error, self._errors, empty=self._empty, missing=missing
        )
        if isinstance(error, NotMedia) and self.job.lane is Lane.TRANSFER:
            # The address looked like a file and is a page: let the engines try
            self._note_tried(f"direct: {error.title.lower()}")
            return settlement.handed_to_engines(self.job, tried=self.tried)
        if self._stopping is None and self._expired(error):
            return settlement.listed_again(self.job, backend=self.backend, tried=self.tried)
        if error is None and not self._left_out:
            self._out.facts.extend(self._if_complete)
        return settlement.ended(
            self.job,
            error,
            self.tally,
            decide=self._decide,
            backend=self.backend,
            tried=self.tried,
            stopped=self._stopping is not None,
            empty=self._empty,
            pages=self._pages,
            walked=self._walked,
            stored=self._stored_now,
            answered=self.job.lane is Lane.RUNNER and self.tally.skipped > 0,
        )
