"""The driver of a terminal in a browser tab: speaks textual-serve's packets, and only it writes to their pipe."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import IO, Any, NamedTuple, cast

from textual._binary_encode import dump
from textual.drivers.web_driver import WebDriver

from mediadl.web.links import may_open

_lock = threading.Lock()


class Pipes(NamedTuple):
    """Where packets come from and go to."""

    incoming: int
    outgoing: int


def take_pipes(pipes: Pipes) -> None:
    """Let Textual's web driver find the packets' pipes, which are not 0 and 1 any more."""
    sys.__stdin__ = cast("IO[Any]", open(pipes.incoming, closefd=False))  # type: ignore[misc, assignment]  # noqa: SIM115
    sys.__stdout__ = cast("IO[Any]", open(pipes.outgoing, "w", closefd=False))  # type: ignore[misc, assignment]  # noqa: SIM115


class LockedWebDriver(WebDriver):
    """Whole packets only, whichever thread writes."""

    def write(self, data: str) -> None:
        """What the terminal shows."""
        self._packet(b"D", data.encode("utf-8", "replace"))

    def write_meta(self, data: dict[str, object]) -> None:
        """What the server is told."""
        self._packet(b"M", json.dumps(data).encode("ascii"))

    def write_binary_encoded(self, data: tuple[str | bytes, ...]) -> None:
        """A part of a file."""
        self._packet(b"P", dump(data))

    def open_url(self, url: str, new_tab: bool = True) -> None:
        """Ask the page to open an address; one that is neither of the web nor a stored file is left alone."""
        if may_open(url):
            super().open_url(url, new_tab)

    def _packet(self, kind: bytes, body: bytes) -> None:
        view = memoryview(kind + len(body).to_bytes(4, "big") + body)
        with _lock:
            while view:
                # A pipe may take less than it was given
                view = view[os.write(self.fileno, view) :]
