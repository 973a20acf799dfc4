"""The actions as the keymap knows them."""

from __future__ import annotations

from mediadl.screens.actions import ACTIONS, Scope
from mediadl.screens.pages import PLACES
from mediadl.settings.keymap import Bound


def known() -> list[Bound]:
    """Every action that can be given other keys."""
    pages = {Scope(place.name) for place in PLACES}
    return [Bound(action.id, action.keys, action.scope in pages, action.help) for action in ACTIONS]
