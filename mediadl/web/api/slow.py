"""Requests that take minutes: few at a time, so that the quick ones always find a thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from mediadl.web.api.problems import Refused

AT_ONCE = 2

_turns = threading.BoundedSemaphore(AT_ONCE)


@contextlib.contextmanager
def one_of_few() -> Iterator[None]:
    """Hold one of the few turns.

    Raises:
        Refused: all are taken.
    """
    if not _turns.acquire(blocking=False):
        raise Refused(
            503, "busy", "Busy", "other slow requests are at work", next_step="Ask again.", retry_after_s=10
        )
    try:
        yield
    finally:
        _turns.release()
