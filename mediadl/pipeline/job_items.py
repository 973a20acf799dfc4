"""The items of one run: which are taken, held, handed over or left out, and how each ended.

Part of `job_run.JobRun`: no threads, no clock, no I/O either.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from mediadl.errors import Action, DownloadError, Forbidden, LoginNeeded, NotBetter, NotMedia, from_dict
from mediadl.models import FoundItem, Identity, ItemState, Job, Lane
from mediadl.pipeline import filters
from mediadl.pipeline.conditions import Conditions
from mediadl.pipeline.facts import AnsweredFact, ItemFact, Missing, Outbox, StoredFact
from mediadl.pipeline.frontier import post_of
from mediadl.pipeline.meter import Meter, Tally
from mediadl.pipeline.protocol import (
    Answer,
    Enough,
    Fetch,
    Ingest,
    Known,
    Made,
    Stored,
    TransferFailed,
    TransferProgress,
)

WINDOW = 128
"""Transfers of one job that are handed over at the same time; the rest waits here."""

ANSWERED_BYTES = 1 << 20
"""A plain file of which so much is there came from a site that answers."""


class JobItems:
    """What one run found. The run sets `listening` (a runner hears answers) and `closed` (the run is being ended)."""

    def __init__(
        self,
        job: Job,
        conditions: Conditions,
        busy: dict[Identity, int],
        outbox: Outbox,
        stop: Callable[[DownloadError], None],
    ) -> None:
        """`busy`: identities being fetched now, by job; shared by all runs, so that two never fetch the same file."""
        self._job = job
        self._is = conditions
        self._busy = busy
        self._out = outbox
        self._stop = stop
        self._fetching: dict[str, FoundItem] = {}
        self._asked: dict[int, FoundItem] = {}
        """Items the engine is downloading itself."""
        self._backlog: deque[FoundItem] = deque()
        self._held: list[tuple[FoundItem, bool]] = []
        """Items another job is fetching right now; the flag says that the runner waits for an answer."""
        self._selection = filters.Selection(job.options)
        # What a person picked is fetched even if it was before
        self._force = bool(job.options.get("force")) or self._selection.by_hand
        self._seen: set[Identity] = set()
        self._enough = False
        self._of_source = "subscription" in job.options
        """Only new items count."""
        self._fresh = 0
        self._answered = not conditions.careful
        self.listening = False
        self.closed = False
        self.improving = "improve" in job.options
        """Better versions of stored files are looked for."""
        self.count = 0
        """Items seen and wanted; each may have several identities."""
        self.title = ""
        """Of the first item."""
        self.left_out = False
        """Some item was not wanted."""
        self.cut = ""
        """The first post that was one too many."""
        self.owed: list[Missing] = []
        """What could not be had for reasons that may pass."""
        self.errors: list[DownloadError] = []
        self.stored_now = 0
        """By this very run."""
        self.meter = Meter()
        self.tally = Tally()
        self.backend = ""
        self.known: FoundItem | None = None
        """The one file of a direct job with the cookies of an account, for when visitors do not get it."""
        self.account = ""
        """Whose cookies a direct job goes out with, or would."""
        self.login_refused: DownloadError | None = None
        """What the site said to a direct job that went out with an account."""

    # What the runner says

    def take(self, item: FoundItem, *, asked: bool) -> None:
        """An item was found. `asked`: the engine would download it itself, and waits for an answer."""
        if self.closed:
            return
        if not self._seen.isdisjoint(item.names):
            if asked:
                self._answer(item.n, take=False)
            return
        refusal = self._selection.refusal(item, self._taken)
        if refusal is not None and (refusal.by_rule or not (self._of_source and self._is_here(item))):
            self._refuse(item, refusal, asked=asked)
            return
        if not self.count:
            self.title = item.title
        self._seen.update(item.names)
        self.count += 1
        self._place(item, asked=asked)
        if self._selection.by_hand and not self._held:
            self._enough_listed()

    def made(self, message: Made) -> None:
        """The engine finished a file."""
        item = self._asked.pop(message.n, None)
        self.meter.engine_ended(message.n)
        if item is not None and not self.closed:
            self._order(item, lambda: self._is.ingest(self._job, item, message))

    def engine_failed(self, n: int, error: DownloadError, identity: str = "") -> None:
        """The engine could not have an item."""
        item = self._asked.pop(n, None)
        self.meter.engine_ended(n)
        if item is not None:
            self._release(item)
            self._failed(item, error)
        elif not self.closed:
            # A post that the engine could not read at all: no item to blame, yet not a success
            self.tally.failed += 1
            self.errors.append(error)
            self._owe(error, Missing("", identity or error.message, error.message))

    def runner_gone(self) -> None:
        """Nobody downloads or waits for answers any more."""
        self.listening = False
        for item in self._asked.values():
            self._release(item)
        self._asked.clear()
        self._held = [(item, asked) for item, asked in self._held if not asked]

    # What the transfer child says

    def moved(self, message: TransferProgress) -> None:
        """A transfer got further."""
        if message.key not in self._fetching:
            return
        self.meter.transfer_moved(message)
        if not self._answered and message.done_bytes >= ANSWERED_BYTES and self._job.lane is Lane.TRANSFER:
            self._answered = True
            self._out.facts.append(AnsweredFact(self._job))

    def ended(self, message: Stored | TransferFailed) -> None:
        """A transfer is over."""
        item = self._fetching.pop(message.key, None)
        if item is None:
            return
        self.meter.ended(message.key)
        self._release(item)
        if isinstance(message, Stored):
            self.tally.stored += 1
            self.stored_now += 1
            self.meter.stored_bytes += message.file.size_bytes
            self._out.facts.append(StoredFact(self._job, item, message.file, self.backend))
        else:
            error = from_dict(message.error)
            if not self._again_as_account(item, error):
                self._failed(item, error)
        self._fill()

    def resubmit(self, key: str) -> None:
        """Hand a transfer over again."""
        item = self._fetching.pop(key, None)
        if item is not None:
            self._fetch(item)

    def drop(self, key: str, error: DownloadError) -> None:
        """Give a transfer up."""
        item = self._fetching.pop(key, None)
        if item is not None:
            self._release(item)
            self._failed(item, error)

    def let_go_of_transfers(self) -> None:
        """The transfer child has none of them any more."""
        for item in self._fetching.values():
            self._release(item)
        self._fetching.clear()

    # What the run wants

    def recheck_held(self) -> None:
        """Another job finished something: items held for it may go on."""
        held, self._held = self._held, []
        for item, asked in held:
            self._place(item, asked=asked)

    def close(self) -> None:
        """Take nothing more, and forget what was not handed over."""
        self.closed = True
        for item in self._backlog:
            self._release(item)
        self._backlog.clear()
        self._held.clear()

    def release_all(self) -> None:
        """Let other jobs have everything that this one had for itself."""
        for identity in [one for one, owner in self._busy.items() if owner == self._job.id]:
            del self._busy[identity]

    # How far they are

    @property
    def missing(self) -> int:
        """Picked items that did not come by."""
        return self._selection.missing

    @property
    def backlog(self) -> int:
        """Items found but not handed over yet."""
        return len(self._backlog)

    @property
    def held(self) -> bool:
        """Whether some wait for another job."""
        return bool(self._held)

    @property
    def with_engine(self) -> int:
        """Items that the engine is downloading itself."""
        return len(self._asked)

    def is_with_engine(self, n: int) -> bool:
        """Whether the engine is downloading this one."""
        return n in self._asked

    @property
    def fetching(self) -> dict[str, FoundItem]:
        """What the transfer child has, by key."""
        return self._fetching

    @property
    def seen(self) -> int:
        """Items that came by, left out ones included."""
        return self.count + self.tally.refused

    def urls(self) -> Iterator[str]:
        """Addresses of what is not here yet."""
        return (item.url for item in (*self._fetching.values(), *self._backlog))

    # Deciding

    def _refuse(self, item: FoundItem, refusal: filters.Refusal, *, asked: bool) -> None:
        """Leave an item out, and write down which rule said so."""
        self.left_out = True
        if refusal.by_rule:
            self._seen.update(item.names)
            self.tally.refused += 1
            self._out.facts.append(
                ItemFact(self._job, item, ItemState.SKIPPED, filters.FILTERED, refusal.why)
            )
        elif not self.cut:
            self.cut = post_of(item, self._job.content_type)
        self._enough_listed()
        if asked:
            self._answer(item.n, take=False)

    @property
    def _taken(self) -> int:
        """Items that count towards the most that are wanted."""
        return self._fresh if self._of_source else self.count

    def _is_here(self, item: FoundItem) -> bool:
        return any(name in self._is.stored_before or self._is.known(name) for name in item.names)

    def _owe(self, error: DownloadError, missing: Missing) -> None:
        """Note what may be had another time."""
        if error.action is not Action.STOP and not isinstance(error, NotMedia):
            self.owed.append(missing)

    def _place(self, item: FoundItem, *, asked: bool) -> None:
        """Skip it, hold it, hand it over or let the engine have it."""
        owner = next((self._busy[name] for name in item.names if name in self._busy), None)
        stored = next((name for name in item.names if name in self._is.stored_before), None)
        if stored is not None:
            self._fresh += 1
            self.tally.stored += 1
            self.meter.stored_bytes += self._is.stored_before[stored]
            if asked:
                self._answer(item.n, take=False)
        elif owner is not None and owner != self._job.id:
            self._held.append((item, asked))
        elif not self._force and any(map(self._is.known, item.names)):
            self._fetched_before(item, asked=asked)
        elif asked and self.improving:
            self._not_better(item, "only the engine itself can fetch it: another file than the stored one")
            self._answer(item.n, take=False)
        else:
            self._fresh += 1
            self._busy.update(dict.fromkeys(item.names, self._job.id))
            self._out.facts.append(ItemFact(self._job, item, ItemState.ACTIVE))
            if asked:
                self._asked[item.n] = item
                self._answer(item.n, take=True)
            else:
                self._backlog.append(item)
                self._fill()

    def _fetched_before(self, item: FoundItem, *, asked: bool) -> None:
        self.tally.skipped += 1
        words = "fetched before; --force fetches it again"
        self._out.facts.append(ItemFact(self._job, item, ItemState.SKIPPED, "archived", words))
        if asked:
            self._answer(item.n, take=False)
        if self.listening:
            self._out.runner_messages.append((self._job.id, Known(item.n)))

    def _fill(self) -> None:
        while self._backlog and len(self._fetching) < WINDOW and not self.closed:
            self._fetch(self._backlog.popleft())

    def _fetch(self, item: FoundItem) -> None:
        self._order(item, lambda: self._is.fetch(self._job, item))

    def _order(self, item: FoundItem, make: Callable[[], Fetch | Ingest]) -> None:
        try:
            order = make()
        except DownloadError as error:
            self._release(item)
            self._failed(item, error)
            return
        self._fetching[order.key] = item
        self._out.transfers.append(order)

    def _failed(self, item: FoundItem, error: DownloadError) -> None:
        if self.closed:
            return
        if isinstance(error, NotBetter):
            self._not_better(item, error.message)
            return
        a_page_after_all = isinstance(error, NotMedia) and self._job.lane is Lane.TRANSFER
        if item.gate and isinstance(error, Forbidden | LoginNeeded):
            # Files for members only: others of the same page are for everyone
            error = LoginNeeded(item.gate)
        elif error.action in {Action.PAUSE_SITE, Action.WAIT} or a_page_after_all:
            # Nothing else of this job would fare better: stop all of it
            self._stop(error)
            return
        self.tally.failed += 1
        self.errors.append(error)
        post = post_of(item, self._job.content_type)
        self._owe(error, Missing(post, str(item.identity), item.title or item.page_url))
        self._out.facts.append(ItemFact(self._job, item, ItemState.FAILED, error.kind, error.message))

    def _not_better(self, item: FoundItem, why: str) -> None:
        """A stored file stays as it is."""
        self.tally.skipped += 1
        self.tally.not_better += 1
        self._out.facts.append(ItemFact(self._job, item, ItemState.SKIPPED, NotBetter.kind, why))

    def _again_as_account(self, item: FoundItem, error: DownloadError) -> bool:
        """Whether a file that visitors do not get is asked for with the cookies of an account now."""
        if self._job.lane is not Lane.TRANSFER or not self.account or self.closed:
            return False
        known, self.known = self.known, None
        if known is None:
            if isinstance(error, LoginNeeded):
                self.login_refused = error
            return False
        if not isinstance(error, LoginNeeded | Forbidden | NotMedia):
            return False
        self._busy.update(dict.fromkeys(item.names, self._job.id))
        self._backlog.append(replace(known, n=item.n + 1))
        return True

    def _release(self, item: FoundItem) -> None:
        for name in item.names:
            if self._busy.get(name) == self._job.id:
                del self._busy[name]

    def _enough_listed(self) -> None:
        if not self._enough and self._selection.is_complete(self._taken) and self.listening:
            self._enough = True
            self._out.runner_messages.append((self._job.id, Enough()))

    def _answer(self, n: int, *, take: bool) -> None:
        self._out.runner_messages.append((self._job.id, Answer(n, take)))
