"""The one list of everything a person can do: keys, footer, `?` help, palette and `:` commands are made from it."""

from __future__ import annotations

from mediadl.screens.actions.model import Action, Group, Scope, key_word, moves
from mediadl.screens.actions.registry import ACTIONS, IN_MODALS, Keymap, actions_of, bindings, hints

__all__ = [
    "ACTIONS",
    "IN_MODALS",
    "Action",
    "Group",
    "Keymap",
    "Scope",
    "actions_of",
    "bindings",
    "hints",
    "key_word",
    "moves",
]
