"""The process that terminals are forked from: it has imported all of the screens, once, and they share that memory.

It has no threads and opens nothing of the user's, so that what is forked from it starts as if it were new. It listens
to the server on one socket and ends with it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pkgutil
import select
import signal
import socket
import sys

from mediadl.web.child import show_ticket, take_ends
from mediadl.web.parent_watch import die_with_parent

SOCKET_VARIABLE = "MEDIADL_WEB_NURSERY"
"""Names the descriptor of the socket to the server."""

_PACKAGES = ("mediadl.screens", "mediadl.widgets", "mediadl.service")
_FURTHER = ("mediadl.web.child_app", "mediadl.modules.options", "mediadl.workers.event_feed")
_LONGEST = 64


def main() -> int:
    """Fork a child whenever the server asks, until it is gone; the exit code."""
    descriptor = os.environ.pop(SOCKET_VARIABLE, "")
    if not descriptor.isdecimal():
        return 2
    server = socket.socket(fileno=int(descriptor))
    parent = os.getppid()
    if not die_with_parent(parent):
        return 0
    _import_all()
    gc.collect()
    gc.freeze()
    while True:
        readable, _, _ = select.select([server], [], [], 1.0)
        _reap()
        if not readable:
            continue
        words, descriptors, _, _ = socket.recv_fds(server, _LONGEST, 2)
        if not words:
            return 0
        if len(descriptors) == 2:
            _fork(server, words, descriptors)
        for one in descriptors:
            os.close(one)


def _fork(server: socket.socket, words: bytes, descriptors: list[int]) -> None:
    columns, _, rows = words.decode("ascii").partition(" ")
    own = os.getpid()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            server.close()
            os.setsid()
            os.environ |= {"COLUMNS": columns, "LINES": rows, "ROWS": rows}
            take_ends(*descriptors)
            code = show_ticket(own)
        finally:
            # Never back into the loop above, whatever happened
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.flush()
            os._exit(code)
    # With a handle on it the number can be nobody else's
    handle = os.pidfd_open(pid)
    socket.send_fds(server, [str(pid).encode("ascii")], [handle])
    os.close(handle)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _import_all() -> None:
    for package in _PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(found.name)
    for name in _FURTHER:
        importlib.import_module(name)
    importlib.import_module("mediadl.modules.options").schema()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(main())
