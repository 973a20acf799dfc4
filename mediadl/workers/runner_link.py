"""The daemon's side of runners: the nursery they are forked from, their pipes, their end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading

from mediadl.logs import get_logger
from mediadl.pipeline.protocol import Message
from mediadl.pipeline.wire import encode

_log = get_logger("runner")

COMMAND = (sys.executable, "-m", "mediadl.workers.runner_nursery")
_WORD_BYTES = 32
LOST = -signal.SIGKILL
"""The exit code of a runner whose end nobody saw: the nursery died before it."""


class Runner:
    """One runner, from its order to its end; it may not be born yet when it gets its first line."""

    def __init__(self, nursery: socket.socket) -> None:
        """Order a runner from the nursery at the other end of a socket; returns at once."""
        theirs_in, ours_in = os.pipe()
        ours_out, theirs_out = os.pipe()
        ours_err, theirs_err = os.pipe()
        self._leash, leash = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.stdin = os.fdopen(ours_in, "wb")
        self.stdout = os.fdopen(ours_out, "rb")
        self.stderr = os.fdopen(ours_err, "rb")
        self.pid: int | None = None
        """Also the number of its group; None before it is born and once it ended."""
        self._wanted: signal.Signals | None = None
        self._signal_lock = threading.Lock()
        self._write_lock = threading.Lock()
        ends = (theirs_in, theirs_out, theirs_err)
        with leash:
            try:
                socket.send_fds(nursery, [b"runner"], [*ends, leash.fileno()])
            except OSError:
                # Whoever listens finds every pipe closed
                _log.debug("the nursery took no order")
            finally:
                for descriptor in ends:
                    os.close(descriptor)

    def wait_born(self) -> bool:
        """Wait until there is a process; false when the nursery ended before. For the thread that listens."""
        word = self._word()
        with self._signal_lock:
            if word:
                self.pid = int(word)
            if self.pid is not None and self._wanted is not None:
                _signal_group(self.pid, self._wanted)
        return self.pid is not None

    def send(self, message: Message) -> bool:
        """Write one line; False when the runner is gone."""
        with self._write_lock:
            if self.stdin.closed:
                return False  # buried already
            try:
                self.stdin.write(encode(message))
                self.stdin.flush()
            except OSError:
                return False
        return True

    def signal_group(self, signum: signal.Signals) -> None:
        """Signal the runner and everything it started; one that is not born yet gets it at its birth."""
        with self._signal_lock:
            if self.pid is not None:
                _signal_group(self.pid, signum)
            elif self._wanted is not signal.SIGKILL:
                self._wanted = signum

    def bury(self, timeout_s: float | None = None) -> int:
        """Wait for its end and close its stdin; returns its exit code. Nothing that it started is left.

        Raises:
            TimeoutError: it has not ended.
        """
        self._leash.settimeout(timeout_s)
        word = self._word()
        with self._signal_lock:
            if not word and self.pid is not None:
                _signal_group(self.pid, signal.SIGKILL)
            # From here on the number may be another's
            self.pid = None
        self._leash.close()
        # What was buffered for the dead is lost with it
        with self._write_lock, contextlib.suppress(OSError):
            self.stdin.close()
        return int(word) if word else LOST

    def _word(self) -> bytes:
        try:
            return self._leash.recv(_WORD_BYTES)
        except ConnectionError:
            return b""


def _signal_group(pid: int, signum: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signum)


class Nursery:
    """A process that has imported the engines; every runner is a copy of it."""

    def __init__(self, engines: tuple[str, ...] = (), command: tuple[str, ...] = COMMAND) -> None:
        """`engines`: folders of the engine versions to use, the packaged ones for those not named."""
        self.engines = engines
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [*command, *engines],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        threading.Thread(target=self._drain, name="nursery-stderr", daemon=True).start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it takes orders."""
        return self._process.poll() is None

    def runner(self) -> Runner:
        """Order a runner; where the nursery is gone, one that ends at once."""
        return Runner(self._socket)

    def close(self) -> None:
        """Take no more orders; it ends when its last runner has ended."""
        self._socket.close()

    def kill(self) -> None:
        """End it now; nobody is born after that."""
        self._socket.close()
        self._process.kill()
        self._process.wait()

    def _drain(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                _log.warning("%s", line.decode("utf-8", "replace").strip())
        self._process.wait()
