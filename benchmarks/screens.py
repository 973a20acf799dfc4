"""Figure 7: the Queue screen (tui.py)."""

from __future__ import annotations

import json
import sys
from typing import Any

from benchmarks.measure import ROOT, Unfit, run, scratch
from benchmarks.report import Goal, Group, Row

LIMIT_S = 180
PLAIN = {
    "first_paint_ms": ("first paint after app start", "ms", Goal(at_most=300)),
    "idle_longest_gap_ms": ("longest gap of the event loop, 200 events/s", "ms", Goal(at_most=100)),
    "keys_longest_gap_ms": ("longest gap while keys are pressed", "ms", Goal(at_most=100)),
    "idle_cpu_percent": ("processor, 200 events/s", "%", None),
    "memory_mb": ("memory of the process", "MB", None),
}
KEYS = {"down_ms": "down", "page_down_ms": "page down", "end_and_home_ms": "end and home", "mark_ms": "mark"}


def measure() -> Group:
    """First paint, key to paint, gaps of the event loop, processor time and memory."""
    group = Group("7 · the Queue screen at 100,000 jobs, 8 of them active")
    print("  tui.py", file=sys.stderr, flush=True)
    found: dict[str, Any] = {}
    with scratch("screens") as folder:
        try:
            run([sys.executable, ROOT / "benchmarks" / "tui.py"], folder / "run", timeout_s=LIMIT_S)
            said = (folder / "run.out").read_text()
            found = json.loads(said[said.index("{") :])
        except (Unfit, ValueError) as error:
            group.notes.append(f"Not measured: tui.py: {error}.")
    for key, (name, unit, goal) in PLAIN.items():
        value = found.get(key)
        group.rows.append(Row(f"(7) {name}", unit, None if value is None else float(value), goal=goal))
    for key, name in KEYS.items():
        for part in ("median", "p95"):
            if key in found:
                group.rows.append(Row(f"(7) key to paint, {name}, {part}", "ms", float(found[key][part])))
    return group
