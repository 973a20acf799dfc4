"""mediadl under measurement: a home, a download folder and a daemon of its own that nobody else sees."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.measure import BIN, ROOT, Cost, Unfit, last_words, run, tree, tree_cpu_s

SETTLE_S = 30.0
QUIET_S = 6.5
"""Longer than the daemon and its children put off what can wait."""


def mediadl_command() -> list[str]:
    """The console script where it is installed, else the module."""
    script = BIN / "mediadl"
    return [str(script)] if script.exists() else [sys.executable, "-m", "mediadl"]


class Mediadl:
    """Use as a context manager: the daemon is warm before the first command and gone afterwards.

    Args:
        folder: Empty; everything of this installation lies below.
        settings: By dotted name.
    """

    def __init__(self, folder: Path, settings: Mapping[str, object] | None = None) -> None:
        self.downloads = folder / "downloads"
        self._folder = folder
        self._daemon = 0
        (folder / "home").mkdir(parents=True)
        # A peer may take longer than the daemon waits for work
        chosen = {"downloads.directory": str(self.downloads), "daemon.idle_exit_s": 0, **(settings or {})}
        names = {name: f"MEDIADL_{name.upper().replace('.', '__')}" for name in chosen}
        self.env = {
            **{
                k: v
                for k, v in os.environ.items()
                if not k.startswith("MEDIADL_") and not k.lower().endswith("_proxy")
            },
            "HOME": str(folder / "home"),
            "MEDIADL_HOME": str(folder / "data"),
            **{names[name]: str(value) for name, value in chosen.items()},
        }
        self._runs = 0

    def __enter__(self) -> Mediadl:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def run(self, *arguments: str | Path, timeout_s: float = 180) -> Cost:
        """A command line; its cost holds the command, the daemon and all of the daemon's children."""
        self.start()
        before = tree_cpu_s(self._daemon)
        cost = self._command(*arguments, timeout_s=timeout_s)
        return replace(cost, cpu_s=cost.cpu_s + max(0.0, tree_cpu_s(self._daemon) - before))

    def _command(self, *arguments: str | Path, timeout_s: float) -> Cost:
        self._runs += 1
        folder = self._folder / f"run-{self._runs}"
        return run([*mediadl_command(), *arguments], folder, env=self.env, timeout_s=timeout_s)

    def ask(self, *arguments: str) -> Any:
        """The JSON that a command line prints."""
        done = subprocess.run(
            [*mediadl_command(), *arguments, "--json"],
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            raise Unfit(f"mediadl {' '.join(arguments)} --json: {last_words(done.stderr)}") from error

    def start(self) -> None:
        """Have the daemon running and idle: its nursery has imported the engines."""
        if not self._daemon:
            # As an installer does it for every program, ours and the peers'
            compileall.compile_dir(ROOT / "mediadl", quiet=2)
            self._command("daemon", "start", timeout_s=30)
            self._daemon = self.daemon_pid()
            self.settle()

    def settle(self) -> None:
        """Wait until the daemon and its children have stopped computing."""
        if not self._daemon:
            raise Unfit("the daemon did not start")
        deadline = time.monotonic() + SETTLE_S
        quiet_since = time.monotonic()
        last = tree_cpu_s(self._daemon)
        while time.monotonic() < deadline:
            time.sleep(0.1)
            now = tree_cpu_s(self._daemon)
            if now - last > 0.02:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > QUIET_S:
                return
            last = now

    def forget_files(self) -> None:
        """Clear the download folder, so that the next run's files can be counted; the archive keeps its rows."""
        shutil.rmtree(self.downloads)

    def daemon_pid(self) -> int:
        """The daemon's process, 0 when there is none."""
        status = self.ask("daemon", "status")
        return int(status.get("pid") or 0)

    def stop(self) -> None:
        """End the daemon; whatever of it did not end by itself is killed by its number."""
        try:
            daemon = self.daemon_pid()
        except (Unfit, subprocess.TimeoutExpired):
            return
        if not daemon:
            return
        members = tree(daemon)
        try:
            self._command("daemon", "stop", timeout_s=20)
        except Unfit as error:
            print(f"  {error}; killed", file=sys.stderr, flush=True)
        finally:
            for member in members:
                if _is_ours(member, self.env["MEDIADL_HOME"]):
                    os.kill(member, 9)


def _is_ours(pid: int, home: str) -> bool:
    try:
        return f"MEDIADL_HOME={home}".encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False
