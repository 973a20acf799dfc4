"""A schedule is told: a form made of what one can be told, with what it would come to while it is filled in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from mediadl.errors import MediadlError
from mediadl.models.schedules import Schedule
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.dialogs.schedule_draft import OPENED, Draft, outlook, typed
from mediadl.screens.dialogs.schedule_saving import Saving
from mediadl.screens.form_keys import FormKeys
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_lines, safe_text
from mediadl.service import schedule_form
from mediadl.service.schedule_form import FILTERS, OPTIONS, RULE, SOURCES, Foreseen
from mediadl.settings.kinds import Kind, Setting, typed_text
from mediadl.widgets.form_editor import Form
from mediadl.widgets.form_list import FormList
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line
from mediadl.widgets.messages import Newest
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.screens.dialogs.add_more import Chosen
    from mediadl.screens.page import Program
    from mediadl.service import Services

_MOST_CHARS = 400_000


def open_editor(
    app: App[Any],
    services: Services,
    schedule: Schedule | None = None,
    *,
    sources: Sequence[str] = (),
    then: Callable[[int], None],
) -> None:
    """Let a schedule be changed, or a new one be told (of these `sources`); `then` gets the number of the kept one."""

    def closed(kept: Schedule | None) -> None:
        if kept is not None:
            then(kept.id)

    app.push_screen(ScheduleEditor(services, schedule, sources=sources), closed)


@dataclass(frozen=True, slots=True)
class _Seen:
    values: dict[str, Any]
    foreseen: Foreseen


class ScheduleEditor(FormKeys, Saving, inherit_bindings=False):
    """Its answer is the schedule that was kept, `None` for none."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.EDITOR,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.EDITOR, modal=True)]
    AUTO_FOCUS = "FormList"
    CSS_PATH = "schedule.tcss"

    class Answered(Newest):
        """It was found out what something comes to."""

        def __init__(self, seen: _Seen) -> None:
            super().__init__()
            self.seen = seen

    def __init__(
        self, services: Services, schedule: Schedule | None = None, *, sources: Sequence[str] = ()
    ) -> None:
        super().__init__(services, Draft(schedule, sources))
        self._trouble = ""
        self.form = Form(id="form")
        self._strip = Static("", id="editor-strip", markup=False)
        self._keys = KeyBar(id="editor-keys")
        self._queries: LatestQuery[dict[str, Any], _Seen] = LatestQuery(
            lambda values: _Seen(values, schedule_form.foresee(services, values)),
            self._post,
            lambda error: notify_error(self.app, error),
        )

    def compose(self) -> ComposeResult:
        """Form, what it comes to, keys."""
        schedule = self.draft.schedule
        with Vertical(id="schedule-form", classes="dialog") as box:
            box.border_title = "New schedule" if schedule is None else Content(safe_text(schedule.name))
            with Container(id="editor-body"):
                yield self.form
                yield self._strip
            yield self._keys

    def on_mount(self) -> None:
        """Show the form; a new schedule begins with what is looked at."""
        self.app.run_worker(
            self._queries.run, thread=True, group="queries", name="editor", exit_on_error=False
        )
        self._changed()
        if self.draft.schedule is None and not self.draft.values[SOURCES]:
            self.call_after_refresh(self.action_sources)

    def on_unmount(self) -> None:
        """Stop reckoning."""
        self._queries.stop()

    def on_resize(self) -> None:
        """Other words fit."""
        self.call_after_refresh(self._show_strip)

    # What it comes to

    def _changed(self) -> None:
        """Something else is told: show it, and find out what it comes to."""
        self._queries.ask(dict(self.draft.values))
        self._show()

    def _post(self, seen: _Seen) -> None:
        # Thread of the queries
        self.post_message(self.Answered(seen))

    def on_schedule_editor_answered(self, message: Answered) -> None:
        """Show it, unless something else is told by now."""
        if message.seen.values == self.draft.values:
            self.draft.foreseen = message.seen.foreseen
            self._show()

    def _show(self) -> None:
        rows = self.draft.rows(editing=self.form.editing, trouble=self._trouble)
        self.form.fields.show(rows)
        self.form.place_editor()
        self._show_strip()

    def _show_strip(self) -> None:
        height = max(self._strip.size.height, 3)
        lines = [self.draft.verdict(), *outlook(self.draft.foreseen, time.time(), height - 1)]
        self._strip.update(Content("\n").join(lines[:height]))
        self._show_keys()

    def _show_keys(self) -> None:
        lead = " Enter keeps, Esc gives up " if self.form.editing else ""
        if not lead and self.draft.changed and self.draft.schedule is not None:
            lead = f" {len(self.draft.titles())} unsaved "
        keymap = cast("Program", self.app).keymap
        self._keys.show(hints(self.SCOPES, self.reasons(), modal=True, keymap=keymap), lead=lead)

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        found: dict[str, str] = {}
        row_id = self.form.fields.cursor
        setting = self.draft.setting(row_id)
        if setting is None or typed(setting):
            found["switch"] = "Press Enter to change it."
        if row_id and self.draft.is_default(row_id):
            found["reset"] = "Nothing is told here."
        if not self.draft.values[SOURCES]:
            found["preview"] = "It needs a source first."
        if self.draft.schedule is not None and not self.draft.changed and not self.form.editing:
            found["save"] = "Nothing was changed."
        if self.form.editing:
            found |= dict.fromkeys(
                ("edit", "switch", "reset", "sources", "rule", "preview"), "Press Enter or Esc first."
            )
        return {f"editor.{name}": reason for name, reason in found.items()}

    def refused(self, name: str) -> bool:
        """Whether an action cannot be done now; says why."""
        reason = self.reasons().get(f"editor.{name}", "")
        if reason:
            self.notify(reason, severity="warning", timeout=4, markup=False)
        return bool(reason)

    # Changing

    def action_edit(self) -> None:
        """Type, switch or choose."""
        row_id = self.form.fields.cursor
        if self.refused("edit") or not row_id:
            return
        setting = self.draft.setting(row_id)
        if row_id in OPENED or setting is None:
            self._open(row_id)
        elif setting.kind is Kind.SWITCH:
            self.action_switch()
        elif setting.kind is Kind.CHOICE:
            self._choose(row_id, setting)
        else:
            self._trouble = ""
            self.form.edit(row_id, typed_text(setting.kind, setting.value), hint=setting.allowed)
            self._show()

    def action_switch(self) -> None:
        """Turn it on or off, or take the next choice."""
        row_id = self.form.fields.cursor
        setting = self.draft.setting(row_id)
        if self.refused("switch") or setting is None:
            return
        if setting.kind is Kind.SWITCH:
            self.draft.put(row_id, not setting.value)
        else:
            now = str(getattr(setting.value, "value", setting.value))
            at = setting.choices.index(now) if now in setting.choices else -1
            self.draft.put(row_id, setting.choices[(at + 1) % len(setting.choices)])
        self._changed()

    def _choose(self, row_id: str, setting: Setting) -> None:
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        def chosen(value: str | None) -> None:
            if value is not None:
                self.draft.put(row_id, value)
                self._changed()

        choices = [Choice(one, one, "default" if one == setting.default else "") for one in setting.choices]
        self.app.push_screen(MenuDialog(setting.title, choices, chosen=str(setting.value)), chosen)

    def _open(self, row_id: str) -> None:
        if row_id == SOURCES:
            self.action_sources()
        elif row_id == RULE:
            self.action_rule()
        elif row_id in {FILTERS, OPTIONS}:
            self._choose_items()

    def action_sources(self) -> None:
        """Type or paste what is looked at."""
        self.ask_sources("")

    def ask_sources(self, more: str) -> None:
        """Let the sources be typed, with `more` at their end."""
        from mediadl.screens.dialogs.schedule_sources import SourcesDialog

        if self.refused("sources"):
            return

        def taken(sources: list[str] | None) -> None:
            if sources is not None:
                self.draft.put(SOURCES, sources)
                self._changed()

        values = self.draft.values
        sources = [*values[SOURCES], *more.splitlines()]
        self.app.push_screen(
            SourcesDialog(
                self._services, sources, platform=values["platform"], content_types=values["content_types"]
            ),
            taken,
        )

    def action_rule(self) -> None:
        """Choose when it is looked at."""
        from mediadl.screens.dialogs.schedule_rule import RuleDialog

        if self.refused("rule"):
            return

        def taken(told: dict[str, Any] | None) -> None:
            if told is not None:
                self.draft.put_rule(told)
                self._changed()

        self.app.push_screen(RuleDialog(self._services, self.draft.values), taken)

    def _choose_items(self) -> None:
        from mediadl.screens.dialogs.add_more import Chosen, MoreDialog

        values = self.draft.values
        given = Chosen(filters=schedule_form.filter_texts(values), options=dict(values[OPTIONS]))

        def taken(chosen: Chosen | None) -> None:
            if chosen is not None:
                self.draft.put(FILTERS, schedule_form.filters_of(chosen.filters))
                self.draft.put(OPTIONS, dict(chosen.options))
                self._changed()

        platform = schedule_form.one_platform(values)
        self.app.push_screen(MoreDialog(self._services, given, platform, limits=False), taken)

    def action_reset(self) -> None:
        """Take a field back."""
        if not self.refused("reset"):
            self.draft.reset(self.form.fields.cursor)
            self._changed()

    def action_preview(self) -> None:
        """What a run would fetch."""
        from mediadl.screens.dialogs.schedule_preview import preview

        if not self.refused("preview"):
            name = self.draft.values["name"] or "preview"
            preview(self.app, self._services, {**self.draft.values, "name": name})

    # Typing

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge while typing."""
        event.stop()
        if self.form.editing:
            self._trouble = self._judge(event.value)[1]
            self._show()

    def _judge(self, text: str) -> tuple[Any, str]:
        """What a text stands for, and why it cannot be taken."""
        try:
            return schedule_form.value_of(self.form.editing, text), ""
        except MediadlError as error:
            return None, error.message

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: keep what was typed."""
        event.stop()
        self.leave_field()

    def leave_field(self) -> bool:
        """Keep what was typed; False: it cannot be taken, typing goes on."""
        if not self.form.editing:
            return True
        row_id = self.form.editing
        value, self._trouble = self._judge(self.form.text)
        if self._trouble and self.form.text.strip() == "" and row_id == "name":
            value, self._trouble = "", ""
        if self._trouble:
            self._show()
            return False
        self.form.end_edit()
        self.draft.put(row_id, value)
        self._changed()
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Pasted beside a field: sources."""
        event.stop()
        if not self.form.editing and event.text.strip():
            self.ask_sources(safe_lines(event.text, limit=_MOST_CHARS).strip())

    def action_close(self) -> None:
        """Give typing up, else go back; asks first when something was changed."""
        if self.form.editing:
            self._trouble = ""
            self.form.end_edit()
            self._show()
        elif not self.draft.changed:
            self.dismiss(None)
        else:
            self.app.run_worker(self.close_when_kept(), group="go", exclusive=True, exit_on_error=False)

    # Moving, clicking

    def on_form_list_cursor_moved(self) -> None:
        """Other keys may do something."""
        self._show_keys()

    def on_form_list_clicked(self, message: FormList.Clicked) -> None:
        """A field was clicked."""
        if self.leave_field():
            self.form.fields.move_to(message.row_id)

    def on_form_list_opened(self, message: FormList.Opened) -> None:
        """A value was clicked."""
        if self.leave_field():
            self.form.fields.move_to(message.row_id)
            self.action_edit()

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))
