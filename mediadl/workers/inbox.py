"""News on its way to the thread that decides; anybody may put something in, a signal handler too."""

from __future__ import annotations

import queue

_NOTHING = object()


class Inbox(queue.SimpleQueue[object]):
    """Read by one thread with `next`."""

    def next(self, timeout_s: float) -> object | None:
        """The next message; None when there was none in time, or `wake` came first."""
        try:
            message = self.get(timeout=timeout_s)
        except queue.Empty:
            return None
        return None if message is _NOTHING else message

    def wake(self) -> None:
        """End a wait. Every signal handler of the reading thread has to call it.

        A `get` that a handler interrupts until its time is over waits for ever otherwise (CPython 3.11).
        """
        self.put(_NOTHING)
