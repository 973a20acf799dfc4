"""The add dialog: type or paste addresses, see at once what each would become, choose how and when."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, get_args

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Select, Static

from mediadl.errors import InvalidInput, MediadlError
from mediadl.models import Priority
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.dialogs.add_choosing import Choosing
from mediadl.screens.dialogs.add_fields import AddressArea, Choice, Field
from mediadl.screens.notices import error_text, notify_error
from mediadl.security.text import safe_lines, safe_text
from mediadl.service.intake import split
from mediadl.service.outlook import Outlooks
from mediadl.service.queue import AddOptions
from mediadl.settings.schema import Quality
from mediadl.timing import moments
from mediadl.widgets.add_preview import login_line, preview_lines, start_line, summary
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.messages import Newest
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.queue import Preview

_MOST_WORDS = 10_000
"""Words checked while typing; `add` itself takes any number."""

_MOST_CHARS = 2_000_000
_MOST_AREA_LINES = 8

_MANY_WORDS = 200
"""From so many on, typing has to pause before they are looked at again: the threads share one interpreter."""

_PAUSE_S = 0.2

_AUTOMATIC = ("automatic", "")


@dataclass(frozen=True, slots=True)
class _Question:
    """What is typed and chosen."""

    text: str
    options: AddOptions


@dataclass(frozen=True, slots=True)
class _Checked:
    question: _Question
    found: list[Preview]


@dataclass(frozen=True, slots=True)
class _Looked:
    checked: _Checked
    outlooks: Outlooks


class AddDialog(Choosing, inherit_bindings=False):
    """Adds what is typed; the answer is the number of jobs made."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.ADD,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.ADD)]
    AUTO_FOCUS = "AddressArea"
    CSS_PATH = "add.tcss"

    class Checked(Newest):
        """A text was looked at."""

        def __init__(self, checked: _Checked) -> None:
            super().__init__()
            self.checked = checked

    class Looked(Newest):
        """What is known of a text was read."""

        def __init__(self, looked: _Looked) -> None:
            super().__init__()
            self.looked = looked

    def __init__(self, services: Services, text: str = "") -> None:
        super().__init__()
        self._services = services
        self._area = AddressArea(
            safe_lines(text, limit=_MOST_CHARS), id="addresses", compact=True, show_line_numbers=False
        )
        self._summary = Static("", id="summary", markup=False)
        self._login = Static("", id="login", markup=False)
        self._preview = Static("", id="preview", markup=False)
        self._folder = Static("", id="folder", markup=False)
        self._only = Static("", id="only", markup=False)
        self._type = Choice(_AUTOMATIC, id="type")
        self._platform = Choice(_AUTOMATIC, id="platform")
        qualities = [("default", ""), *((word, word) for word in get_args(Quality))]
        self._quality = Select(qualities, value="", allow_blank=False, id="quality", compact=True)
        priorities = [(p.word, p.word) for p in sorted(Priority, reverse=True)]
        self._priority = Select(
            priorities, value=Priority.NORMAL.word, allow_blank=False, id="priority", compact=True
        )
        again = [("skip", ""), ("fetch again", "again")]
        self._again = Select(again, value="", allow_blank=False, id="again", compact=True)
        self._start = Input(placeholder="now; or 22:00, tomorrow 8:00, in 2h", compact=True, id="start")
        self._when = Static("", id="when", markup=False)
        self._keys = KeyBar(id="add-keys")
        self._checked: _Checked | None = None
        self._outlooks = Outlooks()
        self._submit_when_checked = False
        self._adding = False
        self._area_height = 0
        self._pausing: Timer | None = None
        self._shown: dict[Static, Content] = {}
        self._checks: LatestQuery[_Question, _Checked] = LatestQuery(
            lambda asked: _Checked(asked, services.queue.check(asked.text, asked.options, _MOST_WORDS)),
            lambda checked: self._post(self.Checked(checked)),
            self._trouble,
        )
        self._looks: LatestQuery[_Checked, _Looked] = LatestQuery(
            lambda asked: _Looked(asked, services.queue.outlook(asked.found, asked.question.options)),
            lambda looked: self._post(self.Looked(looked)),
            self._trouble,
        )

    def compose(self) -> ComposeResult:
        """Field, what it would become, options, keys."""
        with Vertical(id="add", classes="dialog") as box:
            box.border_title = "Add"
            yield self._area
            yield self._summary
            with VerticalScroll(id="previews", can_focus=False):
                yield self._login
                yield self._preview
            with Vertical(id="options"):
                with Horizontal(classes="row"):
                    yield Field("Type", self._type)
                    yield Field("Platform", self._platform)
                with Horizontal(classes="row"):
                    yield Field("Quality", self._quality)
                    yield Field("Priority", self._priority)
                with Horizontal(classes="row"):
                    yield Field("Start", self._start)
                    yield Field("Stored", self._again)
            yield self._when
            yield self._only
            yield self._folder
            yield self._keys

    def on_mount(self) -> None:
        """Start checking."""
        for name, reader in (("add", self._checks.run), ("outlook", self._looks.run)):
            self.app.run_worker(reader, thread=True, group="queries", name=name, exit_on_error=False)
        self._area.move_cursor(self._area.document.end)
        self._keys.show(hints(self.SCOPES, {}))
        self._show()
        self._check()

    def on_unmount(self) -> None:
        """Stop checking."""
        self._checks.stop()
        self._looks.stop()

    # Checking

    def _options(self) -> AddOptions:
        """What is chosen; a start that cannot be read counts as now until it can."""
        try:
            not_before = self._not_before()
        except InvalidInput:
            not_before = None
        return AddOptions(
            platform=str(self._platform.value),
            content_type=str(self._type.value),
            priority=Priority.parse(str(self._priority.value)),
            not_before=not_before,
            quality=str(self._quality.value),
            force=bool(self._again.value),
            filters=self.chosen.filters,
            options=self.chosen.options,
        )

    def _not_before(self) -> float | None:
        text = self._start.value.strip()
        return moments.start(text, time.time()) if text and text.lower() != "now" else None

    def _question(self) -> _Question:
        # The start changes nothing about what addresses mean
        return _Question(self._area.text, replace(self._options(), not_before=None))

    def _check(self) -> None:
        lines = self._area.document.line_count
        height = max(2, min(lines + 1, _MOST_AREA_LINES))
        if height != self._area_height:
            self._area_height = height
            self._area.styles.height = height
        if self._pausing is not None:
            self._pausing.stop()
            self._pausing = None
        if lines > _MANY_WORDS:
            self._pausing = self.set_timer(_PAUSE_S, self._check_now)
        else:
            self._check_now()

    def _check_now(self) -> None:
        self._pausing = None
        self._checks.ask(self._question())

    # Single items

    def found(self) -> list[Preview]:
        """What the words typed so far would become."""
        return self._checked.found if self._checked else []

    def choice_changed(self) -> None:
        """Show what is chosen."""
        line = self.choice_line()
        self._only.update(line)
        self._only.display = bool(line.plain)
        self._check()

    def add_picked(self, text: str, options: AddOptions) -> None:
        """Add one address with the items that were picked."""
        if not self._adding:
            self._add([text], options)

    def _post(self, message: Message) -> None:
        # Thread of the queries
        self.post_message(message)

    def _trouble(self, error: Exception) -> None:
        # Thread of the queries
        notify_error(self.app, error)

    def on_text_area_changed(self) -> None:
        """Check while typing."""
        self._check()

    def on_select_changed(self) -> None:
        """Another choice may mean something else."""
        self._check()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say when that is."""
        event.stop()
        try:
            at = self._not_before()
        except InvalidInput as error:
            self._when.update(
                Content.styled(f"✗ {safe_text(error.message)}. {error.next_step}", "$text-error")
            )
        else:
            self._when.update("" if at is None else start_line(at, time.time()))
        self._when.display = bool(self._start.value.strip())

    def on_paste(self, event: events.Paste) -> None:
        """Pasted beside the field: into the field."""
        event.stop()
        if self.focused is not self._area:
            # The dialog may be opening only now
            self.call_after_refresh(self._area.insert, safe_lines(event.text, limit=_MOST_CHARS))
            self._area.focus()

    def on_add_dialog_checked(self, message: Checked) -> None:
        """Show what was found, then ask what is known of it."""
        if message.checked.question != self._question():
            return
        self._checked = message.checked
        self._show()
        self._looks.ask(message.checked)
        if self._submit_when_checked:
            self._submit_when_checked = False
            self.action_submit()

    def on_add_dialog_looked(self, message: Looked) -> None:
        """Show what is known, and what can be chosen therefore."""
        if message.looked.checked is not self._checked:
            return
        self._outlooks = message.looked.outlooks
        self._type.offer([(f"{name}: {words}", name) for name, words in self._outlooks.types])
        self._platform.offer([(title, name) for name, title in self._outlooks.platforms])
        self._show()

    def _show(self) -> None:
        found = self._checked.found if self._checked else []
        known = self._outlooks.by_url
        self._say(self._summary, summary(found, known).content, layout=False)
        self._say(self._preview, preview_lines(found, known, again=bool(self._again.value)))
        login = login_line(known) if found else None
        self._login.display = login is not None
        self._say(self._login, login or Content(""))
        trouble, folder = safe_text(self._outlooks.trouble), safe_text(self._outlooks.folder)
        said = Content.styled(f"Into {folder}" if folder else "", "$foreground-muted")
        self._say(
            self._folder, Content.styled(f"✗ {trouble}", "$text-error") if trouble else said, layout=False
        )

    def _say(self, where: Static, content: Content, *, layout: bool = True) -> None:
        """Paint it if it is something new: beside long lists most keys change nothing of what is shown."""
        if self._shown.get(where) != content:
            self._shown[where] = content
            where.update(content, layout=layout)

    # Actions

    def action_submit(self) -> None:
        """Add what is valid; with nothing valid say why."""
        focused = self.focused
        if isinstance(focused, Select):
            focused.action_show_overlay()
            return
        if focused is not None and not isinstance(focused, AddressArea | Input):
            # The open list of a Select: Enter chooses there
            self.app.call_later(_choose, focused)
            return
        if self._adding:
            return
        try:
            not_before = self._not_before()
        except InvalidInput as error:
            self._refused(error)
            self._start.focus()
            return
        checked = self._checked
        if checked is None or checked.question != self._question():
            self._submit_when_checked = True
            self._check_now()
            return
        if all(preview.error for preview in checked.found):
            first = next(iter(checked.found), None)
            said = f"{first.error}\n{first.next_step}" if first else "Type or paste an address first."
            self.notify(said, title="Nothing to add", severity="warning", markup=False, timeout=5)
            return
        # Beyond what was checked nothing is left out: a bad line there is named and nothing is added
        bad = {n for n, preview in enumerate(checked.found) if preview.error}
        words = [word for n, (_line, word) in enumerate(split([checked.question.text])) if n not in bad]
        self._add(words, self.limited(replace(checked.question.options, not_before=not_before)))

    def _add(self, words: list[str], options: AddOptions) -> None:
        self._adding = True

        def work() -> None:
            try:
                added = self._services.queue.add(words, options)
            except MediadlError as error:
                self.app.call_later(self._refused, error)
            else:
                self.app.call_later(self._added, len(added))

        self.app.run_worker(work, thread=True, group="verbs", exit_on_error=False)

    def _added(self, number: int) -> None:
        if self.is_attached:
            self.dismiss(number)

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
