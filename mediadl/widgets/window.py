"""A table's window over a long list: where it stands, what it asks for, how it stays put while the list changes.

Pure: the reader thread settles the place, the table shows the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands when it asks for rows."""

    first: int
    """Number of the first visible row."""
    height: int
    """Rows visible at once."""
    cursor: int
    """Row number of the cursor."""
    cursor_id: int | None
    """The row the cursor belongs to; `None`: it keeps its number, whatever row that is."""
    anchor_id: int | None = None
    """Where a range being marked began."""
    follow: bool = False
    """Another order or choice of rows was asked for: the view goes where the cursor's row is now."""


@dataclass(frozen=True, slots=True)
class Window(Generic[R]):
    """Rows around a place, and where that place is now."""

    asked: Place
    total: int
    first: int
    """Where the view should stand now."""
    cursor: int
    anchor: int | None
    start: int
    """Row number of `rows[0]`."""
    rows: Sequence[R]


def settle(place: Place, total: int, index: int | None) -> tuple[int, int]:
    """First visible row and cursor row after the list changed.

    `index` is where the cursor's row is now, `None` when it is gone or the cursor has none. A row that moved a little
    keeps its line on the screen; one that left the neighbourhood takes the cursor along, but not the view.
    """
    last = max(total - 1, 0)
    cursor = min(place.cursor if index is None else index, last)
    moved = cursor - place.cursor
    if place.follow and index is not None:
        return max(0, min(cursor - place.height // 2, total - place.height)), cursor
    visible = place.first <= place.cursor < place.first + place.height
    first = place.first + moved if visible and abs(moved) < place.height else place.first
    return max(0, min(first, total - place.height)), cursor


def read_window(
    place: Place,
    *,
    total: int,
    page: Callable[[int, int], Sequence[R]],
    key: Callable[[R], int],
    index_of: Callable[[int], int | None],
) -> Window[R]:
    """The window around a place, read with as few questions as possible.

    `page` takes offset and limit. One screen above and below is read as well, so that small moves need no reading.
    """
    span = max(place.height, 10)

    def around(first: int) -> tuple[int, Sequence[R]]:
        start = max(0, first - span)
        return start, page(start, first - start + 2 * span)

    start, rows = around(max(0, min(place.first, total - place.height)))

    def where(row_id: int) -> int | None:
        near = next((n for n, row in enumerate(rows, start) if key(row) == row_id), None)
        return index_of(row_id) if near is None else near

    index = where(place.cursor_id) if place.cursor_id is not None else None
    anchor = where(place.anchor_id) if place.anchor_id is not None else None
    first, cursor = settle(place, total, index)
    if first < start or (first + place.height > start + len(rows) and start + len(rows) < total):
        start, rows = around(first)
    return Window(place, total, first, cursor, anchor, start, rows)
