"""Which jobs a run of a schedule needs for a source: what is new, what it had before, or none for now."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mediadl.errors import MediadlError
from mediadl.models.schedules import RunKind, Source, SourceState, Walk
from mediadl.modules import registry
from mediadl.settings.schedule import Backfill
from mediadl.store import sources
from mediadl.store.database import Connection

_DAY_S = 86_400.0
_RESTS_S = {
    SourceState.PRIVATE: 7 * _DAY_S,
    SourceState.GONE: 30 * _DAY_S,
    SourceState.TERMINATED: 30 * _DAY_S,
    SourceState.SILENT: 30 * _DAY_S,
}
"""So long a source that gives nothing is left alone."""


def walks_for(
    tx: Connection, source: Source, spec: Mapping[str, Any], kind: RunKind, *, now: float | None = None
) -> list[tuple[Walk, dict[str, Any]]]:
    """Which jobs a run of a schedule needs for a source, with the options that each adds to the schedule's own.

    None for one that gives nothing and was looked at lately, unless someone asked for it. A back-fill's job is meant
    to have a low priority. `spec`: the fields of `ScheduleSpec`.
    """
    now = time.time() if now is None else now
    source = _as_silent_as_it_is(tx, source, spec, now)
    rest_s = _RESTS_S.get(source.state)
    if rest_s is not None and kind is RunKind.DUE and now < (source.last_check_at or 0.0) + rest_s:
        return []
    most = 0 if kind is RunKind.GAP else int(spec.get("max_items") or 0)
    walks: list[tuple[Walk, dict[str, Any]]] = [(Walk.KEEP_UP, {"max_items": most} if most else {})]
    wanted = spec.get("backfill", Backfill.ALL) == Backfill.ALL and not _keeps_own_place(source)
    sources.want_backfill(tx, source.id, wanted=wanted)
    if wanted and source.backfilled_at is None and kind is not RunKind.GAP:
        part = int(spec.get("backfill_items") or 0)
        walks.append((Walk.BACKFILL, {"max_items": part} if part else {}))
    return walks


def _as_silent_as_it_is(tx: Connection, source: Source, spec: Mapping[str, Any], now: float) -> Source:
    """The source, called silent when it posted nothing for as many days as the schedule says."""
    days = int(spec.get("dead_after_days") or 0)
    heard_at = max(source.newest_at or 0.0, source.last_new_at or 0.0) or source.created_at
    is_silent = bool(days) and source.complete_at is not None and now - heard_at > days * _DAY_S
    if is_silent and source.state is SourceState.OK:
        sources.set_state(tx, source.id, SourceState.SILENT, f"nothing posted for {days} days", now)
    elif not is_silent and source.state is SourceState.SILENT:
        sources.set_state(tx, source.id, SourceState.OK, "", now)
    return sources.get(tx, source.id)


def _keeps_own_place(source: Source) -> bool:
    try:
        return registry.module(source.platform).keeps_own_place
    except MediadlError:
        return False
