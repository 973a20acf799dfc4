"""A screen with a table of jobs: marking rows, and what can be done to the marked ones or the one under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mediadl.models import Job, JobQuery, JobStatus, Move, Priority, QueueCounts
from mediadl.screens.actions import ACTIONS, Scope
from mediadl.screens.job_verbs import JobVerbs, reason_against, reason_against_all
from mediadl.screens.marking import Marking
from mediadl.screens.page import Page
from mediadl.security.text import safe_text
from mediadl.widgets import job_text
from mediadl.widgets.amounts import plural

if TYPE_CHECKING:
    from mediadl.service import Services


class JobListScreen(Marking[Job], Page, inherit_bindings=False):
    """Marks and verbs; the screen that builds on it says which jobs are listed."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._query = JobQuery()
        self.verbs = JobVerbs(self.app, services, self.ask)

    @property
    def counts(self) -> QueueCounts | None:
        """How many jobs stand where, as last read."""
        raise NotImplementedError

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id; those that can are missing."""
        table = self.table
        marked = len(table.marks) + (1 if table.range_active else 0)
        found = {
            a.id: reason_against(a.name, table.current, marked) or reason_against_all(a.name, self.counts)
            for a in ACTIONS
            if a.scope is Scope.QUEUE
        }
        return {**super().reasons(), **{name: reason for name, reason in found.items() if reason}}

    def ids_listed(self) -> Callable[[], Sequence[int]]:
        """Reads the numbers of all jobs shown."""
        query = self._query
        return lambda: self._services.queue.ids(query)

    # Jobs

    def action_pause(self) -> None:
        """Hold, or let go on."""
        self.on_targets("pause", self.verbs.pause_or_resume)

    def action_cancel(self) -> None:
        """End jobs."""
        self.on_targets("cancel", self._confirm_cancel, keep_marks=True)

    def _confirm_cancel(self, ids: list[int], job: Job | None) -> None:
        if job is not None or len(ids) == 1:
            self._drop_marks(ids)
            self.verbs.cancel(ids)
            return
        jobs = plural(len(ids), "job")
        self._confirm(
            f"Cancel {jobs}?",
            "They stay in the list and can be retried.",
            f"Cancel {jobs}",
            lambda: self.verbs.cancel(ids),
            ids,
        )

    def _confirm(
        self, question: str, text: str, yes: str, do_it: Callable[[], None], ids: Sequence[int] = ()
    ) -> None:
        """Ask once; a yes takes the marks off `ids`."""
        from mediadl.screens.dialogs.confirm import ConfirmDialog

        def decided(agreed: bool | None) -> None:
            if agreed:
                self._drop_marks(ids)
                do_it()

        self.app.push_screen(ConfirmDialog(question, text, yes=yes), decided)

    def _drop_marks(self, ids: Sequence[int]) -> None:
        if self.table.marks:
            self.table.set_marks(self.table.marks - set(ids))

    def action_retry(self) -> None:
        """Try ended jobs again, start waiting ones."""
        self.on_targets("retry", self.verbs.retry)

    def action_move_top(self) -> None:
        """To the top of its priority."""
        self._move("move_top", Move.TOP)

    def action_move_bottom(self) -> None:
        """To the bottom of its priority."""
        self._move("move_bottom", Move.BOTTOM)

    def action_move_up(self) -> None:
        """One place up."""
        self._move("move_up", Move.UP)

    def action_move_down(self) -> None:
        """One place down."""
        self._move("move_down", Move.DOWN)

    def _move(self, name: str, move: Move) -> None:
        self.on_targets(name, lambda ids, _job: self.verbs.move(ids, move), keep_marks=True)

    def action_raise_priority(self) -> None:
        """One level up."""
        self.on_targets("raise_priority", lambda ids, _: self.verbs.shift_priority(ids, 1), keep_marks=True)

    def action_lower_priority(self) -> None:
        """One level down."""
        self.on_targets("lower_priority", lambda ids, _: self.verbs.shift_priority(ids, -1), keep_marks=True)

    def action_remove(self) -> None:
        """Take out of the list, after one question."""
        self.on_targets("remove", self._confirm_remove, keep_marks=True)

    def _confirm_remove(self, ids: list[int], job: Job | None) -> None:
        jobs = plural(len(ids), "job")
        text = "Files already stored stay where they are. u brings it back for a few seconds."
        if job is not None:
            text = f"{job_text.title(job)}\n{text}"
        self._confirm(
            "Remove this job?" if job is not None else f"Remove {jobs}?",
            text,
            f"Remove {jobs}",
            lambda: self.verbs.remove(ids),
            ids,
        )

    def action_set_priority(self) -> None:
        """Choose one priority for all of them."""
        self.on_targets("set_priority", self._choose_priority, keep_marks=True)

    def _choose_priority(self, ids: list[int], job: Job | None) -> None:
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        choices = [Choice(p.word, p.word.capitalize(), key=p.word[0]) for p in sorted(Priority, reverse=True)]

        def chosen(word: str | None) -> None:
            if word:
                self.verbs.set_priority(ids, Priority.parse(word))

        title = f"Priority of {plural(len(ids), 'job')}"
        self.app.push_screen(
            MenuDialog(title, choices, chosen=job.priority.word if job else "normal"), chosen
        )

    # All jobs

    def _number(self, status: JobStatus) -> int:
        return self.counts.by_status.get(status, 0) if self.counts else 0

    def action_clear_completed(self) -> None:
        """Take every completed job out of the list, after one question."""
        if self.refused("clear_completed"):
            return
        number = plural(self._number(JobStatus.COMPLETED), "completed job")
        self._confirm(
            f"Remove {number}?",
            "Their files and the history stay. u brings them back for a few seconds.",
            f"Remove {number}",
            lambda: self.verbs.clear({JobStatus.COMPLETED}),
        )

    def action_retry_failed(self) -> None:
        """Try every failed job again, after one question."""
        if self.refused("retry_failed"):
            return
        number = plural(self._number(JobStatus.FAILED), "failed job")
        self._confirm(
            f"Retry {number}?",
            "What is stored is not fetched again.",
            f"Retry {number}",
            self.verbs.retry_failed,
        )

    def action_pause_all(self) -> None:
        """Hold everything."""
        if not self.refused("pause_all"):
            self.verbs.pause_all()

    def action_resume_all(self) -> None:
        """Let everything go on."""
        if not self.refused("resume_all"):
            self.verbs.resume_all()

    def action_session(self) -> None:
        """Import cookies for the site of the job under the cursor."""
        from mediadl.screens.dialogs.session import import_for

        job = self.table.current
        if not self.refused("session") and job is not None:
            import_for(self.app, self._services, self.verbs, job)

    def action_copy(self) -> None:
        """Copy the address."""
        job = self.table.current
        if not self.refused("copy") and job is not None:
            self.app.copy_to_clipboard(safe_text(job.url, limit=4096))
            self.notify(safe_text(job.url, limit=200), title="Copied", timeout=3, markup=False)
