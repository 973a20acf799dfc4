"""Beside the list of what starts by itself: the days to come, and the row under the cursor in full. Pure text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from textual.content import Content
from textual.widgets import Static

from mediadl.models import JobStatus
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import plural
from mediadl.widgets.line import Line, Piece
from mediadl.widgets.plan_columns import PlanRow
from mediadl.widgets.when import local, soon

_QUIET = "$foreground-muted"
_KEY = "bold $text-accent"
_ROOMY = 14
"""Lines from which on there is room for blank ones."""

COMING = "Repeating schedules and their history come with the next version."


def plan(row: PlanRow | None, now: float, *, roomy: bool = False) -> Content:
    """The row in full, and what is not there yet; `roomy`: with blank lines."""
    if row is None:
        return Content.styled(COMING, _QUIET)
    job = row.job
    if row.status is JobStatus.PAUSED:
        when = f"Held; was to start {local(row.next_at, now)}"
    else:
        when = f"Starts {local(row.next_at, now)}, {soon(row.next_at, now)}, {row.how_often}"
    about = [row.platform, safe_text(job.content_type), f"priority {row.priority.word}"]
    about += [f"{safe_text(name)}={safe_text(value)}" for name, value in sorted(job.options.items())]
    return Content("\n\n" if roomy else "\n").join(
        [
            Content.styled(row.title, "bold"),
            Content(when),
            Content.styled(" · ".join(word for word in about if word), _QUIET),
            Content.styled(safe_text(job.url, limit=300), _QUIET),
            Content.styled(COMING, _QUIET),
        ]
    )


def nothing() -> Content:
    """What stands in the place of an empty list."""
    return Content.assemble(
        ("Nothing is scheduled.\n\n", "bold"),
        ("a", _KEY), "  add an address and give it a time to start at\n",
        ("2", _KEY), "  the Queue, with everything that starts at once\n\n",
        (COMING, _QUIET),
    )  # fmt: skip


class PlanPane(Static):
    """The row under the cursor."""

    _said: Content | None = None

    def show(self, row: PlanRow | None, now: float) -> None:
        """Say it; its room is fixed, nothing around it moves."""
        said = plan(row, now, roomy=self.size.height >= _ROOMY)
        if said != self._said:
            self._said = said
            self.update(said, layout=False)


class DayStrip(Line):
    """The next days, each with how much starts on it."""

    def show(self, days: Sequence[tuple[date, int]]) -> None:
        """Today first; later days go first where there is no room."""
        pieces = []
        for n, (day, number) in enumerate(days):
            name = "Today" if not n else f"{day:%a} {day.day}"
            text = f"{name}: {number}" if number else f"{name}: –"
            pieces.append(Piece(text, "bold" if number else _QUIET, n))
        total = sum(number for _, number in days)
        self.put(pieces, [Piece(f"{plural(total, 'start')} in {len(days)} days", _QUIET, 3)])
