"""Asks for better versions of stored files: those a person names, or the small pictures worth a try today."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediadl.models import Download

if TYPE_CHECKING:
    from mediadl.service import Services


@dataclass(frozen=True, slots=True)
class Improving:
    """What became of it."""

    job_ids: tuple[int, ...]
    """The jobs that look; none yet when it was only asked what would be done."""
    files: tuple[Download, ...]
    """Whose better versions are looked for."""
    refusals: tuple[tuple[int, str], ...]
    """Those that are left out, as (number of the file, why)."""


def improve(services: Services, ids: Sequence[int] | None, *, dry_run: bool) -> Improving:
    """See `HistoryService.improve`."""
    from mediadl.workers import improver

    settings = services.settings.values()
    connection = services.store.read()
    now = time.time()
    if ids is None:
        ids = improver.candidates(connection, improver.rest_of_day(connection, settings, now), now)
    order = improver.plan(connection, settings, ids)
    refusals = tuple((one.download_id, one.why) for one in order.left)
    if dry_run or not ids:
        return Improving((), order.files, refusals)
    job_ids = improver.queue(services.store, order, settings, now)
    if job_ids:
        services.daemon.ensure()
    return Improving(tuple(job_ids), order.files, refusals)
