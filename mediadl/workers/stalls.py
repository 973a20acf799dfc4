"""Ends runs whose engine does not get on: the disk is full, or no byte arrives any more."""

from __future__ import annotations

import time
from collections.abc import Iterable

from mediadl.errors import TooSlow
from mediadl.pipeline import work_folder
from mediadl.workers.active import Active

STALL_S = 120.0


def end_stuck(runs: Iterable[Active]) -> None:
    """Look at what engines download themselves; the fetcher guards its own transfers. To be called every second."""
    now = time.monotonic()
    for active in runs:
        run = active.run
        if run.stopping:
            continue
        moved = run.engine_bytes
        if moved is None:
            active.engine_bytes = -1
            continue
        trouble = work_folder.space_trouble(active.root, active.reserve_bytes)
        if trouble is not None:
            run.fail_now(trouble)
        elif moved != active.engine_bytes:
            active.engine_bytes, active.engine_moved_at = moved, now
        elif now - active.engine_moved_at > STALL_S:
            run.fail_now(TooSlow(f"no byte arrived for {STALL_S:.0f} s"))
