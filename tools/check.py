"""Runs every check of `make check`, side by side, and shows the full output of those that fail."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    # the slowest first
    "types": ["mypy"],
    "house rules": ["pytest", "-p", "no:randomly", "tests/test_house.py", "tests/test_docs.py"],
    "imports": ["lint-imports", "--no-logo"],
    "lint": ["ruff", "check", "--quiet", "."],
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "spelling": ["codespell"],
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check ended."""

    name: str
    ok: bool
    output: str
    took_s: float


def run(name: str) -> Outcome:
    """Run one check and keep what it said."""
    program, *arguments = CHECKS[name]
    began = time.monotonic()
    done = subprocess.run(
        [BIN / program, *arguments],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(name, done.returncode == 0, done.stdout.strip(), time.monotonic() - began)


def main() -> int:
    """Run the checks named on the command line, or all; the exit code says whether all are well."""
    names = sys.argv[1:] or list(CHECKS)
    failed = []
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for outcome in pool.map(run, names):
            print(f"{'ok  ' if outcome.ok else 'FAIL'} {outcome.name:<12}{outcome.took_s:5.1f} s", flush=True)
            if not outcome.ok:
                failed.append(outcome)
    for outcome in failed:
        print(f"\n── {outcome.name} ──\n{outcome.output}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
