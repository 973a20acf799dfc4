"""Writes down what runs found out about forum threads, and decides at the end of a check when the next one is.

Called by the recorder, inside its transaction.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from mediadl.errors import KINDS, Action, MediadlError
from mediadl.logs import get_logger
from mediadl.models import ItemState, Job, JobRequest, JobStatus, LinkedJob, Thread, WatchState
from mediadl.modules import registry
from mediadl.modules.base import Target
from mediadl.pipeline import watching
from mediadl.pipeline.facts import (
    DocumentsFact,
    ItemFact,
    LinkedFact,
    SettleFact,
    ThreadReadFact,
    ThreadWalkedFact,
)
from mediadl.security.text import safe_text
from mediadl.security.urls import is_private_host, refuse_led_astray, refuse_private_host
from mediadl.store import jobs, thread_posts, threads
from mediadl.store.database import Connection

PLATFORM = "forum"
EXPIRE_DAYS = 30.0
_INHERITED = ("out", "name", "quality", "since", "until", "force")
"""Options that a job found in another one takes over from it."""
_NOT_THE_FILE = frozenset(
    {
        "login_needed",
        "rate_limited",
        "challenge",
        "disk_full",
        "not_writable",
        "network",
        "proxy",
        "interrupted",
    }
)
"""Failures that say nothing of the file itself."""

_log = get_logger("threads")


def page_read(tx: Connection, fact: ThreadReadFact, now: float) -> None:
    """Keep a page: address, posts, files."""
    key = threads.put(tx, fact.job.url, fact.job.site, fact.job.id, fact.page, now)
    threads.add_news(tx, key, thread_posts.put(tx, key, fact.page, now), now)


def walked(tx: Connection, fact: ThreadWalkedFact, now: float) -> None:
    """Note that a check came to its end, and the posts that vanished."""
    threads.walked(tx, fact.job.url, full=fact.full, last_page=fact.last_page, now=now)
    thread = threads.at(tx, fact.job.url)
    if thread is not None:
        thread_posts.mark_gone(tx, thread.id, fact.gone, now)


def item_ended(tx: Connection, fact: ItemFact) -> None:
    """Note what became of a file of a thread. One that could not be had is asked for again, but not for ever."""
    if fact.state is ItemState.SKIPPED and fact.reason == "archived":
        thread_posts.file_stored(tx, fact.item.names)
    if fact.state is not ItemState.FAILED:
        return
    thread = threads.at(tx, fact.job.url)
    if thread is not None:
        stops = KINDS.get(fact.reason, KINDS["unknown"]).action is Action.STOP or fact.reason == "not_media"
        thread_posts.file_failed(
            tx, thread.id, fact.item.identity, for_good=stops, counts=fact.reason not in _NOT_THE_FILE
        )


def documents_written(tx: Connection, fact: DocumentsFact) -> None:
    """Note what is on the disk."""
    thread = threads.at(tx, fact.job.url)
    if thread is not None:
        thread_posts.written(tx, thread.id, fact.posts)
        if fact.folder:
            threads.set_folder(tx, thread.id, fact.folder)


def link(tx: Connection, fact: LinkedFact, now: float) -> None:
    """Make a job of an address found in another one, once."""
    parent, found = fact.job, fact.link
    if threads.is_linked(tx, parent.id, found.url):
        return
    try:
        target = registry.match(found.url, found.platform or None, found.content_type or None)
        if parent.trusted:
            refuse_led_astray(_host(target.url), _host(parent.url))
        else:
            refuse_private_host(_host(target.url))
    except MediadlError as error:
        _log.info("a link was left out: %s", error.message, extra={"job": parent.id})
        return
    # As it was asked for: what the settings say beneath it may be another by the time the new job runs
    asked = jobs.get(tx, parent.id).options
    (job_id,) = jobs.add(
        tx, [_request(parent, asked, target, found)], max_attempts=parent.max_attempts, now=now
    )
    context = json.dumps(found.context, ensure_ascii=False)
    threads.link(tx, parent.id, found.url, job_id, context, fence=parent.fence)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _request(parent: Job, asked: dict[str, Any], target: Target, found: LinkedJob) -> JobRequest:
    options = {name: asked[name] for name in _INHERITED if name in asked}
    if target.module == parent.platform:
        # A thread of a board is treated as the board was asked to be; none is watched without being asked for
        options = {name: value for name, value in asked.items() if name != "watch"}
    return JobRequest(
        url=target.url,
        platform=target.module,
        site=target.site,
        lane=target.lane,
        content_type=target.content_type,
        title=safe_text(found.title or target.title),
        priority=parent.priority,
        options=options,
        # Strangers write links: what they lead to is guarded unless the forum itself is at home here
        trusted=parent.trusted and (target.site == parent.site or is_private_host(_host(parent.url))),
        owner_id=parent.owner_id,
    )


def known(connection: Connection, job: Job, now: float) -> dict[str, Any]:
    """What the next check of a job's thread has to know, JSON-safe; empty for a thread that was never read."""
    found = threads.memory_of(connection, job.url)
    thread = threads.at(connection, job.url) if found else None
    if thread is None:
        return {}
    if job.options.get("force"):
        # Everything is wanted again: the thread is read as if for the first time, under its old title
        return {**found, "posts": {}, "pages": [], "full": True, "owed": []}
    full = watching.full_is_due(thread.checks, thread.last_full_at, now)
    return {**found, "full": full, "owed": thread_posts.owed(connection, thread.id)}


def settled(tx: Connection, fact: SettleFact, now: float) -> SettleFact:
    """The settlement with what it means for the thread: words for people, and the time of the next check."""
    job = fact.job
    if job.platform != PLATFORM or fact.wish is not None:
        return fact
    linked = threads.linked_by(tx, job.id, job.fence)
    thread = threads.at(tx, job.url)
    if fact.status not in {JobStatus.COMPLETED, JobStatus.FAILED} or thread is None:
        if thread is not None and fact.status is JobStatus.WAITING:
            threads.waits(tx, thread.id, fact.message, fact.not_before)
        words = _count(linked, "linked job") + " added" if linked else ""
        return replace(fact, message="; ".join(filter(None, (fact.message, words))))
    words = _summary(fact, threads.news(tx, thread.id), linked, thread_posts.lost(tx, thread.id))
    # What the user wants by now, and not when the run began
    options = job.options | jobs.get(tx, job.id).options
    if not options.get("watch"):
        if fact.status is JobStatus.COMPLETED:
            _note(tx, thread, WatchState.KNOWN, words, now)
        return replace(fact, message=words)
    return _watched(tx, fact, thread, words, options, now)


def _watched(
    tx: Connection, fact: SettleFact, thread: Thread, words: str, options: dict[str, object], now: float
) -> SettleFact:
    failed = fact.status is JobStatus.FAILED and not fact.walked
    if failed and fact.error is not None and fact.error.kind == "not_found":
        return _ended(tx, fact, thread, "the thread is gone: no longer watched", now, None)
    found = threads.figures(tx, thread.id, now)
    fruitless = not failed and threads.news(tx, thread.id) == 0
    empty = thread.empty_checks + 1 if fruitless else (thread.empty_checks if failed else 0)
    plan = watching.plan(
        watching.Habits(found.posts_30d, found.span_s, found.newest_at, empty),
        now,
        since=thread.created_at,
        seed=f"{thread.url} {thread.checks + thread.failures}",
        expire_days=_number(options.get("expire_days"), EXPIRE_DAYS),
        fixed_s=_number(options.get("check_every_h"), 0.0) * 3600.0,
        failures=thread.failures + 1 if failed else 0,
    )
    if plan.next_at is None:
        return _ended(tx, fact, thread, f"{words}; {plan.ended}", now, plan.expires_at, why=plan.ended)
    _note(tx, thread, WatchState.WATCHED, words, now, plan=plan, failed=failed)
    return replace(
        fact,
        status=JobStatus.SCHEDULED,
        error=None,
        message=f"{words}; next check {local(plan.next_at)}",
        not_before=plan.next_at,
        fresh=True,
        discard_work=True,
    )


def _ended(
    tx: Connection,
    fact: SettleFact,
    thread: Thread,
    words: str,
    now: float,
    expired: float | None,
    why: str = "",
) -> SettleFact:
    threads.checked(
        tx, thread.id, state=WatchState.ENDED, why=why or words, now=now, failed=False, next_check_at=None,
        expires_at=expired,
    )  # fmt: skip
    return replace(
        fact, status=JobStatus.COMPLETED, error=None, message=words, not_before=None, discard_work=True
    )


def _note(
    tx: Connection,
    thread: Thread,
    state: WatchState,
    words: str,
    now: float,
    *,
    plan: watching.Plan | None = None,
    failed: bool = False,
) -> None:
    threads.checked(
        tx, thread.id, state=state, why=words, now=now, failed=failed, next_check_at=plan.next_at if plan else None,
        expires_at=plan.expires_at if plan else None,
    )  # fmt: skip


def local(at: float) -> str:
    """A moment as people here read it, to the minute."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def _summary(fact: SettleFact, news: int, linked: int, lost: int) -> str:
    """What a check brought, in words; the error comes first."""
    words = [_count(news, "new or changed post") if news else "no new posts"]
    if fact.stored:
        words.append(_count(fact.stored, "file") + " stored")
    if linked:
        words.append(_count(linked, "linked job") + " added")
    words.append(_count(fact.pages, "page") + " read")
    if lost:
        words.append(_count(lost, "file") + " could not be had")
    told = ", ".join(words)
    return f"{fact.error.message}; {told}" if fact.error is not None else told


def _count(count: int, word: str) -> str:
    return f"1 {word}" if count == 1 else f"{count} {word}s"


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else default
