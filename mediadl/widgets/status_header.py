"""The top line: where we are, how much goes on, how fast, and whether the daemon lives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediadl.models import JobStatus, QueueCounts
from mediadl.widgets.amounts import count, size, speed
from mediadl.widgets.job_text import GLYPHS
from mediadl.widgets.line import Line, Piece


@dataclass(frozen=True, slots=True)
class Totals:
    """What the header says of the whole program."""

    counts: QueueCounts | None = None
    free_bytes: int | None = None
    """Free space where downloads go; `None` when it cannot be told."""
    daemon_running: bool | None = None
    daemon_word: str = ""
    """Short state of the daemon for people."""

    def number(self, status: JobStatus) -> int:
        """Jobs with this status."""
        return self.counts.by_status.get(status, 0) if self.counts else 0

    @property
    def percent(self) -> int | None:
        """Progress over all jobs under way whose size is known."""
        if self.counts is None or not self.counts.bytes_total or not self.number(JobStatus.ACTIVE):
            return None
        return min(99, 100 * self.counts.bytes_done // self.counts.bytes_total)


_SHOWN = (
    (JobStatus.ACTIVE, "active", "bold $text-primary", 1),
    (JobStatus.PENDING, "pending", "", 3),
    (JobStatus.WAITING, "waiting", "$text-warning", 8),
    (JobStatus.PAUSED, "paused", "", 9),
    (JobStatus.FAILED, "failed", "bold $text-error", 2),
)


_WIDE = 110
"""Cells from which on all screens are named."""


class StatusHeader(Line):
    """The top line; a click on a screen goes there, a click on a number shows those jobs."""

    def __init__(self, places: Sequence[tuple[str, str]]) -> None:
        """`places` are the screens' names and titles, in the order of their keys."""
        super().__init__(id="header")
        self._places = places
        self._place = ""
        self._totals = Totals()

    def show(self, place: str, totals: Totals) -> None:
        """Say where we are and what the totals are."""
        self._place, self._totals = place, totals
        self.put(self._where(), self._how(totals))

    def on_resize(self) -> None:
        """More or less of it fits."""
        self.put(self._where(), self._how(self._totals))

    def _where(self) -> list[Piece]:
        if self.size.width < _WIDE:
            title = dict(self._places).get(self._place, "")
            return [
                Piece("mediadl", "bold $text-accent", 10, "app.jump"),
                Piece(title, "bold", 3, "app.jump"),
            ]
        return [
            Piece(
                f"[{title}]" if name == self._place else title,
                "bold" if name == self._place else "$foreground-muted",
                0,
                f"app.{name}",
                lead=str(number),
            )
            for number, (name, title) in enumerate(self._places, 1)
        ]

    @staticmethod
    def _how(totals: Totals) -> list[Piece]:
        right = []
        for status, word, style, weight in _SHOWN:
            number = totals.number(status)
            if number:
                text = f"{GLYPHS[status]} {count(number)} {word}"
                right.append(Piece(text, style, weight, f"show_status('{status.value}')"))
        if totals.counts and totals.counts.speed_bytes_per_s >= 1:
            right.append(Piece(f"↓ {speed(totals.counts.speed_bytes_per_s)}", "bold", 1))
        if totals.percent is not None:
            right.append(Piece(f"{totals.percent}%", "", 2))
        if totals.free_bytes is not None:
            right.append(Piece(f"{size(totals.free_bytes)} free", "$foreground-muted", 7))
        if totals.daemon_running is not None:
            glyph = "●" if totals.daemon_running else "○"
            style = "$text-success" if totals.daemon_running else "$foreground-muted"
            right.append(Piece(f"{glyph} {totals.daemon_word}", style, 6))
        return right


def terminal_title(totals: Totals) -> str:
    """What the terminal's own title says."""
    pieces = []
    if totals.percent is not None:
        pieces.append(f"{totals.percent}%")
    active = totals.number(JobStatus.ACTIVE)
    if active:
        pieces.append(f"{active} active")
    if totals.counts and totals.counts.speed_bytes_per_s >= 1:
        pieces.append(speed(totals.counts.speed_bytes_per_s))
    waiting = totals.number(JobStatus.PENDING)
    if waiting:
        pieces.append(f"{count(waiting)} pending")
    return " · ".join([*pieces, "mediadl"])
