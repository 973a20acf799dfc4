"""What can be done to jobs: runs the service's verbs in threads and says what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mediadl.errors import MediadlError
from mediadl.models import ENDED_STATUSES, OPEN_STATUSES, Job, JobStatus, Move, Priority, Wanted
from mediadl.screens.notices import notify_error
from mediadl.widgets.amounts import plural
from mediadl.widgets.job_text import LOGIN_HEALS, status_word

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.service import Services


class JobVerbs:
    """The verbs on jobs given by id. Each returns at once; `changed` is called on the loop when it is done."""

    def __init__(self, app: App[Any], services: Services, changed: Callable[[], None]) -> None:
        self._app = app
        self._services = services
        self._changed = changed

    def pause_or_resume(self, ids: Sequence[int], job: Job | None) -> None:
        """Resume when the job given is paused, else pause; without one, by what most of them need."""
        queue = self._services.queue

        def toggle() -> str:
            paused = _is_held(job) if job is not None else all(map(_is_held, queue.get_many(ids)))
            if paused:
                return f"Resumed {plural(len(queue.resume(self._existing(ids))), 'job')}"
            return f"Paused {plural(len(queue.pause(self._existing(ids))), 'job')}"

        self.run(toggle, quiet=len(ids) == 1)

    def cancel(self, ids: Sequence[int]) -> None:
        """End them; they stay in the list."""
        queue = self._services.queue
        self.run(
            lambda: f"Cancelled {plural(len(queue.cancel(self._existing(ids))), 'job')}",
            quiet=len(ids) == 1,
        )

    def retry(self, ids: Sequence[int], job: Job | None = None) -> None:
        """Try ended ones again; start waiting ones now."""
        queue = self._services.queue

        def again() -> str:
            if job is not None and job.status in OPEN_STATUSES:
                return f"Starting {plural(len(queue.resume(self._existing(ids))), 'job')}"
            return f"Retrying {plural(len(queue.retry(self._existing(ids))), 'job')}"

        self.run(again, quiet=len(ids) == 1)

    def remove(self, ids: Sequence[int]) -> None:
        """Take them out of the list."""
        self.run(lambda: f"Removed {plural(len(self._services.queue.remove(self._existing(ids))), 'job')}")

    def move(self, ids: Sequence[int], move: Move) -> None:
        """Move them within their priority, keeping their order among themselves."""
        queue = self._services.queue

        def moves() -> str:
            # Each goes to the very top or past its neighbour: the last one first keeps the order
            last_first = move in {Move.TOP, Move.DOWN}
            ordered = sorted(queue.get_many(ids), key=lambda job: job.position, reverse=last_first)
            for job in ordered:
                queue.move(job.id, move)
            return f"Moved {plural(len(ordered), 'job')}"

        self.run(moves, quiet=True)

    def shift_priority(self, ids: Sequence[int], step: int) -> None:
        """Raise or lower the priority by one level each."""
        queue = self._services.queue

        def shift() -> str:
            wanted: dict[Priority, list[int]] = {}
            for job in queue.get_many(ids):
                level = job.priority + step
                if Priority.LOW <= level <= Priority.HIGH:
                    wanted.setdefault(Priority(level), []).append(job.id)
            for priority, group in wanted.items():
                queue.set_priority(group, priority)
            return f"Changed the priority of {plural(sum(map(len, wanted.values())), 'job')}"

        self.run(shift, quiet=len(ids) == 1)

    def _existing(self, ids: Sequence[int]) -> list[int]:
        # Marked jobs may have been removed elsewhere; the others are still meant
        return [job.id for job in self._services.queue.get_many(ids)] if len(ids) > 1 else list(ids)

    def run(self, verb: Callable[[], str], *, quiet: bool = False) -> None:
        """Carry out a verb in a thread; its words become a toast unless `quiet`."""

        def work() -> None:
            try:
                said = verb()
            except MediadlError as error:
                notify_error(self._app, error)
            else:
                if not quiet:
                    self._app.notify(said, markup=False, timeout=3)
            self._app.call_later(self._changed)

        # On the app: its worker handler catches what nobody expected
        self._app.run_worker(work, thread=True, group="verbs", exit_on_error=False)


def reason_against(name: str, job: Job | None, marked: int) -> str:
    """Why an action cannot be done to the job under the cursor (or the marked ones); empty: it can."""
    if name not in _NEEDS_JOB:
        return ""
    if marked and name != "session":
        return ""
    if job is None:
        return "There is no job here yet. Press a to add one."
    word = status_word(job).lower()
    if name in {"pause", "cancel"} and job.status in ENDED_STATUSES:
        return f"This job is {word}; there is nothing to {'hold' if name == 'pause' else 'cancel'}. r tries it again."
    if name == "retry" and job.status in {JobStatus.ACTIVE, JobStatus.PENDING}:
        return f"This job is {word}; it needs no retry."
    if name == "session" and not (
        job.reason in LOGIN_HEALS and job.status in {JobStatus.FAILED, JobStatus.WAITING}
    ):
        return "This job does not ask for a login."
    if name in _MOVES and (job.status not in OPEN_STATUSES or job.status is JobStatus.ACTIVE):
        return f"This job is {word}; only jobs still to come can be moved."
    return ""


_MOVES = frozenset({"move_top", "move_bottom", "move_up", "move_down"})

_NEEDS_JOB = _MOVES | frozenset({
    "details", "pause", "session", "cancel", "retry", "remove", "raise_priority", "lower_priority", "copy", "mark",
    "mark_range",
})  # fmt: skip


def _is_held(job: Job) -> bool:
    return job.status is JobStatus.PAUSED or (job.status is JobStatus.ACTIVE and job.wanted is Wanted.PAUSE)
