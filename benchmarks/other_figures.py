"""Figures of scripts that measure one room and with `--json` print `{name: {"value", "unit", "goal"}}`."""

from __future__ import annotations

import json
import sys

from benchmarks.measure import ROOT, Unfit, run, scratch
from benchmarks.report import Goal, Group, Row

LIMIT_S = 240


def add(group: Group, script: str, prefix: str, *, everything: bool = False) -> None:
    """Run the script in a process of its own and take over its figures: those with a goal, or all."""
    found: dict[str, dict[str, object]] = {}
    print(f"  {script}", file=sys.stderr, flush=True)
    with scratch("figures") as folder:
        try:
            run([sys.executable, ROOT / "benchmarks" / script, "--json"], folder / "run", timeout_s=LIMIT_S)
            found = json.loads((folder / "run.out").read_text().splitlines()[-1])
        except (Unfit, ValueError) as error:
            group.notes.append(f"Not measured: {script}: {error}.")
    for name, figure in found.items():
        unit = str(figure["unit"]).replace("1/s", "/s")
        goal = goal_of(str(figure["goal"]))
        if goal or everything:
            group.rows.append(Row(prefix + name, unit, float(str(figure["value"])), goal=goal))
    if not found:
        group.rows.append(Row(f"{prefix}{script}", "", None))
    elif not everything:
        group.notes.append(f"More: `python benchmarks/{script}`.")


def goal_of(text: str) -> Goal | None:
    """The goal that a figure names, such as `<= 50 ms`."""
    relation, _, bound = text.partition(" ")
    if relation in {"<=", "≤"}:
        return Goal(at_most=float(bound.split()[0]))
    return Goal(at_least=float(bound.split()[0])) if relation in {">=", "≥"} else None
