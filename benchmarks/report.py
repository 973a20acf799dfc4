"""The rows that every figure ends in, their verdicts, and benchmarks/RESULTS.md."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.measure import ROOT

RESULTS = ROOT / "benchmarks" / "RESULTS.md"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should reach: a least ratio peer / mediadl, or a bound of mediadl's own value."""

    least_ratio: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    def text(self, unit: str) -> str:
        """For people."""
        if self.least_ratio is not None:
            return f"≥ {self.least_ratio:.3g} ×"
        return f"≤ {self.at_most:g} {unit}" if self.at_most is not None else f"≥ {self.at_least:g} {unit}"

    def met(self, ours: float, ratio: float | None) -> bool:
        """Whether it is reached."""
        if self.least_ratio is not None:
            return ratio is not None and ratio >= self.least_ratio
        return ours <= self.at_most if self.at_most is not None else ours >= (self.at_least or 0.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; without a peer the goal is a bound, without a goal it is for information."""

    figure: str
    unit: str
    ours: float | None
    peer: str = ""
    theirs: float | None = None
    goal: Goal | None = None

    @property
    def ratio(self) -> float | None:
        """Peer / mediadl: above 1 mediadl needs less."""
        return self.theirs / self.ours if self.ours and self.theirs else None

    @property
    def verdict(self) -> str:
        """met, missed, or why there is none."""
        if self.ours is None:
            return "**not measured**"
        if self.peer and self.theirs is None:
            return f"{self.peer.split()[0]} was not measured"
        if self.goal is None:
            return ""
        return "met" if self.goal.met(self.ours, self.ratio) else "**missed**"

    def cells(self) -> list[str]:
        """The columns of the table."""
        return [
            self.figure,
            number(self.ours, self.unit),
            f"{self.peer} {number(self.theirs, self.unit)}".strip() if self.peer else "",
            "" if self.ratio is None else f"{self.ratio:.2f} ×",
            "" if self.goal is None else self.goal.text(self.unit),
            self.verdict,
        ]


@dataclass(slots=True)
class Group:
    """One of the seven figures: its rows and what a reader must know about how they came about."""

    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    took_s: float = 0.0


def number(value: float | None, unit: str) -> str:
    """A value with its unit; three digits that matter."""
    if value is None:
        return "–"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{digits}f} {unit}".strip()


def write(groups: Iterable[Group], *, partial: bool) -> str:
    """Write RESULTS.md, unless only some figures were asked for; returns the text."""
    groups = list(groups)
    lines = ["# Results", "", *_heading(), ""]
    head = ["figure", "mediadl", "peer", "peer / mediadl", "goal", "verdict"]
    for group in groups:
        lines += [f"## {group.title}", "", "| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
        lines += ["| " + " | ".join(row.cells()) + " |" for row in group.rows]
        lines += ["", *(f"- {note}" for note in group.notes)]
        if group.notes:
            lines.append("")
    text = "\n".join(lines).rstrip() + "\n"
    if not partial:
        RESULTS.write_text(text)
    return text


def _heading() -> list[str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()
    return [
        f"Made by `make bench` on {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC; see README.md for how.",
        "Ratios are peer / mediadl: above 1 mediadl needs less. Compare ratios, not seconds: the machine was",
        f"not idle (load {load[2]:.1f} over the last 15 minutes on {os.cpu_count()} cores).",
        "",
        f"- machine: {_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, Linux {platform.release().split('-')[0]}",
        "- versions: " + ", ".join(f"{name} {number_}" for name, number_ in _versions()),
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _versions() -> list[tuple[str, str]]:
    found = [("Python", platform.python_version()), ("SQLite", sqlite3.sqlite_version)]
    for package in ("mediadl", "yt-dlp", "gallery-dl", "textual", "curl_cffi"):
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            if package != "mediadl":
                found.append((package, "missing"))
    for program, word in (("aria2c", 2), ("curl", 1)):
        found.append((program, _said_version(program, word)))
    return found


def _said_version(program: str, word: int) -> str:
    if shutil.which(program) is None:
        return "missing"
    done = subprocess.run(
        [program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return done.stdout.split()[word]
