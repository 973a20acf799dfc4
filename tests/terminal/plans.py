"""Schedules as a person would have them, with runs and sources in every state."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mediadl.models.schedules import RunKind, RunState
from mediadl.service import Services
from mediadl.store import schedule_runs, schedules

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Told:
    """One schedule of the scene."""

    name: str
    sources: tuple[str, ...]
    rule: dict[str, Any]
    runs: tuple[tuple[RunState, int, int, int, str], ...] = ()
    """State, found, new, failed, error; the oldest first."""
    states: tuple[tuple[str, str], ...] = ()
    """State and why, of its sources in their order; missing ones are well."""
    gap: bool = False
    off: bool = False


D, F, S = RunState.DONE, RunState.FAILED, RunState.SKIPPED

EVERYDAY: tuple[Told, ...] = (
    Told(
        "Friends' posts", ("instagram:harbour_sketches", "instagram:windowbox_garden", "instagram:mountain.huts"),
        {"cron": "30 2 * * *", "time_zone": "Europe/Berlin", "windows": ("01:00-06:00",)},
        (*((D, 12 + n % 5, n % 4, 0, "") for n in range(20)), (D, 15, 3, 1, "")),
        (("ok", ""), ("ok", ""), ("private", "the account is private and this session does not follow it")),
    ),
    Told(
        "tiny.kiln", ("tiktok:@tiny.kiln",), {"cron": "20 */6 * * *"},
        ((D, 30, 30, 0, ""), (D, 2, 2, 0, ""), (D, 0, 0, 0, "")), gap=True,
    ),
    Told(
        "Night trains forum", ("https://forum.example/threads/night-trains.44/",), {"cron": "0 5 * * 1"},
        ((D, 3, 3, 0, ""), (F, 0, 0, 0, "HTTP 503 for forum.example"),), (("gone", "HTTP 404 for forum.example"),),
    ),
    Told("Slow bread", ("tiktok:@slowbread",), {"adaptive": True}, ((D, 1, 1, 0, ""), (RunState.RUNNING, 4, 2, 0, ""))),
    Told("Paper planes", ("instagram:paper_planes_club",), {"cron": "0 0 1 * *"}, off=True),
)  # fmt: skip


def far(now: float, parts: Sequence[Told] = EVERYDAY) -> tuple[Told, ...]:
    """The same, none of which is due for months."""
    month = (time.localtime(now).tm_mon + 5) % 12 + 1
    return tuple(replace(part, rule={"cron": f"0 3 1 {month} *"}) for part in parts)


def write(services: Services, parts: Sequence[Told] = EVERYDAY, *, now: float) -> list[int]:
    """Keep the schedules, with their runs before `now`; returns their numbers."""
    return [_one(services, told, now) for told in parts]


def _one(services: Services, told: Told, now: float) -> int:
    kept = services.schedules.add({
        "name": told.name, "sources": told.sources, "enabled": not told.off, **told.rule
    })  # fmt: skip
    with services.store.write() as tx:
        found = schedules.sources_of(tx, kept.id)
        for n, source in enumerate(found):
            state, why = told.states[n] if n < len(told.states) else ("ok", "")
            gap = now - 30 * HOUR if told.gap and not n else None
            tx.execute(
                "UPDATE sources SET state = ?, why = ?, gap_since = ?, checks = 9, last_check_at = ?, last_new_at = ?"
                " WHERE id = ?",
                (state, why, gap, now - 5 * HOUR, now - 29 * HOUR, source.id),
            )
        for n, (state, found_items, new, failed, error) in enumerate(told.runs):
            began = now - (len(told.runs) - n) * 24 * HOUR + 20 * HOUR
            run_id = schedule_runs.open_run(tx, kept.id, began, RunKind.DUE, RunState.RUNNING, began)
            assert run_id is not None
            tx.execute(
                "UPDATE schedule_runs SET sources = ?, found = ?, new = ?, skipped = ?, failed = ?, size_bytes = ?"
                " WHERE id = ?",
                (len(found), found_items, new, found_items - new - failed, failed, new * 1_700_000, run_id),
            )
            if state is not RunState.RUNNING:
                schedule_runs.finish(tx, run_id, state, began + 75 + 3 * n, error=error)
    return kept.id
