"""What can be done to jobs: runs the service's verbs in threads, says what came of it and offers to take it back."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, cast

from mediadl.errors import MediadlError
from mediadl.models import (
    ENDED_STATUSES,
    OPEN_STATUSES,
    Job,
    JobQuery,
    JobStatus,
    Move,
    Priority,
    QueueCounts,
    Wanted,
)
from mediadl.screens.notices import notify_error
from mediadl.screens.undo import UNDO_S
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import count, plural
from mediadl.widgets.job_cure import LOGIN_HEALS
from mediadl.widgets.job_text import WORDS, status_word

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.screens.page import Program
    from mediadl.service import Services
    from mediadl.service.bulk import Progress
    from mediadl.service.undo import UndoLog

_TELL_AFTER_S = 1.0
_TELL_EVERY_S = 2.0


class JobVerbs:
    """The verbs on jobs given by id. Each returns at once; `changed` is called on the loop when it is done."""

    def __init__(self, app: App[Any], services: Services, changed: Callable[[], None]) -> None:
        self._app = app
        self._services = services
        self._changed = changed
        self._steps: tuple[tuple[int, ...], float, UndoLog] | None = None

    # Some jobs

    def pause_or_resume(self, ids: Sequence[int], job: Job | None) -> None:
        """Resume when the job given is paused, else pause; without one, by what most of them need."""
        queue = self._services.queue

        def toggle(progress: Progress) -> str:
            known = self._existing(ids)
            held = _is_held(job) if job is not None else all(map(_is_held, queue.get_many(known)))
            verb, done = (queue.resume, "Resumed") if held else (queue.pause, "Paused")
            return f"{done} {plural(len(verb(known, progress=progress)), 'job')}"

        self.run(toggle, quiet=len(ids) == 1)

    def cancel(self, ids: Sequence[int]) -> None:
        """End them; they stay in the list."""
        self._undoable(
            "Cancelled",
            lambda log, progress: self._services.queue.cancel(
                self._existing(ids), undo=log, progress=progress
            ),
        )

    def retry(self, ids: Sequence[int], job: Job | None = None) -> None:
        """Try ended ones again; start waiting ones now."""
        queue = self._services.queue

        def again(progress: Progress) -> str:
            known = self._existing(ids)
            if job is not None and job.status in OPEN_STATUSES:
                return f"Starting {plural(len(queue.resume(known, progress=progress)), 'job')}"
            return f"Retrying {plural(len(queue.retry(known, progress=progress)), 'job')}"

        self.run(again, quiet=len(ids) == 1)

    def update_engines(self, job: Job) -> None:
        """Look for newer engines, and try the job once more with them if there are any."""
        engines, queue = self._services.engines, self._services.queue

        def fresh(_progress: Progress) -> str:
            self._app.notify("Looking for newer engines and trying them…", markup=False, timeout=8)
            done = engines.update()
            said = [safe_text(line) for line in engines.words(done)]
            if not any(one.is_change for one in done):
                return "\n".join([*said, "Not retried: the engines are as they were."])
            again = queue.resume if job.status in OPEN_STATUSES else queue.retry
            again([job.id])
            return "\n".join([*said, f"Trying job {job.id} once more."])

        self.run(fresh, stay_s=10.0)

    def remove(self, ids: Sequence[int]) -> None:
        """Take them out of the list."""
        self._undoable(
            "Removed",
            lambda log, progress: self._services.queue.remove(
                self._existing(ids), undo=log, progress=progress
            ),
        )

    def move(self, ids: Sequence[int], move: Move) -> None:
        """Move them within their priority, keeping their order among themselves."""
        self._undoable(
            "Moved",
            lambda log, progress: self._services.queue.move_many(
                self._existing(ids), move, undo=log, progress=progress
            ),
            step_of=ids,
        )

    def shift_priority(self, ids: Sequence[int], step: int) -> None:
        """Raise or lower the priority by one level each."""
        self._undoable(
            "Raised the priority of" if step > 0 else "Lowered the priority of",
            lambda log, progress: self._services.queue.shift_priority(
                self._existing(ids), step, undo=log, progress=progress
            ),
            step_of=ids,
        )

    def set_priority(self, ids: Sequence[int], priority: Priority) -> None:
        """Give all of them one priority."""
        self._undoable(
            f"Gave {priority.word} priority to",
            lambda log, progress: self._services.queue.set_priority(
                self._existing(ids), priority, undo=log, progress=progress
            ),
        )

    # All jobs

    def pause_all(self) -> None:
        """Hold everything that is not held."""
        self._undoable(
            "Paused", lambda log, progress: self._services.queue.pause_all(undo=log, progress=progress)
        )

    def resume_all(self) -> None:
        """Let everything go on that is held."""
        self._undoable(
            "Resumed", lambda log, progress: self._services.queue.resume_all(undo=log, progress=progress)
        )

    def retry_failed(self) -> None:
        """Try every failed job again."""
        queue = self._services.queue

        def again(progress: Progress) -> str:
            failed = queue.ids(JobQuery(statuses=frozenset({JobStatus.FAILED})))
            return f"Retrying {plural(len(queue.retry(self._existing(failed), progress=progress)), 'job')}"

        self.run(again)

    def clear(self, statuses: Collection[JobStatus]) -> None:
        """Take every job of these statuses out of the list."""
        self._undoable(
            "Removed",
            lambda log, progress: range(self._services.queue.clear(statuses, undo=log, progress=progress)),
        )

    # How

    def _existing(self, ids: Sequence[int]) -> list[int]:
        # Marked jobs may have been removed elsewhere; the others are still meant
        return self._services.queue.existing(ids) if len(ids) > 1 else list(ids)

    def _undoable(
        self,
        done: str,
        verb: Callable[[UndoLog, Progress], Sequence[int]],
        *,
        step_of: Sequence[int] = (),
    ) -> None:
        """Carry out a verb that notes how it is taken back, and offer that.

        `step_of`: the jobs of a verb that people do again and again; all its steps are taken back together, and
        those of a single job are seen without a word.
        """

        def work(progress: Progress) -> str:
            from mediadl.service.undo import UndoLog

            log = self._going_on(step_of) or UndoLog()
            changed = len(verb(log, progress))
            said = f"{done} {plural(changed, 'job')}"
            if not log:
                return said if len(step_of) != 1 else ""
            if step_of:
                self._steps = (tuple(step_of), time.monotonic(), log)
            quiet = len(step_of) == 1
            cast("Program", self._app).offer_undo(said, lambda: self._take_back(log), quiet=quiet)
            return ""

        self.run(work)

    def _going_on(self, ids: Sequence[int]) -> UndoLog | None:
        """What was noted of the step before, if it was a moment ago and of the same jobs."""
        if not ids or self._steps is None:
            return None
        before, at, log = self._steps
        return log if before == tuple(ids) and time.monotonic() - at < UNDO_S else None

    def _take_back(self, log: UndoLog) -> str:
        # A thread of the app
        self._steps = None
        back = self._services.queue.undo(log, progress=self._teller())
        left = log.size - back
        return f"{plural(back, 'job')} as before" + (f"; {count(left)} changed meanwhile" if left > 0 else "")

    def run(self, verb: Callable[[Progress], str], *, quiet: bool = False, stay_s: float = 3.0) -> None:
        """Carry out a verb in a thread; its words, if any, become a toast unless `quiet`."""

        def work() -> None:
            try:
                said = verb(self._teller())
            except MediadlError as error:
                notify_error(self._app, error)
            else:
                if said and not quiet:
                    self._app.notify(said, markup=False, timeout=stay_s)
            self._app.call_later(self._changed)

        # On the app: its worker handler catches what nobody expected
        self._app.run_worker(work, thread=True, group="verbs", exit_on_error=False)

    def _teller(self) -> Progress:
        """Says how far a verb is when it takes a while."""
        next_at = time.monotonic() + _TELL_AFTER_S

        def tell(done: int, of: int) -> None:
            nonlocal next_at
            now = time.monotonic()
            if now >= next_at and done < of:
                next_at = now + _TELL_EVERY_S
                self._app.notify(
                    f"{count(done)} of {plural(of, 'job')} done…", markup=False, timeout=_TELL_EVERY_S
                )

        return tell


def reason_against(name: str, job: Job | None, marked: int) -> str:
    """Why an action cannot be done to the job under the cursor (or the marked ones); empty: it can."""
    if name not in _NEEDS_JOB:
        return ""
    if marked and name not in _ONE_ONLY:
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


def reason_against_all(name: str, counts: QueueCounts | None) -> str:
    """Why an action on all jobs of a kind cannot be done now; empty: it can, or is no such action."""
    wanted = _ALL.get(name)
    if wanted is None or counts is None:
        return ""
    if any(counts.by_status.get(status, 0) for status in wanted):
        return ""
    if name == "pause_all":
        return "There is nothing to hold."
    return f"No job is {' or '.join(sorted(WORDS[status].lower() for status in wanted))}."


_ALL: dict[str, frozenset[JobStatus]] = {
    "clear_completed": frozenset({JobStatus.COMPLETED}),
    "retry_failed": frozenset({JobStatus.FAILED}),
    "pause_all": OPEN_STATUSES - {JobStatus.PAUSED},
    "resume_all": frozenset({JobStatus.PAUSED, JobStatus.ACTIVE}),
}

_MOVES = frozenset({"move_top", "move_bottom", "move_up", "move_down"})

_ONE_ONLY = frozenset({"session", "details"})

_NEEDS_JOB = _MOVES | frozenset({
    "details", "pause", "session", "cancel", "retry", "remove", "raise_priority", "lower_priority", "set_priority",
    "copy", "mark", "mark_range",
})  # fmt: skip


def _is_held(job: Job) -> bool:
    return job.status is JobStatus.PAUSED or (job.status is JobStatus.ACTIVE and job.wanted is Wanted.PAUSE)
