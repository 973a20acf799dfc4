"""Saving all changes at once, taking in what others saved, and asking before changes would be lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mediadl.errors import MediadlError
from mediadl.screens.notices import notify_error
from mediadl.screens.settings_edit import Editing
from mediadl.security.text import safe_text
from mediadl.settings.drafts import before
from mediadl.settings.kinds import Kind, Sheet
from mediadl.widgets.amounts import plural


class Saving(Editing, inherit_bindings=False):
    """Everything between drafts and file; the screen that builds on it shows the fields."""

    def take(self, sheet: Sheet) -> None:
        """Take what was read, and tell where it meets unsaved changes."""
        theme = next((one.value for one in sheet.settings if one.kind is Kind.THEME), "")
        known = next((one.value for one in self.drafts.sheet.settings if one.kind is Kind.THEME), theme)
        if theme != known:
            self.program.take_theme(theme)
        for key in self.drafts.take(sheet):
            setting, draft = self.drafts.setting(key), self.drafts.get(key)
            if setting is not None and draft is not None:
                self._warn(setting.title, draft.elsewhere)
        typed = self.changed_while_typing()
        if typed is not None:
            self._warn(typed.title, typed.shown)

    def _warn(self, title: str, value: str) -> None:
        self.notify(
            f"{title} is {safe_text(value, limit=80)} now.\nSaving your change overwrites that.",
            title="Changed elsewhere", severity="warning", markup=False, timeout=8,
        )  # fmt: skip

    def action_save(self) -> None:
        """Save everything at once."""
        self.leave_field(self._save_soon)

    def _save_soon(self) -> None:
        if len(self.drafts):
            self.app.run_worker(self._save(), group="save", exit_on_error=False)
        else:
            self.notify("Nothing was changed.", timeout=3)

    async def _save(self) -> bool:
        service = self._services.settings
        changes, seen = self.drafts.changes(), self.drafts.seen()
        back = before(self.drafts.sheet, changes)

        def work() -> Sheet:
            service.save(changes, seen=seen)
            return service.sheet()

        try:
            sheet = await asyncio.to_thread(work)
        except MediadlError as error:
            notify_error(self.app, error)
            self.ask()
            return False
        self.drafts.drop(list(changes))
        self.take(sheet)
        self._refresh()
        said = plural(len(changes), "setting")
        after = {key: sheet.in_file.get(key) for key in changes}

        def undo() -> str:
            service.save(back, seen=after)
            return f"{said} as before"

        self.program.offer_undo(f"Saved {said}", undo)
        return True

    def action_discard(self) -> None:
        """Give all changes up."""
        self.give_up_field()
        dropped = self.drafts.drop()
        if not dropped:
            self.notify("Nothing was changed.", timeout=3)
            return
        self._refresh()

        def put_back() -> None:
            for key, draft in dropped.items():
                self.drafts.put_back(key, draft)
            self._refresh()

        self.program.offer_undo(f"Gave {plural(len(dropped), 'change')} up", self._on_loop(put_back))

    def _on_loop(self, do: Callable[[], None]) -> Callable[[], str]:
        """An undo that only touches the screen; it is called in a thread."""

        def undo() -> str:
            self.app.call_later(do)
            return "Changed again, not saved yet"

        return undo

    async def leave_guard(self) -> bool:
        """Whether the screen may be left; asks when something is not saved. Await it in a worker, not in a handler."""
        from mediadl.screens.dialogs.unsaved import Answer, UnsavedDialog

        typing = self.typing_something
        names = [one.title for one in self.drafts.sheet.settings if self.drafts.get(one.key) is not None]
        if typing:
            names.append(typing)
        if not names:
            self.give_up_field()
            return True
        answered: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        question = f"Save {plural(len(set(names)), 'change')}?"
        self.app.push_screen(UnsavedDialog(question, ", ".join(dict.fromkeys(names))), answered.set_result)
        answer = await answered
        if answer is Answer.SAVE:
            return await self.field_left() and (not len(self.drafts) or await self._save())
        if answer is Answer.DISCARD:
            self.give_up_field()
            self.drafts.drop()
            self._refresh()
            return True
        return False
