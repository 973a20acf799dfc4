"""The runner's side of a subscription: which posts of a source are news, where its list may be left, whose it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mediadl.models import FoundItem
from mediadl.models.schedules import Walk
from mediadl.pipeline.frontier import OVERLAP, THOROUGH, Cursor, Frontier, post_of
from mediadl.pipeline.protocol import Message, SourceOwner, SourceSeen, SourceWalked
from mediadl.security.text import safe_text

FIRST_LOOK = "looked at for the first time: what is new from now on will be fetched"
NOTHING_NEW = "nothing new"
_TOLD_AT_ONCE = 200


class SourceWatch:
    """Watches the posts of one job's source go by. Used from the backend's thread only."""

    def __init__(
        self,
        told: Mapping[str, Any],
        *,
        content_type: str,
        name: str,
        newest_first: bool,
        dated: bool,
        send: Callable[[Message], None],
    ) -> None:
        """`told`: by the daemon; `name`: as the address says; `dated`: only posts of some time are wanted."""
        self.owner_id = str(told.get("owner_id") or "")
        """The site's own id of whoever posts; empty: not known."""
        self._content_type = content_type
        self._name = name
        self._newest_first = newest_first
        self._dated = dated
        self._send = send
        self._cursor = Cursor(tuple(told.get("head") or ()), told.get("floor_at"))
        self._keeps_up = told.get("walk") != Walk.BACKFILL
        self._first = self._keeps_up and bool(told.get("first"))
        self._thorough = bool(told.get("thorough"))
        self._passed = frozenset(told.get("passed") or ())
        self._folder = str(told.get("folder") or "")
        self._names = {str(one).lower() for one in told.get("names") or ()}
        self._owner_told = ("", "")
        self.begin()

    def begin(self) -> None:
        """A backend begins with the list, from its top."""
        self._frontier = Frontier(
            self._cursor, newest_first=self._newest_first, overlap=THOROUGH if self._thorough else OVERLAP
        )
        self._untold: list[tuple[str, float | None, bool]] = []
        self._partial = False
        self._troubled = False
        self.is_a_stranger = False
        """The account's name belongs to somebody else by now."""

    # What the backend sees

    def takes(self, item: FoundItem) -> bool:
        """Whether an item of the list is wanted."""
        return self.comes_by(post_of(item, self._content_type), item.posted_at)

    def comes_by(self, post: str, posted_at: float | None) -> bool:
        """A post of the list; false: nothing of it is wanted."""
        if self.is_a_stranger:
            return False
        is_news = self._frontier.seen(post, posted_at)
        left_out = post in self._passed or (self._keeps_up and (self._first or self._frontier.is_old(post)))
        if is_news:
            self._untold.append((post, posted_at, not left_out))
            if len(self._untold) >= _TOLD_AT_ONCE:
                self._tell()
        return not left_out

    def owner(self, owner_id: str, name: str, *, of_all: bool) -> None:
        """Somebody who posts: the source's owner, by id or (as long as that is not known) by name, or anybody else."""
        name = safe_text(name, limit=200).strip()
        if not owner_id or not name:
            return
        is_named = of_all or name.lower() == self._name.lower()
        if self.owner_id and owner_id != self.owner_id:
            self.is_a_stranger = self.is_a_stranger or is_named
        elif (self.owner_id or is_named) and (owner_id, name) != self._owner_told:
            self.owner_id = owner_id
            self._owner_told = (owner_id, name)
            self._names.add(name.lower())
            self._send(SourceOwner(owner_id, name))

    def failed(self, identity: str) -> None:
        """An item could not be had; without being listed, its post may be there all the same."""
        self._troubled = self._troubled or not identity

    def cut_short(self) -> None:
        """The list has more than this way shows."""
        self._partial = True

    # What comes of it

    @property
    def has_enough(self) -> bool:
        """Whether the rest of the list brings nothing new."""
        if self.is_a_stranger:
            return True
        return self._keeps_up and (self._frontier.reached or (self._first and self._frontier.has_a_head))

    def placed(self, item: FoundItem) -> FoundItem:
        """The item in the folder that the source's files are kept in, whatever it calls itself now."""
        is_its_own = bool(self._folder) and item.source.lower() in self._names
        return replace(item, folder=self._folder) if is_its_own else item

    def walked(self, *, stopped: bool) -> None:
        """The list was walked; `stopped`: not to its end."""
        self._tell()
        # A list that had posts and shows none proves nothing
        ended = not stopped and not self._partial and not (self.is_empty and self._cursor.head)
        cursor = self._frontier.next_cursor()
        self._send(
            SourceWalked(
                complete=ended or self.has_enough,
                full=ended and not self._dated and not self._troubled,
                head=cursor.head,
                floor_at=cursor.floor_at,
                missing=self._frontier.missing() if self._keeps_up else (),
            )
        )

    @property
    def is_empty(self) -> bool:
        """Whether no post came by."""
        return not self._frontier.posts

    @property
    def words(self) -> str:
        """What there is to say when nothing was taken; empty: nothing came by."""
        if self.is_empty:
            return ""
        return FIRST_LOOK if self._first else NOTHING_NEW

    def _tell(self) -> None:
        posts, self._untold = tuple(self._untold), []
        if posts:
            self._send(SourceSeen(posts))
