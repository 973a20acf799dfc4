"""The whole program as its users run it: command line, daemon, runners and engines, against the simulated web."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e.command_host import host
from fakeweb.expected import sha256_of
from fakeweb.world import World
from mediadl.models import JobQuery
from mediadl.paths import WORK_FOLDER, Home
from mediadl.service import Services, records

DEADLINE_S = 90.0
_ALL = 2**31


def wait_until(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait for a condition that another process makes true; looks more rarely as time goes by."""
    end = time.monotonic() + deadline_s
    pause_s = 0.02
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.2, 0.1)


@dataclass
class Result:
    """What a command said."""

    code: int
    out: str
    err: str

    def json_lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]


@dataclass
class Program:
    """A mediadl with its own data and download folders."""

    world: World
    home: Path
    downloads: Path
    extra: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What every process of it gets."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("MEDIADL_")}
        return {
            **env,
            "MEDIADL_HOME": str(self.home),
            "MEDIADL_DOWNLOADS__DIRECTORY": str(self.downloads),
            "MEDIADL_DOWNLOADS__MIN_FREE_BYTES": "0",
            "MEDIADL_NETWORK__PROXY": self.world.web.url,
            "MEDIADL_NETWORK__CA_FILE": str(self.world.web.ca_pem),
            "MEDIADL_NETWORK__TIMEOUT_S": "5",
            "MEDIADL_PLATFORMS__INSTAGRAM_DELAY_S": "0",
            **self.extra,
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command."""
        return subprocess.Popen(
            [sys.executable, "-m", "mediadl", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(),
            text=True,
            start_new_session=True,
        )

    def run(
        self, *arguments: str, answers: str = "", timeout_s: float = DEADLINE_S, fresh: bool = False
    ) -> Result:
        """Run a command to its end; `answers` is its standard input.

        `fresh`: in an interpreter of its own, as users start it; else in a fork of one that has imported the program.
        """
        if not fresh:
            try:
                return Result(
                    *host().run(arguments, self.environment(), answers=answers, timeout_s=timeout_s)
                )
            except TimeoutError as said:
                raise AssertionError(f"{arguments} did not end: {said}\n{self.log()}") from None
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            raise AssertionError(f"{arguments} did not end: {out} {err}\n{self.log()}") from None
        return Result(process.returncode, out, err)

    def fetch(
        self, *urls: str, options: tuple[str, ...] = (), fresh: bool = False
    ) -> tuple[Result, list[dict[str, Any]]]:
        """`add --wait --json`: the result and the last word on each job."""
        result = self.run("add", *urls, *options, "--wait", "--json", fresh=fresh)
        jobs = [line for line in result.json_lines() if line.get("event") == "job"]
        return result, list({line["id"]: line for line in jobs}.values())

    def jobs(self) -> list[dict[str, Any]]:
        """The queue as `queue list --json` prints it, but read here: a command for every look costs far more."""
        with Services(Home(self.home)) as services:
            return _as_json(records.job(job) for job in services.queue.page(JobQuery(), 0, _ALL))

    def job(self, job_id: int) -> dict[str, Any]:
        """One job, in the form of `jobs`."""
        with Services(Home(self.home)) as services:
            (found,) = _as_json([records.job(services.queue.get(job_id))])
            return found

    def files(self) -> list[Path]:
        """All media files under final names, without sidecars."""
        found: list[Path] = []
        # Folders may vanish meanwhile: walk() goes on where rglob() raises
        for folder, inner, names in os.walk(self.downloads):
            inner[:] = [name for name in inner if name != WORK_FOLDER]
            found += [Path(folder, name) for name in names if not name.endswith(".json")]
        return sorted(found)

    def digests(self) -> list[str]:
        """The SHA-256 of every file, sorted."""
        return sorted(sha256_of(path) for path in self.files())

    def partial_files(self) -> list[Path]:
        """What lies in work folders."""
        return [
            Path(folder, name) for folder, _, names in os.walk(self.downloads / WORK_FOLDER) for name in names
        ]

    def log(self) -> str:
        """The log's last lines, for the message of a failed test."""
        lines = [
            line for path in sorted((self.home / "logs").glob("*")) for line in path.read_text().splitlines()
        ]
        return "\n".join(lines[-40:])

    def daemon_pid(self) -> int | None:
        """The daemon's process id, None when there is none."""
        with Services(Home(self.home)) as services:
            return services.daemon.status().pid

    def stop(self) -> bool:
        """Let the daemon end tidily, as `daemon stop` does, and wait for it; false when there is none."""
        with Services(Home(self.home)) as services:
            return services.daemon.stop(DEADLINE_S)


def _as_json(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a reader of the printed lines gets."""
    return [json.loads(json.dumps(one)) for one in found]


def processes_of(home: Path) -> list[int]:
    """Every process that was started for a data folder, found by its environment."""
    mark = f"MEDIADL_HOME={home}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def kill_all(home: Path) -> None:
    """SIGKILL for everything of a data folder, until nothing is left."""

    def nothing_left() -> bool:
        found = processes_of(home)
        for pid in found:
            # Children end by themselves when they notice that their daemon is gone
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not found

    wait_until(nothing_left, "everything is killed")


def command_of(pid: int) -> str:
    """A process in words, for the message of a failed test."""
    try:
        text = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
        where = Path(f"/proc/{pid}/wchan").read_text()
    except OSError as error:
        return str(error)
    return f"{text.strip()} state and parent {state} in {where}"
