"""How far the list of a source must be walked: until a stretch of it was at its top before. Pure.

The head of a source is what stood at the top of its list when everything below was known. A list begins with what is
new, but for a few pinned posts of any age; what it has lost since is seen where it used to be.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mediadl.models import FoundItem

PINNED = 3
"""A list may begin with so many posts of any age; they neither reach the frontier nor set it."""

OVERLAP = 3
"""So many posts in a row must be known for the rest to be."""

HEAD = 24
"""So many posts are remembered: as many may vanish, less the overlap and the pinned ones, before it is not found."""

THOROUGH = HEAD - 2 * PINNED
"""So many in a row are looked at now and then: only so is seen what vanished from among them."""

_PROOF = 8
"""So many posts in order of time are no accident."""

_EACH_ITS_OWN = frozenset({"stories", "highlights", "avatar"})
"""Content types whose items belong to no post."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a source is known."""

    head: tuple[str, ...] = ()
    """Newest first."""
    floor_at: float | None = None
    """When the oldest post of it was posted, the first few aside: nothing older is new. None: nobody knows."""


def post_of(item: FoundItem, content_type: str = "") -> str:
    """The post that an item belongs to, the same whichever backend finds it and whatever the account is called."""
    identity = item.identity
    code = item.metadata.get("post_shortcode")
    if content_type in _EACH_ITS_OWN:
        return str(identity)
    return f"{identity.site}:{code if isinstance(code, str) and code else identity.id}"


class Frontier:
    """Watches the posts of one walk go by."""

    def __init__(self, cursor: Cursor, *, newest_first: bool, overlap: int = OVERLAP) -> None:
        self._cursor = cursor
        self._known = frozenset(cursor.head)
        self._newest_first = newest_first
        self._overlap = overlap
        self._seen: dict[str, float | None] = {}
        self._in_a_row = 0
        self._reached = False

    def seen(self, post: str, posted_at: float | None) -> bool:
        """The next post of the list; false when it came by before."""
        if post in self._seen:
            return False
        self._seen[post] = posted_at
        if len(self._seen) > PINNED:
            self._in_a_row = self._in_a_row + 1 if self.is_old(post) else 0
            self._reached = self._reached or self._in_a_row >= self._overlap
        return True

    def is_old(self, post: str) -> bool:
        """Whether a post that came by was there when everything was known."""
        floor, posted_at = self._cursor.floor_at, self._seen.get(post)
        is_older = floor is not None and posted_at is not None and posted_at < floor
        return post in self._known or (self._newest_first and is_older)

    @property
    def reached(self) -> bool:
        """Whether everything that follows is known."""
        return self._newest_first and self._reached

    @property
    def has_a_head(self) -> bool:
        """Whether enough was seen to recognize the top of the list next time."""
        return self._newest_first and len(self._seen) >= HEAD

    @property
    def posts(self) -> int:
        """How many posts came by."""
        return len(self._seen)

    def missing(self) -> tuple[str, ...]:
        """Posts of the old head that are gone from between two of its posts that are still there."""
        places = self._places()
        if not self._newest_first or not places:
            return ()
        between = self._cursor.head[max(PINNED, min(places)) : places[-1]]
        return tuple(post for post in between if post not in self._seen)

    def next_cursor(self) -> Cursor:
        """What is at the top now, as far as the walk got, then what is known to be below.

        Posts that are missing stay in their places: another walk will tell whether they are gone.
        """
        head, old, places = list(self._seen), self._cursor.head, self._places()
        for post in self.missing():
            before = old[old.index(post) - 1]
            if before in head:
                head.insert(head.index(before) + 1, post)
        below = old[places[-1] + 1 :] if places else ()
        head = [*head, *(post for post in below if post not in self._seen)][:HEAD]
        return Cursor(tuple(head), self._floor(head))

    def _places(self) -> list[int]:
        """Where in the old head the posts of the walk were, in the order of the walk; the first few may be pinned."""
        at = {post: place for place, post in enumerate(self._cursor.head)}
        return [at[post] for post in list(self._seen)[PINNED:] if post in at]

    def _floor(self, head: Sequence[str]) -> float | None:
        """The oldest moment among the posts of a head, the first few aside; None when they are not in order of time."""
        seen = [self._seen[post] for post in head[PINNED:] if post in self._seen]
        times = [at for at in seen if at is not None]
        if len(times) < len(seen) or any(newer < older for newer, older in itertools.pairwise(times)):
            return None
        if len(seen) == len(head[PINNED:]):
            return times[-1] if len(times) >= _PROOF else None
        floor = self._cursor.floor_at
        return floor if floor is not None and (not times or floor <= times[-1]) else None


def without(head: Iterable[str], gone: Iterable[str]) -> tuple[str, ...]:
    """A head without posts that are gone for good."""
    lost = frozenset(gone)
    return tuple(post for post in head if post not in lost)
