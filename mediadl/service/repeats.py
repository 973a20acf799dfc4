"""Requests that may be sent twice: the second gets the answer of the first, and nothing is done again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mediadl.errors import InvalidInput, MediadlError
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks
from mediadl.store import api_answers

if TYPE_CHECKING:
    from mediadl.service import Services


class KeyReused(InvalidInput):
    """A key was sent with another request before."""

    title = "Key used before"


class StillAtWork(MediadlError):
    """The first request with this key has no answer yet, or whoever worked on it has died."""

    title = "Still at work"
    next_step = "Look at the queue whether its jobs are there; then use another key."


class RepeatService(Verbs):
    """The keys of the requests of one caller."""

    def __init__(self, services: Services, clock: Callable[[], float] = time.time) -> None:
        self._services = services
        self._clock = clock

    @asks(Right.ADD)
    def once(self, key: str, digest: bytes, act: Callable[[], tuple[int, str]]) -> tuple[int, str, bool]:
        """Do something, or tell what came of it when it was done with this key before.

        Args:
            key: what the caller calls the request.
            digest: of the request; the same key with another one is refused.
            act: does it, and gives the status and the text that are kept; not called in a transaction.

        Returns:
            Status, text, and whether it was done before.

        Raises:
            KeyReused: the key belongs to another request.
            StillAtWork: there is no answer yet.
        """
        store = self._services.store
        caller = self.caller
        who = str(caller.user_id) if caller.user_id is not None else caller.session_id
        with store.write() as tx:
            kept = api_answers.begin(tx, who, key, digest, self._clock())
        if kept is not None:
            if kept.digest != digest:
                raise KeyReused(
                    "this key was sent with another request", next_step="Take a new key for each request."
                )
            if not kept.status:
                raise StillAtWork("the first request with this key has no answer yet")
            return kept.status, kept.body, True
        try:
            status, body = act()
        except BaseException:
            with store.write() as tx:
                api_answers.drop(tx, who, key)
            raise
        with store.write() as tx:
            api_answers.finish(tx, who, key, status, body)
        return status, body, False
