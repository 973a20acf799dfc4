"""Every kind of trouble has something to do about it, and its words and keys agree."""

from __future__ import annotations

import re

import pytest

from mediadl.errors import KINDS
from mediadl.models import Job, JobStatus, Lane, Priority, Wanted
from mediadl.screens.actions import Scope, actions_of
from mediadl.settings.schema import Settings
from mediadl.widgets import job_cure, job_details, job_text


def job(status: JobStatus = JobStatus.FAILED, reason: str = "", not_before: float | None = None) -> Job:
    return Job(
        1, "https://a.example/x", "generic", "a.example", Lane.RUNNER, "page", "A title", status, Wanted.RUN,
        Priority.NORMAL, 1.0, {}, True, reason, "because", not_before, "", "", 1, 5, 1, "", 0.0, 0, None, 0.0, None, 0,
        0, 0, 0.0, None, None, None,
    )  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_cure_with_a_key(kind: str) -> None:
    found = job_cure.cures(job(reason=kind))

    text = str(job_details.failure(job(reason=kind), 0.0, keys=job_cure.ACTIONS))
    assert found[-1].action == "retry"
    assert KINDS[kind].next_step in text
    for cure in found:
        assert f"{job_cure.ACTIONS[cure.action]} {cure.label}" in text


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_the_next_step_names_is_among_the_cures(kind: str) -> None:
    step = KINDS[kind].next_step
    actions = {cure.action for cure in job_cure.cures(job(reason=kind))}

    assert ("session" in actions) == bool(re.search("cookies|session|login", step))
    for section in Settings.model_fields:
        assert f"{section}." not in step or "setting" in actions


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_settings_that_are_named_exist(kind: str) -> None:
    for cure in job_cure.cures(job(reason=kind)):
        if cure.action == "setting":
            section, _, name = cure.detail.partition(".")
            assert name in getattr(Settings(), section).__class__.model_fields


def test_keys_are_those_of_the_details() -> None:
    keys = {action.name: action.keys[0] for action in actions_of(Scope.DETAILS)}

    assert {name: keys[name] for name in job_cure.ACTIONS} == job_cure.ACTIONS


@pytest.mark.parametrize(
    "status", [JobStatus.COMPLETED, JobStatus.ACTIVE, JobStatus.CANCELLED, JobStatus.PAUSED]
)
def test_where_nothing_is_wrong_there_is_no_cure(status: JobStatus) -> None:
    assert job_cure.cures(job(status, "network")) == []
    assert job_cure.cures(job(JobStatus.FAILED, "")) == []
    assert job_details.failure(job(status, "network"), 0.0) is None


def test_a_job_that_waits_for_a_time_can_start_all_the_same() -> None:
    assert (
        job_cure.cures(job(JobStatus.WAITING, "rate_limited", 9.0))[-1].label == "start it now all the same"
    )


def test_a_copied_error_has_all_that_a_report_needs() -> None:
    text = job_text.error_text(job(reason="geo"))

    assert text.splitlines() == [KINDS["geo"].title, "because", KINDS["geo"].next_step, "https://a.example/x"]
    assert job_text.error_text(job()) == ""
