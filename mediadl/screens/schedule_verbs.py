"""What can be done to schedules: runs the service's verbs in threads, says what came of it, offers to take it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from mediadl.errors import MediadlError
from mediadl.models.schedules import OPEN_RUNS
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import plural

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.models.schedules import Schedule
    from mediadl.screens.page import Program
    from mediadl.service import Services


class ScheduleVerbs:
    """The verbs on schedules given by number. Each returns at once; `changed` is called on the loop afterwards."""

    def __init__(self, app: App[Any], services: Services, changed: Callable[[], None]) -> None:
        self._app = app
        self._services = services
        self._changed = changed

    def run_now(self, ids: Sequence[int]) -> None:
        """Start a run of each, whatever its rule says."""

        def start() -> str:
            made = sum(len(self._services.schedules.run_now(one).job_ids) for one in ids)
            return (
                f"Started: {plural(made, 'job')} in the Queue"
                if made
                else "Started; nothing is to be fetched."
            )

        self.work(start)

    def run_all(self) -> None:
        """Start a run of each that is switched on and not at one already."""

        def start() -> str:
            service = self._services.schedules
            on = [
                one for one in service.list()
                if one.schedule.enabled and not (one.last is not None and one.last.state in OPEN_RUNS)
            ]  # fmt: skip
            made = sum(len(service.run_now(one.schedule.id).job_ids) for one in on)
            return f"Started {plural(len(on), 'schedule')}: {plural(made, 'job')} in the Queue"

        self.work(start)

    def fill_gap(self, ids: Sequence[int]) -> None:
        """Fetch what may be missing."""

        def fill() -> str:
            made = sum(len(self._services.schedules.fill_gap(one).job_ids) for one in ids)
            return f"Filling the gap: {plural(made, 'job')} in the Queue"

        self.work(fill)

    def switch(self, ids: Sequence[int], *, on: bool) -> None:
        """Switch them on or off; can be taken back."""

        def turn() -> str:
            turned = self.turn(ids, on=on)
            if turned:
                what = _named([one.name for one in turned])
                ids_turned = [one.id for one in turned]
                self._program.offer_undo(
                    f"Switched {what} {'on' if on else 'off'}",
                    lambda: self._turned_back(ids_turned, on=not on),
                )
            return ""

        self.work(turn)

    def turn(self, ids: Sequence[int], *, on: bool) -> list[Schedule]:
        """Blocking: switch those that are not so; returns which were changed."""
        service = self._services.schedules
        return (service.enable if on else service.disable)(list(ids)) if ids else []

    def _turned_back(self, ids: Sequence[int], *, on: bool) -> str:
        self.turn(ids, on=on)
        return f"{plural(len(ids), 'schedule')} as before"

    def remove(self, ids: Sequence[int]) -> None:
        """Take them out of the list; can be taken back without their history."""

        def take() -> str:
            gone = self._services.schedules.remove(list(ids))
            self._program.offer_undo(
                f"Removed {_named([one.name for one in gone])}", lambda: self._again(gone)
            )
            return ""

        self.work(take)

    def _again(self, gone: Sequence[Schedule]) -> str:
        for one in gone:
            self._services.schedules.add({**one.spec, "enabled": one.enabled})
        return f"{plural(len(gone), 'schedule')} back, with a new history"

    def duplicate(self, schedule_id: int, then: Callable[[int], None]) -> None:
        """Make another one like it, switched off, and call `then` with its number on the loop."""

        def make() -> str:
            made = self._services.schedules.duplicate(schedule_id)
            self._app.call_later(then, made.id)
            return ""

        self.work(make)

    def work(self, verb: Callable[[], str]) -> None:
        """Carry something out in a thread; its words, if any, become a toast."""

        def run() -> None:
            try:
                said = verb()
            except MediadlError as error:
                notify_error(self._app, error)
            else:
                if said:
                    self._app.notify(said, markup=False, timeout=4)
            self._app.call_later(self._changed)

        # On the app: its worker handler catches what nobody expected
        self._app.run_worker(run, thread=True, group="verbs", exit_on_error=False)

    @property
    def _program(self) -> Program:
        return cast("Program", self._app)


def _named(names: Sequence[str]) -> str:
    return f"“{safe_text(names[0])}”" if len(names) == 1 else plural(len(names), "schedule")
