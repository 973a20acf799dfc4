"""What can be done on the lock screen."""

from __future__ import annotations

from mediadl.screens.actions.model import Action, Group, Scope

ACTIONS: tuple[Action, ...] = (
    Action("unlock", "Unlock", "Try the password.", ("enter",), Scope.LOCK, Group.PROGRAM, 1, priority=True),
    Action("clear", "Clear", "Begin again.", ("escape",), Scope.LOCK, Group.PROGRAM, 2, priority=True),
    Action(
        "leave",
        "Quit",
        "Leave; downloads go on in the background.",
        ("ctrl+q",),
        Scope.LOCK,
        Group.PROGRAM,
        3,
        priority=True,
    ),
)
