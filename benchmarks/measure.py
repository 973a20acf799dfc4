"""Running programs and reading what they cost: wall clock, processor time with all children, what they left behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
CORES = os.cpu_count() or 1
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class Unfit(Exception):
    """A program did not do the work, so its time says nothing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took; `cpu_s` is user and system time of every process involved."""

    wall_s: float
    cpu_s: float
    busy_s: float = 0.0
    """Processor time of the whole machine meanwhile."""

    @property
    def disturbed(self) -> float:
        """Part of the processors that others took, our server among them; 0 to 1."""
        return max(0.0, self.busy_s - self.cpu_s) / (self.wall_s * CORES)


def run(
    command: Sequence[str | Path],
    folder: Path,
    *,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 180,
    ok: tuple[int, ...] = (0,),
) -> Cost:
    """Run a command in a folder, in a process group of its own, its words kept in `FOLDER.out`.

    Raises:
        Unfit: It ended with another exit code, or did not end in time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = folder.with_name(folder.name + ".out")
    with said.open("wb") as output:
        busy_s = machine_busy_s()
        began = time.monotonic()
        child = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        watchdog = threading.Timer(timeout_s, _kill_group, (child.pid,))
        watchdog.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall_s = time.monotonic() - began
        busy_s = machine_busy_s() - busy_s
        watchdog.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in ok:
        words = " ".join(Path(part).name for part in command[:3])
        if wall_s >= timeout_s:
            raise Unfit(f"{words} did not end within {timeout_s:.0f} s")
        raise Unfit(f"{words} ended with {child.returncode}: {last_words(said.read_text(errors='replace'))}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, busy_s)


def last_words(said: str) -> str:
    """The last line of what a program wrote, without the folders of this machine."""
    lines = said.strip().splitlines()
    return re.sub(r"(/[\w.-]+){2,}/", "…/", lines[-1])[-200:] if lines else "no word"


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def machine_busy_s() -> float:
    """Processor seconds of everything since boot, without idling and waiting for the disk."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) * TICK_S


def tree_cpu_s(pid: int) -> float:
    """User and system seconds of a process, its living descendants, and those of its children it has buried."""
    total = 0.0
    for member in tree(pid):
        with suppress(
            FileNotFoundError, ProcessLookupError
        ):  # it ended since; its parent has its time by now
            total += _stat(member)[1]
    return total


def tree(pid: int) -> list[int]:
    """A process and its living descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                children.setdefault(_stat(int(entry.name))[0], []).append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def _stat(pid: int) -> tuple[int, float]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), sum(int(field) for field in fields[11:15]) * TICK_S


def memory_bytes(pid: int) -> int:
    """Proportional set size of a process and its descendants."""
    total = 0
    for member in tree(pid):
        try:
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
    return total


def stored_bytes(folder: Path, *suffixes: str) -> tuple[int, int]:
    """How many files with these suffixes lie below a folder, and their bytes together."""
    files = [path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file()]
    return len(files), sum(path.stat().st_size for path in files)


def expect_files(folder: Path, count: int, size_bytes: int, *suffixes: str) -> None:
    """Refuse a run that did not bring everything."""
    found = stored_bytes(folder, *suffixes)
    if found != (count, size_bytes):
        raise Unfit(f"{found[0]} files with {found[1]} bytes, not {count} with {size_bytes}")


def flush_disk() -> None:
    """Let the disk finish what earlier runs wrote, so that nobody pays for somebody else."""
    os.sync()


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"mediadl-bench-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """One of our servers in a process of its own; ends with the `with` block."""

    def __init__(self, script: str, *arguments: str | int | float) -> None:
        command = [sys.executable, str(ROOT / "benchmarks" / script), *map(str, arguments)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, start_new_session=True
        )
        assert self._process.stdout is not None
        self.card: dict[str, Any] = json.loads(self._process.stdout.readline())
        self.url: str = self.card["url"]

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def read_line(self) -> dict[str, Any]:
        """The next thing it reports, after waiting for it."""
        assert self._process.stdout is not None
        line: dict[str, Any] = json.loads(self._process.stdout.readline())
        return line
