"""What can be done on the Scheduler screen, and where a time is typed."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope, moves


def _scheduler() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.SCHEDULER, group, weight)

    jobs, select, view = Group.JOBS, Group.SELECT, Group.VIEW
    yield action("add", "Add", "Add one or many addresses; pasting one anywhere does the same.", "a",
                 group=jobs, weight=1)  # fmt: skip
    yield action("details", "Details", "Show everything about it.", "enter", group=jobs, weight=3)
    yield action("set_time", "Change time", "Let it start at another time.", "t", group=jobs, weight=4)
    yield action("run_now", "Run now", "Start it as soon as there is room.", "r", group=jobs, weight=5)
    yield action("pause", "Pause/resume", "Hold it; its time is kept.", "p", group=jobs, weight=6)
    yield action("remove", "Remove", "Take it out of the list.", "d", "delete", group=jobs, weight=7)
    yield action("copy", "Copy link", "Copy the address to the clipboard.", "y", group=jobs)
    yield action("mark", "Mark", "Mark or unmark it and go down.", "space", group=select, weight=9)
    yield action("mark_range", "Range", "Begin a range here; again to take it.", "v", group=select)
    yield action("mark_all", "All/none", "Mark everything, or nothing.", "*", group=select)
    yield action("back", "Back", "One step back: range, marks; never quits.", "escape", group=view)
    yield from moves(Scope.SCHEDULER, "row")


def _time() -> Iterable[Action]:
    program = Group.PROGRAM
    yield Action("submit", "Set", "Let it start then.", ("enter",), Scope.TIME, program, 1, priority=True)
    yield Action("close", "Close", "Change nothing.", ("escape",), Scope.TIME, program, 2, priority=True)


ACTIONS: tuple[Action, ...] = (*_scheduler(), *_time())
