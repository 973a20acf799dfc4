"""The JSON form of figures. CLI and API print these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mediadl.models import Amount, DayAmount, MediaKind, SiteHealth
from mediadl.service import records
from mediadl.service.stats import Overview, Space


def amount(found: Amount) -> dict[str, int]:
    """So many files, so many bytes."""
    return {"files": found.files, "size": found.size_bytes}


def overview(found: Overview, *, daemon: bool) -> dict[str, Any]:
    """The few figures that say how everything is doing."""
    ended = found.outcomes
    return {
        "today": amount(found.today),
        "days_7": amount(found.week),
        "days_30": amount(found.month),
        "stored": amount(found.stored),
        "queue": records.counts(found.counts),
        "ended_30_days": {
            "completed": ended.completed,
            "failed": ended.failed,
            "cancelled": ended.cancelled,
            "success": None if ended.success is None else round(ended.success, 4),
        },
        "folder": found.space.folder if found.space else None,
        "free": found.space.free_bytes if found.space else None,
        "next_at": records.iso(found.next_job.not_before) if found.next_job else None,
        "next_id": found.next_job.id if found.next_job else None,
        "daemon": daemon,
    }


def day(found: DayAmount) -> dict[str, Any]:
    """What one local day brought."""
    return {"day": found.day.isoformat(), "files": found.files, "size": found.size_bytes}


def source(name: str, platform: str, found: Amount) -> dict[str, Any]:
    """What a source brought."""
    return {"source": name, "platform": platform, **amount(found)}


def storage(stored: Amount, kinds: Iterable[tuple[MediaKind, Amount]], space: Space | None) -> dict[str, Any]:
    """What the stored files take, and what is free."""
    return {
        **amount(stored),
        "kinds": {kind.value: amount(one) for kind, one in kinds},
        "folder": space.folder if space else None,
        "free": space.free_bytes if space else None,
        "total": space.total_bytes if space else None,
    }


def health(one: SiteHealth) -> dict[str, Any]:
    """How a site answers."""
    return {
        "site": one.site,
        "platform": one.platform,
        "health": one.health.value,
        "failures": one.failures,
        "reason": one.reason,
        "message": one.message,
        "next_step": records.next_step(one.reason),
        "last_success_at": records.iso(one.last_success_at),
        "last_failure_at": records.iso(one.last_failure_at),
        "cooldown_until": records.iso(one.cooldown_until),
    }
