"""What can be done while looking at one file."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope


def _viewer() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.VIEWER, group, weight)

    view, move = Group.VIEW, Group.MOVE
    yield action("close", "Close", "Back to the list.", "escape", "enter", "q", group=view, weight=1)
    yield action("previous", "Previous", "The file before.", "left", "h", "k", "up", "backspace",
                 group=move, weight=2)  # fmt: skip
    yield action("next", "Next", "The next file of the list.", "right", "l", "j", "down", "space",
                 group=move, weight=3)  # fmt: skip
    yield action("folder", "Folder", "Show its folder on the desktop.", "O", group=view, weight=4)
    yield action("copy", "Copy path", "Copy the path to the clipboard.", "y", group=view, weight=5)


ACTIONS: tuple[Action, ...] = tuple(_viewer())
