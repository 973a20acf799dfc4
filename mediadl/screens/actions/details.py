"""What can be done in a job's details."""

from __future__ import annotations

from collections.abc import Iterable

from mediadl.screens.actions.model import Action, Group, Scope


def _details() -> Iterable[Action]:
    def action(name: str, label: str, text: str, *keys: str, group: Group, weight: int = 0) -> Action:
        return Action(name, label, text, keys, Scope.DETAILS, group, weight)

    jobs, view, move = Group.JOBS, Group.VIEW, Group.MOVE
    yield action("close", "Close", "Back to the list.", "escape", "enter", "q", group=view, weight=1)
    yield action("retry", "Retry", "Try it again, or start it now.", "r", group=jobs, weight=2)
    yield action("pause", "Pause/resume", "Hold the job or let it go on.", "p", group=jobs, weight=3)
    yield action("cancel", "Cancel", "End the job; it can be retried.", "c", "x", group=jobs, weight=4)
    yield action("session", "Import cookies", "Give the site a login: take a cookies.txt, then go on.", "i",
                 group=jobs, weight=2)  # fmt: skip
    yield action("copy", "Copy link", "Copy the address to the clipboard.", "y", group=jobs, weight=6)
    yield action("switch", "Items/log", "Show the items or the log lines.", "tab", "l", group=view, weight=5)
    yield action("cursor_down", "Down", "Next line.", "j", "down", group=move)
    yield action("cursor_up", "Up", "Previous line.", "k", "up", group=move)
    yield action("page_down", "Page down", "One screen down.", "pagedown", "ctrl+f", group=move)
    yield action("page_up", "Page up", "One screen up.", "pageup", "ctrl+b", group=move)
    yield action("top", "First", "Go to the first line.", "g", "home", group=move)
    yield action("bottom", "Last", "Go to the last line.", "G", "end", group=move)


ACTIONS: tuple[Action, ...] = tuple(_details())
