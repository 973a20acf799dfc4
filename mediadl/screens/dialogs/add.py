"""The add dialog: type or paste addresses, see at once what each would become."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, get_args

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Select, Static, TextArea

from mediadl.errors import MediadlError
from mediadl.models import Priority
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.notices import error_text, notify_error
from mediadl.security.text import safe_lines
from mediadl.settings.schema import Quality
from mediadl.widgets.add_preview import Summary, preview_lines, summary
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.messages import Newest
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.queue import Preview

_MOST_WORDS = 10_000
"""Words checked while typing; `add` itself takes any number."""


_MOST_CHARS = 2_000_000


class AddressArea(TextArea):
    """The field; Enter and Ctrl+J belong to the dialog."""


class AddDialog(ModalScreen[int], inherit_bindings=False):
    """Adds what is typed; the answer is the number of jobs made."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.ADD,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.ADD)]
    AUTO_FOCUS = "AddressArea"

    class Checked(Newest):
        """A text was looked at."""

        def __init__(self, text: str, found: list[Preview]) -> None:
            super().__init__()
            self.text = text
            self.found = found

    def __init__(self, services: Services, text: str = "") -> None:
        super().__init__()
        self._services = services
        self._area = AddressArea(
            safe_lines(text, limit=_MOST_CHARS), id="addresses", compact=True, show_line_numbers=False
        )
        self._summary = Static("", id="summary", markup=False)
        self._preview = Static("", id="preview", markup=False)
        self._keys = KeyBar(id="add-keys")
        self._checked: tuple[str, list[Preview]] = ("", [])
        self._submit_when_checked = False
        self._adding = False
        self._queries: LatestQuery[str, tuple[str, list[Preview]]] = LatestQuery(
            lambda asked: (asked, services.queue.check(asked, limit=_MOST_WORDS)),
            self._publish,
            lambda error: notify_error(self.app, error),
        )

    def compose(self) -> ComposeResult:
        """Field, what it would become, options, keys."""
        with Vertical(id="add", classes="dialog") as box:
            box.border_title = "Add"
            yield self._area
            yield self._summary
            with VerticalScroll(id="previews", can_focus=False):
                yield self._preview
            with Horizontal(id="options"):
                priorities = [(p.word, int(p)) for p in sorted(Priority, reverse=True)]
                yield Static("Priority ", markup=False)
                yield Select(
                    priorities, value=int(Priority.NORMAL), allow_blank=False, id="priority", compact=True
                )
                yield Static("  Quality ", markup=False)
                qualities = [("as in settings", ""), *((word, word) for word in get_args(Quality))]
                yield Select(qualities, value="", allow_blank=False, id="quality", compact=True)
            yield self._keys

    def on_mount(self) -> None:
        """Start checking."""
        self.app.run_worker(self._queries.run, thread=True, group="queries", name="add", exit_on_error=False)
        self._area.move_cursor(self._area.document.end)
        self._keys.show(hints(self.SCOPES, {}))
        self._check()

    def on_unmount(self) -> None:
        """Stop checking."""
        self._queries.stop()

    def _check(self) -> None:
        lines = self._area.document.line_count
        self._area.styles.height = max(2, min(lines + 1, 8))
        self._queries.ask(self._area.text)

    def _publish(self, answer: tuple[str, list[Preview]]) -> None:
        # Thread of the queries
        self.post_message(self.Checked(*answer))

    def on_text_area_changed(self) -> None:
        """Check while typing."""
        self._check()

    def on_paste(self, event: events.Paste) -> None:
        """Pasted beside the field: into the field."""
        event.stop()
        if self.focused is not self._area:
            # The dialog may be opening only now
            self.call_after_refresh(self._area.insert, safe_lines(event.text, limit=_MOST_CHARS))
            self._area.focus()

    def on_add_dialog_checked(self, message: Checked) -> None:
        """Show what was found."""
        if message.text != self._area.text:
            return
        self._checked = (message.text, message.found)
        told: Summary = summary(message.found)
        self._summary.update(told.content)
        self._preview.update(preview_lines(message.found))
        if self._submit_when_checked:
            self._submit_when_checked = False
            self.action_submit()

    # Actions

    def action_submit(self) -> None:
        """Add what is valid; with nothing valid say why."""
        focused = self.focused
        if isinstance(focused, Select):
            focused.action_show_overlay()
            return
        if focused is not None and not isinstance(focused, AddressArea):
            # The open list of a Select: Enter chooses there
            self.app.call_later(_choose, focused)
            return
        text = self._area.text
        if self._adding:
            return
        if self._checked[0] != text:
            self._submit_when_checked = True
            return
        good = [p for p in self._checked[1] if not p.error]
        if not good:
            first = next((p for p in self._checked[1]), None)
            said = f"{first.error}\n{first.next_step}" if first else "Type or paste an address first."
            self.notify(said, title="Nothing to add", severity="warning", markup=False, timeout=5)
            return
        self._add(text)

    def _add(self, text: str) -> None:
        from mediadl.service.intake import split
        from mediadl.service.queue import AddOptions

        found = self._checked[1]
        words = split([text])
        # Beyond what was checked nothing is left out: a bad line there is named and nothing is added
        bad = {n for n, preview in enumerate(found) if preview.error}
        wanted = [word for n, (_line, word) in enumerate(words) if n not in bad]
        quality = self.query_one("#quality", Select).value
        priority = self.query_one("#priority", Select).value
        options = AddOptions(priority=Priority(int(str(priority))), quality=str(quality))
        self._adding = True

        def work() -> None:
            try:
                added = self._services.queue.add(wanted, options)
            except MediadlError as error:
                self.app.call_later(self._refused, error)
            else:
                self.app.call_later(self.dismiss, len(added))

        self.app.run_worker(work, thread=True, group="verbs", exit_on_error=False)

    def _refused(self, error: MediadlError) -> None:
        self._adding = False
        title, text = error_text(error)
        self.notify(text, title=title, severity="error", markup=False, timeout=8)

    def action_new_line(self) -> None:
        """Another line."""
        self._area.insert("\n")
        self._area.focus()

    def action_close(self) -> None:
        """Close an open list, else the dialog."""
        if any(select.expanded for select in self.query(Select)):
            for select in self.query(Select):
                select.expanded = False
            return
        self.dismiss(0)

    def action_next_field(self) -> None:
        """Next field."""
        self.focus_next()

    def action_previous_field(self) -> None:
        """Field before."""
        self.focus_previous()


def _choose(widget: object) -> None:
    from textual.widgets import OptionList

    if isinstance(widget, OptionList):
        widget.action_select()
