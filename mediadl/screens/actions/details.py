"""What can be done in a job's details."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mediadl.screens.actions.model import Action, Group, Scope, moves


def _details() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.DETAILS, group, weight)

    jobs, view = Group.JOBS, Group.VIEW
    yield action("close", "Close", "Back to the list.", "escape", "enter", "q", group=view, weight=1)
    yield action("retry", "Retry", "Try it again, or start it now.", "r", group=jobs, weight=2)
    yield action("session", "Import cookies", "Give the site a login: take a cookies.txt, then go on.", "i",
                 group=jobs, weight=2)  # fmt: skip
    yield action("update_engines", "Update engines", "Take newer engines if there are any, then try the job once more.",
                 "U", group=jobs, weight=3)  # fmt: skip
    yield action(
        "setting", "Set", "Open the setting that helps against the error.", "e", group=jobs, weight=3
    )
    yield action("folder", "Folder", "Open the folder it downloads into.", "O", group=jobs, weight=3)
    yield action("add_again", "Add another way", "Add its address again, with another platform or type.", "a",
                 group=jobs, weight=3)  # fmt: skip
    yield action("pause", "Pause/resume", "Hold the job or let it go on.", "p", group=jobs, weight=4)
    yield action("cancel", "Cancel", "End the job; it can be retried.", "c", "x", group=jobs, weight=6)
    yield action("remove", "Remove", "Take the job out of the list; its files stay; u brings it back.", "d", "delete",
                 group=jobs, weight=9)  # fmt: skip
    yield action(
        "undo", "Undo", "Take the last change back, for a few seconds after it.", "u", group=jobs, weight=1
    )
    yield action("copy", "Copy link", "Copy the address to the clipboard.", "y", group=jobs, weight=8)
    yield action("copy_error", "Copy error", "Copy what happened, why, what helps and the address.", "Y",
                 group=jobs, weight=7)  # fmt: skip
    yield action("switch", "Items/log", "Show the items or the log lines.", "tab", "l", group=view, weight=5)
    yield action("next_job", "Next job", "The details of the job after this one.", "n", "]",
                 group=view, weight=6)  # fmt: skip
    yield action("previous_job", "Previous job", "The details of the job before.", "N", "[",
                 group=view, weight=10)  # fmt: skip
    for move in moves(Scope.DETAILS, "line"):
        # No other screen can be gone to from here: one g is enough
        yield replace(move, help="Go to the first line.", keys=("g", "home")) if move.name == "top" else move


ACTIONS: tuple[Action, ...] = tuple(_details())
