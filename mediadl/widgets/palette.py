"""The names of cell styles and what they look like in the colours of the theme.

They are not component classes of the tables: Textual works each of those out anew for every change of a widget, which
would double the time to the first paint.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color
from textual.style import Style as ThemeStyle

STYLES: dict[str, str] = {
    "quiet": "$foreground-muted",
    "accent": "bold $text-accent",
    "bar": "$text-primary",
    "rest": "$foreground 20%",
    "mild": "$text-warning",
    "grave": "$text-error",
    "status-pending": "$foreground",
    "status-active": "bold $text-primary",
    "status-completed": "$text-success",
    "status-failed": "bold $text-error",
    "status-cancelled": "$foreground-muted",
    "status-paused": "italic $foreground-muted",
    "status-scheduled": "$text-secondary",
    "status-waiting": "$text-warning",
    "item-found": "$foreground",
    "item-active": "bold $text-primary",
    "item-stored": "$text-success",
    "item-skipped": "$foreground-muted",
    "item-failed": "bold $text-error",
    "level-debug": "$foreground-muted",
    "level-info": "$foreground",
    "level-warning": "$text-warning",
    "level-error": "bold $text-error",
}
"""Colour always goes with a sign or a word."""


def cell_style(name: str, background: Color, variables: Mapping[str, str]) -> Style:
    """The style of a cell's text on a background; it brings no background of its own."""
    blended = ThemeStyle(background=background) + ThemeStyle.parse(STYLES[name], dict(variables))
    style = blended.rich_style
    return Style(color=style.color, bold=style.bold, italic=style.italic, dim=style.dim)
