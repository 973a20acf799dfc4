"""Whether a container ends where it says it does: a cheap, exact test for cut files. Pure over a `read_at` function."""

from __future__ import annotations

from collections.abc import Callable

ReadAt = Callable[[int, int], bytes]
"""(size, offset) → bytes, fewer at the end of the file."""

_MAX_BOXES = 200_000


def missing_bytes(ext: str, size: int, read_at: ReadAt) -> int:
    """How many bytes the file lacks by its own account; 0 when it is whole or does not tell."""
    if ext in {"mp4", "m4a", "m4b", "mov", "3gp", "heic", "avif"}:
        return _missing_boxes(size, read_at)
    if ext in {"mkv", "webm"}:
        return _missing_ebml(size, read_at)
    if ext in {"webp", "avi", "wav"}:
        return _missing_riff(size, read_at)
    return 0


def _missing_boxes(size: int, read_at: ReadAt) -> int:
    at = 0
    for _ in range(_MAX_BOXES):
        head = read_at(16, at)
        if len(head) < 8:
            return 0  # trailing crumbs are common and harmless
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big") if len(head) == 16 else 0
        if length == 0:
            return 0  # up to the end of the file
        if length < 8 or not head[4:8].isascii():
            return 0  # not a box: junk after the last one
        at += length
        if at >= size:
            return at - size
    return 0


def _missing_riff(size: int, read_at: ReadAt) -> int:
    length = int.from_bytes(read_at(4, 4), "little")
    if length in {0, 0xFFFFFFFF, 0x7FFFFFFF}:
        return 0  # written as a stream, never filled in
    return max(0, length + 8 - size)


def _missing_ebml(size: int, read_at: ReadAt) -> int:
    at = 0
    for wanted in (b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"):
        head = read_at(12, at)
        if head[:4] != wanted or len(head) < 5:
            return 0
        width, length = _vint(head[4:])
        if length is None:
            return 0
        at += 4 + width
        if wanted == b"\x18\x53\x80\x67":
            return max(0, at + length - size)
        at += length
    return 0


def _vint(data: bytes) -> tuple[int, int | None]:
    """Width and value of an EBML length; the value is None when unknown."""
    first = data[0]
    width = 9 - first.bit_length()
    if first == 0 or len(data) < width:
        return 1, None
    value = int.from_bytes(data[:width], "big") & ((1 << (7 * width)) - 1)
    return width, None if value == (1 << (7 * width)) - 1 else value
