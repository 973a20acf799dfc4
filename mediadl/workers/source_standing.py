"""How a source is after a check: fine, private, gone, closed by its site. Part of `source_records`."""

from __future__ import annotations

import re

from mediadl.models import JobStatus
from mediadl.models.schedules import Source, SourceState
from mediadl.pipeline.facts import SettleFact
from mediadl.store import source_posts, sources
from mediadl.store.database import Connection

GONE_AFTER = 2
"""So many checks in a row must not find a source before it counts as gone: sites err."""

_CLOSED = re.compile(r"\b(?:terminated|suspended|banned)\b", re.IGNORECASE)
_LOST = frozenset({SourceState.GONE, SourceState.TERMINATED})


def judge(
    tx: Connection, source: Source, fact: SettleFact, *, answered: bool, new: int, now: float
) -> list[str]:
    """Note how it is after a check that came to its end; returns what there is to say about it.

    `answered`: its list was walked; `new`: files that were stored.
    """
    if answered or fact.status is JobStatus.COMPLETED:
        return _is_there(tx, source, new=new, now=now)
    if fact.status is not JobStatus.FAILED or fact.error is None:
        return []
    why = fact.error.message
    if fact.error.kind == "private":
        sources.set_state(tx, source.id, SourceState.PRIVATE, why, now)
    elif fact.error.kind == "not_found" and sources.absent(tx, source.id, why) >= GONE_AFTER:
        state = SourceState.TERMINATED if _CLOSED.search(why) else SourceState.GONE
        sources.set_state(tx, source.id, state, why, now)
        source_posts.mark_all(tx, source.id, now)
        if source.state not in _LOST:
            return ["not found twice: what is kept is the only copy, and it is looked for once a month"]
    return []


def _is_there(tx: Connection, source: Source, *, new: int, now: float) -> list[str]:
    if source.state is SourceState.SILENT and not new:
        return []
    if source.state is not SourceState.OK or source.absent:
        sources.set_state(tx, source.id, SourceState.OK, "", now)
    if source.state not in _LOST:
        return []
    source_posts.unmark_all(tx, source.id)
    return ["it is back"]
