"""What all ways of listing share: whose posts count, dates, and the end of what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mediadl.models import FoundItem
from mediadl.modules.base import Reporter, Task
from mediadl.modules.instagram.media import MediaRef, item

PINNED = 3
"""An account shows so many posts first, whatever their age."""
_OWN = frozenset({"posts", "reels", "stories", "highlights", "avatar"})


class Listing:
    """Takes the files of one backend's list and reports those that count."""

    def __init__(
        self, task: Task, reporter: Reporter, backend: str, headers: Mapping[str, str] | None = None
    ):
        self._task = task
        self._reporter = reporter
        self._backend = backend
        self._headers = dict(headers or {})
        self._owner = task.target.source
        self._older: set[str] = set()
        self.others = 0
        """Files left out because their post is another account's (collaborations)."""
        self.seen = 0

    def take(self, refs: Iterable[MediaRef]) -> bool:
        """Report files in the order of the list; False: nobody wants what comes after them."""
        for ref in refs:
            if self._reporter.stopped():
                return False
            self.seen += 1
            if self._of_another(ref):
                self.others += 1
                continue
            found = item(ref, owner=self._owner, headers=self._headers, backend=self._backend)
            if not self._in_dates(ref, found):
                if len(self._older) > PINNED:
                    return False
                continue
            self._reporter.found(found)
        return not self._reporter.stopped()

    def _of_another(self, ref: MediaRef) -> bool:
        mine = self._task.target.content_type in _OWN and self._owner
        return bool(mine and ref.owner and ref.owner != self._owner)

    def _in_dates(self, ref: MediaRef, found: FoundItem) -> bool:
        posted, since, until = found.posted_at, self._task.since, self._task.until
        if posted is None:
            return True
        if since is not None and posted < since:
            self._older.add(ref.unit)
            return False
        return until is None or posted <= until
