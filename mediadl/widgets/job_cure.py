"""What helps against the trouble of a job, as things to do: read from the one taxonomy, so that every text agrees."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mediadl.errors import KINDS
from mediadl.models import ENDED_STATUSES, Job, JobStatus

_SETTING = re.compile(r"\b(?:downloads|network|platforms)\.[a-z_]+")
_LOGIN = re.compile(r"\b(?:cookies|session|login)\b")
_LOOK = re.compile(r"\b(?:address|browser|page)\b")

_FULL = frozenset({"disk_full", "not_writable"})
_UPDATE = frozenset({"engine_broken", "site_changed"})
"""A newer engine may know what this one does not."""
_ELSEWHERE = frozenset({"unsupported", "not_media", "no_media", "not_found", "engine_broken", "site_changed"})
"""Another address, platform or type may do."""

LOGIN_HEALS = frozenset(kind for kind, known in KINDS.items() if _LOGIN.search(known.next_step))
"""Reasons against which cookies of an account may help."""


@dataclass(frozen=True, slots=True)
class Cure:
    """One thing to do about it."""

    action: str
    """Name of the action in a job's details."""
    label: str
    detail: str = ""
    """What it is about, such as the key of a setting."""


ACTIONS: Mapping[str, str] = {
    "session": "i", "update_engines": "U", "setting": "e", "folder": "O", "add_again": "a", "copy": "y", "retry": "r"
}  # fmt: skip
"""Actions that cure, with the keys they have when the user has chosen no others."""


def is_troubled(job: Job) -> bool:
    """Whether something holds or has ended it that a person may want to do something about."""
    return bool(job.reason) and job.status in {JobStatus.FAILED, JobStatus.WAITING, JobStatus.PENDING}


def cures(job: Job) -> list[Cure]:
    """What helps, the most promising first; nothing when all is well."""
    if not is_troubled(job):
        return []
    kind = KINDS.get(job.reason)
    text = kind.next_step if kind else ""
    found: list[Cure] = []
    if job.reason in LOGIN_HEALS:
        found.append(Cure("session", "import cookies"))
    if job.reason in _UPDATE:
        found.append(Cure("update_engines", "update the engines and retry"))
    setting = _SETTING.search(text)
    if job.reason in _FULL:
        found.append(Cure("folder", "open the folder"))
    if setting is not None:
        found.append(Cure("setting", f"set {setting[0]}", setting[0]))
    if job.reason in _ELSEWHERE:
        found.append(Cure("add_again", "add it another way"))
    if _LOOK.search(text):
        found.append(Cure("copy", "copy the address"))
    if job.status is not JobStatus.PENDING:
        found.append(Cure("retry", _again(job)))
    return found


def _again(job: Job) -> str:
    if job.status in ENDED_STATUSES:
        return "try again"
    return "start it now all the same" if job.not_before is not None else "start it now"
