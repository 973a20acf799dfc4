"""Lists of the history against the same lists made in memory: any filter, any order, any window."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.models import Download, HistoryQuery, HistorySort, MediaKind
from mediadl.store import downloads, migrations
from mediadl.store.database import Database
from store.making import NOW, download, scratch

_ROWS = 180
_TITLES = ("", "night train", "Night owl café", "東京の夜景散歩", "夜景 of the bay", "owl train")


def _file(n: int) -> Download:
    return download(
        n,
        platform=("tiktok", "instagram", "direct")[n * 7 % 3],
        source=("", "lena", "harbour", "猫の家")[n * 5 % 4],
        kind=list(MediaKind)[n * 3 % 5],
        size_bytes=n * 37 % 11 * 1000,
        title=_TITLES[n * 11 % len(_TITLES)],
        path=f"/media/{n}.bin",
        url="",
        stored_at=NOW + n // 3,
    )


@pytest.fixture(scope="module")
def history() -> Iterator[sqlite3.Connection]:
    connection = scratch()
    for n in range(_ROWS):
        downloads.add(connection, _file(n))
    downloads.remove(connection, range(40, 50))
    yield connection
    connection.close()


_ALL = [replace(_file(n), id=n + 1) for n in range(_ROWS) if not 39 <= n < 49]

_SORT_KEYS: dict[HistorySort, Any] = {
    HistorySort.STORED: lambda d: (d.stored_at, d.id),
    HistorySort.PLATFORM: lambda d: (d.platform, d.stored_at, d.id),
    HistorySort.SOURCE: lambda d: (d.source, d.stored_at, d.id),
    HistorySort.SIZE: lambda d: (d.size_bytes, d.id),
    HistorySort.TITLE: lambda d: (d.title, d.id),
}


def _has(one: Download, word: str) -> bool:
    if not word.isascii():
        return word in one.title or one.source.startswith(word)
    said = (
        f"{one.title} {one.source} {one.path}".lower().replace("é", "e").replace("/", " ").replace(".", " ")
    )
    return any(token.startswith(word) for token in said.split())


def _expected(query: HistoryQuery) -> list[Download]:
    def fits(one: Download) -> bool:
        return (
            query.platform in {"", one.platform}
            and query.source in {"", one.source}
            and query.kind in {None, one.kind}
            and (query.since is None or one.stored_at >= query.since)
            and (query.until is None or one.stored_at < query.until)
            and (query.min_size_bytes is None or one.size_bytes >= query.min_size_bytes)
            and (query.max_size_bytes is None or one.size_bytes <= query.max_size_bytes)
            and all(_has(one, word) for word in query.search.split())
        )

    return sorted(filter(fits, _ALL), key=_SORT_KEYS[query.sort], reverse=query.descending)


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


_queries = st.builds(
    HistoryQuery,
    platform=st.sampled_from(["", "", "tiktok", "direct", "nowhere"]),
    source=st.sampled_from(["", "", "", "lena", "猫の家"]),
    kind=_maybe(st.sampled_from(MediaKind)),
    since=_maybe(st.integers(-5, 65).map(lambda n: NOW + n)),
    until=_maybe(st.integers(-5, 65).map(lambda n: NOW + n)),
    min_size_bytes=_maybe(st.integers(0, 11_000)),
    max_size_bytes=_maybe(st.integers(0, 11_000)),
    search=st.sampled_from(
        ["", "", "night", "tra owl", "cafe", "夜景", "の夜", "owl 夜景", "夜景 bay", "猫の", "bin"]
    ),
    sort=st.sampled_from(HistorySort),
    descending=st.booleans(),
)


@settings(max_examples=400, deadline=None)
@given(_queries, st.integers(0, 200), st.integers(0, 60))
def test_any_window_of_any_list_is_what_sorting_in_memory_gives(
    history: sqlite3.Connection, query: HistoryQuery, offset: int, limit: int
) -> None:
    expected = _expected(query)

    assert downloads.window(history, query, offset, limit) == expected[offset : offset + limit]
    assert downloads.count(history, query) == len(expected)
    found = downloads.ids(history, query)
    assert found is not None
    assert found.tolist() == [one.id for one in expected]


@settings(max_examples=150, deadline=None)
@given(_queries, st.integers(1, _ROWS))
def test_the_place_of_a_row_is_where_the_list_has_it(
    history: sqlite3.Connection, query: HistoryQuery, download_id: int
) -> None:
    order = [one.id for one in _expected(query)]

    expected = order.index(download_id) if download_id in order else None
    assert downloads.index_of(history, query, download_id) == expected


def test_words_inside_scripts_without_blanks_are_found(history: sqlite3.Connection) -> None:
    found = downloads.window(history, HistoryQuery(search="夜景散"), 0, 500)

    assert {one.title for one in found} == {"東京の夜景散歩"}


def test_a_list_that_nobody_waits_for_is_given_up(database: Database) -> None:
    with database.write() as tx:
        tx.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
            " INSERT INTO downloads(title, path, stored_at) SELECT 'x' || i, '/p/' || i, i FROM n"
        )
    looks = iter([False, True])
    query = HistoryQuery(sort=HistorySort.TITLE, min_size_bytes=0)

    assert downloads.ids(database.read(), query, lambda: next(looks, True)) is None
    found = downloads.ids(database.read(), query)
    assert found is not None
    assert len(found) == 60_000


def test_the_stamp_changes_when_files_come_or_go(database: Database) -> None:
    stamps = {downloads.stamp(database.read())}
    with database.write() as tx:
        downloads.add(tx, download(1))
    stamps.add(downloads.stamp(database.read()))
    with database.write() as tx:
        downloads.remove(tx, [1])
    stamps.add(downloads.stamp(database.read()))

    assert len(stamps) == 3


def test_sources_are_listed_by_their_files(history: sqlite3.Connection) -> None:
    everything = downloads.sources(history, "", "", 10)

    assert sum(number for _, number in everything) == sum(1 for one in _ALL if one.source)
    assert [n for _, n in everything] == sorted((n for _, n in everything), reverse=True)
    assert downloads.sources(history, "", "HARB", 10) == [
        ("harbour", sum(one.source == "harbour" for one in _ALL))
    ]
    assert downloads.sources(history, "nowhere", "", 10) == []
    assert len(downloads.sources(history, "", "", 1)) == 1


@pytest.mark.parametrize("sort", list(HistorySort))
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"platform": "tiktok"},
        {"kind": MediaKind.VIDEO},
        {"since": NOW},
        {"min_size_bytes": 5, "platform": "x"},
    ],
)
def test_pages_are_found_in_the_index_alone(
    history: sqlite3.Connection, sort: HistorySort, fields: dict[str, Any]
) -> None:
    from mediadl.store import download_lists

    plan = download_lists._plan(history, HistoryQuery(**fields, sort=sort))
    steps = history.execute(f"EXPLAIN QUERY PLAN {plan.select(descending=True)}", plan.values).fetchall()

    said = " ".join(step[3] for step in steps)
    assert "COVERING INDEX" in said
    assert "TEMP B-TREE" not in said


def test_an_older_database_gets_the_wider_indexes_and_keeps_its_files() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrations.STEPS[0](connection)
    for n in range(30):
        row = (_file(n).path, _file(n).title, _file(n).size_bytes)
        connection.execute("INSERT INTO downloads(path, title, size_bytes) VALUES (?, ?, ?)", row)

    migrations.migrate(connection, 1)

    columns = [row[2] for row in connection.execute("PRAGMA index_info(downloads_title)").fetchall()]
    assert columns == ["title", "id", "platform", "kind", "size_bytes", "stored_at"]
    query = HistoryQuery(min_size_bytes=5000, sort=HistorySort.TITLE)
    found = downloads.ids(connection, query)
    assert found is not None
    assert len(found) == sum(_file(n).size_bytes >= 5000 for n in range(30))
    connection.close()
