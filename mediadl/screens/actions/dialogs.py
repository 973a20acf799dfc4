"""What can be done in the dialogs."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope

JUMPS = (
    ("top", "g", "the top"), ("dashboard", "d", "Dashboard"), ("queue", "q", "Queue"),
    ("scheduler", "s", "Scheduler"), ("history", "h", "History"), ("logs", "l", "Logs"),
    ("settings", "e", "Settings"),
)  # fmt: skip
"""Where `g` and a letter lead: action, letter, words."""


def _dialogs() -> Iterable[Action]:
    program, view, move = Group.PROGRAM, Group.VIEW, Group.MOVE
    yield Action("submit", "Add", "Add what is valid.", ("enter",), Scope.ADD, program, 1, priority=True)
    yield Action(
        "new_line", "New line", "One more address.", ("ctrl+j",), Scope.ADD, program, 2, priority=True
    )
    yield Action("close", "Close", "Add nothing.", ("escape",), Scope.ADD, program, 3, priority=True)
    yield Action("next_field", "Next field", "Address, priority, quality.", ("tab",), Scope.ADD, program, 4)
    yield Action("previous_field", "Previous field", "The one before.", ("shift+tab",), Scope.ADD, program)
    yield Action(
        "submit", "Import", "Take the cookies.", ("enter",), Scope.SESSION, program, 1, priority=True
    )
    yield Action("close", "Close", "Import nothing.", ("escape",), Scope.SESSION, program, 2, priority=True)
    yield Action("confirm", "Yes", "Do it.", ("enter", "y"), Scope.CONFIRM, program, 1)
    yield Action("close", "No", "Leave everything as it is.", ("escape", "n"), Scope.CONFIRM, program, 2)
    yield Action("close", "Close", "Choose nothing.", ("escape",), Scope.MENU, program, 1)
    yield Action("close", "Stay", "Stay here.", ("escape",), Scope.JUMP, program, 9)
    for name, key, label in JUMPS:
        yield Action(name, label, f"Go to {label}.", (key,), Scope.JUMP, program, 1)
    yield Action("submit", "Run", "Run the command.", ("enter",), Scope.COMMAND, program, 1, priority=True)
    yield Action(
        "complete", "Complete", "Finish the word.", ("tab",), Scope.COMMAND, program, 2, priority=True
    )
    yield Action("close", "Close", "Run nothing.", ("escape",), Scope.COMMAND, program, 3, priority=True)
    yield Action("close", "Close", "Back.", ("escape", "enter", "q", "?"), Scope.HELP, view, 1)
    yield Action("scroll_down", "Down", "One line down.", ("j", "down"), Scope.HELP, move)
    yield Action("scroll_up", "Up", "One line up.", ("k", "up"), Scope.HELP, move)
    yield Action("page_down", "Page down", "One screen down.", ("pagedown", "space"), Scope.HELP, move, 2)
    yield Action("page_up", "Page up", "One screen up.", ("pageup",), Scope.HELP, move)


ACTIONS: tuple[Action, ...] = tuple(_dialogs())
