"""What becomes of a job is decided by the class of its error alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import (
    KINDS,
    Action,
    DiskFull,
    DownloadError,
    LoginNeeded,
    MediaNotFound,
    NetworkFailed,
    RateLimited,
    Unsupported,
)
from mediadl.models import JobStatus
from mediadl.pipeline.outcome import BACKOFF_MAX_S, COOLDOWN_MAX_S, Outcome, backoff_s, cool_down_s, decide

NOW = 1_000.0


def outcome(error: DownloadError, attempts: int = 1, site_failures: int = 0) -> Outcome:
    return decide(
        error,
        attempts=attempts,
        max_attempts=3,
        site_failures=site_failures,
        cooldown_s=60,
        now=NOW,
        jitter=random.Random(1),
    )


@pytest.mark.parametrize("kind", [k for k, cls in KINDS.items() if cls.action is Action.STOP])
def test_what_cannot_heal_fails_at_once(kind: str) -> None:
    assert outcome(KINDS[kind]("x")).status is JobStatus.FAILED


def test_a_network_failure_is_tried_again_until_the_attempts_are_used_up() -> None:
    early, last = outcome(NetworkFailed("reset"), attempts=1), outcome(NetworkFailed("reset"), attempts=3)

    assert early.status is JobStatus.WAITING
    assert early.not_before is not None
    assert early.not_before > NOW
    assert last.status is JobStatus.FAILED


def test_a_rate_limit_waits_as_long_as_the_site_asked_and_costs_nothing() -> None:
    found = outcome(RateLimited("429", retry_after_s=900), attempts=3)

    assert found.status is JobStatus.WAITING
    assert found.refund_attempt
    assert found.cool_down_until == found.not_before
    assert found.not_before is not None
    assert found.not_before >= NOW + 900


def test_a_login_waits_for_a_person_and_a_full_disk_for_space() -> None:
    login, disk = outcome(LoginNeeded("x")), outcome(DiskFull("x"))

    assert (login.status, login.not_before, login.refund_attempt) == (JobStatus.WAITING, None, True)
    assert disk.status is JobStatus.WAITING
    assert disk.not_before is not None


@pytest.mark.parametrize("error", [Unsupported("x"), MediaNotFound("x")])
def test_what_no_engine_knows_is_not_asked_again(error: DownloadError) -> None:
    assert outcome(error).status is JobStatus.FAILED


@given(st.integers(1, 10_000), st.none() | st.floats(0, 1e6), st.integers())
def test_a_back_off_is_never_shorter_than_asked_and_never_endless(
    attempts: int, retry_after_s: float | None, seed: int
) -> None:
    pause = backoff_s(attempts, retry_after_s, random.Random(seed))

    assert (retry_after_s or 0.0) <= pause <= max(BACKOFF_MAX_S, retry_after_s or 0.0)


@given(st.integers(0, 10_000), st.floats(0, 86_400), st.integers())
def test_a_cool_down_is_bounded(failures: int, first_s: float, seed: int) -> None:
    assert 0 <= cool_down_s(failures, first_s, None, random.Random(seed)) <= COOLDOWN_MAX_S * 1.2
