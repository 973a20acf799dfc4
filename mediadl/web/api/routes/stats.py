"""`/api/v1/stats`: figures, as `mediadl stats` has them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from mediadl.security.permissions import Right
from mediadl.service import stats_records
from mediadl.service.stats import MOST_DAYS
from mediadl.web.api.context import Asking, Asks

router = APIRouter(prefix="/api/v1/stats", tags=["stats"])


@router.get("/overview")
def overview(asks: Asks) -> dict[str, Any]:
    """The few figures that say how everything is doing."""
    running = asks.services.daemon.status().running
    return _told(asks, stats_records.overview(asks.services.stats.overview(), daemon=running))


@router.get("/timeline")
def timeline(
    asks: Asks,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS, description="How many local days, today included.")] = 14,
) -> list[dict[str, Any]]:
    """Files and bytes of each local day."""
    return [stats_records.day(one) for one in asks.services.stats.timeline(days)]


@router.get("/platforms")
def platforms(asks: Asks) -> dict[str, Any]:
    """What each platform brought, and how its sites answer."""
    return {
        "platforms": [
            {"platform": name, **stats_records.amount(one)} for name, one in asks.services.stats.by_platform()
        ],
        "sites": [stats_records.health(one) for one in asks.services.stats.health()],
    }


@router.get("/sources")
def sources(
    asks: Asks, limit: Annotated[int, Query(ge=1, le=1000, description="Most rows.")] = 20
) -> list[dict[str, Any]]:
    """The accounts, channels and hosts that brought most."""
    return [stats_records.source(*one) for one in asks.services.stats.by_source(limit)]


@router.get("/storage")
def storage(asks: Asks) -> dict[str, Any]:
    """What the stored files take, by kind, and what is free."""
    found = asks.services.stats
    return _told(asks, stats_records.storage(found.stored(), found.by_kind(), found.space()))


def _told(asks: Asking, record: dict[str, Any]) -> dict[str, Any]:
    """Where on the disk files lie is for those who see the settings."""
    return record if asks.caller.may(Right.SETTINGS) else record | {"folder": None}
