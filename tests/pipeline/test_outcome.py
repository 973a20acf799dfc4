"""What becomes of a job is decided by the class of its error alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import (
    KINDS,
    Action,
    BudgetSpent,
    Challenge,
    DiskFull,
    DownloadError,
    LoginNeeded,
    MediaNotFound,
    NetworkFailed,
    RateLimited,
    SiteRests,
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


@pytest.mark.parametrize(("failures", "minutes"), [(0, 15), (1, 30), (2, 60), (3, 120), (9, 120)])
def test_a_login_that_is_told_to_wait_gets_a_quarter_of_an_hour_and_more(failures: int, minutes: int) -> None:
    found = outcome(RateLimited("please wait a few minutes", status=401), site_failures=failures)

    assert found.cool_down_until is not None
    assert minutes * 60 <= found.cool_down_until - NOW <= minutes * 60 * 1.2


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 15), (2, 60)])
def test_a_bot_check_that_nobody_passed_is_not_tried_again_soon(attempt: int, minutes: int) -> None:
    found = outcome(Challenge("prove it"), attempts=attempt)

    assert found.not_before is not None
    assert found.not_before - NOW == pytest.approx(minutes * 60, rel=0.11)


@pytest.mark.parametrize(
    "error", [SiteRests("x", retry_after_s=120.0), BudgetSpent("x", retry_after_s=120.0)]
)
def test_who_only_waits_for_the_site_or_the_budget_costs_nothing(error: DownloadError) -> None:
    found = outcome(error, attempts=3)

    assert (found.status, found.not_before, found.refund_attempt) == (JobStatus.WAITING, NOW + 120, True)
    assert found.cool_down_until is None


@given(st.integers(1, 10_000), st.none() | st.floats(0, 1e6), st.integers())
def test_a_back_off_is_never_shorter_than_asked_and_never_endless(
    attempts: int, retry_after_s: float | None, seed: int
) -> None:
    pause = backoff_s(attempts, retry_after_s, random.Random(seed))

    assert (retry_after_s or 0.0) <= pause <= max(BACKOFF_MAX_S, retry_after_s or 0.0)


@given(st.integers(0, 10_000), st.floats(0, 86_400), st.integers())
def test_a_cool_down_is_bounded(failures: int, first_s: float, seed: int) -> None:
    assert 0 <= cool_down_s(failures, first_s, None, random.Random(seed)) <= COOLDOWN_MAX_S * 1.2
