"""Decides from the class of an error alone what happens to a job: retry, wait, fail, let the site cool down."""

from __future__ import annotations

import random
from dataclasses import dataclass

from mediadl.errors import (
    Action,
    BudgetSpent,
    Challenge,
    DiskFull,
    DownloadError,
    LoginNeeded,
    NoMedia,
    NotMedia,
    RateLimited,
    SiteRests,
    Unsupported,
)
from mediadl.models import JobStatus

BACKOFF_FIRST_S = 5.0
BACKOFF_MAX_S = 3600.0
DISK_CHECK_S = 15.0
COOLDOWN_MAX_S = 6 * 3600.0
ACCOUNT_COOLDOWN_S, ACCOUNT_COOLDOWN_MAX_S = 900.0, 7200.0
"""Where a login is told to wait a few minutes: rather a quarter of an hour, doubled each time."""
CHALLENGE_S = (900.0, 3600.0, 4 * 3600.0)
"""Before a site is asked again whose bot check no backend passed."""
REST_S = 60.0
"""For whoever has to wait and is not told how long."""

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
    if isinstance(error, SiteRests | BudgetSpent):
        rest_s = REST_S if error.retry_after_s is None else error.retry_after_s
        return Outcome(JobStatus.WAITING, now + rest_s, refund_attempt=True)
    if error.action is Action.PAUSE_SITE:
        until = now + site_rest_s(error, site_failures, cooldown_s, jitter)
        return Outcome(JobStatus.WAITING, until, refund_attempt=True, cool_down_until=until)
    if attempts >= max_attempts:
        return Outcome(JobStatus.FAILED)
    if isinstance(error, Challenge):
        rest_s = CHALLENGE_S[min(attempts, len(CHALLENGE_S)) - 1] * jitter.uniform(0.9, 1.1)
        return Outcome(JobStatus.WAITING, now + max(rest_s, error.retry_after_s or 0.0))
    return Outcome(JobStatus.WAITING, now + backoff_s(attempts, error.retry_after_s, jitter))


def backoff_s(attempts: int, retry_after_s: float | None, jitter: random.Random) -> float:
    """Pause before the next try: doubles, half of it random, never shorter than the site asked for."""
    pause = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2.0 ** min(attempts - 1, 16))
    return max(pause * jitter.uniform(0.5, 1.0), retry_after_s or 0.0)


def site_rest_s(error: DownloadError, failures: int, first_s: float, jitter: random.Random) -> float:
    """How long a site is left alone after this refusal, its `failures`-th in a row (from 0)."""
    if isinstance(error, RateLimited) and error.status == 401 and first_s > 0:
        pause = min(ACCOUNT_COOLDOWN_MAX_S, max(first_s, ACCOUNT_COOLDOWN_S) * 2.0 ** min(failures, 12))
        return max(pause * jitter.uniform(1.0, 1.2), error.retry_after_s or 0.0)
    return cool_down_s(failures, first_s, error.retry_after_s, jitter)


def cool_down_s(failures: int, first_s: float, retry_after_s: float | None, jitter: random.Random) -> float:
    """How long a site is left alone after its `failures`-th refusal in a row (from 0)."""
    pause = min(COOLDOWN_MAX_S, first_s * 2.0 ** min(failures, 12))
    return max(pause * jitter.uniform(1.0, 1.2), retry_after_s or 0.0)
