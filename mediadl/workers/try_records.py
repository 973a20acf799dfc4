"""Writes down how backends did, and opens or closes their breakers. Called by the recorder, inside its transaction."""

from __future__ import annotations

import random

from mediadl.errors import from_dict
from mediadl.models import BackendTry
from mediadl.pipeline import breakers
from mediadl.pipeline.facts import TriedFact
from mediadl.store import jobs, tries
from mediadl.store.database import Connection

ANY_SITE = frozenset({"direct", "forum", "generic"})
"""Platforms that stand for any site: a page that is broken or empty says nothing about their backends."""

_DICE = random.Random()  # noqa: S311 - spreads probes, guards nothing


def tried(tx: Connection, fact: TriedFact, now: float) -> None:
    """A backend was asked."""
    job, news = fact.job, fact.tried
    error = from_dict(news.error) if news.error else None
    tries.note(
        tx,
        job.platform,
        job.site,
        news.backend,
        job.content_type,
        BackendTry(
            now,
            error.kind if error else "",
            error.message[:300] if error else "",
            news.logged_in,
            news.answer_s,
            news.took_s,
            news.items,
        ),
    )
    account = news.account if news.logged_in else ""
    before = tries.breaker(tx, job.site, news.backend, account)
    if error is None:
        after = breakers.succeeded()
    elif error.kind == "rate_limited" and not news.went_on:
        after = before  # it ended the job: the whole site rests
    else:
        after = breakers.failed(
            before,
            error,
            logged_in=news.logged_in,
            made_for_site=job.platform not in ANY_SITE,
            now=now,
            jitter=_DICE,
        )
    if after != before:
        tries.put_breaker(tx, job.platform, job.site, news.backend, account, after)
    if error is None and before.open_until is not None:
        # The probe went well: whoever waited for this way need not wait for its time
        jobs.wake(tx, site=job.site, reason="site_rests")
