"""`make bench`: every figure in one go, printed and written to benchmarks/RESULTS.md.

`python benchmarks/run.py 1 3` measures only those figures and writes nothing.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable

from benchmarks import (
    images,
    large_files,
    log_figures,
    peers,
    politeness,
    queue_figures,
    screens,
    startup,
)
from benchmarks.report import RESULTS, Group, write

FIGURES: dict[str, Callable[[], Group]] = {
    "1": images.measure,
    "2": large_files.throttled,
    "3": large_files.unthrottled,
    "4": startup.first_byte,
    "5": startup.versions,
    "6": queue_figures.measure,
    "7": screens.measure,
    "8": log_figures.measure,
    "9": screens.history,
    "10": screens.gallery,
    "11": politeness.measure,
}


def main() -> int:
    """Measure; the exit code is 1 when mediadl could not be measured, a missed goal only shows in the table."""
    parser = argparse.ArgumentParser(prog="run.py", description="Measure mediadl beside other programs.")
    parser.add_argument(
        "figures", nargs="*", metavar="N", help=f"which figures, 1 to {len(FIGURES)}; default: all"
    )
    chosen = parser.parse_args().figures or list(FIGURES)
    if unknown := set(chosen) - set(FIGURES):
        parser.error(f"no figure {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    for line in peers.missing(["aria2c", "curl", "gallery-dl", "yt-dlp"]):
        print(line, file=sys.stderr)
    # Servers, daemons and folders of ours go with us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    groups = []
    began = time.monotonic()
    for name in chosen:
        print(f"figure {name}", file=sys.stderr, flush=True)
        groups.append(FIGURES[name]())
    print(write(groups, partial=set(chosen) != set(FIGURES)))
    took = f"{time.monotonic() - began:.0f} s"
    kept = "" if set(chosen) != set(FIGURES) else f", written to {RESULTS.name}"
    print(f"measured in {took}{kept}", file=sys.stderr)
    return 1 if any(row.ours is None for group in groups for row in group.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
