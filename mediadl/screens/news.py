"""What deserves a toast of all that happens: jobs that failed or wait for a person, many at once told as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mediadl.events import Event, EventKind
from mediadl.models import JobStatus
from mediadl.models.schedules import RunState
from mediadl.security.text import safe_text
from mediadl.widgets import job_text
from mediadl.widgets.amounts import plural

_QUIET_S = 5.0
"""Least pause between two toasts; what happens meanwhile goes into the next."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One toast."""

    title: str
    text: str
    severity: Literal["error", "warning"]


class News:
    """Folds events to notices. `title_of` gives a job's title where it is at hand, else an empty string."""

    def __init__(self, title_of: Callable[[int], str], clock: Callable[[], float]) -> None:
        self._title_of = title_of
        self._clock = clock
        self._told_at: float | None = None
        self._waiting: dict[int, tuple[JobStatus, str]] = {}
        self._refused: dict[tuple[str, str], str] = {}
        """Logins that a site refused, by site and account."""
        self._refused_at: float | None = None
        self._ready: list[Notice] = []
        """What is told on its own: of engines and schedules."""

    def hear(self, happened: Sequence[Event]) -> Notice | None:
        """The notice that is due now, if any; also call it with no events, for what was held back."""
        for event in happened:
            self._note(event)
        now = self._clock()
        if self._ready:
            return self._ready.pop(0)
        if self._told_at is not None and now - self._told_at < _QUIET_S:
            return None
        if not self._waiting and not self._refused:
            return None
        self._told_at = now
        if self._refused:
            return self._fold_refused()
        waiting, self._waiting = self._waiting, {}
        return self._fold(waiting)

    def _is_told_with_its_login(self) -> bool:
        """Whether a job that begins to wait is one of those for which a login was refused just now."""
        return self._refused_at is not None and self._clock() - self._refused_at < _QUIET_S

    def _fold_refused(self) -> Notice:
        """One notice for dead logins; the jobs that wait for them need no other one."""
        refused, self._refused = self._refused, {}
        waits = (JobStatus.WAITING, "login_needed")
        self._waiting = {job_id: kept for job_id, kept in self._waiting.items() if kept != waits}
        names = [safe_text(site if who == "default" else f"{site} ({who})") for site, who in refused]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        (site, who), *others = refused
        account = "" if who == "default" else f" --account {who}"
        step = "Settings, Platforms." if others else f"mediadl session import {site} cookies.txt{account}"
        return Notice(
            f"Login refused: {', '.join(names[:3])}{more}",
            safe_text(f"Its jobs wait. Import fresh cookies: {step}", limit=300),
            "error",
        )

    def _note(self, event: Event) -> None:
        if event.kind is EventKind.SESSION_CHANGED:
            who = (str(event.payload.get("site", "")), str(event.payload.get("account", "")))
            self._refused[who] = str(event.payload.get("broken", ""))
            self._refused_at = self._clock()
            return
        if event.kind is EventKind.ENGINE:
            self._note_engine(event.payload)
            return
        if event.kind is EventKind.SCHEDULE_CHANGED:
            self._note_schedule(event.payload)
            return
        if event.kind is not EventKind.JOB_CHANGED or event.job_id is None or "status" not in event.payload:
            return
        reason = str(event.payload.get("reason") or "")
        status = event.payload["status"]
        if status == JobStatus.FAILED:
            self._waiting[event.job_id] = (JobStatus.FAILED, reason or "unknown")
        elif reason == "login_needed" and self._is_told_with_its_login():
            self._waiting.pop(event.job_id, None)
        elif status == JobStatus.WAITING and reason and not job_text.heals_itself(reason):
            self._waiting[event.job_id] = (JobStatus.WAITING, reason)
        else:
            self._waiting.pop(event.job_id, None)

    def _note_engine(self, told: Mapping[str, Any]) -> None:
        """A newer engine that was refused while nobody looked; who asks for an update hears of it at once."""
        if told.get("by") != "schedule" or told.get("state") != "refused":
            return
        name, before, after = (safe_text(told.get(key, ""), limit=80) for key in ("name", "before", "after"))
        text = (
            f"{before} stays: {safe_text(told.get('reason', ''), limit=300)}\nmediadl engines list shows all."
        )
        self._ready.append(Notice(f"{name} {after} was not taken", text, "warning"))

    def _note_schedule(self, told: Mapping[str, Any]) -> None:
        """A source that is lost, or a run that could not begin; jobs that failed are told of as such."""
        name, state = (safe_text(told.get(key, ""), limit=80) for key in ("name", "state"))
        why = safe_text(told.get("message", ""), limit=300)
        if told.get("what") == "source":
            self._ready.append(
                Notice(f"{name} is {state}", f"{why}\nThe files you have stay.".lstrip(), "warning")
            )
            return
        failed = told.get("what") == "run" and state == RunState.FAILED
        if failed and not told.get("again") and not told.get("of_job", True):
            text = f"{why}\nmediadl schedule show says what it was told."
            self._ready.append(Notice(f"{name} could not run", text, "error"))

    def _fold(self, waiting: dict[int, tuple[JobStatus, str]]) -> Notice:
        failed = [job_id for job_id, (status, _) in waiting.items() if status is JobStatus.FAILED]
        severity: Literal["error", "warning"] = "error" if failed else "warning"
        if len(waiting) == 1:
            job_id, (_, reason) = next(iter(waiting.items()))
            name = safe_text(self._title_of(job_id), limit=80) or f"job {job_id}"
            return Notice(
                job_text.reason_title(reason), f"{name}\n{job_text.next_step(reason)}".rstrip(), severity
            )
        others = len(waiting) - len(failed)
        said = [f"{plural(len(failed), 'job')} failed"] if failed else []
        said += [f"{plural(others, 'job')} waiting for you"] if others else []
        reasons = sorted({job_text.reason_title(reason) for _, reason in waiting.values()})
        return Notice(" and ".join(said), f"{', '.join(reasons)}.\nPress f to see them by status.", severity)
