"""The Settings screen: forms made from the schema, saved all at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from mediadl.screens.actions import Group as ActionGroup
from mediadl.screens.actions import Scope, actions_of, bindings
from mediadl.screens.settings_save import Saving
from mediadl.screens.settings_view import (
    Group,
    SettingsReader,
    SettingsView,
    found_rows,
    groups,
    matching,
    tab_of,
    tab_rows,
)
from mediadl.settings.kinds import Tab
from mediadl.widgets.filter_bar import FilterLine
from mediadl.widgets.form_editor import Form
from mediadl.widgets.form_list import FormList, FormRow
from mediadl.widgets.setting_tabs import SettingSearch, SettingStrip, SettingTabs
from mediadl.widgets.setting_text import about, login_of

if TYPE_CHECKING:
    from mediadl.service import Services


_NOT_WHILE_TYPING = (
    "edit",
    "switch",
    "reset",
    "discard",
    "session",
    "copy",
    "filter",
    "next_tab",
    "previous_tab",
)


class SettingsScreen(Saving, inherit_bindings=False):
    """Tabs of fields with search; changes are kept aside until they are saved."""

    PLACE = "settings"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SETTINGS, Scope.APP)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SETTINGS)]
    AUTO_FOCUS = "FormList"
    CSS_PATH = "settings.tcss"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._tab = Tab.GENERAL
        self._words = ""
        self._cursors: dict[Tab, str] = {}
        self._view: SettingsView | None = None
        self._tabs = SettingTabs(id="setting-tabs")
        self._search = SettingSearch("words in names and help", id="filter")
        self._form = Form(id="form")
        self._strip = SettingStrip(id="setting-strip", markup=False)
        self._reader = self.reads("settings", SettingsReader(services).read, self._show)
        self._checker = self.reads("check", self._judge, self._judged)

    @property
    def form(self) -> Form:
        """The fields and the editor."""
        return self._form

    def body(self) -> ComposeResult:
        """Tabs, search, fields, what is known of the field under the cursor."""
        yield self._tabs
        yield self._search
        yield self._form
        yield self._strip

    def on_mount(self) -> None:
        """Begin where it was left."""
        if self._words:
            self._search.open_with(self._words)
        self._refresh()

    # What is shown

    def ask(self) -> None:
        """Look whether something changed."""
        if self.is_attached:
            self._reader.ask(0)

    def _show(self, view: SettingsView) -> None:
        first = self._view is None
        self._view = view
        if view.sheet is not None and view.sheet is not self.drafts.sheet:
            self.take(view.sheet)
        self._refresh(first=first)

    def _groups(self) -> list[Group]:
        return groups(self._view, self.drafts, self.live) if self._view is not None else []

    def _refresh(self, *, first: bool = False, cursor: str | None = None) -> None:
        """Paint everything that shows drafts or view."""
        view, every = self._view, self._groups()
        if view is None:
            rows = [FormRow(note=""), FormRow(note="Reading the settings …")]
        elif view.sheet is None and not len(self.drafts.sheet.settings):
            rows = [
                FormRow(title="The settings cannot be read", note=""),
                FormRow(note=view.trouble, note_style="grave"),
                FormRow(
                    note="mediadl settings edit opens the file; this page shows it as soon as it is right."
                ),
            ]
        elif self._words:
            found = matching(every, self._words, self.drafts.sheet.settings)
            rows = found_rows(found)
        else:
            rows = tab_rows(every, self._tab, self.drafts.sheet.strays)
        if view is not None and view.sheet is None and len(self.drafts.sheet.settings):
            rows = [FormRow(note=f"⚠ {view.trouble}", note_style="grave"), *rows]
        wanted = self._cursors.get(self._tab) if first else None
        self._form.fields.show(rows, cursor=wanted if cursor is None else cursor)
        self._form.place_editor()
        self._show_bars(every)

    def _show_bars(self, every: list[Group]) -> None:
        settings = self.drafts.sheet.settings
        changed = {one.tab for one in settings if self.drafts.get(one.key) is not None}
        counts = None
        if self._words:
            found = matching(every, self._words, settings)
            counts = {tab: sum(len(group.rows) for group in found if group.tab is tab) for tab in Tab}
            self._search.show_count(sum(counts.values()), sum(len(group.rows) for group in every))
        elif self._search.is_open:
            number = sum(len(group.rows) for group in every)
            self._search.show_count(number, number)
        self._tabs.show(self._tab, changed, counts)
        setting = self.setting_under_cursor
        if setting is not None:
            self._strip.say(about(setting, self.drafts.get(setting.key)))
        else:
            row = self._form.fields.current
            self._strip.say(self.about_row(row))
        self.refresh_keys()

    def key_lead(self) -> str:
        """What the keys do while typing, or how much is not saved."""
        if self._form.editing:
            return " Enter keeps, Esc gives up "
        number = len(self.drafts)
        return f" {number} unsaved " if number else ""

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now."""
        found = super().reasons()
        own = self.edit_reasons()
        row_id = self._form.fields.cursor
        if login_of(row_id) is None and self._tab is not Tab.PLATFORMS:
            own["session"] = "Logins are on the tab Platforms."
        if self._form.editing:
            own |= dict.fromkeys(_NOT_WHILE_TYPING, "Press Enter or Esc first.")
        return found | {f"settings.{name}": reason for name, reason in own.items()}

    def on_form_list_cursor_moved(self) -> None:
        """Other keys may be useful now."""
        fields = self._form.fields
        if self._words and not self._form.editing:
            self._tab = tab_of(self._groups(), fields.cursor) or self._tab
        if fields.cursor:
            self._cursors[self._tab] = fields.cursor
        self._show_bars(self._groups())

    def on_form_list_clicked(self, message: FormList.Clicked) -> None:
        """A field was clicked."""
        self.leave_field(lambda: self._form.fields.move_to(message.row_id))

    def on_form_list_opened(self, message: FormList.Opened) -> None:
        """A value was clicked."""

        def opened() -> None:
            self._form.fields.move_to(message.row_id)
            self.action_edit()

        self.leave_field(opened)

    def on_form_list_menu_asked(self, message: FormList.MenuAsked) -> None:
        """Right click: what can be done with the field."""
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        async def chosen(name: str | None) -> None:
            if name:
                await self.run_action(name)

        def opened() -> None:
            self._form.fields.move_to(message.row_id)
            against = self.reasons()
            choices = [
                Choice(action.name, action.label, action.key_text)
                for action in actions_of(Scope.SETTINGS, keymap=self.program.keymap)
                if action.group is ActionGroup.CHANGE and action.id not in against
            ]
            if choices:
                self.app.push_screen(MenuDialog("", choices, at=(message.x, message.y)), chosen)

        self.leave_field(opened)

    # How it is looked at

    def view_state(self) -> dict[str, Any]:
        """Tab, field and words."""
        return {"tab": self._tab.value, "field": self._form.fields.cursor, "words": self._words}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Look at it as before."""
        tab, words, row_id = state.get("tab"), state.get("words"), state.get("field")
        if tab in set(Tab):
            self._tab = Tab(str(tab))
        if isinstance(words, str):
            self._words = words
        if isinstance(row_id, str):
            self._cursors[self._tab] = row_id

    def action_show_tab(self, name: str) -> None:
        """Show a tab, or the first match on it."""
        tab = Tab(name)

        def show() -> None:
            if self._words:
                found = matching(self._groups(), self._words, self.drafts.sheet.settings)
                first = next((group.rows[0].id for group in found if group.tab is tab), "")
                if first:
                    self._form.fields.move_to(first)
                return
            self._tab = tab
            self._refresh(cursor=self._cursors.get(tab, ""))
            self._form.fields.focus()

        self.leave_field(show)

    def action_next_tab(self) -> None:
        """Next tab."""
        self._step_tab(1)

    def action_previous_tab(self) -> None:
        """The tab before."""
        self._step_tab(-1)

    def _step_tab(self, step: int) -> None:
        tabs = list(Tab)
        if self._words:
            found = matching(self._groups(), self._words, self.drafts.sheet.settings)
            tabs = [tab for tab in Tab if tab is self._tab or any(group.tab is tab for group in found)]
        self.action_show_tab(tabs[(tabs.index(self._tab) + step) % len(tabs)].value)

    def action_filter(self) -> None:
        """Type words to look for."""
        self.leave_field(self._open_search)

    def _open_search(self) -> None:
        self._search.open()
        self._show_bars(self._groups())

    def filter_by(self, words: str) -> None:
        """Show only settings with these words."""
        self.leave_field(lambda: self._search.open_with(words))

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """Look while typing."""
        words = message.words.strip()
        if words != self._words:
            self._words = words
            self._refresh(cursor=None if words else self._form.fields.cursor)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: keep what was typed, or keep the words and give the keys back to the list."""
        event.stop()
        if event.input is self._form.editor:
            self.leave_field(None)
            return
        if not event.value.strip():
            self._search.close()
        self._form.fields.focus()

    def action_back(self) -> None:
        """One level back: typing, words. Never quits."""
        if self._form.editing:
            self.give_up_field()
        elif self._search.is_open:
            self._search.close()
            self._form.fields.focus()
            self._refresh(cursor=self._form.fields.cursor)
