"""Figures on cards: a title and three rows each, side by side where there is room, else one line per card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from mediadl.widgets.columns import clip
from mediadl.widgets.line import Line, Piece

ROWS = 3
"""Rows of a card, below its title."""

_WIDE, _NORMAL = 136, 72
_TITLE_CELLS = 10
_ROOMY = 34
"""Lines of the window from which on there is a blank line between cards."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar as wide as its card."""

    fraction: float
    """0 to 1."""
    style: str = "$text-primary"


Row = tuple[Piece | Bar, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One card."""

    title: str
    rows: tuple[Row, ...]
    """At most `ROWS`."""
    brief: tuple[Piece, ...]
    """The same in one line, most important first."""


class Cards(Widget):
    """Cards in as many columns as fit. Its height depends on the window alone, so that nothing moves."""

    ALLOW_SELECT = False

    def __init__(self, number: int, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        """`number` of cards there will be."""
        super().__init__(id=id)
        self._number = number
        self._cards: Sequence[Card] = ()
        self._targets: list[tuple[int, int, int, str]] = []

    def show(self, cards: Sequence[Card]) -> None:
        """Show these; nothing is painted when they are the same as before."""
        if cards != self._cards:
            self._cards = cards
            self.refresh()

    def columns(self, width: int) -> int:
        """Cards side by side; 0: one line each."""
        if width >= _WIDE:
            return self._number
        return -(-self._number // 2) if width >= _NORMAL else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines it needs in this window."""
        columns = self.columns(width)
        if not columns:
            return self._number
        lines = -(-self._number // columns)
        return lines * (ROWS + 1) + (lines - 1) * self._gap(viewport.height)

    @property
    def text(self) -> str:
        """What the cards say, for tests and the curious."""
        return str(self.render())

    def render(self) -> Content:
        """All cards."""
        self._targets.clear()
        width, columns = self.size.width, self.columns(self.size.width)
        if not columns:
            return Content("\n").join(self._brief(n, card, width) for n, card in enumerate(self._cards))
        lines: list[Content] = []
        for start in range(0, len(self._cards), columns):
            if start:
                lines += [Content("")] * self._gap(self.app.size.height)
            lines += self._side_by_side(self._cards[start : start + columns], columns, width, len(lines))
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Tell what was clicked."""
        at = event.get_content_offset(self)
        if at is None:
            return
        for y, begin, end, action in self._targets:
            if y == at.y and begin <= at.x < end:
                event.stop()
                self.post_message(Line.Clicked(action))

    @staticmethod
    def _gap(height: int) -> int:
        return 1 if height >= _ROOMY else 0

    def _side_by_side(self, cards: Sequence[Card], columns: int, width: int, top: int) -> list[Content]:
        spare = width - (columns - 1)
        lines: list[list[tuple[str, str]]] = [[] for _ in range(ROWS + 1)]
        x = 0
        for n, card in enumerate(cards):
            cells = spare // columns + (1 if n < spare % columns else 0)
            for y, line in enumerate(lines):
                if n:
                    line.append((" ", ""))
                row: Row = (Piece(card.title, "bold $foreground-muted"),) if y == 0 else ()
                if 0 < y <= len(card.rows):
                    row = card.rows[y - 1]
                line.extend(self._row(row, x, top + y, cells, "on $surface" if y else "on $panel"))
            x += cells + 1
        return [Content.assemble(*line) for line in lines]

    def _row(self, row: Row, x: int, y: int, cells: int, ground: str) -> list[tuple[str, str]]:
        parts = [(" ", ground)]
        at, room = 1, cells - 2
        for n, piece in enumerate(row):
            gap = " " if n and room else ""
            left = room - len(gap)
            if left <= 0:
                break
            if isinstance(piece, Bar):
                full = min(left, max(0, round(piece.fraction * left)))
                parts += [(gap, ground), ("━" * full, f"{piece.style} {ground}")]
                parts.append(("─" * (left - full), f"$foreground 20% {ground}"))
                room, at = 0, at + len(gap) + left
                break
            text = clip(piece.text, left)
            if piece.action:
                self._targets.append((y, x + at + len(gap), x + at + len(gap) + cell_len(text), piece.action))
            parts += [(gap, ground), (text, f"{piece.style} {ground}".strip())]
            room, at = left - cell_len(text), at + len(gap) + cell_len(text)
        parts.append((" " * (cells - at), ground))
        return [part for part in parts if part[0]]

    def _brief(self, y: int, card: Card, width: int) -> Content:
        parts = [(f" {card.title:<{_TITLE_CELLS}} ", "$foreground-muted")]
        x = _TITLE_CELLS + 2
        for n, piece in enumerate(card.brief):
            gap = "  " if n else ""
            cells = cell_len(piece.text)
            if x + len(gap) + cells > width:
                break
            if piece.action:
                self._targets.append((y, x + len(gap), x + len(gap) + cells, piece.action))
            parts += [(gap, ""), (piece.text, piece.style)]
            x += len(gap) + cells
        return Content.assemble(*(part for part in parts if part[0]))
