"""Every action with its keys, which of them are the user's own, and where to change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mediadl.screens.actions import ACTIONS, Action, Scope, bindings, hints, key_word
from mediadl.screens.settings_keys import known
from mediadl.security.text import safe_lines
from mediadl.settings.keymap import Keymap
from mediadl.widgets.filter_bar import FilterLine
from mediadl.widgets.form_list import FormList, FormRow
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.setting_tabs import SettingSearch

if TYPE_CHECKING:
    from mediadl.service import Services

_MOST_TROUBLES = 5


class KeymapDialog(ModalScreen[None], inherit_bindings=False):
    """A list to read and to search."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.KEYS,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.KEYS, modal=True)]
    AUTO_FOCUS = "FormList"
    CSS = """
    #keymap { height: 95%; max-width: 110; }
    #keymap #keymap-file { height: auto; color: $foreground-muted; }
    #keymap #keymap-troubles { height: auto; color: $text-error; }
    #keymap FormList { background: $surface; margin-top: 1; }
    """

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._keymap = Keymap()
        self._words = ""
        self._file = services.settings.keymap_file
        self._about = Static("", id="keymap-file", markup=False)
        self._troubles = Static("", id="keymap-troubles", markup=False)
        self._search = SettingSearch("words of an action, or a key", id="keymap-search")
        self.fields = FormList(id="keymap-list")
        """The actions."""
        self._keys = KeyBar(id="keymap-keys")

    def compose(self) -> ComposeResult:
        """Where the file is, what is wrong in it, search, list, keys."""
        with Vertical(id="keymap", classes="dialog") as box:
            box.border_title = "Keys"
            yield self._about
            yield self._troubles
            yield self._search
            yield self.fields
            yield self._keys

    def on_mount(self) -> None:
        """Show the keys as made until the file is read."""
        self._keys.show(hints(self.SCOPES, {}, modal=True))
        self._show(self._keymap)
        self.app.run_worker(self._read, thread=True, group="queries", name="keymap", exit_on_error=False)

    def _read(self) -> None:
        keymap = self._services.settings.keymap(known())
        self.app.call_later(self._show, keymap)

    def _show(self, keymap: Keymap) -> None:
        self._keymap = keymap
        self._about.update(
            f'Other keys go into {self._file}, for example: queue.retry = "ctrl+r" below a line [keys].'
            " mediadl settings keys --toml prints the whole file. It counts from the next start."
        )
        lines = [f"✗ {trouble}" for trouble in keymap.troubles[:_MOST_TROUBLES]]
        more = len(keymap.troubles) - len(lines)
        self._troubles.update(safe_lines("\n".join([*lines, *([f"… and {more} more"] if more > 0 else [])])))
        self._troubles.display = bool(lines)
        self._list()

    def _list(self) -> None:
        words = self._words.casefold().split()
        rows: list[FormRow] = []
        found = 0
        for scope in dict.fromkeys(action.scope for action in ACTIONS):
            here = [row for action in ACTIONS if action.scope is scope and (row := self._row(action))]
            here = [row for row in here if all(word in _words_of(row) for word in words)]
            found += len(here)
            if here:
                rows += [FormRow(title=scope.value.capitalize()), *here]
        if not rows:
            rows = [FormRow(note="No action has these words. Esc shows all again.")]
        self.fields.show(rows)
        self._search.show_count(found, len(ACTIONS))

    def _row(self, action: Action) -> FormRow:
        mine = self._keymap.keys.get(action.id)
        keys = ", ".join(key_word(key) for key in (action.keys if mine is None else mine))
        was = f"yours, was {action.key_text}" if mine is not None else ""
        return FormRow(
            action.id,
            action.label,
            keys,
            "accent",
            was,
            f"{action.id} · {action.help}",
            changed=mine is not None,
        )

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """Narrow while typing."""
        self._words = message.words.strip()
        self._list()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep the words, give the keys back to the list."""
        event.stop()
        if not event.value.strip():
            self._search.close()
        self.fields.focus()

    def on_form_list_clicked(self, message: FormList.Clicked) -> None:
        """A row was clicked."""
        self.fields.move_to(message.row_id)

    def on_form_list_opened(self, message: FormList.Opened) -> None:
        """A row was clicked; there is nothing to open."""
        self.fields.move_to(message.row_id)

    # Actions

    def action_filter(self) -> None:
        """Type words to look for."""
        self._search.open()
        self._list()

    def action_close(self) -> None:
        """The words, then the list."""
        if self._search.is_open:
            self._search.close()
            self.fields.focus()
        else:
            self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the name that the file uses."""
        if self.fields.cursor:
            self.app.copy_to_clipboard(self.fields.cursor)
            self.notify(f"Copied {self.fields.cursor}", timeout=2, markup=False)

    def action_cursor_down(self) -> None:
        """Next action."""
        self.fields.move_by(1)

    def action_cursor_up(self) -> None:
        """The action before."""
        self.fields.move_by(-1)

    def action_page_down(self) -> None:
        """One screen down."""
        self.fields.page(1)

    def action_page_up(self) -> None:
        """One screen up."""
        self.fields.page(-1)

    def action_half_down(self) -> None:
        """Half a screen down."""
        self.fields.page(0.5)

    def action_half_up(self) -> None:
        """Half a screen up."""
        self.fields.page(-0.5)

    def action_top(self) -> None:
        """First action."""
        self.fields.move_by(-len(self.fields.field_ids))

    def action_bottom(self) -> None:
        """Last action."""
        self.fields.move_by(len(self.fields.field_ids))


def _words_of(row: FormRow) -> str:
    return f"{row.title} {row.value} {row.note} {row.aside}".casefold()
