"""What can be done everywhere."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope


def _screens() -> Iterable[Action]:
    for number, (name, what) in enumerate(
        (
            ("dashboard", "how everything is doing."),
            ("queue", "every job and what it is at."),
            ("scheduler", "what starts by itself, and when."),
            ("history", "every file that is stored."),
            ("logs", "what happened, line by line."),
            ("settings", "everything that can be set."),
        ),
        1,
    ):
        label = name.capitalize()
        yield Action(name, label, f"{label}: {what}", (str(number),), Scope.APP, Group.SCREENS)
    yield Action(
        "jump", "Go to", "Then a letter: a screen, or g for the top.", ("g",), Scope.APP, Group.SCREENS
    )


def _program() -> Iterable[Action]:
    def action(
        name: str, label: str, text: str, *keys: str, weight: int = 0, priority: bool = False
    ) -> Action:
        return Action(name, label, text, keys, Scope.APP, Group.PROGRAM, weight, priority)

    yield action("help", "Help", "Show the keys that work here.", "?", "f1", weight=2)
    yield action("undo", "Undo", "Take the last change back, for a few seconds after it.", "u", weight=1)
    yield action("command_palette", "Commands", "Find a command by its name.", "ctrl+p", weight=14)
    yield action("command_line", "Command line", "Type a command, such as :history or :add.", ":")
    yield action("change_theme", "Theme", "Choose the colours; they are kept.", "ctrl+t")
    yield action("suspend", "Suspend", "Leave for the shell; `fg` comes back.", "ctrl+z")
    yield action(
        "interrupt", "Copy or how to quit", "Copy selected text; without any, say how to quit.", "ctrl+c"
    )
    yield action("leave", "Quit", "Leave; downloads go on in the background.", "q", weight=15)
    yield action("leave_now", "Quit from anywhere", "The same, also while typing.", "ctrl+q", priority=True)


ACTIONS: tuple[Action, ...] = (*_screens(), *_program())
