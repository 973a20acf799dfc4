"""The daemon's side of the transfer child: starts it, talks to it, starts it again when it dies."""

from __future__ import annotations

import os
import signal
import subprocess  # noqa: S404 - our own child
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from mediadl.pipeline.protocol import Limits, Message, decode, encode

FAST_DEATH_S = 5.0
"""A child that lived shorter makes the next start wait."""
MAX_RESTART_DELAY_S = 30.0


class TransferLink:
    """One transfer child at a time, restarted for as long as the link is not stopped.

    Callbacks run on the link's own thread, one after the other. After `on_lost` the child knows nothing: whatever was
    ordered and not answered must be sent again (it continues where the old one stopped).
    """

    def __init__(
        self,
        lock_file: Path,
        on_message: Callable[[Message], None],
        on_lost: Callable[[], None],
        *,
        on_text: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Nothing is started yet.

        Args:
            lock_file: `Home.transfer_lock`.
            on_message: takes every answer.
            on_lost: a new child runs in the place of one that died.
            on_text: takes what the child writes to stderr, line by line.
        """
        self._lock_file = lock_file
        self._on_message = on_message
        self._on_lost = on_lost
        self._on_text = on_text
        self._limits: Limits | None = None
        self._guard = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        """The child that runs now."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def start(self) -> None:
        """Start the child and the thread that listens to it."""
        self._child = self._spawn()
        self._thread = threading.Thread(target=self._listen, name="transfer-link", daemon=True)
        self._thread.start()

    def send(self, message: Message) -> bool:
        """Tell the child something; False when it is gone, `on_lost` then follows. From any thread."""
        with self._guard:
            if isinstance(message, Limits):
                self._limits = message  # a new child gets them first
            return self._write(message)

    def stop(self, grace_s: float = 5.0) -> None:
        """End the child: it keeps partial files. Killed after `grace_s`."""
        self._stopping.set()
        with self._guard:
            child = self._child
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(grace_s)
            except subprocess.TimeoutExpired:
                child.kill()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "mediadl.workers.transfer_child", str(self._lock_file)]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def _listen(self) -> None:
        delay_s = 0.0
        while True:
            child = self._child
            assert child is not None and child.stdout is not None and child.stderr is not None
            began = time.monotonic()
            texts = threading.Thread(target=self._read_texts, args=(child.stderr,), daemon=True)
            texts.start()
            for line in child.stdout:
                self._hand_over(line)
            texts.join()
            child.wait()
            self._close_pipes(child)
            if self._stopping.is_set():
                return
            lived = time.monotonic() - began
            delay_s = 0.0 if lived > FAST_DEATH_S else min(MAX_RESTART_DELAY_S, max(0.25, delay_s * 2))
            if self._stopping.wait(delay_s):
                return
            self._replace()

    def _replace(self) -> None:
        with self._guard:
            if self._stopping.is_set():
                return
            self._child = self._spawn()
            if self._limits is not None:
                self._write(self._limits)
        self._on_lost()

    def _write(self, message: Message) -> bool:
        child = self._child
        if child is None or child.stdin is None or child.stdin.closed:
            return False
        try:
            child.stdin.write(encode(message))
            child.stdin.flush()
        except (BrokenPipeError, ValueError):
            return False
        return True

    def _hand_over(self, line: bytes) -> None:
        try:
            message = decode(line)
        except ValueError as error:
            self._on_text(f"a line that is no message: {error}")
            return
        self._on_message(message)

    def _read_texts(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._on_text(line.decode("utf-8", "replace").rstrip())

    def _close_pipes(self, child: subprocess.Popen[bytes]) -> None:
        with self._guard:
            for pipe in (child.stdin, child.stdout, child.stderr):
                if pipe is not None:
                    try:
                        pipe.close()
                    except BrokenPipeError:
                        continue  # what was buffered for the dead child is lost with it
