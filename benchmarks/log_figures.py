"""Figure 8: the Logs screen beside toolong and lnav (logs_screen.py)."""

from __future__ import annotations

from benchmarks import log_peers, logs_screen, other_figures
from benchmarks.report import Group, Row


def measure() -> Group:
    """First paint, searches, gaps of the event loop, memory; then what a person sees in each program."""
    group = Group("8 · the Logs screen at 1,000,000 lines")
    found, notes = logs_screen.run()
    for name, (words, unit, goal) in logs_screen.FIGURES.items():
        group.rows.append(
            Row(f"(8) {words}", unit.replace("1/s", "/s"), found[name], goal=other_figures.goal_of(goal))
        )
    for what, words in log_peers.PEER_FIGURES.items():
        for peer in log_peers.PEERS:
            group.rows.append(
                Row(f"(8) {words}", "ms", found.get(f"mediadl_{what}"), peer, found.get(f"{peer}_{what}"))
            )
    group.notes += notes
    group.notes.append(
        "Peers count from their start, mediadl from its start and from the key that opens the screen; toolong has no"
        " filter and jumps from match to match, lnav keeps the matching lines, mediadl shows the newest first."
    )
    return group
