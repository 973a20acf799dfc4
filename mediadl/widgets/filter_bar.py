"""The line under the header: which jobs are shown, in which order, and the words looked for."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from mediadl.models import JobQuery, JobSort, JobStatus, QueueCounts
from mediadl.widgets.amounts import count
from mediadl.widgets.line import Line, Piece

ALL = ""

TABS: tuple[tuple[str, str, int], ...] = (
    (ALL, "All", 0),
    (JobStatus.ACTIVE, "Active", 1),
    (JobStatus.PENDING, "Pending", 2),
    (JobStatus.WAITING, "Waiting", 2),
    (JobStatus.PAUSED, "Paused", 4),
    (JobStatus.SCHEDULED, "Scheduled", 5),
    (JobStatus.FAILED, "Failed", 1),
    (JobStatus.COMPLETED, "Done", 3),
    (JobStatus.CANCELLED, "Cancelled", 6),
)
"""Word of the filter, its label, and its weight on a narrow line, in the order `f` walks through."""

SORT_WORDS: dict[JobSort, str] = {
    JobSort.ORDER: "start order",
    JobSort.ADDED: "added",
    JobSort.STATUS: "status",
    JobSort.PLATFORM: "platform",
    JobSort.TITLE: "title",
    JobSort.PROGRESS: "progress",
    JobSort.SIZE: "size",
}


class StatusTabs(Line):
    """One tab per status that has jobs, with its number; the chosen one stands in brackets."""

    def show(self, chosen: str, counts: QueueCounts | None, query: JobQuery) -> None:
        """Paint the tabs and the order."""
        by_status = counts.by_status if counts else {}
        left = []
        for word, label, weight in TABS:
            number = (
                counts.total if counts and word == ALL else by_status.get(JobStatus(word), 0) if word else 0
            )
            if word not in {ALL, chosen} and not number:
                continue
            text = f"{label} {count(number)}"
            style = "bold $text-accent" if word == chosen else "$foreground-muted"
            shown = f"[{text}]" if word == chosen else text
            left.append(Piece(shown, style, 0 if word == chosen else weight, f"show_status('{word}')"))
        right = []
        if query.sort is not JobSort.ORDER or query.descending:
            arrow = "▾" if query.descending else "▴"
            right.append(Piece(f"by {SORT_WORDS[query.sort]} {arrow}", "$foreground-muted", 1, "sort"))
        self.put(left, right)


class FilterInput(Input):
    """The field of the filter; its screen decides about Enter and Esc."""


class FilterLine(Horizontal):
    """`/`, the words, and how many jobs have them."""

    DEFAULT_CSS = """
    FilterLine { height: 1; display: none; }
    FilterLine.-open { display: block; }
    FilterLine #filter-slash { width: 2; }
    FilterLine #filter-count { width: auto; padding: 0 1; }
    FilterLine FilterInput { width: 1fr; border: none; height: 1; padding: 0; }
    """

    class Changed(Message):
        """Other words are looked for."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    _count = ""

    def compose(self) -> ComposeResult:
        """The slash, the field, the number."""
        yield Static("/", id="filter-slash", markup=False)
        yield FilterInput(placeholder="words in title or address", compact=True, id="filter-input")
        yield Static("", id="filter-count", markup=False)

    @property
    def field(self) -> FilterInput:
        """Where words are typed."""
        return self.query_one(FilterInput)

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-open")

    def open(self) -> None:
        """Show it and take the keys."""
        self.add_class("-open")
        # At once, not with the next message: letters typed in the same breath belong to the field
        self.screen.set_focus(self.field)

    def open_with(self, words: str) -> None:
        """Show it with these words, without taking the keys."""
        self.add_class("-open")
        self.field.value = words

    def close(self) -> None:
        """Empty and hide it."""
        self.field.value = ""
        self.remove_class("-open")

    def show_count(self, found: int, of: int) -> None:
        """How many jobs match."""
        text = f"{count(found)} of {count(of)}"
        if self.is_open and text != self._count:
            self._count = text
            self.query_one("#filter-count", Static).update(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Pass the words on."""
        event.stop()
        self.post_message(self.Changed(event.value))
