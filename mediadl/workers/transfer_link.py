"""The daemon's side of the transfer child: starts it, talks to it, tells when it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from mediadl.logs import get_logger
from mediadl.paths import Home
from mediadl.pipeline.protocol import Message
from mediadl.pipeline.wire import decode, encode

_log = get_logger("transfers")

FIRST_DELAY_S = 0.1
MAX_DELAY_S = 5.0
"""A child that dies without a word delays the news of its end: a broken one must not be restarted in a circle."""


@dataclass(frozen=True, slots=True)
class TransferGone:
    """The child ended unasked. What was ordered and not answered must be ordered again from a new one."""

    returncode: int


class TransferLink:
    """One transfer child at a time. After a `TransferGone`, `start` brings a new one."""

    def __init__(self, home: Home, put: Callable[[object], None]) -> None:
        """Nothing is started yet.

        Args:
            home: whose lock the child holds.
            put: takes every answer and `TransferGone`; called on the link's own thread.
        """
        self._home = home
        self._put = put
        self._guard = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._stopping = threading.Event()
        self._delay_s = 0.0

    @property
    def pid(self) -> int | None:
        """The child that runs now, if one does."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def start(self) -> None:
        """Start a child and a thread that listens to it.

        Raises:
            OSError: the process cannot be started.
        """
        child = subprocess.Popen(
            [sys.executable, "-m", "mediadl.workers.transfer_child", str(self._home.transfer_lock)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        with self._guard:
            self._child = child
        self._listener = threading.Thread(
            target=self._listen, args=(child,), name="transfer-link", daemon=True
        )
        self._listener.start()

    def send(self, message: Message) -> bool:
        """Tell the child something, from any thread; False when it is gone (then `TransferGone` is on its way)."""
        with self._guard:
            child = self._child
            if child is None or child.stdin is None or child.stdin.closed:
                return False
            try:
                child.stdin.write(encode(message))
                child.stdin.flush()
            except BrokenPipeError:
                return False
            return True

    def stop(self, grace_s: float = 5.0) -> None:
        """End the child, which keeps partial files; killed when it takes longer than `grace_s`."""
        self._stopping.set()
        child = self._child
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(grace_s)
            except subprocess.TimeoutExpired:
                _log.warning("the transfer child did not end by itself")
                child.kill()
        if self._listener is not None and self._listener is not threading.current_thread():
            self._listener.join()

    def _listen(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        assert child.stderr is not None
        worked = False
        texts = threading.Thread(target=_log_texts, args=(child.stderr,), name="transfer-stderr", daemon=True)
        texts.start()
        for line in child.stdout:
            try:
                message = decode(line)
            except ValueError as error:
                _log.warning("a line from the transfer child that is no message: %s", error)
                continue
            worked = True
            self._put(message)
        texts.join()
        returncode = child.wait()
        self._close(child)
        if self._stopping.is_set():
            return
        self._delay_s = 0.0 if worked else min(MAX_DELAY_S, self._delay_s * 2 or FIRST_DELAY_S)
        if not self._stopping.wait(self._delay_s):
            self._put(TransferGone(returncode))

    def _close(self, child: subprocess.Popen[bytes]) -> None:
        with self._guard:
            for pipe in (child.stdin, child.stdout, child.stderr):
                assert pipe is not None
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue  # what was buffered for the dead child is lost with it


def _log_texts(stream: IO[bytes]) -> None:
    for line in stream:
        _log.warning("%s", line.decode("utf-8", "replace").rstrip())
