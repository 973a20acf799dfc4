"""What can be done on the Settings screen and in its dialogs."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope, moves


def _settings() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.SETTINGS, group, weight)

    change, view, move = Group.CHANGE, Group.VIEW, Group.MOVE
    yield action("edit", "Change", "Type, switch or choose another value.", "enter", group=change, weight=3)
    yield action("switch", "Switch", "Turn it on or off, or take the next choice.", "space",
                 group=change, weight=8)  # fmt: skip
    yield action("reset", "Reset", "Take it back to its default.", "r", group=change, weight=5)
    yield action("save", "Save", "Save all changes at once.", "ctrl+s", group=change, weight=1)
    yield action("discard", "Discard", "Give all unsaved changes up.", "x", group=change, weight=6)
    yield action("session", "Import cookies", "Give the site a login: take a browser's cookies.", "i",
                 group=change, weight=4)  # fmt: skip
    yield action(
        "forget", "Forget login", "Delete the cookies of the login.", "d", "delete", group=change, weight=10
    )
    yield action("copy", "Copy name", "Copy the name that the command line uses.", "y", group=change)
    yield action("next_tab", "Next tab", "Show the next tab; while looking: its first match.", "]", "right", "f",
                 group=view, weight=9)  # fmt: skip
    yield action("previous_tab", "Tab before", "Show the tab before.", "[", "left", "F", group=view)
    yield action("filter", "Find", "Find settings on every tab, while you type.", "/", group=view, weight=7)
    yield action("back", "Back", "One step back: typing, then looking; never quits.", "escape", group=view)
    yield action("next_field", "Next setting", "Keep what was typed and go on.", "tab", group=move)
    yield action(
        "previous_field", "Setting before", "Keep what was typed and go back.", "shift+tab", group=move
    )
    yield from moves(Scope.SETTINGS, "setting")


def _dialogs() -> Iterable[Action]:
    change, view = Group.CHANGE, Group.VIEW
    yield Action("save", "Save", "Save and go on.", ("enter", "s"), Scope.UNSAVED, change, 1)
    yield Action("discard", "Discard", "Give the changes up and go on.", ("d",), Scope.UNSAVED, change, 2)
    yield Action("close", "Stay", "Stay here.", ("escape", "n"), Scope.UNSAVED, change, 3)
    yield Action("keep", "Keep", "Keep these colours.", ("enter",), Scope.THEMES, change, 1)
    yield Action("close", "Back", "Give the colours of before back.", ("escape",), Scope.THEMES, change, 2)
    yield from moves(Scope.THEMES, "theme")
    yield Action(
        "close", "Close", "One step back: the words, then the list.", ("escape",), Scope.KEYS, view, 1
    )
    yield Action("filter", "Find", "Show only actions with these words or keys.", ("/",), Scope.KEYS, view, 2)
    yield Action("copy", "Copy name", "Copy the name that the file uses.", ("y",), Scope.KEYS, change, 3)
    yield from moves(Scope.KEYS, "action")


ACTIONS: tuple[Action, ...] = (*_settings(), *_dialogs())
