"""The History screen: every stored file, as a list or as pictures, with what can be done to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from mediadl.events import Event, EventKind
from mediadl.models import Download, HistorySort, MediaKind
from mediadl.screens.actions import ACTIONS, Group, Scope, bindings
from mediadl.screens.filtering import Filtering
from mediadl.screens.history_files import HistoryFiles
from mediadl.screens.history_filter import Look
from mediadl.screens.history_menus import HistoryMenus
from mediadl.screens.history_verbs import PICTURED, HistoryVerbs
from mediadl.screens.history_view import HistoryQuestion, HistoryReader, HistoryView
from mediadl.screens.page import Page
from mediadl.widgets.amounts import count
from mediadl.widgets.filter_bar import FilterLine
from mediadl.widgets.history_columns import HISTORY_COLUMNS
from mediadl.widgets.history_filters import FilterWords, HistoryNote, KindTabs
from mediadl.widgets.history_strip import HistoryStrip
from mediadl.widgets.line import Line, Piece
from mediadl.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from mediadl.screens.history_gallery import HistoryGallery
    from mediadl.service import Services
    from mediadl.widgets.gallery_overlay import Overlays

_ROW_NEEDED = frozenset({
    "details", "open", "folder", "picture", "copy", "copy_path", "delete", "again", "mark", "mark_range",
})  # fmt: skip
_ALONE = frozenset({"details", "open", "folder", "picture", "copy", "copy_path"})
"""About the row under the cursor, whatever is marked."""
_GALLERY_ONLY = frozenset({"left", "right", "larger", "smaller"})
_HEARD = frozenset({EventKind.ITEM_STORED, EventKind.HISTORY_CHANGED})


class HistoryScreen(HistoryMenus, HistoryFiles, Filtering, Page, inherit_bindings=False):
    """The list of stored files with search, filters, details line and gallery."""

    PLACE = "history"
    CSS_PATH = "history.tcss"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.HISTORY, Scope.APP)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.HISTORY)]
    AUTO_FOCUS = "WindowTable"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._look = Look()
        self._file: int | None = None
        self._tabs = KindTabs(id="kinds")
        self._words = FilterWords(id="filtered")
        self.filter_line = FilterLine(id="filter")
        """The words looked for."""
        self._work = Line(id="work")
        self._note = HistoryNote("", id="empty", markup=False)
        self._list: WindowTable[Download] = WindowTable(HISTORY_COLUMNS, key=lambda one: one.id, id="files")
        self._gallery: HistoryGallery | None = None
        self._strip = HistoryStrip(id="strip", markup=False)
        self._kinds: Mapping[MediaKind, int] = {}
        self._found = 0
        self._exact = True
        self._answer = HistoryReader(services, self._publish_early)
        self._reader = self.reads("history", self._answer.read, self._show)
        self.verbs = HistoryVerbs(self, services, self._tell_work)

    def body(self) -> ComposeResult:
        """Tabs, filters, list or gallery, details line."""
        yield self._tabs
        yield self._words
        yield self.filter_line
        yield self._work
        yield self._note
        yield self._list
        if self._look.gallery:
            gallery = self._make_gallery()
            if self._file is not None:
                gallery.pin_to(self._file)
            yield gallery
        yield self._strip

    # Life

    def on_mount(self) -> None:
        """Begin with the order that is asked for."""
        query = self._look.query
        self._list.sorted_by(query.sort, descending=query.descending)
        self._list.display = self.table is self._list
        if query.search:
            self.filter_line.open_with(query.search)
        self._show_bars()

    def on_unmount(self) -> None:
        """Nothing is waited for any more."""
        self.verbs.stop()

    def hear(self, happened: Sequence[Event]) -> None:
        """Files came or went."""
        gone: set[int] = set()
        for event in happened:
            if event.kind is EventKind.HISTORY_CHANGED and "removed" in event.payload:
                gone.update(event.payload.get("ids", ()))
        if gone & self.table.marks:
            self.table.set_marks(self.table.marks - gone)
        if any(event.kind in _HEARD for event in happened):
            self.ask()

    def ask(self) -> None:
        """Read the view again."""
        if self.is_attached:
            look = self._look
            self._answer.newest = look.query
            self._reader.ask(HistoryQuestion(look.query, self.table.place, look.gallery))

    def _publish_early(self, view: HistoryView) -> None:
        # Reader's thread
        self.post_message(self.Answered(self._show, view))

    def _show(self, view: HistoryView | None) -> None:
        """Show what was read, unless another list or the other view has been asked for since."""
        if view is None:
            return
        self._kinds = view.kinds
        asked = view.question
        if (asked.query, asked.gallery) == (self._look.query, self._look.gallery):
            self._found, self._exact = view.window.total, view.exact
            self.table.show(view.window)
        self._show_bars()

    # How it is looked at

    def view_state(self) -> dict[str, Any]:
        """Filters, order, view and the file under the cursor."""
        table = self.table
        current = table.current
        zoom = self._gallery.zoom if self._gallery is not None else self._look.zoom
        file = current.id if current is not None and table.pinned else None
        return {**replace(self._look, zoom=zoom).state(), "file": file}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Look at it as before."""
        self._look = Look.of(state)
        file = state.get("file")
        if isinstance(file, int):
            self._file = file
            self._list.pin_to(file)

    def filter_by(self, words: str) -> None:
        """Show only files with these words."""
        self.filter_line.open_with(words)

    # What is on the screen

    @property
    def look(self) -> Look:
        """Filters, order and view."""
        return self._look

    @property
    def table(self) -> WindowTable[Download]:
        """List or gallery, whichever is shown."""
        return self._gallery if self._look.gallery and self._gallery is not None else self._list

    @property
    def overlays(self) -> Overlays | None:
        """Where a browser lays true images; None: there is no gallery."""
        return self._gallery.overlays if self._gallery is not None else None

    def _show_bars(self) -> None:
        query = self._look.query
        self._tabs.show(query, self._kinds, gallery=self._look.gallery)
        self._words.show(query, self._look.when_words, self._found, exact=self._exact)
        if self._exact:
            self.filter_line.show_count(self._found, max(sum(self._kinds.values()), self._found))
        self.refresh_keys()
        table = self.table
        empty = table.loaded and self._found == 0 and self._exact
        self._note.display = empty
        table.display = not empty
        if empty:
            self._note.show(filtered=self._look.narrowed)
        self._strip.show(table.current)

    def _tell_work(self, text: str) -> None:
        self._work.set_class(bool(text), "-working")
        self._work.put([Piece(text, "bold"), Piece("stops it", "", 1, "back", lead="Esc")] if text else [])

    def key_lead(self) -> str:
        """How many files the keys are about, if several."""
        table = self.table
        if table.range_rows is not None:
            low, high = table.range_rows
            return f" range of {count(high - low + 1)} "
        return f" {count(len(table.marks))} marked " if table.marks else ""

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        table = self.table
        several = bool(table.marks) or table.range_active
        found = {
            action.name: self._against(action.name, table.current, several=several)
            for action in ACTIONS
            if action.scope is Scope.HISTORY
        }
        return {**super().reasons(), **{f"history.{name}": why for name, why in found.items() if why}}

    def _against(self, name: str, download: Download | None, *, several: bool) -> str:
        if name in _GALLERY_ONLY:
            return "" if self._look.gallery else "That is for the gallery; t shows it."
        if name in _ROW_NEEDED and not (several and name not in _ALONE):
            if download is None:
                return "There is no file here."
            if name in {"copy", "again"} and not download.url:
                return "The page it came from is not known."
            if name == "picture" and download.kind not in PICTURED:
                return f"There is no picture of {download.kind.value}."
        if name in {"delete", "export"} and self.verbs.busy:
            return f"{self.verbs.busy} is still going on; Esc stops it."
        if name == "export" and not self._found:
            return "There is nothing to write."
        return ""

    def on_window_table_wanted(self) -> None:
        """The list needs rows."""
        self.ask()

    def on_window_table_cursor_moved(self) -> None:
        """Other keys may be useful now."""
        self._strip.show(self.table.current)
        self.refresh_keys()

    def on_window_table_marks_changed(self) -> None:
        """The footer says how many."""
        self.refresh_keys()

    async def on_window_table_opened(self) -> None:
        """Double click."""
        if self._look.gallery and not self.reasons().get("history.picture"):
            self.action_picture()
        else:
            self.action_details()

    def on_window_table_sort_clicked(self, message: WindowTable.SortClicked) -> None:
        """Header clicked: this order, or turned round."""
        self.sort_by(HistorySort(message.sort))

    def on_window_table_menu_asked(self, message: WindowTable.MenuAsked) -> None:
        """Right click."""
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        against = self.reasons()
        choices = [
            Choice(a.name, a.label, a.key_text)
            for a in ACTIONS
            if a.scope is Scope.HISTORY and a.group is Group.FILES and a.id not in against and a.name != "add"
        ]

        async def chosen(name: str | None) -> None:
            if name:
                await self.run_action(name)

        self.app.push_screen(MenuDialog("", choices, at=(message.x, message.y)), chosen)

    # Which files

    def look_for(self, look: Look, *, keep: bool = False) -> None:
        """Ask for another list; `keep` leaves the cursor on its file."""
        self._look = look
        if keep:
            self.table.follow()
        else:
            self.table.reset()
        self._list.sorted_by(look.query.sort, descending=look.query.descending)
        self._show_bars()
        self.ask()

    def ids_listed(self) -> Callable[[], Sequence[int]]:
        """Reads the numbers of all files of the list."""
        history, query = self._services.history, self._look.query

        def read() -> Sequence[int]:
            listing = history.listing(query)
            return [] if listing is None else listing.numbers

        return read

    @property
    def words(self) -> str:
        """What the list is searched for now."""
        return self._look.query.search

    def look_for_words(self, words: str) -> None:
        """Search the list for these; without any, the file that was found stays under the cursor."""
        look = replace(self._look, query=replace(self._look.query, search=words))
        self.look_for(look, keep=not words)

    def action_clear_filter(self, name: str) -> None:
        """Take one filter away, or `all`."""
        if name in {"words", "all"}:
            self.close_filter()
        self.look_for(self._look.without(name), keep=True)

    def action_back(self) -> None:
        """One level back: work, range, marks, words, filters. Never quits."""
        table = self.table
        if self.verbs.busy:
            self.verbs.stop()
        elif table.range_active:
            table.end_range()
        elif table.marks:
            table.set_marks(set())
        elif not self.close_filter() and self._look.narrowed:
            self.look_for(self._look.without("all"), keep=True)

    # List or gallery

    def _make_gallery(self) -> HistoryGallery:
        from mediadl.screens.history_gallery import HistoryGallery

        self._gallery = HistoryGallery(self._services, zoom=self._look.zoom, id="gallery")
        return self._gallery

    async def action_switch(self) -> None:
        """Show the same files the other way; cursor and marks stay."""
        before = self.table
        self._look = replace(self._look, gallery=not self._look.gallery)
        if self._look.gallery and self._gallery is None:
            await self.mount(self._make_gallery(), before=self._strip)
        after = self.table
        current = before.current
        marks = before.marks
        before.display = False
        after.reset()
        if current is not None and (before.pinned or before.cursor):
            after.pin_to(current.id)
        after.set_marks(set(marks))
        after.display = True
        after.focus()
        self._show_bars()
        self.ask()

    def action_left(self) -> None:
        """The picture before."""
        if not self.refused("left") and self._gallery is not None:
            self._gallery.move_across(-1)

    def action_right(self) -> None:
        """The next picture."""
        if not self.refused("right") and self._gallery is not None:
            self._gallery.move_across(1)

    def action_mark(self) -> None:
        """Mark or unmark and go on; takes a range that is open."""
        table = self.table
        super().action_mark()
        if self._gallery is table and not table.range_active:
            # A line of pictures is not one picture
            table.move_by(-1)
            self._gallery.move_across(1)

    def action_larger(self) -> None:
        """Larger pictures."""
        self._zoom("larger", 1)

    def action_smaller(self) -> None:
        """Smaller pictures."""
        self._zoom("smaller", -1)

    def _zoom(self, name: str, steps: int) -> None:
        if not self.refused(name) and self._gallery is not None and not self._gallery.zoom_by(steps):
            self.notify("They cannot be any " + name + ".", timeout=2, markup=False)

    @staticmethod
    def now() -> float:
        """The time that spans are counted from."""
        return time.time()
