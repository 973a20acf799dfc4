"""A picture in the sixel language of terminals. Runs in the thumbnail child, so that no screen waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_BAND = 6
"""Rows of pixels in one line of sixels."""
_COLOURS = 128


def to_sixel(image: Image) -> bytes:
    """Attributes, colours and bands of an RGB picture; whoever prints it puts the frame around."""
    table = image.quantize(_COLOURS)
    palette = table.getpalette("RGB") or []
    width, height = table.size
    pixels = table.tobytes()
    parts = [b'"1;1;%d;%d' % (width, height)]
    for number in sorted(set(pixels)):
        red, green, blue = palette[number * 3 : number * 3 + 3]
        shares = ((value * 100 + 127) // 255 for value in (red, green, blue))
        parts.append(b"#%d;2;%d;%d;%d" % (number, *shares))
    for top in range(0, height, _BAND):
        rows = [pixels[y * width : (y + 1) * width] for y in range(top, min(top + _BAND, height))]
        parts.append(_band(rows, width))
    return b"".join(parts)


def _band(rows: list[bytes], width: int) -> bytes:
    """One line of sixels: each colour over the same place, one after the other."""
    lines = []
    for colour in sorted(set(b"".join(rows))):
        sums = 0
        for bit, row in enumerate(rows):
            # All columns at once: one byte per column, the bit of this row set where the colour is
            picked = row.translate(_picking(colour))
            sums |= int.from_bytes(picked, "big") << bit
        columns = sums.to_bytes(width, "big").translate(_PRINTABLE)
        lines.append(b"#%d" % colour + _runs(columns))
    return b"$".join(lines) + b"-"


def _picking(colour: int) -> bytes:
    table = bytearray(256)
    table[colour] = 1
    return bytes(table)


_PRINTABLE = bytes(63 + n if n < 64 else 63 for n in range(256))


def _runs(columns: bytes) -> bytes:
    """Equal columns in a row as a count; empty columns at the end are left out."""
    columns = columns.rstrip(b"?")
    out = bytearray()
    at = 0
    while at < len(columns):
        value = columns[at : at + 1]
        run = len(columns) - at - len(columns[at:].lstrip(value))
        out += b"!%d%b" % (run, value) if run > 3 else value * run
        at += run
    return bytes(out)
