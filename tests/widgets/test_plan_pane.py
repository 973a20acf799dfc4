from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mediadl.models import Job, JobStatus, Lane, Priority, Wanted
from mediadl.widgets.columns import fit, pad
from mediadl.widgets.live_feed import FEED_COLUMNS
from mediadl.widgets.plan_columns import PLAN_COLUMNS, of_plan
from mediadl.widgets.plan_pane import plan

NOW = datetime(2026, 5, 17, 12, 0).timestamp()


@pytest.fixture(autouse=True)
def _berlin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()


def job(**fields: Any) -> Job:
    made: dict[str, Any] = {
        "id": 7, "url": "https://files.example/a.jpg", "platform": "direct", "site": "files.example",
        "lane": Lane.RUNNER, "content_type": "", "title": "A file", "status": JobStatus.SCHEDULED,
        "wanted": Wanted.RUN, "priority": Priority.NORMAL, "position": 1.0, "options": {}, "trusted": True,
        "reason": "", "message": "", "not_before": datetime(2026, 5, 18, 8, 0).timestamp(), "backend": "", "tried": "",
        "attempts": 0, "max_attempts": 5, "fence": 0, "assigned_worker": "", "progress": 0.0, "bytes_done": 0,
        "bytes_total": None, "speed_bytes_per_s": 0.0, "items_total": None, "items_stored": 0, "items_skipped": 0,
        "items_failed": 0, "created_at": NOW, "started_at": None, "finished_at": None, "estimated_completion": None,
    } | fields  # fmt: skip
    return Job(**made)


def test_a_row_in_full_says_when_and_how_often() -> None:
    now = datetime(2026, 5, 17, 12, 0).timestamp()
    at = datetime(2026, 5, 18, 8, 0).timestamp()

    said = str(plan(of_plan(job(not_before=at, options={"quality": "best"})), None, now, 80, 6))

    assert said.splitlines()[:3] == [
        "A file", "Starts tomorrow 08:00, in 20 h, once", "direct · priority normal · quality=best",
    ]  # fmt: skip
    assert said.splitlines()[3] == "https://files.example/a.jpg"


def test_a_held_row_says_when_it_was_to_start() -> None:
    row = of_plan(job(status=JobStatus.PAUSED))

    assert "Held; was to start" in str(plan(row, None, NOW, 80, 6))


@given(st.text(max_size=40), st.integers(30, 200), st.sampled_from(list(JobStatus)))
def test_cells_fit_their_columns_whatever_the_title(title: str, width: int, status: JobStatus) -> None:
    hostile = job(title=title, platform=title, message=title, reason=title, status=status, finished_at=NOW)
    row = of_plan(hostile)
    for fitted in fit(PLAN_COLUMNS, width):
        text = "".join(part for part, _ in pad(fitted.column.parts(row, NOW, fitted.width), fitted.width))
        assert cell_len(text) == fitted.width
        assert "\x1b" not in text
    for shown in fit(FEED_COLUMNS, width):
        text = "".join(part for part, _ in pad(shown.column.parts(hostile, NOW, shown.width), shown.width))
        assert cell_len(text) == shown.width
        assert "\x1b" not in text
