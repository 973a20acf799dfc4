"""Figures 7, 9 and 10: every screen (all_screens.py), its list beside other tables, the History, the gallery."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from benchmarks import all_screens, history_screen, other_figures, seeds, table_peers
from benchmarks.report import Group, Row


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A filled data folder, made once; it goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="mediadl-bench-")
    seeds.everything(Path(folder.name) / "home")
    return folder


def _home() -> Path:
    return Path(_folder().name) / "home"


def measure() -> Group:
    """First paint, key to paint, gaps of the event loop, processor time and memory of every screen."""
    group = Group("7 · every screen at 100,000 jobs, 1,000,000 stored files and 1,000,000 log lines")
    found = all_screens.run(_home(), list(all_screens.KEY_OF))
    _add(group, "(7) ", all_screens.figures(found))
    others, notes = table_peers.run()
    queue = found["queue"]
    for name, (words, unit) in table_peers.FIGURES.items():
        for kind, values in others.items():
            peer = f"{kind} at {table_peers.ROWS[kind]:,} rows,"
            group.rows.append(Row(f"(7) the Queue: {words}", unit, queue[name], peer, values[name]))
    group.notes += notes
    group.notes.append(
        "Meanwhile another process makes 200 changes a second to 8 active jobs and writes 10 lines a second into the"
        " log. The other tables stand alone, without a database and with nothing else to do."
    )
    return group


def history() -> Group:
    """Pages, filters and searches of a long history, in the store and on the screen."""
    group = Group("9 · the History screen at 1,000,000 stored files")
    found = history_screen.run(history_screen.ROWS, _home())
    figures = {
        words: {"value": found[name], "unit": unit, "goal": goal}
        for name, (words, unit, goal) in history_screen.FIGURES.items()
        if name != "fill"
    }
    _add(group, "(9) ", figures)
    return group


def gallery() -> Group:
    """Pages of pictures and what they leave behind."""
    group = Group("10 · the gallery, 2,000 pictures")
    other_figures.add(group, "gallery.py", "(10) ", everything=True)
    return group


def _add(group: Group, prefix: str, figures: dict[str, dict[str, object]]) -> None:
    for words, figure in figures.items():
        goal = other_figures.goal_of(str(figure["goal"]))
        group.rows.append(Row(prefix + words, str(figure["unit"]), float(str(figure["value"])), goal=goal))
