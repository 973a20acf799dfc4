"""What waits to be sent to one listener: the newest state of each job, however slowly the listener reads."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from mediadl.security.permissions import Caller, Right

MOST_PLAIN = 1000
"""Messages that take nobody's place; of more, the oldest go, and the listener is told."""


@dataclass(frozen=True)
class News:
    """A message and whom it is for."""

    seq: int
    """Of the newest event it tells of."""
    content: dict[str, Any]
    owner_id: int | None = None
    """Of the job it is about."""
    public: bool = False
    """It is about no job: everybody may hear it."""

    @property
    def event(self) -> str:
        """The word that says what it is."""
        return str(self.content["event"])

    @property
    def job_id(self) -> int | None:
        """The job it is about."""
        found = self.content.get("id")
        return found if isinstance(found, int) else None

    @cached_property
    def text(self) -> str:
        """As it is sent; made once for all listeners."""
        return json.dumps({**self.content, "seq": self.seq}, ensure_ascii=False)


class Mailbox:
    """The queue of one listener. Used on the event loop only."""

    def __init__(self, caller: Caller, events: Collection[str], needs: Right = Right.SEE_OWN) -> None:
        """`events`: the words of the messages that are wanted; `needs`: the right to hear them."""
        self.caller = caller
        self.needs = needs
        self._events = frozenset(events)
        self._latest: dict[tuple[str, int], News] = {}
        """By kind and job; a newer one takes the place of an older one."""
        self._plain: deque[News] = deque()
        self._lost = 0
        self._ready = asyncio.Event()
        self.closed: tuple[int, str] | None = None

    @property
    def waiting(self) -> int:
        """How many messages are held."""
        return len(self._plain) + len(self._latest)

    def put(self, news: News) -> None:
        """Take a message in, if this listener wants it and may see it."""
        if self.closed is not None or news.event not in self._events:
            return
        if not news.public and not may_see(self.caller, news.owner_id):
            return
        if news.job_id is None:
            self._plain.append(news)
            if len(self._plain) > MOST_PLAIN:
                self._plain.popleft()
                self._lost += 1
        else:
            key = (news.event, news.job_id)
            before = self._latest.pop(key, None)
            late = before is not None and before.seq > news.seq
            self._latest[key] = replace(news, seq=before.seq) if before is not None and late else news
        self._ready.set()

    def close(self, code: int, reason: str) -> None:
        """End the listening; what waits is not sent."""
        self.closed = self.closed or (code, reason)
        self._ready.set()

    async def take(self) -> list[str]:
        """What waits, as soon as there is something; nothing once it is closed."""
        await self._ready.wait()
        self._ready.clear()
        if self.closed is not None:
            self._ready.set()
            return []
        # In the order of the journal: who has heard number n has heard everything before it
        waiting = sorted((*self._plain, *self._latest.values()), key=lambda news: news.seq)
        if self._lost and waiting:
            waiting.insert(0, News(waiting[0].seq, {"event": "lost", "count": self._lost}, public=True))
        self._plain.clear()
        self._latest.clear()
        self._lost = 0
        return [news.text for news in waiting]


def may_see(caller: Caller, owner_id: int | None) -> bool:
    """Whether a job of this owner is shown to a caller."""
    return caller.sees_all or (caller.user_id is not None and owner_id == caller.user_id)
