"""What the terminal can show, told from its name alone.

Asking it would be surer, but an answer that comes late, as over a slow line, would be taken for keys pressed.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App

_KITTY_TERMS = ("xterm-kitty", "xterm-ghostty")
_SIXEL_TERMS = ("foot", "mlterm", "contour", "wezterm", "yaft", "xterm-sixel", "vt340")
_SIXEL_PROGRAMS = frozenset({"WezTerm", "mintty", "contour", "rio"})
_KONSOLE_WITH_SIXEL = 220400
_INSIDE = ("tmux", "screen", "linux", "dumb")
"""A multiplexer or a console: pictures do not get through."""

_USUAL_CELL = (10, 20)


class Means(StrEnum):
    """How pictures are shown, from the plainest to the best."""

    WORDS = "words"
    """No colours to show them with."""
    HALF_CELLS = "half-cells"
    SIXEL = "sixel"
    """True pictures, painted over the cells: one at a time, where nothing scrolls."""
    KITTY = "kitty"
    """True pictures, held by cells of their own: anywhere."""


def means_of_terminal(environment: Mapping[str, str]) -> Means:
    """The best the terminal of this environment can show."""
    term = environment.get("TERM", "")
    if environment.get("TMUX") or environment.get("STY") or term.startswith(_INSIDE):
        return Means.HALF_CELLS
    if term in _KITTY_TERMS or environment.get("TERM_PROGRAM") == "ghostty":
        return Means.KITTY
    known = environment.get("TERM_PROGRAM") in _SIXEL_PROGRAMS or environment.get("LC_TERMINAL") == "iTerm2"
    if known or term.startswith(_SIXEL_TERMS) or "WT_SESSION" in environment:
        return Means.SIXEL
    konsole = environment.get("KONSOLE_VERSION", "")
    if konsole.isdecimal() and int(konsole) >= _KONSOLE_WITH_SIXEL:
        return Means.SIXEL
    return Means.HALF_CELLS


def means_of(app: App[Any]) -> Means:
    """The best that this app can show on its terminal in its theme."""
    if app.no_color or app.native_ansi_color:
        return Means.WORDS
    if app.is_web or app.is_headless:
        return Means.HALF_CELLS
    return means_of_terminal(os.environ)


def cell_pixels() -> tuple[int, int]:
    """Width and height of a cell in pixels, as the terminal says, else as is usual."""
    try:
        size = fcntl.ioctl(sys.__stdout__.fileno(), termios.TIOCGWINSZ, b"\0" * 8)  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return _USUAL_CELL
    rows, columns, width, height = struct.unpack("HHHH", size)
    if not (rows and columns and width >= columns and height >= rows):
        return _USUAL_CELL
    return width // columns, height // rows


def write_past_frames(app: App[Any], text: str) -> None:
    """Send the terminal what is no part of a frame. `text` must not move its cursor."""
    driver = app._driver  # noqa: SLF001 - Textual has no public way
    if driver is not None and not app.is_headless:
        driver.write(text)
