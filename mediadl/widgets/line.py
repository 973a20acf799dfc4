"""One line of pieces that knows which piece was clicked and drops the least important ones when it is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

_LEAD = "bold $text-accent"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text on the line."""

    text: str
    """Sanitized; shown as it is, never as markup."""
    style: str = ""
    weight: int = 0
    """Pieces of higher weight are dropped first when the line is too narrow."""
    action: str = ""
    """What a click on it asks for; empty: nothing."""
    lead: str = ""
    """Stands before the text in a colour of its own, such as a key."""

    @property
    def cells(self) -> int:
        """Its width."""
        return cell_len(self.text) + (cell_len(self.lead) + 1 if self.lead else 0)


class Line(Widget):
    """Left pieces, right pieces, blanks between."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    Line { height: 1; }
    """

    class Clicked(Message):
        """A piece with an action was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, gap: int = 2, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._gap = gap
        self._left: Sequence[Piece] = ()
        self._right: Sequence[Piece] = ()
        self._targets: list[tuple[int, int, str]] = []

    def put(self, left: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        """Show these pieces; nothing is painted when they are the same as before."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    @property
    def text(self) -> str:
        """What the line says, for tests and the curious."""
        return str(self.render())

    def render(self) -> Content:
        """The line as far as it fits."""
        width = self.size.width
        left, right = self._fitting(width)
        self._targets.clear()
        parts: list[tuple[str, str]] = []
        x = self._lay(left, 0, parts)
        start = max(x, width - self._width(right))
        parts.append((" " * (start - x), ""))
        self._lay(right, start, parts)
        return Content.assemble(*(part for part in parts if part[0]))

    def on_click(self, event: events.Click) -> None:
        """Tell which piece it was."""
        at = event.get_content_offset(self)
        if at is None:
            return
        for begin, end, action in self._targets:
            if begin <= at.x < end:
                event.stop()
                self.post_message(self.Clicked(action))

    def _lay(self, pieces: Sequence[Piece], x: int, parts: list[tuple[str, str]]) -> int:
        for n, piece in enumerate(pieces):
            if n:
                parts.append((" " * self._gap, ""))
                x += self._gap
            if piece.lead:
                parts += [(piece.lead, _LEAD), (" ", "")]
            parts.append((piece.text, piece.style))
            if piece.action:
                self._targets.append((x, x + piece.cells, piece.action))
            x += piece.cells
        return x

    def _width(self, pieces: Sequence[Piece]) -> int:
        return sum(piece.cells for piece in pieces) + self._gap * max(len(pieces) - 1, 0)

    def _fitting(self, width: int) -> tuple[list[Piece], list[Piece]]:
        left, right = list(self._left), list(self._right)
        while left or right:
            between = self._gap if left and right else 0
            if self._width(left) + between + self._width(right) <= width:
                break
            weight = max(piece.weight for piece in (*left, *right))
            # Of equals the last one goes
            side = right if any(piece.weight == weight for piece in right) else left
            side.pop(max(n for n, piece in enumerate(side) if piece.weight == weight))
        return left, right
