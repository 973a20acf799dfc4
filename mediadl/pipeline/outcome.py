"""Decides from the class of an error alone what happens to a job: retry, wait, fail, let the site cool down."""

from __future__ import annotations

import random
from dataclasses import dataclass

from mediadl.errors import Action, DiskFull, DownloadError, LoginNeeded, NoMedia, NotMedia, Unsupported
from mediadl.models import JobStatus

BACKOFF_FIRST_S = 5.0
BACKOFF_MAX_S = 3600.0
DISK_CHECK_S = 15.0
COOLDOWN_MAX_S = 6 * 3600.0

_HOPELESS = (Unsupported, NoMedia, NotMedia)
"""Classes that ask for another backend and that no second try with the same ones could change."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the job."""

    status: JobStatus
    not_before: float | None = None
    refund_attempt: bool = False
    cool_down_until: float | None = None


def decide(
    error: DownloadError,
    *,
    attempts: int,
    max_attempts: int,
    site_failures: int,
    cooldown_s: float,
    now: float,
    jitter: random.Random,
) -> Outcome:
    """The outcome of a run that ended with `error` after `attempts` tries (this one included)."""
    if error.action is Action.STOP or isinstance(error, _HOPELESS):
        return Outcome(JobStatus.FAILED)
    if isinstance(error, DiskFull):
        return Outcome(JobStatus.WAITING, now + DISK_CHECK_S, refund_attempt=True)
    if isinstance(error, LoginNeeded):
        return Outcome(JobStatus.WAITING, None, refund_attempt=True)
    if error.action is Action.PAUSE_SITE:
        until = now + cool_down_s(site_failures, cooldown_s, error.retry_after_s, jitter)
        return Outcome(JobStatus.WAITING, until, refund_attempt=True, cool_down_until=until)
    if attempts >= max_attempts:
        return Outcome(JobStatus.FAILED)
    return Outcome(JobStatus.WAITING, now + backoff_s(attempts, error.retry_after_s, jitter))


def backoff_s(attempts: int, retry_after_s: float | None, jitter: random.Random) -> float:
    """Pause before the next try: doubles, half of it random, never shorter than the site asked for."""
    pause = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(attempts - 1, 16))
    return max(pause * jitter.uniform(0.5, 1.0), retry_after_s or 0.0)


def cool_down_s(failures: int, first_s: float, retry_after_s: float | None, jitter: random.Random) -> float:
    """How long a site is left alone after its `failures`-th refusal in a row (from 0)."""
    pause = min(COOLDOWN_MAX_S, first_s * 2.0 ** min(failures, 12))
    return max(pause * jitter.uniform(1.0, 1.2), retry_after_s or 0.0)
