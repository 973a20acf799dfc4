"""The lines above the history: kinds with their numbers, and what is filtered, in words that a click takes away."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content
from textual.widgets import Static

from mediadl.models import HistoryQuery, HistorySort, MediaKind
from mediadl.widgets import history_text
from mediadl.widgets.amounts import count, plural
from mediadl.widgets.line import Line, Piece

_WEIGHTS = {
    MediaKind.IMAGE: 1, MediaKind.VIDEO: 2, MediaKind.AUDIO: 4, MediaKind.DOCUMENT: 5, MediaKind.OTHER: 6,
}  # fmt: skip


class KindTabs(Line):
    """One tab per kind that has files, with its number; the chosen one stands in brackets."""

    def show(self, query: HistoryQuery, kinds: Mapping[MediaKind, int], *, gallery: bool) -> None:
        """Paint the tabs, the order and the view."""
        left = [self._tab("All", sum(kinds.values()), "", query.kind is None, 0)]
        for kind, word in history_text.KIND_WORDS.items():
            if kinds.get(kind) or kind is query.kind:
                text = f"{history_text.GLYPHS[kind]} {word}"
                chosen = kind is query.kind
                left.append(self._tab(text, kinds.get(kind, 0), kind.value, chosen, _WEIGHTS[kind]))
        arrow = "▾" if query.descending else "▴"
        plain = query.sort is HistorySort.STORED and query.descending
        word = "newest first" if plain else f"by {history_text.SORT_WORDS[query.sort]} {arrow}"
        right = [
            Piece(word, "$foreground-muted", 3, "sort"),
            Piece("list" if gallery else "gallery", "$text-accent", 3, "switch", lead="t"),
        ]
        self.put(left, right)

    @staticmethod
    def _tab(word: str, number: int, kind: str, chosen: bool, weight: int) -> Piece:
        text = f"{word} {count(number)}"
        style = "bold $text-accent" if chosen else "$foreground-muted"
        return Piece(f"[{text}]" if chosen else text, style, 0 if chosen else weight, f"show_kind('{kind}')")


class FilterWords(Line):
    """What is shown, in words; each part is taken away by a click."""

    DEFAULT_CSS = """
    FilterWords { display: none; }
    FilterWords.-filtered { display: block; }
    """

    def show(self, query: HistoryQuery, when: str, found: int, *, exact: bool) -> None:
        """Paint it; nothing when nothing is filtered. `exact`: all of the list has been counted."""
        # The tabs say which kind, the line of the search which words
        parts = [part for part in history_text.narrowed(query, when) if part[0] not in {"kind", "words"}]
        self.set_class(bool(parts), "-filtered")
        left = [Piece("Only", "bold", 9)] if parts else []
        left += [Piece(f"{words} ×", "$text-accent", 1, f"clear_filter('{name}')") for name, words in parts]
        if len(parts) > 1:
            left.append(Piece("all ×", "$foreground-muted", 8, "clear_filter('all')"))
        number = plural(found, "file") if exact else f"{count(found)}+ files, counting…"
        self.put(left, [Piece(number, "bold", 0)] if parts else [])


_FIRST_STEPS = (
    ("No files yet.\n\n", "bold"),
    ("a", "bold $text-accent"), ("  add an address: a post, a profile, a video, a file\n", ""),
    ("2", "bold $text-accent"), ("  see what is being downloaded\n\n", ""),
    ("Every file that is stored appears here, for good.", "$foreground-muted"),
)  # fmt: skip

_NO_MATCH = (
    ("No file matches.\n\n", "bold"),
    ("Esc", "bold $text-accent"), ("  show all again\n", ""),
    ("/", "bold $text-accent"), ("  look for other words\n", ""),
    ("m", "bold $text-accent"), ("  other filters\n", ""),
)  # fmt: skip


class HistoryNote(Static):
    """Says what to do while the list is empty."""

    _filtered: bool | None = None

    def show(self, *, filtered: bool) -> None:
        """`filtered`: there are files, but none that match."""
        if filtered != self._filtered:
            self._filtered = filtered
            self.update(Content.assemble(*(_NO_MATCH if filtered else _FIRST_STEPS)))
