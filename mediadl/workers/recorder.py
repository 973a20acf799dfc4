"""Writes what the runs of one loop turn found out: many facts, one durable transaction. Called by the supervisor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mediadl.events import Event, EventKind
from mediadl.models import Download, Item, ItemState, JobStatus
from mediadl.pipeline.facts import (
    AnsweredFact,
    DescribeFact,
    DocumentsFact,
    Fact,
    ItemFact,
    LinkedFact,
    RefusedFact,
    RememberFact,
    SettleFact,
    SourceOwnerFact,
    SourceSeenFact,
    StoredFact,
    ThreadReadFact,
    ThreadWalkedFact,
    TriedFact,
)
from mediadl.security.redact import redact_url
from mediadl.store import archive, downloads, improvements, items, jobs, journal, memory, sites, thread_posts
from mediadl.store.database import Connection, Database
from mediadl.workers import run_ends, source_records, thread_records, try_records


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement that was written."""

    fact: SettleFact
    accepted: bool
    """False: another worker has the job by now; nothing was changed."""
    work_is_done: bool = False
    """Its partial files are of no use any more; false also for a job that goes on or may yet come back."""


def record(
    database: Database, facts: list[Fact], last_rows: Sequence[jobs.ProgressRow], now: float
) -> list[Settled]:
    """Write all facts in their order, in one transaction; returns the settlements.

    `last_rows`: how far the runs got that end now.

    Raises:
        DatabaseUnusable, DiskFull: nothing was written.
    """
    settled: list[Settled] = []
    rows: dict[int, list[Item]] = {}
    events: list[Event] = []
    with database.write() as tx:
        jobs.progress(tx, last_rows)
        for fact in facts:
            match fact:
                case ItemFact():
                    _item_news(tx, fact, now)
                    rows.setdefault(fact.job.id, []).append(_item(fact))
                    events.extend(_item_event(fact))
                case StoredFact():
                    download_id = _stored(tx, fact, now)
                    source_records.stored(tx, fact, download_id)
                    rows.setdefault(fact.job.id, []).append(_stored_item(fact, download_id))
                    events.append(_stored_event(fact, download_id))
                case DescribeFact():
                    jobs.describe(tx, fact.job.id, fact.job.fence, **fact.fields)
                case RememberFact():
                    memory.put(tx, fact.job.platform, fact.job.url, fact.key, fact.value, now)
                case ThreadReadFact() | ThreadWalkedFact() | DocumentsFact() | LinkedFact():
                    _thread_news(tx, fact, now)
                case TriedFact() | RefusedFact() | AnsweredFact():
                    _site_news(tx, fact, now)
                case SourceSeenFact():
                    source_records.seen(tx, fact, now)
                case SourceOwnerFact():
                    source_records.owner(tx, fact, now)
                case SettleFact():
                    end = source_records.settled(tx, thread_records.settled(tx, fact, now), now)
                    accepted = _settle(tx, end, now)
                    settled.append(Settled(end, accepted, accepted and _work_is_done(tx, end)))
        for job_id, found in rows.items():
            items.put(tx, job_id, _last_state_only(found))
        journal.append(tx, events, now)
        run_ends.settled(tx, [one.fact.job.id for one in settled if one.accepted], now)
    return settled


def _item_news(tx: Connection, fact: ItemFact, now: float) -> None:
    is_known = fact.state is ItemState.SKIPPED and fact.reason == "archived"
    if fact.state is ItemState.SKIPPED and fact.item.aliases:
        archive.join(tx, fact.item.names, now)
    if fact.job.platform == thread_records.PLATFORM:
        thread_records.item_ended(tx, fact)
    if is_known:
        source_records.stored(tx, fact)


def _site_news(tx: Connection, fact: TriedFact | RefusedFact | AnsweredFact, now: float) -> None:
    match fact:
        case TriedFact():
            try_records.tried(tx, fact, now)
        case RefusedFact():
            sites.refused(tx, fact.job.site, fact.until, fact.error.kind, now)
        case AnsweredFact():
            sites.success(tx, fact.job.site, now)


def _thread_news(
    tx: Connection, fact: ThreadReadFact | ThreadWalkedFact | DocumentsFact | LinkedFact, now: float
) -> None:
    match fact:
        case ThreadReadFact():
            thread_records.page_read(tx, fact, now)
        case ThreadWalkedFact():
            thread_records.walked(tx, fact, now)
        case DocumentsFact():
            thread_records.documents_written(tx, fact)
        case LinkedFact():
            thread_records.link(tx, fact, now)


def _stored(tx: Connection, fact: StoredFact, now: float) -> int:
    item, file = fact.item, fact.file
    improved = _improved(tx, fact, now)
    if improved is not None:
        return improved
    download = Download(
        id=0,
        job_id=fact.job.id,
        identity=item.identity,
        platform=fact.job.platform,
        source=item.source,
        title=item.title,
        url=redact_url(item.page_url or fact.job.url),
        path=file.path,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        received_sha256=file.received_sha256,
        kind=file.media.kind,
        mime=file.media.mime,
        width=file.media.width,
        height=file.media.height,
        duration_s=file.media.duration_s,
        backend=fact.backend,
        posted_at=item.posted_at,
        stored_at=now,
    )
    download_id = downloads.add(tx, download)
    for identity in item.names:
        archive.add(tx, identity, download_id, now)
    if fact.job.platform == thread_records.PLATFORM:
        thread_posts.file_stored(tx, item.names)
    return download_id


def _improved(tx: Connection, fact: StoredFact, now: float) -> int | None:
    """Write down that a stored file was improved; None when the file is a new one."""
    wanted = fact.job.options.get("improve") or ()
    old = downloads.by_path(tx, fact.file.path) if wanted else None
    if old is None or old.id not in wanted:
        return None
    improvements.improve(tx, old.id, fact.file, fact.backend, now)
    for identity in fact.item.names:
        archive.add(tx, identity, old.id, now)
    return old.id


def _settle(tx: Connection, fact: SettleFact, now: float) -> bool:
    job = fact.job
    accepted = jobs.settle(
        tx,
        job.id,
        job.fence,
        fact.status,
        now=now,
        reason=fact.error.kind if fact.error else "",
        message=fact.message,
        not_before=fact.not_before,
        refund_attempt=fact.refund_attempt,
        lane=fact.lane,
        backend=fact.backend or None,
        tried=fact.tried,
        progress=100.0 if fact.status is JobStatus.COMPLETED or fact.fresh else None,
        wish=fact.wish,
        fresh=fact.fresh,
    )
    if not accepted:
        return False
    if fact.site_answered:
        sites.success(tx, job.site, now)
    if fact.cool_down_until is not None:
        sites.refused(tx, job.site, fact.cool_down_until, fact.error.kind if fact.error else "", now)
    return True


def _work_is_done(tx: Connection, fact: SettleFact) -> bool:
    if not fact.discard_work or fact.wish is None:
        return fact.discard_work
    # A removed job keeps its files until it is forgotten; one that was wanted back goes on with them
    return any(job.status is JobStatus.CANCELLED for job in jobs.get_many(tx, [fact.job.id]))


def _item(fact: ItemFact) -> Item:
    item = fact.item
    return Item(
        fact.job.id,
        item.n,
        item.identity,
        fact.state,
        item.title,
        item.size_bytes,
        fact.reason,
        fact.message,
        None,
    )


def _stored_item(fact: StoredFact, download_id: int) -> Item:
    name, size = Path(fact.file.path).name, fact.file.size_bytes
    return Item(
        fact.job.id, fact.item.n, fact.item.identity, ItemState.STORED, name, size, "", "", download_id
    )


def _last_state_only(found: list[Item]) -> list[Item]:
    return list({item.identity: item for item in found}.values())


def _item_event(fact: ItemFact) -> list[Event]:
    kinds = {ItemState.SKIPPED: EventKind.ITEM_SKIPPED, ItemState.FAILED: EventKind.ITEM_FAILED}
    if fact.state not in kinds:
        return []
    payload = {"n": fact.item.n, "title": fact.item.title, "reason": fact.reason, "message": fact.message}
    return [Event(kinds[fact.state], fact.job.id, payload)]


def _stored_event(fact: StoredFact, download_id: int) -> Event:
    payload = {
        "n": fact.item.n,
        "download_id": download_id,
        "path": fact.file.path,
        "size": fact.file.size_bytes,
        "sha256": fact.file.sha256,
    }
    return Event(EventKind.ITEM_STORED, fact.job.id, payload)
