"""Addresses for trying an engine: what worked with it lately, one per site, of the owner's own jobs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from mediadl.store.engine_checks import recent_urls


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    made.execute(
        "CREATE TABLE download_queue(url, site, status, trusted, backend, items_stored, finished_at)"
    )
    made.executemany(
        "INSERT INTO download_queue VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            ("https://a/old", "a", "completed", 1, "yt-dlp", 1, 1.0),
            ("https://a/new", "a", "completed", 1, "yt-dlp", 1, 5.0),
            ("https://b/1", "b", "completed", 1, "yt-dlp page", 2, 4.0),
            ("https://c/1", "c", "failed", 1, "yt-dlp", 0, 6.0),
            ("https://d/1", "d", "completed", 0, "yt-dlp", 1, 7.0),
            ("https://e/1", "e", "completed", 1, "gallery-dl", 1, 8.0),
            ("https://f/1", "f", "completed", 1, "yt-dlp", 0, 9.0),
        ],
    )
    yield made
    made.close()


def test_the_newest_of_each_site_come_first(connection: sqlite3.Connection) -> None:
    assert recent_urls(connection, "yt-dlp", 5) == ["https://a/new", "https://b/1"]
    assert recent_urls(connection, "yt-dlp", 1) == ["https://a/new"]
    assert recent_urls(connection, "gallery-dl", 5) == ["https://e/1"]
    assert recent_urls(connection, "instaloader", 5) == []
