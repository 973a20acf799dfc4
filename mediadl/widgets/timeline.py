"""What each day brought: two charts where there is room, else two lines of blocks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from textual.content import Content
from textual.widget import Widget

from mediadl.models import DayAmount
from mediadl.widgets.amounts import count, size
from mediadl.widgets.messages import Newest

CHART_WIDTH, CHART_HEIGHT = 56, 8
"""The least room for charts, in cells and lines."""

_BLOCKS = "▁▂▃▄▅▆▇█"
_NOTHING = "·"
_PAUSE_S = 1.0
"""Charts are drawn at most this often."""

Chart = tuple[str, ...]
"""The lines of a drawn chart."""

_Key = tuple[tuple[DayAmount, ...], int, int]


def sparkline(values: Sequence[int], width: int) -> str:
    """The last `width` values as blocks, the largest as a full one; a dot for nothing."""
    shown = values[-width:] if width > 0 else ()
    top = max(shown, default=0)
    return "".join(_BLOCKS[-(-value * len(_BLOCKS) // top) - 1] if value > 0 else _NOTHING for value in shown)


def words(days: Sequence[DayAmount], width: int) -> Content:
    """The days in two lines, with the largest figure of each."""
    files, sizes = [day.files for day in days], [day.size_bytes for day in days]
    lines = []
    for name, values, most in (
        ("Files", files, count(max(files, default=0))),
        ("Bytes", sizes, size(max(sizes, default=0))),
    ):
        tail = f"  most {most}"
        blocks = sparkline(values, width - len(name) - 1 - len(tail))
        lines.append(
            Content.assemble(
                (f"{name} ", "$foreground-muted"), (blocks, "$text-primary"), (tail, "$foreground-muted")
            )
        )
    return Content("\n").join(lines)


class Timeline(Widget):
    """The last days. Charts are drawn in a thread, when something changed, and never for the first paint."""

    ALLOW_SELECT = False

    class Drawn(Newest):
        """Charts were drawn."""

        def __init__(self, key: _Key, charts: Sequence[Chart]) -> None:
            super().__init__()
            self.key = key
            self.charts = charts

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._clock = clock
        self._days: tuple[DayAmount, ...] = ()
        self._charts: Sequence[Chart] = ()
        self._drawn: _Key | None = None
        self._asked: _Key | None = None
        self._asked_at = 0.0
        self._waiting = False

    def show(self, days: Sequence[DayAmount]) -> None:
        """Show these; nothing happens when they are the same as before."""
        if tuple(days) == self._days:
            return
        self._days = tuple(days)
        self.refresh()
        self._ask()

    @property
    def has_charts(self) -> bool:
        """Whether charts are shown now."""
        return bool(self._charts) and self._wants_charts()

    @property
    def text(self) -> str:
        """What it says, for tests and the curious."""
        return str(self.render())

    def on_resize(self) -> None:
        """Other charts fit."""
        self._ask()

    def render(self) -> Content:
        """A title, then charts or lines."""
        width = self.size.width
        title = f"Last {len(self._days)} days" if self._days else "Last days"
        head = Content.styled(title, "bold $foreground-muted")
        if not self._wants_charts() or not self._charts:
            return Content("\n").join([head, words(self._days, width)])
        lines = [head]
        for row in zip(*self._charts, strict=True):
            lines.append(Content("  ").join(_coloured(part) for part in row))
        return Content("\n").join(lines)

    def on_timeline_drawn(self, message: Drawn) -> None:
        """Show the charts, unless the window is another one by now."""
        message.stop()
        self._charts, self._drawn = message.charts, message.key
        self.refresh()
        self._ask()

    @property
    def is_current(self) -> bool:
        """Whether nothing newer is still to be drawn."""
        key = (self._days, self.size.width, self.size.height)
        return bool(self._days) and (not self._wants_charts() or self._drawn == key)

    def _wants_charts(self) -> bool:
        roomy = self.size.width >= CHART_WIDTH and self.size.height > CHART_HEIGHT
        return roomy and not self.app.no_color

    def _ask(self) -> None:
        key = (self._days, self.size.width, self.size.height)
        if not self._days or not self.is_attached or not self._wants_charts() or key == self._asked:
            return
        wait_s = self._asked_at + _PAUSE_S - self._clock()
        if self._asked is not None and wait_s > 0:
            if not self._waiting:
                self._waiting = True
                self.set_timer(wait_s, self._ask_again)
            return
        self._asked, self._asked_at = key, self._clock()

        def draw() -> None:
            # The library takes a fifth of a second to load
            from mediadl.widgets.day_chart import draw_charts

            days, width, height = key
            self.post_message(self.Drawn(key, draw_charts(days, width, height - 1)))

        # After the paint that is due, so that this costs it nothing
        self.call_after_refresh(
            self.app.run_worker, draw, thread=True, group="charts", name="charts", exit_on_error=False
        )

    def _ask_again(self) -> None:
        self._waiting = False
        self._ask()


def _coloured(text: str) -> Content:
    """A line of a chart: bars in the theme's colour, the frame quietly."""
    content = Content(text).stylize("$foreground-muted")
    start = None
    for n, sign in enumerate(f"{text} "):
        if sign in "█▁▂▃▄▅▆▇" and start is None:
            start = n
        elif sign not in "█▁▂▃▄▅▆▇" and start is not None:
            content = content.stylize("$text-primary", start, n)
            start = None
    return content
