"""The real program in a terminal of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

_PROGRAM = """
import sys
from pathlib import Path
from mediadl.paths import Home
from mediadl.service import open_services
from mediadl.app import run
with open_services(Home(Path(sys.argv[1]))) as services:
    code = run(services)
sys.exit(code)
"""


class PtyProgram:
    """`run(services)` on a pseudo terminal that a test reads and writes."""

    def __init__(self, home: Path, *, nohup: bool = False, program: str = _PROGRAM) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave

        def take_terminal() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            if nohup:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)

        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(home)],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=take_terminal,
            env={**os.environ, "TERM": "xterm-256color", "MEDIADL_NO_DAEMON": "1"},
        )  # fmt: skip
        self.output = b""

    def read_until(self, wanted: bytes, within_s: float = 30) -> None:
        """Read what the program writes until `wanted` came."""
        deadline = time.monotonic() + within_s
        while wanted not in self.output:
            left = deadline - time.monotonic()
            assert left > 0, f"{wanted!r} did not come: {self.output[-500:]!r}"
            self._read(left)

    def _read(self, within_s: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], within_s)
        if not ready:
            return False
        with contextlib.suppress(OSError):
            piece = os.read(self.master, 65536)
            self.output += piece
            return bool(piece)
        return False

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.master, keys.encode())

    def ended(self, within_s: float) -> float:
        """Seconds until the process ended; reads its output meanwhile, as a terminal does."""
        began = time.monotonic()
        while self.process.poll() is None:
            left = began + within_s - time.monotonic()
            assert left > 0, f"still running after {within_s} s"
            if self.master >= 0:
                self._read(min(left, 0.02))
            else:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(min(left, 0.02))
        took = time.monotonic() - began
        while self.master >= 0 and self._read(0.05):
            pass
        return took

    def close_terminal(self) -> None:
        """The terminal is gone, as when a connection drops."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = -1

    @property
    def is_clean(self) -> bool:
        """Whether lines are edited and echoed as before."""
        now = termios.tcgetattr(self.slave)
        return now[:4] == self.before[:4]

    def kill(self) -> None:
        """Whatever is left."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)


@contextlib.contextmanager
def on_a_terminal(home: Path, **options: object) -> Iterator[PtyProgram]:
    """The program, started and showing its queue."""
    program = PtyProgram(home, **options)  # type: ignore[arg-type]
    try:
        program.read_until(b"Title")
        yield program
    finally:
        program.kill()
