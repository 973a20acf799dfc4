"""Figure 7: the Queue screen (tui.py)."""

from __future__ import annotations

from benchmarks import other_figures
from benchmarks.report import Group


def measure() -> Group:
    """First paint, key to paint, gaps of the event loop, processor time and memory."""
    group = Group("7 · the Queue screen at 100,000 jobs, 8 of them active")
    other_figures.add(group, "tui.py", "(7) ", everything=True)
    return group
