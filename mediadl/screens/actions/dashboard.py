"""What can be done on the Dashboard."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope, moves


def _dashboard() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.DASHBOARD, group, weight)

    jobs, view = Group.JOBS, Group.VIEW
    yield action("add", "Add", "Add one or many addresses; pasting one anywhere does the same.", "a",
                 group=jobs, weight=1)  # fmt: skip
    yield action("details", "Details", "Show items, log and, if it failed, why and what helps.", "enter",
                 group=jobs, weight=3)  # fmt: skip
    yield action("pause_all", "Pause all", "Hold every job; planned ones keep their time.", "P",
                 group=jobs, weight=4)  # fmt: skip
    yield action("resume_all", "Resume all", "Let every held job go on.", "O", group=jobs, weight=4)
    yield action("run_schedules", "Run schedules", "Run every schedule now, whatever its time.", "N",
                 group=jobs, weight=9)  # fmt: skip
    yield action("show_active", "Active", "Show the jobs at work, on the Queue.", "A", group=view, weight=6)
    yield action("show_pending", "Pending", "Show the jobs still to come, on the Queue.", "W", group=view)
    yield action(
        "show_failed", "Failed", "Show the jobs that failed, on the Queue.", "E", group=view, weight=5
    )
    yield action("copy", "Copy link", "Copy the address to the clipboard.", "y", group=jobs)
    yield action("back", "Back", "To the top of the feed; never quits.", "escape", group=view)
    yield from moves(Scope.DASHBOARD, "job")


ACTIONS: tuple[Action, ...] = tuple(_dashboard())
