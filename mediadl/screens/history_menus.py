"""The filters and orders of the History screen, chosen from menus or typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mediadl.models import HistoryQuery, HistorySort, MediaKind
from mediadl.screens.history_filter import SPANS, Look, size_text, typed_size, typed_span
from mediadl.security.text import safe_text
from mediadl.widgets import history_text
from mediadl.widgets.amounts import count

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.service import Services

_SOURCES = 100
_TYPE_IT = "\0type"
_ALL = ""
_SIZES = (
    ("<1MB", "at most 1 MB", "1"), ("1MB", "at least 1 MB", "2"), ("10MB", "at least 10 MB", "3"),
    ("100MB", "at least 100 MB", "4"), ("1GB", "at least 1 GB", "5"),
)  # fmt: skip
_NARROW = (
    ("platform", "Platform", "p"), ("source", "Source", "c"), ("next_kind", "Next type", "f"), ("when", "Time", "w"),
    ("size", "Size", "z"), ("filter", "Words", "/"), ("only_copy", "Only copies", "o"),
    ("clear_filter('all')", "Show everything", "a"),
)  # fmt: skip


class HistoryMenus:
    """Mixin of the History screen: its choices."""

    if TYPE_CHECKING:
        app: App[Any]
        _services: Services
        _look: Look
        _kinds: Mapping[MediaKind, int]

        def look_for(self, look: Look, *, keep: bool = False) -> None:
            """Ask for another list."""

        def fetch(self, read: Callable[[], Any], use: Callable[[Any], None]) -> None:
            """Read in a thread, use on the loop."""

        @staticmethod
        def now() -> float:
            """The time."""

    def _query(self, query: HistoryQuery, *, keep: bool = False) -> None:
        self.look_for(replace(self._look, query=query), keep=keep)

    # Order

    def sort_by(self, sort: HistorySort) -> None:
        """This order, or turned round when it is the order already."""
        query = self._look.query
        down = not query.descending if sort is query.sort else history_text.FIRST_DOWN[sort]
        self._query(replace(query, sort=sort, descending=down), keep=True)

    def action_sort(self) -> None:
        """Choose the order from a menu."""
        choices = [(sort.value, words, words[0]) for sort, words in history_text.SORT_WORDS.items()]

        def chosen(word: str) -> None:
            sort = HistorySort(word)
            query = replace(self._look.query, sort=sort, descending=history_text.FIRST_DOWN[sort])
            self._query(query, keep=True)

        # Source and size begin with the same letter
        keyed = [(v, w, "o" if v == HistorySort.SOURCE.value else k) for v, w, k in choices]
        self._menu("Sort by", keyed, self._look.query.sort.value, chosen)

    def action_reverse(self) -> None:
        """Turn the order round."""
        query = self._look.query
        self._query(replace(query, descending=not query.descending), keep=True)

    # Types

    def action_show_kind(self, word: str) -> None:
        """Show the files of one type; the empty word shows all."""
        self._query(replace(self._look.query, kind=MediaKind(word) if word else None))

    def action_next_kind(self) -> None:
        """The next type that has files."""
        self._step_kind(1)

    def action_previous_kind(self) -> None:
        """The type before."""
        self._step_kind(-1)

    def _step_kind(self, step: int) -> None:
        chosen = self._look.query.kind
        filled = [None, *(kind for kind in MediaKind if self._kinds.get(kind) or kind is chosen)]
        kind = filled[(filled.index(chosen) + step) % len(filled)]
        self.action_show_kind(kind.value if kind else "")

    def action_only_copy(self) -> None:
        """Only files that are not to be had any more where they came from."""
        self._query(replace(self._look.query, only_copy=True))

    # Platform and source

    def action_narrow(self) -> None:
        """Choose a filter from a menu."""

        def chosen(name: str) -> None:
            self.app.call_later(self.app.run_action, f"screen.{name}")

        self._menu("Show only", _NARROW, "", chosen)

    def action_platform(self) -> None:
        """Choose a platform from a menu."""

        def ask(found: Sequence[tuple[str, int]]) -> None:
            self._menu(
                "Platform",
                [(_ALL, "all", "a"), *((name, name, "") for name, _ in found)],
                self._look.query.platform,
                lambda name: self._query(replace(self._look.query, platform=name, source="")),
                {name: count(number) for name, number in found},
            )

        self.fetch(self._services.history.platforms, ask)

    def action_source(self) -> None:
        """Choose a source from a menu of those with most files, or type one."""
        platform = self._look.query.platform

        def ask(found: Sequence[tuple[str, int]]) -> None:
            self._menu(
                "Source",
                [
                    (_ALL, "all", "a"),
                    (_TYPE_IT, "type a name…", "t"),
                    *((name, name, "") for name, _ in found),
                ],
                self._look.query.source,
                lambda name: self._type_source() if name == _TYPE_IT else self._show_source(name),
                {name: count(number) for name, number in found},
            )

        self.fetch(lambda: self._services.history.sources(platform, limit=_SOURCES), ask)

    def _show_source(self, name: str) -> None:
        self._query(replace(self._look.query, source=name))

    def _type_source(self) -> None:
        platform = self._look.query.platform

        def typed(text: str) -> None:
            def found(sources: Sequence[tuple[str, int]]) -> None:
                names = [name for name, _ in sources]
                self._show_source(text if text in names or not names else names[0])

            self.fetch(lambda: self._services.history.sources(platform, text, 50), found)

        self._prompt(
            "Source", "A part of the name of an account, channel or host.", "", lambda _text: None, typed
        )

    # Time and size

    def action_when(self) -> None:
        """Choose a span of time from a menu, or type one."""
        self._menu(
            "Stored",
            [(_ALL, "ever", "a"), *SPANS, (_TYPE_IT, "from … to …", "f")],
            self._look.when,
            lambda when: self._type_span() if when == _TYPE_IT else self._show_span(when),
        )

    def _show_span(self, when: str) -> None:
        self.look_for(self._look.span(when, self.now()))

    def _type_span(self) -> None:
        self._prompt(
            "Stored from … to …",
            "Two days or times, such as 2026-01-01 2026-01-31; one for since then; 7d and 12h count back from now;"
            " until 2026-01-31 for everything before. Days are those of UTC.",
            self._look.when if " " in self._look.when else "",
            typed_span,
            lambda text: self._show_span(typed_span(text)),
        )

    def action_size(self) -> None:
        """Choose a size from a menu, or type one."""
        self._menu(
            "Size",
            [(_ALL, "any", "a"), *_SIZES, (_TYPE_IT, "type it…", "t")],
            size_text(self._look.query),
            lambda word: self._type_size() if word == _TYPE_IT else self._show_size(word),
        )

    def _show_size(self, text: str) -> None:
        low, high = typed_size(text)
        self._query(replace(self._look.query, min_size_bytes=low, max_size_bytes=high))

    def _type_size(self) -> None:
        self._prompt(
            "Size",
            "At least so large: 10MB. At most: <1GB. From and to: 10MB-1GB. Nothing for any size.",
            size_text(self._look.query),
            typed_size,
            self._show_size,
        )

    # Asking

    def _menu(
        self,
        title: str,
        choices: Sequence[tuple[str, str, str]],
        chosen: str,
        use: Callable[[str], object],
        notes: Mapping[str, str] | None = None,
    ) -> None:
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        # Textual knows options by words that are not empty
        options = [
            Choice(f"={value}", safe_text(label, limit=60), (notes or {}).get(value, ""), key)
            for value, label, key in choices
        ]

        def answered(found: str | None) -> None:
            if found is not None:
                use(found.removeprefix("="))

        self.app.push_screen(MenuDialog(title, options, chosen=f"={chosen}"), answered)

    def _prompt(
        self, title: str, text: str, value: str, check: Callable[[str], object], use: Callable[[str], object]
    ) -> None:
        from mediadl.screens.logs_dialogs import PromptDialog

        def answered(found: str | None) -> None:
            if found is not None:
                use(found)

        self.app.push_screen(PromptDialog(title, text, value, check), answered)
