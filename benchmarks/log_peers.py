"""Logs in a terminal: mediadl, toolong and lnav as a person sees them, for `logs_screen.py`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

SIZE = (140, 45)
RARE = "zebrafish"

PEERS = ("toolong", "lnav")

PEER_FIGURES = {
    "open": "the last of 1,000,000 lines on the screen, from its key",
    "start": "the last of 1,000,000 lines on the screen, from the start of the program",
    "find": "all lines with a rare word",
}
"""What is measured of every program in a terminal."""


def rare_lines(lines: int) -> tuple[int, int, int]:
    """Numbers of the lines with the rare word."""
    return lines // 900, lines // 2, lines - 80


class Terminal:
    """A program in a terminal of its own, read by what stands on its screen."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._tmux = ["tmux", "-L", f"bench{os.getpid()}"]
        environment = [f"HOME={folder}", "LANG=C.UTF-8", "TERM=xterm-256color"]
        self.began = time.monotonic()
        self._run("new", "-d", "-x", str(SIZE[0]), "-y", str(SIZE[1]), "env", *environment, *command)

    def screen(self) -> str:
        """What stands there."""
        return self._run("capture-pane", "-p", check=False)

    def keys(self, *keys: str) -> None:
        """Press keys."""
        self._run("send-keys", *keys)

    def until(self, text: str, within_s: float = 120.0) -> float:
        """Seconds from now until the text stands on the screen.

        Raises:
            TimeoutError: it never did.
        """
        began = time.monotonic()
        while text not in self.screen():
            if time.monotonic() - began > within_s:
                raise TimeoutError(f"{text!r} did not come")
            time.sleep(0.02)
        return time.monotonic() - began

    def until_ended(self, within_s: float = 10.0) -> None:
        """Wait until the program has left."""
        deadline = time.monotonic() + within_s
        while self._run("list-sessions", check=False) and time.monotonic() < deadline:
            time.sleep(0.02)

    def close(self) -> None:
        """End it."""
        self._run("kill-server", check=False)

    def _run(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            [*self._tmux, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=check
        )
        return done.stdout


def peers(folder: Path, lines: int) -> tuple[dict[str, float], list[str]]:
    """Milliseconds of each peer that can be run, and why others cannot."""
    found: dict[str, float] = {}
    notes: list[str] = []
    for name, program, measure_peer in (
        ("mediadl", str(Path(sys.executable).parent / "mediadl"), _ours),
        ("lnav", shutil.which("lnav") or "", _lnav),
        ("toolong", os.environ.get("TOOLONG") or shutil.which("tl") or "", _toolong),
    ):
        if not program or not shutil.which("tmux"):
            notes.append(f"{name} was not measured: {'tmux' if program else 'it'} is not installed")
            continue
        with tempfile.TemporaryDirectory() as home:
            try:
                took = measure_peer(program, folder, Path(home), lines)
            except (TimeoutError, subprocess.SubprocessError) as error:
                notes.append(f"{name} was not measured: {error}")
            else:
                found |= {f"{name}_{what}": round(1000 * value) for what, value in took.items()}
    return found, notes


def _ours(program: str, folder: Path, home: Path, lines: int) -> dict[str, float]:
    """Open the screen by its key, search, leave; then start again, which shows the screen that was left."""
    data = home / "data"
    data.mkdir()
    (data / "logs").symlink_to(folder)
    command = ["MEDIADL_NO_DAEMON=1", f"MEDIADL_HOME={data}", program]
    terminal = Terminal(command, home)
    try:
        terminal.until("no daemon")
        began = time.monotonic()
        terminal.keys("5")
        terminal.until(f"step {lines}:")
        opened = time.monotonic() - began
        terminal.until(f"All {lines:,}")
        terminal.keys("/")
        terminal.until("words in the message")
        began = time.monotonic()
        terminal.keys("-l", RARE)
        terminal.until("line 3 of 3")
        found = time.monotonic() - began
        terminal.keys("Escape")
        terminal.until(f"line {lines:,} of {lines:,}")
        terminal.keys("q")
        terminal.until_ended()
    finally:
        terminal.close()
    terminal = Terminal(command, home)
    try:
        terminal.until(f"step {lines}:")
        return {"open": opened, "find": found, "start": time.monotonic() - terminal.began}
    finally:
        terminal.close()


def _lnav(program: str, folder: Path, home: Path, lines: int) -> dict[str, float]:
    terminal = Terminal([program, str(_as_one(folder, home))], home)
    try:
        terminal.until(f"step {lines}:")
        opened = time.monotonic() - terminal.began
        terminal.until("100%")
        terminal.keys(":")
        terminal.until("Enter an lnav command")
        terminal.keys("-l", f"filter-in {RARE}")
        terminal.until(f"filter-in {RARE}")
        began = time.monotonic()
        terminal.keys("Enter")
        terminal.until(f"{lines - 3} Lines not shown")
        return {"open": opened, "start": opened, "find": time.monotonic() - began}
    finally:
        terminal.close()


def _toolong(program: str, folder: Path, home: Path, lines: int) -> dict[str, float]:
    """It has no filter: it jumps from match to match."""
    terminal = Terminal([program, str(_as_one(folder, home))], home)
    try:
        terminal.until(f"step {lines}:")
        opened = time.monotonic() - terminal.began
        terminal.keys("Home")
        terminal.until("step 1:")
        terminal.keys("C-f")
        terminal.until("Case sensitive")
        terminal.keys("-l", RARE)
        terminal.until(f"  {RARE}")
        took = 0.0
        for number in rare_lines(lines):
            terminal.keys("Down")
            took += terminal.until(f"step {number}:")
        return {"open": opened, "start": opened, "find": took}
    finally:
        terminal.close()


def _as_one(folder: Path, home: Path) -> Path:
    """All lines in one file: neither peer takes several files of JSON lines for one log."""
    one = home / "all.jsonl"
    with one.open("wb") as stream:
        for path in sorted(folder.glob("*.jsonl")):
            stream.write(path.read_bytes())
    return one
