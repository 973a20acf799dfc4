"""The server's side of the nursery: starts it, asks it for children, knows when they ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from mediadl.errors import MediadlError
from mediadl.paths import Home
from mediadl.web.nursery_child import SOCKET_VARIABLE

_KEPT = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH",
    "PYTHONDONTWRITEBYTECODE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NO_COLOR",
})  # fmt: skip
_KEPT_PREFIXES = ("LC_", "MEDIADL_", "XDG_")
"""What the program itself reads, and the daemon that a screen may have to start."""

_ANSWER_S = 15.0
_MOST_COMPLAINTS = 1_000_000


class NoTerminal(MediadlError):
    """No process for a terminal could be started."""

    title = "No terminal"


@dataclass(eq=False)
class Child:
    """A terminal's process; on the server's loop."""

    pid: int
    """Also the number of its group."""
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    handle: int

    def __post_init__(self) -> None:
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.handle, self._end)

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return self._ended.is_set()

    async def wait(self, timeout_s: float) -> bool:
        """Wait for its end; false when it still lives."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), timeout_s)
        return self.ended

    def signal(self, signum: signal.Signals) -> None:
        """Send it and everything in its group a signal."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signum)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self.handle)
        os.close(self.handle)
        self._ended.set()


class Nursery:
    """One per server."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._asking = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Its process id."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start it, where it does not run. On the loop: the kernel ends it with the thread that started it."""
        if self._process is not None and self._process.poll() is None:
            return
        self.stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, complaints(self._home) as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mediadl.web.nursery_child"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=self._environment(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        ours.settimeout(_ANSWER_S)
        self._socket = ours

    def stop(self) -> None:
        """End it; its children end with it."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def child(self, width: int, height: int) -> Child:
        """A new process of its own session, waiting for its ticket.

        Raises:
            NoTerminal: the machine gives none.
        """
        self.start()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                pid, handle = await asyncio.to_thread(self._ask, f"{width} {height}", theirs)
        except OSError as error:
            ours.close()
            raise NoTerminal(
                f"no process could be started: {error.strerror or type(error).__name__}"
            ) from error
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return Child(pid, reader, writer, handle)

    def _ask(self, words: str, packets: socket.socket) -> tuple[int, int]:
        with self._asking, complaints(self._home) as stderr:
            if self._socket is None:
                raise ConnectionError("the server stops")
            socket.send_fds(self._socket, [words.encode("ascii")], [packets.fileno(), stderr])
            told, handles, _, _ = socket.recv_fds(self._socket, 64, 1)
        if not handles:
            raise ConnectionError("it ended")
        return int(told), handles[0]

    def _environment(self, descriptor: int) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in _KEPT or name.startswith(_KEPT_PREFIXES)
        }
        return {
            **kept,
            "MEDIADL_HOME": str(self._home.root),
            "TEXTUAL_COLOR_SYSTEM": "truecolor",
            "TEXTUAL_FPS": "30",
            SOCKET_VARIABLE: str(descriptor),
        }


@contextlib.contextmanager
def complaints(home: Home) -> Iterator[int]:
    """Where children say what their logs could not take; kept small."""
    path = home.create().logs / "browser.err"
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        if os.fstat(descriptor).st_size > _MOST_COMPLAINTS:
            os.ftruncate(descriptor, 0)
        yield descriptor
    finally:
        os.close(descriptor)
