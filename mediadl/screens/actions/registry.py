"""All actions in one list: bindings, footer, help, palette, `:` commands and the keymap are made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from textual.binding import Binding

from mediadl.screens.actions import (
    dashboard,
    details,
    dialogs,
    history,
    lock,
    logs,
    program,
    queue,
    scheduler,
    schedules,
    settings,
    viewer,
)
from mediadl.screens.actions.model import Action, Scope, key_word
from mediadl.widgets.key_bar import Hint

ACTIONS: tuple[Action, ...] = (
    *dashboard.ACTIONS,
    *queue.ACTIONS,
    *scheduler.ACTIONS,
    *schedules.ACTIONS,
    *history.ACTIONS,
    *logs.ACTIONS,
    *settings.ACTIONS,
    *lock.ACTIONS,
    *program.ACTIONS,
    *details.ACTIONS,
    *viewer.ACTIONS,
    *dialogs.ACTIONS,
)
"""Everything, in the order of the help."""

IN_MODALS = frozenset({"help", "command_palette", "change_theme", "interrupt", "suspend"})
"""Names of the app's actions that work in modal screens too."""

Keymap = Mapping[str, tuple[str, ...]]
"""Other keys that the user gave to actions, by action id."""


def actions_of(*scopes: Scope, keymap: Keymap | None = None) -> list[Action]:
    """The actions of these scopes, in the order of the help, with the user's keys."""
    mine = keymap or {}
    found = (action for action in ACTIONS if action.scope in scopes)
    return [replace(action, keys=mine[action.id]) if action.id in mine else action for action in found]


def bindings(scope: Scope, *, modal: bool = False) -> list[Binding]:
    """The keys of a scope, for the `BINDINGS` of its screen.

    Textual hides the app's keys from modal screens: `modal` adds those that make sense there.
    """
    lent = [a for a in actions_of(Scope.APP) if modal and a.name in IN_MODALS]
    return [
        Binding(
            ",".join(action.keys),
            action.call if action in lent else action.name,
            action.label,
            show=False,
            key_display=action.key_text,
            priority=action.priority,
            tooltip=action.help,
            id=action.id,
        )
        for action in (*actions_of(scope), *lent)
    ]


def hints(
    scopes: Iterable[Scope],
    reason_against: Mapping[str, str],
    *,
    modal: bool = False,
    keymap: Keymap | None = None,
) -> list[Hint]:
    """The footer: actions with a weight that can be done now, most important first; `modal` adds the help."""
    shown = [a for a in actions_of(*scopes, keymap=keymap) if a.weight and a.id not in reason_against]
    shown += [a for a in actions_of(Scope.APP, keymap=keymap) if modal and a.name == "help"]
    return [
        Hint(key_word(a.keys[0]), a.label, a.call, a.weight)
        for a in sorted(shown, key=lambda a: a.weight)
        if a.keys
    ]
