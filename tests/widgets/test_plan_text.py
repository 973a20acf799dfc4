"""Schedules, their runs and sources as text: whatever the words, they fit their columns and are only text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mediadl.models.plans import NextRun, PlanFacts, PlannedSchedule
from mediadl.models.schedules import RunKind, RunState, Schedule, ScheduleRun, Source, SourceState
from mediadl.widgets import plan_text
from mediadl.widgets.columns import fit, pad
from mediadl.widgets.plan_columns import PLAN_COLUMNS, of_plan
from mediadl.widgets.plan_pane import PaneKeys, plan
from mediadl.widgets.plan_text import Standing
from mediadl.widgets.run_columns import RUN_COLUMNS, SOURCE_COLUMNS

NOW = 1_795_000_000.0


def schedule(**told: Any) -> Schedule:
    made: dict[str, Any] = {
        "id": 3, "name": "Kiln", "enabled": True, "spec": {"sources": ["tiktok:@kiln"]}, "owner_id": None,
        "last_due_at": None, "next_due_at": NOW + 60, "next_start_at": NOW + 60, "note": "", "created_at": 0.0,
        "changed_at": 0.0,
    } | told  # fmt: skip
    return Schedule(**made)


def run(state: RunState = RunState.DONE, **told: Any) -> ScheduleRun:
    made: dict[str, Any] = {
        "id": 1, "schedule_id": 3, "due_at": NOW, "kind": RunKind.DUE, "state": state, "message": "", "missed": 0,
        "started_at": NOW, "ended_at": NOW + 75, "sources": 1, "found": 4, "new": 2, "skipped": 2, "failed": 0,
        "size_bytes": 10, "error": "",
    } | told  # fmt: skip
    return ScheduleRun(**made)


def source(**told: Any) -> Source:
    made: dict[str, Any] = {
        "id": 1, "url": "https://www.tiktok.com/@kiln", "platform": "tiktok", "content_type": "videos",
        "site": "tiktok", "name": "kiln", "folder": "kiln", "former_names": (), "owner_id": "",
        "state": SourceState.OK, "state_since": None, "why": "", "head": (), "complete_at": None, "gap_since": None,
        "backfill": False, "checks": 1, "empty_checks": 0, "failures": 0, "last_check_at": NOW, "last_new_at": NOW,
        "posts_30d": 3, "created_at": 0.0,
    } | told  # fmt: skip
    return Source(**made)


def planned(last: ScheduleRun | None = None, **told: Any) -> PlannedSchedule:
    return PlannedSchedule(schedule(**told), "Every day at 03:00", last, None, 0)


@pytest.mark.parametrize(
    ("found", "standing"),
    [
        (planned(), Standing.ON),
        (planned(enabled=False), Standing.OFF),
        (planned(next_start_at=None), Standing.ENDED),
        (planned(run(RunState.RUNNING)), Standing.RUNNING),
        (planned(run(RunState.HELD), enabled=False), Standing.HELD),
    ],
)
def test_a_schedule_stands_as_its_run_and_switch_say(found: PlannedSchedule, standing: Standing) -> None:
    assert plan_text.standing(found) is standing


@pytest.mark.parametrize(
    ("last", "said", "roomy"),
    [
        (None, "– not yet", "– not yet"),
        (run(), "✓ 2 new", "✓ 4 found, 2 new"),
        (run(new=0), "✓ nothing new", "✓ 4 found, nothing new"),
        (run(failed=3), "▲ 2 new, 3 ✗", "▲ 4 found, 2 new, 3 failed"),
        (run(RunState.FAILED, error="HTTP 503"), "✗ failed", "✗ failed: HTTP 503"),
        (run(RunState.RUNNING), "▶ running", "▶ running"),
        (run(RunState.SKIPPED), "≡ left out", "≡ left out"),
    ],
)
def test_what_came_of_a_run_is_said_in_few_words(last: ScheduleRun | None, said: str, roomy: str) -> None:
    assert plan_text.outcome(last)[0] == said
    assert plan_text.outcome(last, roomy=True)[0] == roomy


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("https://www.instagram.com/kiln/", "instagram.com/kiln"),
        ("instagram:kiln", "instagram:kiln"),
        ("http://m.x.example", "x.example"),
    ],
)
def test_a_source_is_said_as_short_as_it_stays_clear(text: str, word: str) -> None:
    assert plan_text.source_word(text) == word


def test_a_renamed_source_says_both_names() -> None:
    assert plan_text.source_name(source(name="new", former_names=("old", "new"))) == "new (was old)"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"gap_since": NOW}, "gap since"),
        ({"state": SourceState.GONE, "why": "HTTP 404"}, "HTTP 404"),
        ({"backfill": True}, "older posts are still to come"),
        ({"last_check_at": None}, "not looked at yet"),
        ({}, "3 posts in 30 days"),
        ({"posts_30d": 0}, "no post in 30 days"),
    ],
)
def test_what_is_to_be_known_of_a_source(told: dict[str, Any], said: str) -> None:
    assert said in plan_text.source_note(source(**told), NOW)[0]


@given(
    st.text(max_size=60),
    st.integers(30, 220),
    st.integers(1, 50),
    st.sampled_from(list(RunState)),
    st.sampled_from(list(SourceState)),
)
def test_everything_fits_whatever_the_words(
    text: str, width: int, height: int, state: RunState, source_state: SourceState
) -> None:
    last = run(state, error=text, message=text, missed=3)
    found = planned(last, name=text, note=text, spec={"sources": [text, text]})
    listed = source(name=text, url=text, why=text, former_names=(text, "x"), state=source_state)
    facts = PlanFacts(found, (NextRun(NOW, text, text),) * 5, (listed,) * 7, 9, 0.5, 60.0, (last,) * 40)
    row = of_plan(found)

    for columns, one in ((PLAN_COLUMNS, row), (RUN_COLUMNS, last), (SOURCE_COLUMNS, listed)):
        for fitted in fit(columns, width):  # type: ignore[misc]
            said = "".join(part for part, _ in pad(fitted.column.parts(one, NOW, fitted.width), fitted.width))
            assert cell_len(said) == fitted.width
            assert "\x1b" not in said
    lines = str(plan(row, facts, NOW, width, height, PaneKeys("b", "Enter"))).split("\n")
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)
    assert "\x1b" not in "".join(lines)
