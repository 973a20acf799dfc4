"""More of the add form: which items are taken, and the options of the platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from mediadl.errors import MediadlError
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.service import filtering
from mediadl.settings.kinds import Kind, Setting, typed_text
from mediadl.widgets.form_editor import Form
from mediadl.widgets.form_list import FormList, FormRow
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.setting_text import trouble_text, value_text

if TYPE_CHECKING:
    from mediadl.service import Services

_FILTERS = "filters"
_OURS = frozenset({_FILTERS, filtering.LIMITS})
"""Sections that are no platform's."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen beyond the usual, as text by name."""

    filters: dict[str, str] = field(default_factory=dict)
    limits: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)


class MoreDialog(ModalScreen[Chosen], inherit_bindings=False):
    """Filters and options as a form; Esc goes back with all that was chosen."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.MORE,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.MORE, modal=True)]
    AUTO_FOCUS = "FormList"
    CSS_PATH = "add_more.tcss"

    def __init__(
        self, services: Services, chosen: Chosen, platform: str = "", *, limits: bool = True
    ) -> None:
        """`platform`: whose options are asked for; empty: of several, so none. `limits`: how far it goes, too."""
        super().__init__()
        self._with_limits = limits
        self._services = services
        self._filters = dict(chosen.filters)
        self._limits = dict(chosen.limits)
        self._options = dict(chosen.options)
        self._platform = platform
        self._of_platform: list[Setting] = []
        self._trouble = ""
        self.form = Form(id="form")
        self._keys = KeyBar(id="more-keys")

    def compose(self) -> ComposeResult:
        """Form and keys."""
        with Vertical(id="more", classes="dialog") as box:
            box.border_title = "Which items"
            yield self.form
            yield self._keys

    def on_mount(self) -> None:
        """The filters at once, the options of the platform once its settings are read."""
        self._show()
        if self._platform:
            self.app.run_worker(self._read, thread=True, group="queries", name="options", exit_on_error=False)

    def _read(self) -> None:
        """Thread: the options as they are set."""
        try:
            found = [one for one in self._services.settings.list() if one.section == self._platform]
        except MediadlError as error:
            notify_error(self.app, error)
        else:
            self.app.call_later(self._take, found)

    def _take(self, found: list[Setting]) -> None:
        self._of_platform = found
        self._show()

    # What is shown

    def _settings(self) -> list[Setting]:
        limits = filtering.limits_form(self._limits) if self._with_limits else []
        return [*filtering.form(self._filters), *limits, *self._of_platform]

    def _setting(self) -> Setting | None:
        cursor = self.form.fields.cursor
        return next((one for one in self._settings() if one.key == cursor), None)

    def _texts(self, setting: Setting) -> dict[str, str]:
        own = {_FILTERS: self._filters, filtering.LIMITS: self._limits}
        return own.get(setting.section, self._options)

    def _show(self) -> None:
        rows = [FormRow(title="Only items that", note="what the site does not tell of is taken")]
        settings = self._settings()
        rows += [self._row(one) for one in settings if one.section in _OURS]
        own = [one for one in settings if one.section not in _OURS]
        if own:
            rows += [FormRow(title=own[0].section_title, note="for this job; else as in the settings")]
            rows += [self._row(one) for one in own]
        self.form.fields.show(rows)
        self.form.place_editor()
        self._keys.show(hints(self.SCOPES, {}, modal=True))

    def _row(self, setting: Setting) -> FormRow:
        name = setting.key.partition(".")[2]
        text = self._texts(setting).get(name)
        value = setting.value if text is None else self._value(setting, text)
        wrong = self._trouble if self.form.editing == setting.key else ""
        return FormRow(
            setting.key,
            setting.title,
            value_text(setting, value) if value or setting.kind is not Kind.WORDS else "any",
            "" if text is None else "accent",
            "",
            f"✗ {safe_text(wrong)}" if wrong else setting.help,
            "grave" if wrong else "quiet",
            changed=text is not None,
        )

    def _value(self, setting: Setting, text: str) -> object:
        """What a text that was taken stands for."""
        if setting.section in _OURS:
            return setting.value
        return self._services.settings.check(setting.key, text)

    # Changing

    def action_edit(self) -> None:
        """Type, switch or take the next choice."""
        setting = self._setting()
        if setting is None:
            return
        texts, name = self._texts(setting), setting.key.partition(".")[2]
        now = self._value(setting, texts[name]) if name in texts else setting.value
        if setting.kind is Kind.SWITCH:
            self._put(setting, "false" if now else "true")
        elif setting.kind is Kind.CHOICE:
            at = setting.choices.index(str(now)) if str(now) in setting.choices else -1
            self._put(setting, setting.choices[(at + 1) % len(setting.choices)])
        else:
            text = texts.get(name, "" if not now else typed_text(setting.kind, now))
            self.form.edit(setting.key, text, hint=setting.allowed)

    def _put(self, setting: Setting, text: str) -> None:
        texts, name = self._texts(setting), setting.key.partition(".")[2]
        plain = "false" if setting.kind is Kind.SWITCH else ""
        if setting.section in _OURS and text.strip() == plain:
            texts.pop(name, None)
        else:
            texts[name] = text
        self._show()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge while typing."""
        event.stop()
        if self.form.editing:
            self._trouble = self._judge(event.value)
            self._show()

    def _judge(self, text: str) -> str:
        setting = self._setting()
        if setting is None or (setting.section in _OURS and not text.strip()):
            return ""
        name = setting.key.partition(".")[2]
        if setting.section == _FILTERS:
            return filtering.trouble(name, text, self._filters)
        if setting.section == filtering.LIMITS:
            return filtering.limit_trouble(name, text, self._limits)
        try:
            self._services.settings.check(setting.key, text)
        except MediadlError as error:
            return trouble_text(setting.key, error.message)
        return ""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Keep what was typed if it can be taken."""
        event.stop()
        setting = self._setting()
        self._trouble = self._judge(event.value)
        if setting is None or self._trouble:
            self._show()
            return
        text = event.value
        self.form.end_edit()
        self._put(setting, text)

    def action_reset(self) -> None:
        """Forget what was chosen here."""
        setting = self._setting()
        if setting is not None and not self.form.editing:
            self._texts(setting).pop(setting.key.partition(".")[2], None)
            self._show()

    def action_close(self) -> None:
        """Give typing up, else go back with what was chosen."""
        if self.form.editing:
            self._trouble = ""
            self.form.end_edit()
            self._show()
            return
        self.dismiss(Chosen(self._filters, self._limits, self._options))

    # Moving

    def on_form_list_clicked(self, message: FormList.Clicked) -> None:
        """A field was clicked."""
        if not self.form.editing:
            self.form.fields.move_to(message.row_id)

    def on_form_list_opened(self, message: FormList.Opened) -> None:
        """A value was clicked."""
        if not self.form.editing:
            self.form.fields.move_to(message.row_id)
            self.action_edit()

    def action_cursor_down(self) -> None:
        """Next field."""
        self.form.fields.move_by(1)

    def action_cursor_up(self) -> None:
        """The field before."""
        self.form.fields.move_by(-1)

    def action_page_down(self) -> None:
        """One screen down."""
        self.form.fields.page(1)

    def action_page_up(self) -> None:
        """One screen up."""
        self.form.fields.page(-1)

    def action_half_down(self) -> None:
        """Half a screen down."""
        self.form.fields.page(0.5)

    def action_half_up(self) -> None:
        """Half a screen up."""
        self.form.fields.page(-0.5)

    def action_top(self) -> None:
        """First field."""
        self.form.fields.move_by(-len(self.form.fields.field_ids))

    def action_bottom(self) -> None:
        """Last field."""
        self.form.fields.move_by(len(self.form.fields.field_ids))
