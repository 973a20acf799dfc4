"""Keeping a schedule that was told, taking that back, and asking before it would be lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from textual.screen import ModalScreen

from mediadl.errors import MediadlError
from mediadl.models.schedules import Schedule
from mediadl.screens.dialogs.schedule_draft import Draft
from mediadl.screens.notices import error_text
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import plural

if TYPE_CHECKING:
    from mediadl.screens.page import Program
    from mediadl.service import Services


class Saving(ModalScreen[Schedule | None], inherit_bindings=False):
    """Everything between draft and database; the dialog that builds on it shows the form."""

    def __init__(self, services: Services, draft: Draft) -> None:
        super().__init__()
        self._services = services
        self.draft = draft
        """What is told so far."""
        self._saving = False

    def leave_field(self) -> bool:
        """Keep what was typed; False: it cannot be taken, typing goes on."""
        raise NotImplementedError

    def refused(self, name: str) -> bool:
        """Whether an action cannot be done now; says why."""
        raise NotImplementedError

    def action_save(self) -> None:
        """Keep the schedule."""
        if self.leave_field() and not self.refused("save"):
            self.app.run_worker(self._save(), group="save", exit_on_error=False)

    async def _save(self) -> bool:
        if self._saving:
            return False
        self._saving = True
        schedule, values, service = self.draft.schedule, dict(self.draft.values), self._services.schedules

        def work() -> Schedule:
            return service.add(values) if schedule is None else service.change(schedule.id, values)

        try:
            kept = await asyncio.to_thread(work)
        except MediadlError as error:
            title, text = error_text(error)
            self.notify(text, title=f"Not kept: {title}", severity="error", markup=False, timeout=8)
            return False
        finally:
            self._saving = False
        self._tell(schedule, kept)
        self.dismiss(kept)
        return True

    def _tell(self, before: Schedule | None, kept: Schedule) -> None:
        name, service = safe_text(kept.name), self._services.schedules

        def undo() -> str:
            if before is None:
                service.remove([kept.id])
                return f"“{name}” is gone again"
            service.change(kept.id, {**before.spec, "name": before.name, "enabled": before.enabled})
            return f"“{safe_text(before.name)}” as before"

        said = f"Made “{name}”" if before is None else f"Changed “{name}”"
        cast("Program", self.app).offer_undo(said, undo)

    async def close_when_kept(self) -> None:
        """Close, unless something is to be kept and cannot be. Await it in a worker, not in a handler."""
        if await self.leave_guard() and self.is_current:
            self.dismiss(None)

    async def leave_guard(self) -> bool:
        """Whether it may be left; asks when something is not kept. Await it in a worker, not in a handler."""
        from mediadl.screens.dialogs.unsaved import Answer, UnsavedDialog

        names = self.draft.titles()
        if not names:
            return True
        answered: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        what = (
            "Keep the new schedule?"
            if self.draft.schedule is None
            else f"Save {plural(len(names), 'change')}?"
        )
        self.app.push_screen(UnsavedDialog(what, ", ".join(names)), answered.set_result)
        answer = await answered
        if answer is Answer.SAVE:
            return self.leave_field() and await self._save()
        return answer is Answer.DISCARD
