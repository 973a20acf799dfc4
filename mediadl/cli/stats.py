"""`mediadl stats`: how much came when, from where, how jobs end, how sites answer."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Annotated

import typer

from mediadl.cli import output
from mediadl.cli.options import Json
from mediadl.models import Amount, JobStatus, SiteHealth
from mediadl.service import open_services, stats_records
from mediadl.service.stats import MONTH_DAYS, MOST_DAYS
from mediadl.widgets.amounts import count, size

stats = typer.Typer(no_args_is_help=True)

Days = Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How many local days, today included.")]


@stats.command()
def overview(json: Json = False) -> None:
    """The few figures that say how everything is doing."""
    with open_services() as services:
        found = services.stats.overview()
        daemon = services.daemon.status().running
    ended = found.outcomes
    if json:
        output.record(stats_records.overview(found, daemon=daemon))
        return
    by_status = found.counts.by_status
    waiting = ", ".join(f"{count(by_status[s])} {s}" for s in JobStatus if by_status.get(s))
    rate = (
        ""
        if ended.success is None
        else f"{100 * ended.success:.0f}% of {ended.completed + ended.failed} jobs"
    )
    output.facts(
        [
            ("today", _words(found.today)),
            ("last 7 days", _words(found.week)),
            ("last 30 days", _words(found.month)),
            ("stored", _words(found.stored)),
            ("free", f"{size(found.space.free_bytes)} in {found.space.folder}" if found.space else ""),
            ("queue", waiting or "empty"),
            (
                "succeeded",
                f"{rate} that ended in the last {MONTH_DAYS} days, cancelled ones aside" if rate else "",
            ),
            ("next start", output.local(found.next_job.not_before) if found.next_job else ""),
            ("daemon", "running" if daemon else "not running"),
        ]
    )


@stats.command()
def timeline(days: Days = 14, json: Json = False) -> None:
    """Files and bytes of each local day."""
    with open_services() as services:
        found = services.stats.timeline(days)
    if json:
        output.records(stats_records.day(one) for one in found)
        return
    output.table(
        ["Day", "Files", "Size"],
        [(one.day.isoformat(), count(one.files), size(one.size_bytes)) for one in found],
        numbers=(1, 2),
    )


@stats.command()
def platforms(json: Json = False) -> None:
    """What each platform brought, and how its sites answer."""
    with open_services() as services:
        amounts = services.stats.by_platform()
        health = services.stats.health()
    if json:
        output.records({"platform": name, **stats_records.amount(one)} for name, one in amounts)
        output.records(stats_records.health(one) for one in health)
        return
    _amounts("Platform", ((name, amount) for name, amount in amounts))
    if health:
        output.data("")
    output.table(
        ["Site", "State", "Errors", "Last success", "Why"],
        [
            (one.site, one.health, one.failures or "", output.local(one.last_success_at), _why(one))
            for one in health
        ],
        numbers=(2,),
    )


@stats.command()
def sources(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most rows.")] = 20, json: Json = False
) -> None:
    """The accounts, channels and hosts that brought most."""
    with open_services() as services:
        found = services.stats.by_source(limit)
    if json:
        output.records(stats_records.source(*one) for one in found)
        return
    output.table(
        ["Source", "Platform", "Files", "Size"],
        [(source, name, count(amount.files), size(amount.size_bytes)) for source, name, amount in found],
        numbers=(2, 3),
    )


@stats.command()
def storage(json: Json = False) -> None:
    """What the stored files take, by kind, and what is free."""
    with open_services() as services:
        kinds = services.stats.by_kind()
        stored = services.stats.stored()
        space = services.stats.space()
    if json:
        output.record(stats_records.storage(stored, kinds, space))
        return
    _amounts("Kind", [*((kind.value, amount) for kind, amount in kinds), ("together", stored)])
    if space is not None:
        output.say(f"{size(space.free_bytes)} of {size(space.total_bytes)} free in {space.folder}")


def _amounts(title: str, rows: Iterable[tuple[str, Amount]]) -> None:
    output.table(
        [title, "Files", "Size"],
        [(name, count(amount.files), size(amount.size_bytes)) for name, amount in rows],
        numbers=(1, 2),
    )


def _words(amount: Amount) -> str:
    return f"{count(amount.files)} files, {size(amount.size_bytes)}" if amount.files else "nothing"


def _why(one: SiteHealth) -> str:
    rest = (
        f"rests until {output.local(one.cooldown_until)}" if (one.cooldown_until or 0) > time.time() else ""
    )
    return "; ".join(part for part in (one.reason, one.message, rest) if part)
