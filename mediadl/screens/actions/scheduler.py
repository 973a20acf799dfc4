"""What can be done on the Scheduler screen, in a schedule's details, and where a time is typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mediadl.screens.actions.model import Action, Group, Scope, moves


def _scheduler() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.SCHEDULER, group, weight)

    jobs, select, view = Group.JOBS, Group.SELECT, Group.VIEW
    yield action("new", "New", "A new schedule: look at sources again and again.", "n", group=jobs, weight=1)
    yield action("add", "Add", "Add one or many addresses; pasting one anywhere does the same.", "a",
                 group=jobs, weight=8)  # fmt: skip
    yield action("details", "Details", "Its runs and sources, or everything about the job.", "enter",
                 group=jobs, weight=3)  # fmt: skip
    yield action("edit", "Edit", "Change the schedule.", "e", group=jobs, weight=4)
    yield action("duplicate", "Duplicate", "A new schedule like this one.", "D", group=jobs, weight=12)
    yield action("set_time", "Change time", "Let the job start at another time.", "t", group=jobs, weight=4)
    yield action("run_now", "Run now", "Start it as soon as there is room.", "r", group=jobs, weight=5)
    yield action("pause", "On/off", "Switch the schedule off or on; hold the job, its time is kept.", "p",
                 group=jobs, weight=6)  # fmt: skip
    yield action("fill_gap", "Fill gap", "Fetch what may be missing between the newest posts and the known ones.",
                 "b", group=jobs, weight=2)  # fmt: skip
    yield action("preview", "Preview", "List what its next run would fetch, and what it would leave out.", "w",
                 group=jobs, weight=9)  # fmt: skip
    yield action(
        "remove", "Remove", "Take it out of the list; files stay.", "d", "delete", group=jobs, weight=7
    )
    yield action("pause_all", "Pause all", "Switch every schedule off and hold every planned job.", "P",
                 group=jobs, weight=13)  # fmt: skip
    yield action("resume_all", "Resume all", "Switch every schedule on and let every held job go on.", "O",
                 group=jobs)  # fmt: skip
    yield action("copy", "Copy link", "Copy the address, or the sources, to the clipboard.", "y", group=jobs)
    yield action("mark", "Mark", "Mark or unmark it and go down.", "space", group=select, weight=11)
    yield action("mark_range", "Range", "Begin a range here; again to take it.", "v", group=select)
    yield action("mark_all", "All/none", "Mark everything shown, or nothing.", "*", group=select)
    yield action("filter", "Filter", "Show only what has these words in name, source or address.", "/",
                 group=view, weight=10)  # fmt: skip
    yield action("next_kind", "Kind", "Show the next kind: schedules, once, trouble, off.", "f",
                 group=view, weight=14)  # fmt: skip
    yield action("previous_kind", "Kind back", "Show the kind before.", "F", group=view)
    yield action("back", "Back", "One step back: range, marks, filter; never quits.", "escape", group=view)
    yield from moves(Scope.SCHEDULER, "row")


def _schedule() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.SCHEDULE, group, weight)

    jobs, view = Group.JOBS, Group.VIEW
    yield action("close", "Close", "Back to the list.", "escape", "enter", "q", group=view, weight=1)
    yield action(
        "switch", "Runs/sources", "Show its runs, or what it looks at.", "tab", "l", group=view, weight=3
    )
    yield action("run_now", "Run now", "Start it as soon as there is room.", "r", group=jobs, weight=4)
    yield action("pause", "On/off", "Switch it off or on.", "p", group=jobs, weight=6)
    yield action("edit", "Edit", "Change the schedule.", "e", group=jobs, weight=5)
    yield action("fill_gap", "Fill gap", "Fetch what may be missing between the newest posts and the known ones.",
                 "b", group=jobs, weight=2)  # fmt: skip
    yield action("preview", "Preview", "List what its next run would fetch, and what it would leave out.", "w",
                 group=jobs, weight=7)  # fmt: skip
    yield action("copy", "Copy", "Copy the error of the run, or the address of the source, under the cursor.", "y",
                 group=jobs, weight=8)  # fmt: skip
    yield action(
        "undo", "Undo", "Take the last change back, for a few seconds after it.", "u", group=jobs, weight=1
    )
    for move in moves(Scope.SCHEDULE, "line"):
        # No other screen can be gone to from here: one g is enough
        yield replace(move, help="Go to the first line.", keys=("g", "home")) if move.name == "top" else move


def _time() -> Iterable[Action]:
    program = Group.PROGRAM
    yield Action("submit", "Set", "Let it start then.", ("enter",), Scope.TIME, program, 1, priority=True)
    yield Action("close", "Close", "Change nothing.", ("escape",), Scope.TIME, program, 2, priority=True)


ACTIONS: tuple[Action, ...] = (*_scheduler(), *_schedule(), *_time())
