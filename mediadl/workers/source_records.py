"""Writes down what runs found out about sources: how far each was read, who it is, what is missing.

Called by the recorder inside its transaction. The cursor moves only when a walk reached what was known, or the end of
the list, and nothing wanted is missing that another check may bring: so whatever stops a run, the next one walks on to
the old head, and what was fetched meanwhile is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mediadl.errors import InvalidInput, MediadlError
from mediadl.logs import get_logger
from mediadl.models import ENDED_STATUSES, Job, JobStatus, Lane
from mediadl.models.schedules import Source, Walk
from mediadl.modules import registry
from mediadl.pipeline.facts import (
    ItemFact,
    SettleFact,
    SourceNews,
    SourceOwnerFact,
    SourceSeenFact,
    StoredFact,
)
from mediadl.pipeline.frontier import post_of, without
from mediadl.store import improvements, items, jobs, memory, source_posts, sources
from mediadl.store.database import Connection
from mediadl.store.source_posts import Debt
from mediadl.workers import source_standing
from mediadl.workers.source_walks import walks_for

__all__ = ["known", "owner", "seen", "settled", "stored", "walks_for"]

OPTION = "subscription"
"""The option that says which source a job reads, for which run, and how."""

MOST_CHECKS = 5
"""So many checks in a row an item that cannot be had keeps the cursor back."""

_THOROUGH_EVERY = 5
"""So often a check looks a little further, for what vanished."""

_log = get_logger("sources")


def known(connection: Connection, job: Job) -> dict[str, Any] | None:
    """What the runner of a subscription's job has to know of its source, JSON-safe; None: nothing."""
    source = _source(connection, job)
    if source is None or _keeps_own_place(job):
        return None
    walk = _walk(job)
    return {
        "owner_id": source.owner_id,
        "names": [source.name, *source.former_names],
        "folder": source.folder,
        "head": [*source.head],
        "floor_at": source.floor_at,
        "first": source.complete_at is None,
        "thorough": source.checks % _THOROUGH_EVERY == 0,
        "walk": walk.value,
        "passed": source_posts.passed(connection, source.id, all_wanted=walk is Walk.BACKFILL),
    }


def seen(tx: Connection, fact: SourceSeenFact, now: float) -> None:
    """Note posts that came by."""
    source_id = _source_id(fact.job)
    source_posts.seen(tx, source_id, fact.posts, walk=_mark(fact.job), now=now)


def owner(tx: Connection, fact: SourceOwnerFact, now: float) -> None:
    """Note who posts there. Under a new name the source gets another address; folder and files stay."""
    source = _source(tx, fact.job)
    if source is None or source.owner_id not in {"", fact.owner_id}:
        return
    if (source.owner_id, source.name) == (fact.owner_id, fact.name):
        return
    sources.owned(tx, source.id, fact.owner_id, fact.name, now)
    if source.owner_id and source.name.lower() != fact.name.lower():
        _log.info("%s calls itself %s now", source.name, fact.name)
        address = _address_under(source, fact.name)
        if address and sources.moved(tx, source.id, address):
            memory.move(tx, source.platform, source.url, address)
        source_posts.renamed(tx, source.id, (source.name, *source.former_names), fact.name)


def stored(tx: Connection, fact: ItemFact | StoredFact, download_id: int | None = None) -> None:
    """Note that a file of one of its posts is there, just stored or (without a number) from before."""
    if OPTION not in fact.job.options:
        return
    post = post_of(fact.item, fact.job.content_type)
    found = improvements.owners(tx, fact.item.names) if download_id is None else {download_id}
    for one in found:
        source_posts.file_of(tx, _source_id(fact.job), post, one)


def settled(tx: Connection, fact: SettleFact, now: float) -> SettleFact:
    """The settlement with what it means for the source in words; moves the cursor when it may."""
    news = fact.source
    source = _source(tx, fact.job) if news is not None else None
    if news is None or source is None or not _is_latest(tx, fact.job):
        return fact
    _note_done(tx, source, fact.job, news)
    keeps_up = _walk(fact.job) is Walk.KEEP_UP
    words = (_kept_up if keeps_up else _backfilled)(tx, fact, news, source, now)
    message = "; ".join(filter(None, (fact.message, *words)))
    return replace(fact, message=message)


def _kept_up(tx: Connection, fact: SettleFact, news: SourceNews, source: Source, now: float) -> Sequence[str]:
    """A walk from the newest posts came to an end, for now or for good."""
    complete = _is_complete(fact, news)
    if not complete:
        sources.open_gap(tx, source.id, now)
    if fact.status not in ENDED_STATUSES:
        return ()
    words = [] if complete or source.complete_at is None else [_why_incomplete(news)]
    gone = _note_missing(tx, source, fact.job, news, now)
    if complete:
        words += _move_on(tx, source, news, gone, now)
    brought = max(fact.stored, len(items.stored(tx, fact.job.id)))
    if fact.status is not JobStatus.CANCELLED:
        failed = fact.status is JobStatus.FAILED and not complete
        sources.checked(tx, source.id, new=brought, failed=failed, now=now)
    words += source_standing.judge(tx, source, fact, answered=news.walked is not None, new=brought, now=now)
    vanished = source_posts.vanished(tx, source.id, now)
    if vanished:
        words.append(f"{_count(vanished, 'post')} not there any more: what is kept is the only copy")
    return words


def _move_on(tx: Connection, source: Source, news: SourceNews, gone: set[str], now: float) -> list[str]:
    """Everything that is new came by: the cursor moves, unless something is missing that may yet come."""
    owed = source_posts.owe(tx, source.id, Walk.KEEP_UP.value, _debts(news), most_checks=MOST_CHECKS)
    if owed.waiting:
        sources.close_gap(tx, source.id)
    else:
        walked = news.walked
        head = without(walked.head, gone) if walked is not None else ()
        sources.advance(tx, source.id, head, walked.floor_at if walked is not None else None, now)
        source_posts.forgive(tx, source.id, Walk.KEEP_UP.value)
    return _given_up(owed.given_up)


def _backfilled(
    tx: Connection, fact: SettleFact, news: SourceNews, source: Source, now: float
) -> Sequence[str]:
    """A walk through everything came to an end."""
    if fact.status not in ENDED_STATUSES:
        return ()
    _note_missing(tx, source, fact.job, news, now)
    if not _is_complete(fact, news):
        return ["older items are left for the next run"] if news.cut else []
    owed = source_posts.owe(tx, source.id, Walk.BACKFILL.value, _debts(news), most_checks=MOST_CHECKS)
    words = _given_up(owed.given_up)
    if not owed.waiting:
        sources.backfilled(tx, source.id, now)
        source_posts.want_all(tx, source.id)
        source_posts.forgive(tx, source.id, Walk.BACKFILL.value)
        words.append("everything older is there")
    return words


def _note_done(tx: Connection, source: Source, job: Job, news: SourceNews) -> None:
    """Posts of which everything is there need not be looked into again."""
    if news.walked is not None:
        unclear = bool(news.cut) or any(not one.post for one in news.missing)
        but = [news.cut, *(one.post for one in news.missing)]
        source_posts.done(tx, source.id, _mark(job), but=but, with_files=unclear)


def _note_missing(tx: Connection, source: Source, job: Job, news: SourceNews, now: float) -> set[str]:
    """Note which posts are gone; returns those of the head that are, by now."""
    if news.walked is None:
        return set()
    if news.walked.full and not news.cut:
        source_posts.not_in(tx, source.id, _mark(job), now)
    return source_posts.missed(tx, source.id, news.walked.missing, now)


def _is_complete(fact: SettleFact, news: SourceNews) -> bool:
    """Whether everything that is new came by."""
    if news.walked is None:
        unwatched = fact.job.lane is Lane.TRANSFER or _keeps_own_place(fact.job)
        return unwatched and fact.status is JobStatus.COMPLETED
    return news.walked.complete and not news.cut


def _why_incomplete(news: SourceNews) -> str:
    if news.cut:
        return "there is more than one run may take: the next one goes on"
    return "stopped before everything known was reached: the next run goes on"


def _debts(news: SourceNews) -> list[Debt]:
    return [Debt(one.item, one.title) for one in news.missing]


def _given_up(titles: Sequence[str]) -> list[str]:
    return [f"given up after {MOST_CHECKS} checks: {', '.join(titles)}"] if titles else []


def _address_under(source: Source, name: str) -> str:
    """Where the account is under another name; empty when its address does not come from its name."""
    try:
        module = registry.module(source.platform)
        if module.alias(source.name, source.content_type).url != source.url:
            return ""
        return module.alias(name, source.content_type).url
    except InvalidInput:
        return ""


def _keeps_own_place(job: Job) -> bool:
    try:
        return registry.module(job.platform).keeps_own_place
    except MediadlError:
        return False


def _is_latest(tx: Connection, job: Job) -> bool:
    """Whether no other worker has the job by now."""
    return any(one.fence == job.fence for one in jobs.get_many(tx, [job.id]))


def _source(connection: Connection, job: Job) -> Source | None:
    return next(iter(sources.get_many(connection, [_source_id(job)])), None)


def _source_id(job: Job) -> int:
    told = job.options.get(OPTION)
    return int(told.get("source") or 0) if isinstance(told, dict) else 0


def _walk(job: Job) -> Walk:
    told = job.options.get(OPTION)
    return Walk(told.get("walk") or Walk.KEEP_UP) if isinstance(told, dict) else Walk.KEEP_UP


def _mark(job: Job) -> str:
    """Names one walk."""
    return f"{job.id}.{job.fence}"


def _count(number: int, word: str) -> str:
    return f"1 {word} is" if number == 1 else f"{number} {word}s are"
