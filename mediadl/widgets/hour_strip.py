"""The next 24 hours as a line of blocks, with the hours above it where there is room."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widget import Widget

from mediadl.models.plans import Hours
from mediadl.widgets.amounts import plural
from mediadl.widgets.timeline import sparkline

_QUIET = "$foreground-muted"
_TITLE = "Next 24 h "
_LEAST_LABEL = 6
"""Cells from one named hour to the next, at least."""
_STEPS = (1, 2, 3, 4, 6, 12)


def fold(starts: tuple[int, ...], cells: int) -> list[int]:
    """The slots as so many cells; what falls between two is counted with the first."""
    folded = [0] * max(cells, 0)
    for n, number in enumerate(starts):
        if folded and number:
            folded[n * len(folded) // len(starts)] += number
    return folded


def hour_line(begin: float, span_s: float, cells: int) -> str:
    """The hours of the clock here, each above its cell, as many as do not touch each other."""
    line = [" "] * cells
    per_hour = cells * 3600 / span_s
    step = next((one for one in _STEPS if one * per_hour >= _LEAST_LABEL), _STEPS[-1])
    first = begin - begin % 1800
    last = 0
    for half in range(int(span_s // 1800) + 2):
        at = first + half * 1800
        moment = datetime.fromtimestamp(at).astimezone()
        if at < begin or moment.minute or moment.hour % step:
            continue
        x = int((at - begin) / span_s * cells)
        text = f"{moment:%H:%M}"
        if x >= last and x + len(text) <= cells:
            line[x : x + len(text)] = text
            last = x + len(text) + 1
    return "".join(line)


class HourStrip(Widget):
    """Hours and blocks; its height is its style's."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    HourStrip { height: 2; }
    """

    _hours: Hours | None = None

    def show(self, hours: Hours) -> None:
        """Show these; nothing is painted when they are the same as before."""
        if hours != self._hours:
            self._hours = hours
            self.refresh()

    @property
    def text(self) -> str:
        """What it says, for tests and the curious."""
        return str(self.render())

    def render(self) -> Content:
        """One line or two."""
        width, hours = self.size.width, self._hours
        if hours is None:
            return Content.styled(_TITLE, _QUIET)
        total = sum(hours.starts)
        tail = f"  {'at least ' if hours.cut else ''}{plural(total, 'start')}"
        cells = max(width - len(_TITLE) - len(tail), 1)
        blocks = Content.assemble(
            (_TITLE, _QUIET),
            (sparkline(fold(hours.starts, cells), cells), "$text-primary"),
            (tail, "bold" if total else _QUIET),
        )
        if self.size.height < 2:
            return blocks
        labels = hour_line(hours.begin, hours.slot_s * max(len(hours.starts), 1), cells)
        return Content("\n").join([Content.styled(" " * len(_TITLE) + labels, _QUIET), blocks])
