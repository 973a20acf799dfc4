"""What a job would fetch and what it would leave out, with the rule that decided: listed, never downloaded.

The list is remembered for a day, so that `mediadl add URL --pick 3,7` means the items that had these numbers.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import DownloadError, InvalidInput, NotFound, RateLimited
from mediadl.models import FoundItem, Identity, Job, JobRequest, JobStatus, Lane, MediaKind, Wanted
from mediadl.security.permissions import Right
from mediadl.service.intake import AddOptions, requests
from mediadl.service.limits import within_limits
from mediadl.service.rights import Verbs, asks

if TYPE_CHECKING:
    from mediadl.pipeline.protocol import Tried
    from mediadl.service import Services
    from mediadl.workers.previewer import Looked, Previewer

MOST = 200
"""Items listed unless another number is asked for."""

FETCHED_BEFORE = "fetched before"

_KEPT_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of a preview."""

    number: int
    """Place in the list, from 1; what `--pick` means."""
    names: tuple[Identity, ...]
    title: str
    kind: MediaKind
    size_bytes: int | None
    duration_s: float | None
    posted_at: float | None
    source: str
    page_url: str
    why: str
    """The rule that leaves it out, in words; empty: it is accepted."""

    @property
    def accepted(self) -> bool:
        """Whether a job would fetch it."""
        return not self.why


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a preview ended."""

    title: str
    items: tuple[Listed, ...]
    trouble: DownloadError | None
    """Why the list is not whole, or empty."""
    unreadable: int
    """Posts that could not be read."""
    more: bool
    """The list was ended; there may be more."""
    said: str
    """What the site said that plainly has nothing."""
    tried: tuple[Tried, ...] = ()
    """How each backend did that was asked."""

    @property
    def accepted(self) -> int:
        """How many a job would fetch."""
        return sum(one.accepted for one in self.items)


class Look:
    """One preview: `run` works in the caller's thread, `stop` may come from any other."""

    def __init__(
        self,
        services: Services,
        request: JobRequest,
        most: int,
        leaves: Callable[[FoundItem], str] | None = None,
    ) -> None:
        from mediadl.pipeline.filters import Selection

        self.request = request
        self._services = services
        self._most = most
        self._selection = Selection(request.options)
        self._leaves = leaves
        self._force = bool(request.options.get("force"))
        self._items: list[Listed] = []
        self._accepted = 0
        self._listed: set[Identity] = set()
        self._heard: Callable[[Listed], None] = lambda _listed: None
        self._more = False
        self._previewer: Previewer | None = None
        self._stopped = False

    def run(
        self,
        heard: Callable[[Listed], None] | None = None,
        told: Callable[[str], None] | None = None,
    ) -> Outcome:
        """List. `heard` gets each item as it comes, `told` what is going on.

        Raises:
            RateLimited: the site rests.
            InvalidInput: settings that cannot be used.
        """
        from mediadl.pipeline import preview_folder

        self._heard = heard or self._heard
        if self.request.lane is Lane.TRANSFER:
            return self._of_file()
        self._refuse_resting()
        with preview_folder.private(self._services.home.create().run) as root:
            looked = self._look(root, told or (lambda _note: None))
        return self._outcome(looked)

    def stop(self) -> None:
        """End it soon, with what was found so far."""
        self._stopped = True
        if self._previewer is not None:
            self._previewer.stop()

    # The listing

    def _of_file(self) -> Outcome:
        from mediadl.modules import direct, registry

        self._seen(direct.item(registry.match(self.request.url, direct.Direct.name)))
        remember(self._services, self.request, self._items)
        return Outcome(self.request.title, tuple(self._items), None, 0, more=False, said="")

    def _look(self, root: Path, told: Callable[[str], None]) -> Looked:
        from mediadl.workers.previewer import Looked, Previewer

        self._previewer = Previewer(
            self._services.home,
            self._services.store,
            _job(self.request),
            self._services.settings.values(),
            root,
            seen=self._seen,
            told=told,
        )
        if self._stopped:
            return Looked(stopped=True)
        return self._previewer.run()

    def _refuse_resting(self) -> None:
        from mediadl.store import sites

        state = sites.get(self._services.store.read(), self.request.site)
        left_s = (state.cooldown_until or 0.0) - time.time()
        if left_s > 0:
            raise RateLimited(
                f"{self.request.site} rests for {max(1, round(left_s / 60))} more minutes",
                retry_after_s=left_s,
                next_step="Look again then; a job waits by itself.",
            )

    def _seen(self, item: FoundItem) -> bool:
        """Take an item in; false: nothing more is wanted."""
        if not self._listed.isdisjoint(item.names):
            return True
        refusal = self._selection.refusal(item, self._accepted)
        if refusal is not None and not refusal.by_rule:
            self._more = True
            return False
        if len(self._items) >= self._most:
            self._more = True
            return False
        self._listed.update(item.names)
        # Every item is shown to a subscription, which knows its place by what came before
        left = self._leaves(item) if self._leaves is not None else ""
        why = refusal.why if refusal is not None else left or self._known(item.names)
        listed = _listed(len(self._items) + 1, item, why)
        self._items.append(listed)
        self._accepted += refusal is None and not left
        self._heard(listed)
        return True

    def _known(self, names: Collection[Identity]) -> str:
        from mediadl.store import archive

        known = not self._force and archive.known(self._services.store.read(), names)
        return FETCHED_BEFORE if known else ""

    def _outcome(self, looked: Looked) -> Outcome:
        from mediadl.errors import NoMedia

        error = None if looked.stopped else looked.error
        if isinstance(error, NoMedia) and (self._items or looked.empty):
            error = None
        if self._items:
            remember(self._services, self.request, self._items)
        return Outcome(
            looked.title or self.request.title,
            tuple(self._items),
            error,
            len(looked.failed),
            more=self._more or looked.stopped,
            said=looked.empty,
            tried=tuple(looked.tried),
        )


class PreviewService(Verbs):
    """Looks at what an address would give."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @asks(Right.ADD)
    def begin(
        self,
        text: str,
        options: AddOptions,
        *,
        most: int = MOST,
        leaves: Callable[[FoundItem], str] | None = None,
    ) -> Look:
        """A look at one address, checked like a job; nothing is asked yet.

        `leaves` is shown every item in the order of the list and says why a subscription leaves it out, if it does.

        Raises:
            InvalidInput: not exactly one address, or a bad option.
            Unsupported: the platform asked for does not know it.
        """
        return Look(self._services, _only(text, within_limits(self._services, options)), most, leaves)

    @asks(Right.ADD)
    def picked(self, text: str, options: AddOptions, numbers: Sequence[int]) -> AddOptions:
        """The options with the items that had these numbers in the last preview of the address.

        Raises:
            NotFound: no preview of it is remembered, or it has no such number.
            InvalidInput: not exactly one address.
        """
        request = _only(text, replace(options, filters={}))
        names = _remembered(self._services, request)
        if not names:
            raise NotFound(
                f"no preview of {request.url} is remembered",
                next_step="mediadl add --preview URL shows the numbers.",
            )
        bad = [number for number in numbers if not 1 <= number <= len(names)]
        if bad:
            raise NotFound(
                f"the preview has no number {bad[0]}", next_step=f"It has 1 to {len(names)}: pick of these."
            )
        return replace(options, pick=tuple(names[number - 1] for number in numbers))


def remember(services: Services, request: JobRequest, items: Sequence[Listed]) -> None:
    """Keep the numbers of a list for a day."""
    file = _memory_file(services, request)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in file.parent.iterdir():
        if time.time() - old.stat().st_mtime > _KEPT_S:
            old.unlink(missing_ok=True)
    names = [[[name.site, name.id, name.index] for name in one.names] for one in items]
    part = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump({"items": names}, stream)
    part.replace(file)


def _remembered(services: Services, request: JobRequest) -> list[tuple[Identity, ...]]:
    file = _memory_file(services, request)
    try:
        if time.time() - file.stat().st_mtime > _KEPT_S:
            return []
        stored = json.loads(file.read_bytes())["items"]
        return [tuple(Identity(str(s), str(i), int(n)) for s, i, n in names) for names in stored]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # none yet, or half of one after a power cut: the caller says how to make it


def _memory_file(services: Services, request: JobRequest) -> Path:
    named = f"{request.platform}\n{request.url}\n{request.content_type}"
    return services.home.run / "previews" / f"{hashlib.sha256(named.encode()).hexdigest()[:32]}.json"


def _only(text: str, options: AddOptions) -> JobRequest:
    asked = requests([text], options)
    if len(asked) != 1:
        raise InvalidInput(
            f"a preview takes one address, not {len(asked)}", next_step="Give them one by one."
        )
    return asked[0]


def _listed(number: int, item: FoundItem, why: str) -> Listed:
    return Listed(
        number,
        item.names,
        item.title,
        item.kind,
        item.size_bytes,
        item.duration_s,
        item.posted_at,
        item.source,
        item.page_url,
        why,
    )


def _job(request: JobRequest) -> Job:
    """The job that was never added."""
    now = time.time()
    return Job(
        id=0, url=request.url, platform=request.platform, site=request.site, lane=request.lane,
        content_type=request.content_type, title=request.title, status=JobStatus.ACTIVE, wanted=Wanted.RUN,
        priority=request.priority, position=0.0, options=dict(request.options), trusted=request.trusted, reason="",
        message="", not_before=None, backend="", tried="", attempts=1, max_attempts=1, fence=0,
        assigned_worker="", progress=0.0, bytes_done=0, bytes_total=None, speed_bytes_per_s=0.0, items_total=None,
        items_stored=0, items_skipped=0, items_failed=0, created_at=now, started_at=now, finished_at=None,
        estimated_completion=None,
    )  # fmt: skip
