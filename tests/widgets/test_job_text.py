"""A job as text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.models import Job, JobStatus, Lane, Priority, Wanted
from mediadl.widgets import job_text
from mediadl.widgets.job_columns import QUEUE_COLUMNS
from mediadl.widgets.when import local

NOW = 1_800_000_000.0
JOB = Job(
    id=1, url="https://www.video.example/watch/7", platform="generic", site="video.example", lane=Lane.RUNNER,
    content_type="video", title="Night trains", status=JobStatus.PENDING, wanted=Wanted.RUN,
    priority=Priority.NORMAL, position=1.0, options={}, trusted=True, reason="", message="", not_before=None,
    backend="", tried="", attempts=0, max_attempts=6, fence=0, assigned_worker="", progress=0.0, bytes_done=0,
    bytes_total=None, speed_bytes_per_s=0.0, items_total=None, items_stored=0, items_skipped=0, items_failed=0,
    created_at=NOW - 60, started_at=None, finished_at=None, estimated_completion=None,
)  # fmt: skip


def text(parts: list[tuple[str, str]]) -> str:
    return "".join(piece for piece, _ in parts)


def test_every_status_has_a_sign_and_a_word() -> None:
    assert set(job_text.GLYPHS) == set(job_text.WORDS) == set(JobStatus)
    assert len(set(job_text.GLYPHS.values())) == len(JobStatus)
    assert len(set(job_text.WORDS.values())) == len(JobStatus)


def test_without_a_title_the_address_is_shown_short() -> None:
    assert job_text.title(replace(JOB, title="")) == "video.example/watch/7"


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (
            {"status": JobStatus.FAILED, "reason": "private", "message": "owner said no"},
            "Private: owner said no",
        ),
        ({"status": JobStatus.FAILED}, "Unexpected failure"),
        (
            {"status": JobStatus.WAITING, "reason": "rate_limited", "not_before": NOW + 272},
            "Rate limited in 4:32",
        ),
        (
            {"status": JobStatus.WAITING, "reason": "site_rests", "not_before": NOW + 250, "message": "why"},
            f"Site rests, goes on at {local(NOW + 250, NOW)} (in 4:10): why",
        ),
        ({"status": JobStatus.WAITING, "reason": "disk_full"}, "Disk full"),
        ({"status": JobStatus.WAITING, "reason": "own_word"}, "Own word"),
        ({"status": JobStatus.SCHEDULED, "not_before": NOW + 7200}, "in 2h00"),
        ({"status": JobStatus.SCHEDULED, "not_before": NOW - 1}, "soon"),
        (
            {"status": JobStatus.COMPLETED, "items_stored": 58, "items_skipped": 2},
            "58 files, 2 already there",
        ),
        (
            {
                "status": JobStatus.COMPLETED,
                "items_stored": 8,
                "items_skipped": 2,
                "options": {"filters": {}},
            },
            "8 files, 2 left out",
        ),
        (
            {
                "status": JobStatus.COMPLETED,
                "items_skipped": 2,
                "options": {"filters": {}},
                "message": "0 accepted, 2 rejected by rules",
            },
            "0 accepted, 2 rejected by rules",
        ),
        ({"status": JobStatus.COMPLETED, "items_stored": 1, "items_failed": 1}, "1 file, 1 failed"),
        ({"status": JobStatus.ACTIVE, "backend": "yt-dlp"}, "via yt-dlp"),
        ({"status": JobStatus.ACTIVE, "backend": "yt-dlp", "message": "merging"}, "merging"),
        ({"status": JobStatus.PENDING, "attempts": 2, "reason": "network"}, "Network failed, try 3"),
        ({"status": JobStatus.PENDING}, ""),
    ],
)
def test_the_note_says_the_one_thing_worth_knowing(changes: dict[str, Any], note: str) -> None:
    assert job_text.note(replace(JOB, **changes), NOW) == note


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (
            {"status": JobStatus.ACTIVE, "speed_bytes_per_s": 2e6, "estimated_completion": NOW + 42},
            "2.0 MB/s 0:42",
        ),
        ({"status": JobStatus.WAITING, "reason": "rate_limited", "not_before": NOW + 60}, "in 1:00"),
        ({"status": JobStatus.WAITING, "reason": "login_needed"}, "Login needed"),
        ({"status": JobStatus.FAILED, "reason": "private", "message": "x" * 50}, "Private"),
    ],
)
def test_the_narrow_note_fits(changes: dict[str, Any], note: str) -> None:
    assert job_text.narrow_note(replace(JOB, **changes), NOW) == note


def test_what_was_asked_of_a_job_at_work_is_said() -> None:
    active = replace(JOB, status=JobStatus.ACTIVE)

    words = [job_text.status_word(replace(active, wanted=wanted)) for wanted in Wanted]

    assert words == ["Active", "pausing", "cancelling", "removing"]


def test_no_per_cent_is_invented() -> None:
    job = replace(JOB, status=JobStatus.ACTIVE, bytes_done=3_000_000)

    assert text(job_text.progress_parts(job, 14)) == "3.0 MB …"
    assert text(job_text.progress_parts(replace(job, bytes_done=0), 14)) == "starting …"
    assert job_text.progress_parts(JOB, 14) == []


def test_a_failure_before_the_first_byte_shows_no_bar() -> None:
    job = replace(JOB, status=JobStatus.FAILED, progress=100.0, bytes_total=0)

    assert job_text.progress_parts(job, 14) == []
    assert job_text.amount(job) == ""


@given(st.floats(min_value=0, max_value=150), st.integers(min_value=5, max_value=40))
def test_a_bar_fills_its_cells_and_says_100_only_at_the_end(percent: float, width: int) -> None:
    shown = text(job_text.bar_parts(percent, width))

    assert len(shown) == (width if width >= 9 else 4)
    assert ("100%" in shown) == (percent >= 100)


def test_priority_is_said_where_it_is_not_normal() -> None:
    words = [job_text.priority(replace(JOB, priority=priority)) for priority in Priority]

    assert words == ["↓ low", "", "↑ high"]


@pytest.mark.parametrize("status", list(JobStatus))
def test_every_cell_has_something_harmless_to_say(status: JobStatus) -> None:
    job = replace(JOB, status=status, title="a\x1b[31mb\u202e", reason="we\x9bird", message="\x07\n")

    for column in QUEUE_COLUMNS:
        shown = text(list(column.parts(job, NOW, column.width)))
        assert shown.isprintable(), (column.name, shown)
