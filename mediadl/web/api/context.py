"""What every route gets: who asks, and the services in their name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query, Request

from mediadl.security.permissions import Caller, Right
from mediadl.service import Services, records
from mediadl.web.api.bodies import LARGEST

if TYPE_CHECKING:
    from mediadl.models import Download
    from mediadl.web.api.callers import Access
    from mediadl.web.api.hub import Hub
    from mediadl.web.api.log_feed import LogFeed
    from mediadl.web.api.measures import Measures


@dataclass(frozen=True, slots=True)
class Api:
    """What lives as long as the server."""

    services: Services
    access: Access
    hub: Hub
    log_feed: LogFeed
    measures: Measures


@dataclass(frozen=True, slots=True)
class Asking:
    """One request's caller, and the services in their name."""

    caller: Caller
    services: Services
    address: str


def api_of(request: Request) -> Api:
    """What lives as long as the server."""
    found: Api = request.app.state.api
    return found


def _asking(request: Request) -> Asking:
    """Who asks; runs in the thread pool, as the routes do."""
    api = api_of(request)
    caller = api.access.admit(request)
    return Asking(caller, api.services.acting_as(caller), caller.address)


Asks = Annotated[Asking, Depends(_asking)]
"""A caller who is known; what they may, the services decide."""

Offset = Annotated[int, Query(ge=0, le=LARGEST, description="Rows to leave out at the beginning.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Most rows.")]


def page(rows: list[dict[str, Any]], total: int, offset: int, limit: int) -> dict[str, Any]:
    """A window of a list."""
    return {"total": total, "offset": offset, "limit": limit, "items": rows}


def download_record(asking: Asking) -> Callable[[Download], dict[str, Any]]:
    """The record of a stored file; where on the disk it lies is for those who see the settings."""
    if asking.caller.may(Right.SETTINGS):
        return records.download
    folder = Path(asking.services.settings.brief().directory).expanduser().absolute()

    def told(found: Download) -> dict[str, Any]:
        path = Path(found.path)
        inside = path.is_relative_to(folder)
        return records.download(found) | {"path": str(path.relative_to(folder)) if inside else path.name}

    return told
