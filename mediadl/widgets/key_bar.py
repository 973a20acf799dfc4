"""The bottom line: the keys that do something now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediadl.widgets.line import Line, Piece


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and what it does."""

    key: str
    """As printed on the key, such as `Enter`."""
    label: str
    action: str
    weight: int = 0
    """Hints of higher weight are dropped first when the line is narrow."""


class KeyBar(Line):
    """Hints; a click does what the key does."""

    def show(self, hints: Sequence[Hint], *, lead: str = "") -> None:
        """Show the hints, after a word on what they apply to."""
        pieces = [Piece(h.label, "", h.weight, h.action, lead=h.key) for h in hints]
        first = [Piece(lead, "bold reverse", -1)] if lead else []
        self.put([*first, *pieces])
