"""`mediadl serve` as its users start it, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

DEADLINE_S = 60.0


@dataclass
class Serving:
    """A running server and what it said."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def wait_said(self, pattern: str) -> str:
        """Wait for words; returns their first group."""
        end = time.monotonic() + DEADLINE_S
        while True:
            for line in list(self.said):
                if found := re.search(pattern, line):
                    return found[1]
            assert self.process.poll() is None, f"the server ended: {self.said}"
            assert time.monotonic() < end, f"not said: {pattern}: {self.said}"
            time.sleep(0.02)

    @property
    def url(self) -> str:
        """Its address."""
        return self.wait_said(r"mediadl is at (\S+)")

    @property
    def first_code(self) -> str:
        """The code for the first administrator."""
        return self.wait_said(r"Code for the first administrator: (\S+)")

    def children(self) -> list[int]:
        """The terminals' processes."""

        def of(pid: int) -> list[int]:
            try:
                return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
            except OSError:
                return []

        return [child for nursery in of(self.process.pid) for child in of(nursery)]

    def stop(self) -> int:
        """Stop it as Ctrl+C does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@contextlib.contextmanager
def serving(environment: Mapping[str, str], *options: str) -> Iterator[Serving]:
    """A server with this environment, gone at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mediadl", "serve", *(options or ("--port", "0"))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        start_new_session=True,
    )
    made = Serving(process)
    assert process.stderr is not None

    def read() -> None:
        for line in process.stderr or ():
            made.said.append(line.rstrip())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield made
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(30)
        reader.join(30)
        process.stderr.close()
