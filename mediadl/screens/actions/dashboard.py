"""What can be done on the Dashboard."""

from __future__ import annotations

from mediadl.screens.actions.model import Action

ACTIONS: tuple[Action, ...] = ()
