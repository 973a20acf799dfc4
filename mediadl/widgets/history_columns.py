"""The columns of the history table: which cell says what about a stored file."""

from __future__ import annotations

from collections.abc import Sequence

from mediadl.models import Download, HistorySort
from mediadl.security.text import safe_text
from mediadl.widgets import history_text
from mediadl.widgets.amounts import size
from mediadl.widgets.columns import Column, Part


class _Cells:
    """The cell functions, one per column."""

    @staticmethod
    def stored(download: Download, _now: float, width: int) -> Sequence[Part]:
        pattern = "%Y-%m-%d %H:%M" if width >= 16 else "%Y-%m-%d"
        return [(history_text.moment(download.stored_at, pattern), "quiet")]

    @staticmethod
    def platform(download: Download, _now: float, _width: int) -> Sequence[Part]:
        return [(safe_text(download.platform), "quiet")]

    @staticmethod
    def source(download: Download, _now: float, _width: int) -> Sequence[Part]:
        return [(safe_text(download.source), "")]

    @staticmethod
    def kind(download: Download, _now: float, width: int) -> Sequence[Part]:
        glyph = history_text.GLYPHS[download.kind]
        return [(f"{glyph} {download.kind.value}" if width > 1 else glyph, "quiet")]

    @staticmethod
    def size(download: Download, _now: float, _width: int) -> Sequence[Part]:
        return [(size(download.size_bytes), "")]

    @staticmethod
    def title(download: Download, _now: float, width: int) -> Sequence[Part]:
        return [*history_text.marked(download, width), (history_text.title(download), "")]

    @staticmethod
    def name(download: Download, _now: float, _width: int) -> Sequence[Part]:
        return [(history_text.name(download), "quiet")]


def _columns() -> Sequence[Column[Download]]:
    stored, platform, source = HistorySort.STORED.value, HistorySort.PLATFORM.value, HistorySort.SOURCE.value
    return (
        Column("stored", "Date", _Cells.stored, 10, to_width=95, sort=stored),
        Column("stored", "Date", _Cells.stored, 16, from_width=96, sort=stored),
        Column("platform", "Platform", _Cells.platform, 10, from_width=64, sort=platform),
        Column("source", "Source", _Cells.source, 10, from_width=52, to_width=95, sort=source),
        Column("source", "Source", _Cells.source, 16, from_width=96, sort=source),
        Column("kind", " ", _Cells.kind, 1, to_width=87),
        Column("kind", "Type", _Cells.kind, 10, from_width=88),
        Column("size", "Size", _Cells.size, 7, right=True, sort=HistorySort.SIZE.value),
        Column("title", "Title", _Cells.title, 12, flex=3, sort=HistorySort.TITLE.value),
        Column("name", "File", _Cells.name, 20, flex=2, from_width=116),
    )


HISTORY_COLUMNS: Sequence[Column[Download]] = _columns()
"""The history table; narrow windows show the sign of the kind alone, and no file names."""
