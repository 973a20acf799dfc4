"""Pictures as cells: two pixels in each, the upper one as the sign, the lower one behind it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from mediadl.widgets.columns import clip

_UPPER = "▀"

_COARSE = bytes(min(255, (n + 2) // 4 * 4) for n in range(256))
"""Shades nobody tells apart become one: fewer cells of their own, less to send."""


class Pixels(Protocol):
    """A picture as plain pixels."""

    @property
    def width(self) -> int:
        """Pixels in a row."""

    @property
    def height(self) -> int:
        """Rows."""

    @property
    def rgb(self) -> bytes:
        """Rows from the top, three bytes per pixel; empty when there is no picture."""


def half_cells(picture: Pixels, ground: Style) -> list[list[Segment]]:
    """Lines of cells, each line as wide as the picture; equal neighbours share a segment.

    Below the last row of an odd number of rows lies the ground.
    """
    row_bytes = picture.width * 3
    rgb = picture.rgb.translate(_COARSE)
    lines = []
    for top in range(0, picture.height, 2):
        upper = rgb[top * row_bytes : (top + 1) * row_bytes]
        lower = rgb[(top + 1) * row_bytes : (top + 2) * row_bytes]
        line = _line(upper, lower)
        lines.append(
            line if lower else [Segment(text, ground + (style or ground)) for text, style, _ in line]
        )
    return lines


def _line(upper: bytes, lower: bytes) -> list[Segment]:
    segments: list[Segment] = []
    run, before = 0, b""
    for at in range(0, len(upper), 3):
        pair = upper[at : at + 3] + lower[at : at + 3]
        if pair != before and run:
            segments.append(Segment(_UPPER * run, _style(before)))
            run = 0
        before = pair
        run += 1
    if run:
        segments.append(Segment(_UPPER * run, _style(before)))
    return segments


@lru_cache(maxsize=8192)
def _style(pair: bytes) -> Style:
    """Colours of a cell: of the upper pixel and, where there is one, of the lower."""
    behind = Color.from_rgb(*pair[3:6]) if len(pair) == 6 else None
    return Style.from_color(Color.from_rgb(*pair[:3]), behind)


def centred(lines: Sequence[Sequence[Segment]], width: int, height: int, base: Style) -> list[list[Segment]]:
    """The lines in the middle of a field of `width` by `height` cells; lines too many are left out."""
    above = max(0, (height - len(lines)) // 2)
    blank = [Segment(" " * width, base)]
    field = [blank for _ in range(height)]
    for number, line in enumerate(lines[:height]):
        cells = sum(cell_len(segment.text) for segment in line)
        left = max(0, (width - cells) // 2)
        right = max(0, width - cells - left)
        field[above + number] = [
            *([Segment(" " * left, base)] if left else []),
            *line,
            *([Segment(" " * right, base)] if right else []),
        ]
    return field


def in_words(texts: Sequence[tuple[str, Style]], width: int) -> list[list[Segment]]:
    """Lines of text in the place of a picture; what is too long is clipped."""
    return [[Segment(clip(text, width), style)] for text, style in texts if text]
