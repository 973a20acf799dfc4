"""What can be done in the dialogs."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope, moves

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
        "new_line", "New line", "One more address.", ("ctrl+j",), Scope.ADD, program, 6, priority=True
    )
    yield Action("close", "Close", "Add nothing.", ("escape",), Scope.ADD, program, 2, priority=True)
    yield Action("preview", "Preview", "List what would come, and tick what to add.", ("ctrl+l",), Scope.ADD,
                 program, 3, priority=True)  # fmt: skip
    yield Action("more", "Filters", "Choose which items are taken, and options of the platform.", ("ctrl+o",),
                 Scope.ADD, program, 4, priority=True)  # fmt: skip
    yield Action("repeat", "Repeat", "Look at them again and again: make a schedule of them.", ("ctrl+r",), Scope.ADD,
                 program, 5, priority=True)  # fmt: skip
    yield Action("next_field", "Next field", "Address, priority, quality.", ("tab",), Scope.ADD, program, 7)
    yield Action("previous_field", "Previous field", "The one before.", ("shift+tab",), Scope.ADD, program)
    yield from _more()
    yield from _pick()
    yield Action(
        "submit", "Import", "Take the cookies.", ("enter",), Scope.SESSION, program, 1, priority=True
    )
    yield Action("close", "Close", "Import nothing.", ("escape",), Scope.SESSION, program, 2, priority=True)
    yield Action("next_field", "Next field", "Site, cookies, account.", ("tab",), Scope.SESSION, program, 6)
    yield Action(
        "previous_field", "Previous field", "The one before.", ("shift+tab",), Scope.SESSION, program
    )
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


def _more() -> Iterable[Action]:
    change = Group.CHANGE
    yield Action(
        "edit", "Change", "Type, switch or take the next choice.", ("enter", "space"), Scope.MORE, change, 1
    )
    yield Action("reset", "Reset", "Forget what was chosen here.", ("r",), Scope.MORE, change, 3)
    yield Action(
        "close", "Back", "Back to the addresses; what was chosen holds.", ("escape",), Scope.MORE, change, 2
    )
    yield from moves(Scope.MORE, "field")


def _pick() -> Iterable[Action]:
    select, program = Group.SELECT, Group.PROGRAM
    yield Action("tick", "Tick", "Set or take the tick.", ("space",), Scope.PICK, select, 2)
    yield Action("all", "All, none", "Tick everything, or nothing.", ("a",), Scope.PICK, select, 4)
    yield Action("submit", "Add ticked", "Add exactly the ticked items.", ("enter",), Scope.PICK, program, 1,
                 priority=True)  # fmt: skip
    yield Action("close", "Stop, back", "Stop listing; then go back and add nothing.", ("escape",), Scope.PICK,
                 program, 3)  # fmt: skip
    yield from moves(Scope.PICK, "item")


ACTIONS: tuple[Action, ...] = tuple(_dialogs())
