"""Ends this process when the server that started it is gone, however that happened."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading
from collections.abc import Callable

_SET_PARENT_DEATH_SIGNAL = 1
_TIDY_S = 0.8
"""How long a tidy end may take."""


def die_with_parent(parent: int) -> bool:
    """Let the kernel kill this process when its parent dies; false when it is gone already.

    Call it first thing: `parent` is the id that the parent gave as its own.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    return os.getppid() == parent


def watch_pipe(descriptor: int, leave: Callable[[], object]) -> threading.Thread:
    """Call `leave` when the other end of a pipe is closed, and end the process by force soon after.

    Nothing is read: whoever reads the pipe goes on doing so.
    """

    def watch() -> None:
        poll = select.poll()
        poll.register(descriptor, 0)
        while not any(
            event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll()
        ):
            pass
        timer = threading.Timer(_TIDY_S, os._exit, (0,))
        timer.daemon = True
        timer.start()
        leave()

    thread = threading.Thread(target=watch, name="parent-watch", daemon=True)
    thread.start()
    return thread
