"""Changing one setting: switched, chosen or typed, with the verdict of the service while typing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widgets import Input

from mediadl.errors import MediadlError
from mediadl.screens.page import Page
from mediadl.security.text import safe_text
from mediadl.settings.drafts import Drafts
from mediadl.settings.kinds import Kind, Setting, Source
from mediadl.widgets.form_editor import Form
from mediadl.widgets.form_list import FormRow
from mediadl.widgets.setting_text import KEYS, Verdict, login_of, trouble_text, value_text
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.sessions import Imported

Asked = tuple[str, str]
"""Key and text."""


class Editing(Page, inherit_bindings=False):
    """Everything about the field under the cursor; the screen that builds on it shows the fields."""

    _checker: LatestQuery[Asked, tuple[str, Verdict]]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.drafts = Drafts()
        """Changes that are not saved yet."""
        self.live: tuple[str, Verdict] | None = None
        """What was found of the text being typed."""
        self._began_with = ""
        self._rests_on: Any = None
        self._then: Callable[[], None] | None = None
        self._otherwise: Callable[[], None] | None = None
        self._leaving = False

    @property
    def form(self) -> Form:
        """The fields and the editor."""
        raise NotImplementedError

    def _refresh(self, *, first: bool = False, cursor: str | None = None) -> None:
        raise NotImplementedError

    # What is under the cursor

    @property
    def setting_under_cursor(self) -> Setting | None:
        """The setting whose field has the cursor."""
        return self.drafts.setting(self.form.fields.cursor)

    @property
    def typing_something(self) -> str:
        """Title of the setting for which something new has been typed; empty: none."""
        setting = self.drafts.setting(self.form.editing)
        return setting.title if setting is not None and self.form.text != self._began_with else ""

    def edit_reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by name."""
        setting = self.setting_under_cursor
        found: dict[str, str] = {}
        if not (login_of(self.form.fields.cursor) or ("", ""))[1]:
            found["forget"] = "There is no login here."
        if not len(self.drafts) and not self.form.editing:
            found["save"] = found["discard"] = "Nothing was changed."
        if not self.form.fields.cursor:
            found |= dict.fromkeys(("edit", "switch", "reset", "copy"), "There is no setting here.")
        elif setting is None:
            found |= dict.fromkeys(("switch", "reset", "copy"), "This is no setting.")
        else:
            if setting.kind not in {Kind.SWITCH, Kind.CHOICE}:
                found["switch"] = "Press Enter to type another value."
            if setting.key not in self.drafts.sheet.in_file and self.drafts.get(setting.key) is None:
                found["reset"] = "It has its default already."
            if setting.source is Source.ENVIRONMENT:
                reason = f"{setting.variable} sets it. Take that away to change it here."
                found |= dict.fromkeys(("edit", "switch", "reset"), reason)
        return found

    @staticmethod
    def about_row(row: FormRow | None) -> Content:
        """What is known of a row that is no setting."""
        return Content.assemble((row.title, "bold"), "\n", row.note) if row is not None else Content("")

    def changed_while_typing(self) -> Setting | None:
        """The setting being typed, if another program changed it since; told once."""
        setting = self.drafts.setting(self.form.editing)
        now = self.drafts.sheet.in_file.get(self.form.editing)
        if setting is None or now == self._rests_on:
            return None
        self._rests_on = now
        return setting

    # Switch, choose, type

    def action_edit(self) -> None:
        """Change the value under the cursor, as its kind is changed."""
        row_id = self.form.fields.cursor
        setting = self.drafts.setting(row_id)
        if self.refused("edit"):
            return
        if setting is None:
            self._open_row(row_id)
        elif setting.kind is Kind.SWITCH:
            self.action_switch()
        elif setting.kind is Kind.CHOICE:
            self._choose(setting)
        elif setting.kind is Kind.THEME:
            self.app.call_later(self.app.run_action, "change_theme")
        else:
            self._type(setting)

    def action_switch(self) -> None:
        """Turn it on or off, or take the next choice."""
        setting = self.setting_under_cursor
        if self.refused("switch") or setting is None:
            return
        value = self.drafts.value(setting.key)
        if setting.kind is Kind.SWITCH:
            self._put(setting.key, "false" if value else "true", not value)
        else:
            at = setting.choices.index(value) if value in setting.choices else -1
            choice = setting.choices[(at + 1) % len(setting.choices)]
            self._put(setting.key, choice, choice)

    def _choose(self, setting: Setting) -> None:
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        def chosen(value: str | None) -> None:
            if value is not None:
                self._put(setting.key, value, value)

        choices = [Choice(one, one, "default" if one == setting.default else "") for one in setting.choices]
        self.app.push_screen(
            MenuDialog(setting.title, choices, chosen=str(self.drafts.value(setting.key))), chosen
        )

    def _type(self, setting: Setting) -> None:
        draft = self.drafts.get(setting.key)
        secret = setting.kind is Kind.SECRET
        text = setting.text if draft is None or draft.text is None else draft.text
        if draft is not None and draft.text is None:
            text = "" if secret else value_text(setting, setting.default)
        self._began_with = "" if secret else text
        self._rests_on = self.drafts.sheet.in_file.get(setting.key)
        hint = "a new one; empty leaves it as it is" if secret else setting.allowed
        self.form.edit(setting.key, self._began_with, secret=secret, hint=hint)
        self.live = None
        self._refresh()

    def _put(self, key: str, text: str, value: Any) -> None:
        self.drafts.put(key, text, value)
        self._refresh()

    def _open_row(self, row_id: str) -> None:
        if row_id == KEYS:
            from mediadl.screens.dialogs.keymap import KeymapDialog

            self.app.push_screen(KeymapDialog(self._services))
        elif login_of(row_id) is not None:
            self.action_session()

    def action_session(self) -> None:
        """Import cookies for the site under the cursor, or for one that is asked for."""
        from mediadl.screens.dialogs.session import SessionDialog, tell

        def imported(found: Imported | None) -> None:
            tell(self.app, self._services, found)
            self.ask()

        if not self.refused("session"):
            site, account = login_of(self.form.fields.cursor) or ("", "")
            dialog = SessionDialog(self._services, site, account=account or "default")
            self.app.push_screen(dialog, imported)

    def action_forget(self) -> None:
        """Delete the cookies of the login under the cursor, after a question."""
        from mediadl.screens.dialogs.confirm import ConfirmDialog

        if self.refused("forget"):
            return
        site, account = login_of(self.form.fields.cursor) or ("", "")

        def work() -> None:
            self._services.sessions.remove(site, account)
            self.app.call_later(self.ask)

        def answered(yes: bool | None) -> None:
            if yes:
                self.work(work)

        name = safe_text(site if account == "default" else f"{site} ({account})")
        text = (
            "Its cookies are deleted here; the site is not told. Jobs that need them will wait for new ones."
        )
        self.app.push_screen(ConfirmDialog(f"Forget the login of {name}?", text, yes="Forget"), answered)

    def action_reset(self) -> None:
        """Take the setting back to its default."""
        setting = self.setting_under_cursor
        if self.refused("reset") or setting is None:
            return
        key, draft = setting.key, self.drafts.get(setting.key)
        self.drafts.reset(key)
        self._refresh()

        def undo() -> str:
            self.app.call_later(put_back)
            return f"{setting.title} as before"

        def put_back() -> None:
            self.drafts.put_back(key, draft)
            self._refresh()

        default = value_text(setting, setting.default).removesuffix(" ▾")
        unsaved = ", not saved yet" if self.drafts.get(key) is not None else ""
        self.program.offer_undo(f"{setting.title} is back to {default}{unsaved}", undo)

    def action_copy(self) -> None:
        """Copy the setting's name."""
        if not self.refused("copy"):
            self.app.copy_to_clipboard(self.form.fields.cursor)
            self.notify(f"Copied {self.form.fields.cursor}", timeout=2, markup=False)

    # Typing

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge what is typed."""
        if event.input is self.form.editor and self.form.editing:
            event.stop()
            self._checker.ask((self.form.editing, event.value))

    def _judge(self, asked: Asked) -> tuple[str, Verdict]:
        """Thread: the verdict of the service."""
        key, text = asked
        try:
            service = self._services.settings
            return key, Verdict(text, service.check(key, text), "", service.example(key, text))
        except MediadlError as error:
            return key, Verdict(text, None, trouble_text(key, error.message))

    def _judged(self, found: tuple[str, Verdict]) -> None:
        key, verdict = found
        if key != self.form.editing or verdict.text != self.form.text:
            return
        self.live = found
        if self._leaving:
            self._leave()
        else:
            self._refresh()

    def leave_field(
        self, then: Callable[[], None] | None, otherwise: Callable[[], None] | None = None
    ) -> None:
        """Keep what was typed, if it can be taken, and go on with `then`; else stay in the field."""
        self._stay()
        self._then, self._otherwise = then, otherwise
        if not self.form.editing:
            self._go_on()
        elif self.form.text == self._began_with:
            self.live = None
            self.form.end_edit()
            self._refresh()
            self._go_on()
        elif self.live is not None and self.live[1].text == self.form.text:
            self._leave()
        else:
            self._leaving = True
            self._checker.ask((self.form.editing, self.form.text))

    def _leave(self) -> None:
        assert self.live is not None
        key, verdict = self.live
        self._leaving = False
        if verdict.trouble:
            self._stay()
            self.form.editor.focus()
            self._refresh()
            return
        self.form.end_edit()
        self.live = None
        self._put(key, verdict.text, verdict.value)
        self._go_on()

    def _go_on(self) -> None:
        then, self._then, self._otherwise = self._then, None, None
        if then is not None:
            then()

    def _stay(self) -> None:
        otherwise, self._then, self._otherwise = self._otherwise, None, None
        if otherwise is not None:
            otherwise()

    async def field_left(self) -> bool:
        """Like `leave_field`; says whether the field could be left."""
        left: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.leave_field(lambda: left.set_result(True), lambda: left.set_result(False))
        return await left

    def give_up_field(self) -> None:
        """Forget what was typed."""
        if self.form.editing:
            self.live = None
            self._leaving = False
            self._stay()
            self.form.end_edit()
            self._refresh()

    # Moving

    def action_next_field(self) -> None:
        """Keep what was typed and go to the next field."""
        self.leave_field(lambda: self.form.fields.move_by(1))

    def action_previous_field(self) -> None:
        """Keep what was typed and go to the field before."""
        self.leave_field(lambda: self.form.fields.move_by(-1))

    def action_cursor_down(self) -> None:
        """Next field."""
        self._move(lambda: self.form.fields.move_by(1))

    def action_cursor_up(self) -> None:
        """The field before."""
        self._move(lambda: self.form.fields.move_by(-1))

    def action_page_down(self) -> None:
        """One screen down."""
        self._move(lambda: self.form.fields.page(1))

    def action_page_up(self) -> None:
        """One screen up."""
        self._move(lambda: self.form.fields.page(-1))

    def action_half_down(self) -> None:
        """Half a screen down."""
        self._move(lambda: self.form.fields.page(0.5))

    def action_half_up(self) -> None:
        """Half a screen up."""
        self._move(lambda: self.form.fields.page(-0.5))

    def action_top(self) -> None:
        """First field."""
        self._move(lambda: self.form.fields.move_by(-len(self.form.fields.field_ids)))

    def action_bottom(self) -> None:
        """Last field."""
        self._move(lambda: self.form.fields.move_by(len(self.form.fields.field_ids)))

    def _move(self, move: Callable[[], None]) -> None:
        if not self.form.editing:
            self.form.fields.focus()
            move()
