"""What a page may send over its socket: only these frames, only so many, only so large."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

LARGEST_FRAME_BYTES = 65_536

WIDTHS = (20, 500)
HEIGHTS = (10, 200)

_BURST_FRAMES = 600.0
_FRAMES_PER_S = 200.0
_BURST_BYTES = 2_000_000.0
_BYTES_PER_S = 200_000.0


class Malformed(Exception):
    """No frame of ours."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys, paste, mouse: as the terminal would send them."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Resized:
    """The terminal's size in cells, within bounds."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for an answer with the same word."""

    word: str


@dataclass(frozen=True, slots=True)
class Focused:
    """The terminal has the keyboard, or lost it."""

    focused: bool


Frame = Typed | Resized | Ping | Focused


def read(text: str) -> Frame:
    """The frame in a text message.

    Raises:
        Malformed: it is none.
    """
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("not JSON") from None
    match parts:
        case ["stdin", str(data)]:
            return Typed(data.encode("utf-8", "replace"))
        case ["resize", {"width": int(width), "height": int(height), **others}] if not others:
            return Resized(*clamp(width, height))
        case ["ping", str(word)] if len(word) <= 64:
            return Ping(word)
        case ["focus"]:
            return Focused(True)
        case ["blur"]:
            return Focused(False)
    raise Malformed("not one of the known frames")


def clamp(width: int, height: int) -> tuple[int, int]:
    """A size within bounds."""
    return max(WIDTHS[0], min(WIDTHS[1], width)), max(HEIGHTS[0], min(HEIGHTS[1], height))


def size_asked(query: Any) -> tuple[int, int]:
    """The size in an address's query; what is missing or no number: 80x24."""
    numbers = []
    for name, usual in (("width", 80), ("height", 24)):
        word = str(query.get(name, ""))
        numbers.append(int(word) if word.isdecimal() and len(word) < 6 else usual)
    return clamp(*numbers)


class Allowance:
    """How many frames and bytes one socket may send: a burst, then a steady rate."""

    def __init__(self, now: float) -> None:
        self._at = now
        self._frames = _BURST_FRAMES
        self._bytes = _BURST_BYTES

    def take(self, size_bytes: int, now: float) -> bool:
        """Whether one more frame of this size is within the allowance."""
        passed = max(0.0, now - self._at)
        self._at = now
        self._frames = min(_BURST_FRAMES, self._frames + passed * _FRAMES_PER_S) - 1
        self._bytes = min(_BURST_BYTES, self._bytes + passed * _BYTES_PER_S) - size_bytes
        return self._frames >= 0 and self._bytes >= 0
