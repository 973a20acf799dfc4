"""Columns of a table and how they share the width. Pure: no widget, no terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len, set_cell_size

R = TypeVar("R")

Part = tuple[str, str]
"""Text and the name of its style; an empty name is the row's own style."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column: how wide, when shown, and what it says about a row."""

    name: str
    title: str
    parts: Callable[[R, float, int], Sequence[Part]]
    """Of row, now (epoch seconds) and width in cells; the text must be sanitized already."""
    width: int
    """Cells; the least when `flex` is set."""
    flex: int = 0
    """Share of the cells left over."""
    from_width: int = 0
    """Table width from which the column is shown."""
    to_width: int = 10_000
    """Table width up to which it is shown."""
    right: bool = False
    sort: str = ""
    """Word of the sort order its header stands for; empty: none."""


@dataclass(frozen=True, slots=True)
class Fitted(Generic[R]):
    """A column that is shown, where and how wide."""

    column: Column[R]
    x: int
    width: int


def fit(columns: Sequence[Column[R]], width: int, *, gap: int = 1, margin: int = 2) -> list[Fitted[R]]:
    """The columns that fit a table of `width` cells, after `margin` cells for the marks."""
    shown = [c for c in columns if c.from_width <= width <= c.to_width]
    spare = width - margin - sum(c.width for c in shown) - gap * max(len(shown) - 1, 0)
    shares = sum(c.flex for c in shown)
    fitted: list[Fitted[R]] = []
    x = margin
    for column in shown:
        extra = 0
        if column.flex and spare > 0:
            extra = spare * column.flex // shares
            spare -= extra
            shares -= column.flex
        fitted.append(Fitted(column, x, column.width + extra))
        x += column.width + extra + gap
    return fitted


def clip(text: str, width: int) -> str:
    """`text` in at most `width` cells, an ellipsis where something is missing."""
    if len(text) * 2 <= width or cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def pad(parts: Sequence[Part], width: int, *, right: bool = False) -> list[Part]:
    """The parts clipped and filled to exactly `width` cells."""
    out: list[Part] = []
    left = width
    for text, style in parts:
        if left <= 0:
            break
        piece = clip(text, left)
        out.append((piece, style))
        left -= cell_len(piece)
    if left > 0:
        blank = (" " * left, "")
        out = [blank, *out] if right else [*out, blank]
    return out
