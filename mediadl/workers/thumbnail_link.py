"""A screen's side of the thumbnail child: starts it, hands it opened files, ends it when it crashes or hangs."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from enum import StrEnum

from mediadl.workers.thumbnail_child import ANSWER, ORDER, Form, Medium, Verdict

TIMEOUT_S = 12.0
"""Longest time for one file, the start of a child included."""

_MAX_PAYLOAD = 64 << 20
_PASSED_ON = (
    "PATH",
    "LANG",
    "LC_ALL",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONDONTWRITEBYTECODE",
    "LD_LIBRARY_PATH",
)
"""Of the environment; the rest may hold secrets."""

_SIXEL = re.compile(rb'[0-9;#!"$\-?-~]*')


class Trouble(StrEnum):
    """Why there is no picture, in the words of a tile."""

    MISSING = "missing"
    NOT_A_FILE = "not a file"
    FORBIDDEN = "not readable"
    EMPTY = "empty file"
    BROKEN = "broken"
    UNKNOWN = "no preview"
    TOO_LARGE = "too large"
    TOO_SLOW = "too slow"
    CRASHED = "unreadable"
    CANCELLED = "not looked at"
    """Nobody wanted it any more."""


_TROUBLES = {
    Verdict.BROKEN: Trouble.BROKEN,
    Verdict.UNKNOWN: Trouble.UNKNOWN,
    Verdict.TOO_LARGE: Trouble.TOO_LARGE,
}


class NoPicture(Exception):
    """A file gives no picture."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Answer:
    """What the child made of a file."""

    width: int
    height: int
    payload: bytes
    """In the form asked for, and checked: pixels of exactly this size, or nothing but sixels."""


def open_plain(path: str) -> int:
    """A descriptor of a plain file; never waits, follows no link.

    Raises:
        NoPicture: it is missing, empty, not readable, or something else than a file.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoPicture(Trouble.MISSING) from error
    except PermissionError as error:
        raise NoPicture(Trouble.FORBIDDEN) from error
    except (
        OSError,
        ValueError,
    ) as error:  # a link, a socket, a device without driver, a name with a zero byte
        raise NoPicture(Trouble.NOT_A_FILE) from error
    facts = os.fstat(descriptor)
    if stat.S_ISREG(facts.st_mode) and facts.st_size:
        return descriptor
    os.close(descriptor)
    raise NoPicture(Trouble.EMPTY if stat.S_ISREG(facts.st_mode) else Trouble.NOT_A_FILE)


class ThumbnailLink:
    """One child at a time, started by the first order. For one thread, but for `cancel`."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._guard = threading.Lock()
        self._asking = False
        self._cancelled = False
        self._child: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """The child, if there is one."""
        return None if self._child is None else self._child.pid

    def start(self) -> None:
        """Start a child unless there is one; it loads its decoders while the caller goes on.

        Raises:
            OSError: the process cannot be started.
        """
        if self._child is not None:
            return
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._child = subprocess.Popen(
                    [sys.executable, "-m", "mediadl.workers.thumbnail_child"],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                    env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                )
        except OSError:
            ours.close()
            raise
        self._line = ours

    def ask(self, path: str, medium: Medium, form: Form, box: tuple[int, int]) -> Answer:
        """The picture in a file, at most as large as `box` pixels.

        Raises:
            NoPicture: there is none; after a crash or a hang the child is gone, and the next order starts another.
            OSError: no process can be started.
        """
        descriptor = open_plain(path)
        with self._guard:
            self._asking, self._cancelled = True, False
        try:
            self.start()
            assert self._line is not None
            deadline = time.monotonic() + self._timeout_s
            try:
                self._line.settimeout(self._timeout_s)
                socket.send_fds(self._line, [ORDER.pack(medium, form, *box)], [descriptor])
                verdict, width, height, length = ANSWER.unpack(self._read(ANSWER.size, deadline))
                payload = self._read(min(length, _MAX_PAYLOAD), deadline)
            except TimeoutError as error:
                self.stop()
                raise NoPicture(Trouble.TOO_SLOW) from error
            except OSError as error:
                self.stop()
                raise NoPicture(Trouble.CANCELLED if self._cancelled else Trouble.CRASHED) from error
        finally:
            with self._guard:
                self._asking = False
            os.close(descriptor)
        if verdict in _TROUBLES:
            raise NoPicture(_TROUBLES[verdict])
        if not _fits(form, box, width, height, payload):
            self.stop()
            raise NoPicture(Trouble.CRASHED)
        return Answer(width, height, payload)

    def cancel(self) -> None:
        """Give up the file it is at, if it is at one; from any thread."""
        with self._guard:
            child = self._child
            if self._asking and child is not None and child.poll() is None:
                self._cancelled = True
                os.killpg(child.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End the child by force: it has nothing to tidy up."""
        if self._line is not None:
            self._line.close()
            self._line = None
        with self._guard:
            child, self._child = self._child, None
            if child is not None:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def _read(self, size: int, deadline: float) -> bytes:
        assert self._line is not None
        data = bytearray()
        while len(data) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._line.settimeout(left)
            part = self._line.recv(min(size - len(data), 1 << 20))
            if not part:
                raise ConnectionResetError
            data += part
        return bytes(data)


def _fits(form: Form, box: tuple[int, int], width: int, height: int, payload: bytes) -> bool:
    """Whether a child that may have been taken over says what it should."""
    if not (0 < width <= box[0] and 0 < height <= box[1]):
        return False
    if form is Form.SIXEL:
        return _SIXEL.fullmatch(payload) is not None
    return len(payload) == width * height * 3
