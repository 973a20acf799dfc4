"""The main screens, one line each, loaded when they are first shown."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from textual.screen import Screen

if TYPE_CHECKING:
    from mediadl.service import Services


@dataclass(frozen=True, slots=True)
class Place:
    """One main screen."""

    name: str
    """Name of its mode and its module."""
    title: str

    def make(self, services: Services) -> Screen[None]:
        """The screen itself, a `Page`."""
        module = importlib.import_module(f"mediadl.screens.{self.name}")
        return cast("Screen[None]", getattr(module, f"{self.title}Screen")(services))


PLACES: tuple[Place, ...] = (
    Place("dashboard", "Dashboard"),
    Place("queue", "Queue"),
    Place("scheduler", "Scheduler"),
    Place("history", "History"),
    Place("logs", "Logs"),
    Place("settings", "Settings"),
)
"""In the order of their keys `1` to `6`."""

FIRST = "queue"
"""What a first start shows."""


def place(name: str) -> Place:
    """The place of this name.

    Raises:
        KeyError: there is none.
    """
    return {known.name: known for known in PLACES}[name]
