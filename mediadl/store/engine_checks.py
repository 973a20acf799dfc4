"""Addresses that worked with an engine lately: a new version of it is tried with them."""

from __future__ import annotations

import sqlite3

_LOOK_AT = 200


def recent_urls(connection: sqlite3.Connection, engine: str, limit: int) -> list[str]:
    """Addresses of jobs that completed through an engine, the newest first, at most one per site.

    Only what the owner asked for: addresses of others might lead where they may not go.
    """
    rows = connection.execute(
        "SELECT url, site FROM download_queue WHERE status = 'completed' AND trusted = 1 AND backend IN (?, ?)"
        " AND items_stored > 0 ORDER BY finished_at DESC LIMIT ?",
        (engine, f"{engine} page", _LOOK_AT),
    ).fetchall()
    by_site: dict[str, str] = {}
    for url, site in rows:
        by_site.setdefault(site, url)
    return list(by_site.values())[:limit]
