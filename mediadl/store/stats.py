"""Figures of the whole program, read from counters that triggers keep: quick with any number of rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mediadl.models import Amount, Job, MediaKind, Outcomes
from mediadl.store.job_rows import COLUMNS, to_job

QUARTER_S = 900
"""Length of a counter's span: every zone's day begins at the start of one."""

_ACTIVE_GROUP, _ENDED_GROUP = -100, 100


@dataclass(frozen=True, slots=True)
class SiteLuck:
    """What is noted of a site."""

    site: str
    platform: str
    failures: int
    last_success_at: float | None
    last_failure_at: float | None
    last_reason: str
    last_message: str
    cooldown_until: float | None


def spans(connection: sqlite3.Connection, bounds: Sequence[float]) -> list[Amount]:
    """What was stored between each moment and the next; all of them are taken to begin a quarter of an hour."""
    starts = [int(at // QUARTER_S) for at in bounds]
    sql = (
        "SELECT coalesce(SUM(files), 0), coalesce(SUM(size_bytes), 0) FROM download_quarters"
        " WHERE quarter >= ? AND quarter < ?"
    )
    return [Amount(*connection.execute(sql, span).fetchone()) for span in pairwise(starts)]


def stored(connection: sqlite3.Connection) -> Amount:
    """Everything in the history."""
    row = connection.execute(
        "SELECT coalesce(SUM(files), 0), coalesce(SUM(size_bytes), 0) FROM download_counts"
    ).fetchone()
    return Amount(*row)


def by_platform(connection: sqlite3.Connection) -> list[tuple[str, Amount]]:
    """What each platform brought, most bytes first."""
    rows = connection.execute(
        "SELECT platform, SUM(files) AS n, SUM(size_bytes) AS b FROM download_counts"
        " GROUP BY platform HAVING n > 0 ORDER BY b DESC, platform"
    ).fetchall()
    return [(platform, Amount(files, size)) for platform, files, size in rows]


def by_kind(connection: sqlite3.Connection) -> list[tuple[MediaKind, Amount]]:
    """What there is of each kind, most bytes first."""
    rows = connection.execute(
        "SELECT kind, SUM(files) AS n, SUM(size_bytes) AS b FROM download_counts"
        " GROUP BY kind HAVING n > 0 ORDER BY b DESC, kind"
    ).fetchall()
    return [(MediaKind(kind), Amount(files, size)) for kind, files, size in rows]


def by_source(connection: sqlite3.Connection, limit: int) -> list[tuple[str, str, Amount]]:
    """The sources that brought most bytes, as (source, platform, amount). Reads the whole history: not for screens."""
    rows = connection.execute(
        "SELECT source, platform, COUNT(*), SUM(size_bytes) AS b FROM downloads"
        " GROUP BY source, platform ORDER BY b DESC, source, platform LIMIT ?",
        (limit,),
    ).fetchall()
    return [(source, platform, Amount(files, size)) for source, platform, files, size in rows]


def outcomes(connection: sqlite3.Connection, since: float) -> Outcomes:
    """How the jobs ended that ended since a moment (to the quarter of an hour)."""
    rows = connection.execute(
        "SELECT status, SUM(n) FROM outcome_quarters WHERE quarter >= ? GROUP BY status",
        (int(since // QUARTER_S),),
    ).fetchall()
    return Outcomes(**{word: int(n) for word, n in rows})


_LAST = "max(coalesce(last_success_at, 0), coalesce(last_failure_at, 0))"
_CANDIDATES = f"""
    SELECT site FROM (SELECT site FROM sites WHERE cooldown_until > ?1 LIMIT ?2)
    UNION SELECT site FROM (SELECT site FROM sites WHERE failures > 0 ORDER BY last_success_at DESC LIMIT ?2)
    UNION SELECT site FROM (SELECT site FROM site_outcomes WHERE failures > 0 ORDER BY {_LAST} DESC LIMIT ?2)
    UNION SELECT site FROM (SELECT site FROM site_outcomes ORDER BY {_LAST} DESC LIMIT ?2)
    UNION SELECT site FROM (SELECT site FROM sites ORDER BY last_success_at DESC LIMIT ?2)"""
"""Sites that may be among the first, each kind found without a look at all others."""


def spans_of(connection: sqlite3.Connection, owner_id: int, bounds: Sequence[float]) -> list[Amount]:
    """As `spans`, of the files of one account; reads those of the time asked."""
    sql = (
        "SELECT COUNT(*), coalesce(SUM(size_bytes), 0) FROM downloads INDEXED BY downloads_owner"
        " WHERE owner_id = ? AND stored_at >= ? AND stored_at < ?"
    )
    return [Amount(*connection.execute(sql, (owner_id, *span)).fetchone()) for span in pairwise(bounds)]


def sources_of(connection: sqlite3.Connection, owner_id: int, limit: int) -> list[tuple[str, str, Amount]]:
    """As `by_source`, of the files of one account."""
    rows = connection.execute(
        "SELECT source, platform, COUNT(*), SUM(size_bytes) AS b FROM downloads INDEXED BY downloads_owner"
        " WHERE owner_id = ? GROUP BY source, platform ORDER BY b DESC, source, platform LIMIT ?",
        (owner_id, limit),
    ).fetchall()
    return [(source, platform, Amount(files, size)) for source, platform, files, size in rows]


def outcomes_of(connection: sqlite3.Connection, owner_id: int, since: float) -> Outcomes:
    """As `outcomes`, of the jobs of one account that are still listed."""
    rows = connection.execute(
        "SELECT status, COUNT(*) FROM download_queue INDEXED BY queue_owner WHERE owner_id = ? AND rank_group = ?"
        " AND finished_at >= ? GROUP BY status",
        (owner_id, _ENDED_GROUP, since),
    ).fetchall()
    return Outcomes(**{word: int(n) for word, n in rows})


def sites_of(connection: sqlite3.Connection, owner_id: int) -> set[str]:
    """The sites of the jobs of one account."""
    sql = "SELECT DISTINCT site FROM download_queue INDEXED BY queue_owner WHERE owner_id = ?"
    return {row[0] for row in connection.execute(sql, (owner_id,)).fetchall()}


def luck(connection: sqlite3.Connection, now: float, limit: int) -> list[SiteLuck]:
    """How sites have answered: those in trouble first, then those used last."""
    rows = connection.execute(
        f"""
        WITH candidates(site) AS ({_CANDIDATES})
        SELECT site, coalesce(outcome.platform, ''),
            max(coalesce(outcome.failures, 0), coalesce(sites.failures, 0)) AS errors,
            nullif(max(coalesce(outcome.last_success_at, 0), coalesce(sites.last_success_at, 0)), 0) AS success,
            outcome.last_failure_at AS failure,
            coalesce(nullif(outcome.last_reason, ''), nullif(sites.cooldown_reason, ''), sites.last_error, ''),
            coalesce(outcome.last_message, ''),
            CASE WHEN sites.cooldown_until > ?1 THEN sites.cooldown_until END AS rest
        FROM candidates LEFT JOIN site_outcomes AS outcome USING (site) LEFT JOIN sites USING (site)
        ORDER BY rest IS NULL, errors = 0, max(coalesce(success, 0), coalesce(failure, 0)) DESC, site
        LIMIT ?2
        """,
        (now, limit),
    ).fetchall()
    return [SiteLuck(*row) for row in rows]


def recent(connection: sqlite3.Connection, limit: int, owner_id: int | None = None) -> list[Job]:
    """The jobs at work and, for the rest of `limit`, those that ended last; of all, or of one account."""
    found: dict[int, Job] = {}
    whose = "" if owner_id is None else " INDEXED BY queue_owner"
    term, values = ("", ()) if owner_id is None else ("owner_id = ? AND ", (owner_id,))
    for group in (_ACTIVE_GROUP, _ENDED_GROUP):
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM download_queue{whose} WHERE {term}rank_group = ?"
            " ORDER BY rank_place, id LIMIT ?",
            (*values, group, limit - len(found)),
        ).fetchall()
        # One that ended between the two questions is in both answers
        found.update((row[0], to_job(row)) for row in rows)
    return list(found.values())
