"""The history: what was stored, found again by filters, order and words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.errors import NotFound
from mediadl.models import Download, HistoryQuery, HistorySort, Identity, MediaKind
from mediadl.store import downloads
from mediadl.store.database import Database
from store.making import NOW, download, scratch


def _ids(found: list[Download]) -> list[int]:
    return [one.id for one in found]


def test_a_stored_file_comes_back_as_it_went_in(database: Database) -> None:
    made = download(posted_at=NOW, duration_s=1.5, job_id=None, kind=MediaKind.VIDEO)

    with database.write() as tx:
        found = downloads.get(tx, downloads.add(tx, made))

    assert found == download(id=1, posted_at=NOW, duration_s=1.5, job_id=None, kind=MediaKind.VIDEO)


def test_an_unknown_number_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        downloads.get(database.read(), 5)


def test_a_file_stored_over_another_takes_its_place(database: Database) -> None:
    with database.write() as tx:
        downloads.add(tx, download(1, path="/m/same", title="former"))
        new = downloads.add(tx, download(2, path="/m/same", title="latter"))

        found = downloads.by_path(tx, "/m/same")

        assert found
        assert found.id == new
        assert downloads.count(tx, HistoryQuery()) == 1
        assert downloads.count(tx, HistoryQuery(search="former")) == 0
    assert database.check() == []


def test_the_newest_file_of_an_identity_is_found(database: Database) -> None:
    with database.write() as tx:
        downloads.add(tx, download(7, path="/m/a"))
        newest = downloads.add(tx, download(7, path="/m/b"))

        found = downloads.by_identity(tx, Identity("site", "7"))

        assert found
        assert found.id == newest
        assert downloads.by_identity(tx, Identity("site", "7", 1)) is None


def test_files_of_a_job_are_listed_oldest_first(database: Database) -> None:
    with database.write() as tx:
        for n, job_id in enumerate((5, 6, 5)):
            downloads.add(tx, download(n, job_id=job_id))

        assert _ids(downloads.of_job(tx, 5)) == [1, 3]


_FILES = [
    download(
        n,
        platform=("tiktok", "instagram")[n % 2],
        source=f"user{n % 3}",
        kind=list(MediaKind)[n % 5],
        size_bytes=n * 7 % 50 * 100,
        title=f"Näme {n * 13 % 40} {'even' if n % 2 == 0 else 'odd'}",
    )
    for n in range(60)
]


def _text(one: Download) -> str:
    return one.title


_KEYS: dict[HistorySort, Any] = {
    HistorySort.STORED: lambda d: (d.stored_at, d.id),
    HistorySort.PLATFORM: lambda d: (d.platform, d.stored_at, d.id),
    HistorySort.SOURCE: lambda d: (d.source, d.stored_at, d.id),
    HistorySort.SIZE: lambda d: (d.size_bytes, d.id),
    HistorySort.TITLE: lambda d: (d.title, d.id),
}


@pytest.mark.parametrize("sort", list(HistorySort))
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({}, lambda _: True),
        ({"platform": "tiktok"}, lambda d: d.platform == "tiktok"),
        ({"source": "user1"}, lambda d: d.source == "user1"),
        ({"kind": MediaKind.VIDEO}, lambda d: d.kind is MediaKind.VIDEO),
        ({"since": NOW + 10, "until": NOW + 20}, lambda d: NOW + 10 <= d.stored_at < NOW + 20),
        ({"min_size_bytes": 1000, "max_size_bytes": 3000}, lambda d: 1000 <= d.size_bytes <= 3000),
        ({"search": "EVEN name"}, lambda d: "even" in d.title),
        ({"search": "odd", "source": "user2"}, lambda d: "odd" in d.title and d.source == "user2"),
        ({"search": "nothing"}, lambda _: False),
    ],
    ids=["all", "platform", "source", "kind", "time", "size", "words", "words of a source", "none"],
)
def test_lists_agree_with_sorting_in_memory(
    history: Any, sort: HistorySort, descending: bool, fields: dict[str, Any], fits: Any
) -> None:
    query = HistoryQuery(**fields, sort=sort, descending=descending)
    everything = [downloads.get(history, n + 1) for n in range(60)]
    expected = sorted(filter(fits, everything), key=_KEYS[sort], reverse=descending)

    assert downloads.window(history, query, 0, 100) == expected
    assert downloads.window(history, query, 3, 4) == expected[3:7]
    assert downloads.count(history, query) == len(expected)
    assert list(downloads.iterate(history, query)) == expected


@pytest.fixture(scope="module")
def history():  # type: ignore[no-untyped-def]
    connection = scratch()
    for one in _FILES:
        downloads.add(connection, one)
    yield connection
    connection.close()


def test_far_pages_are_read_from_the_nearer_end(database: Database) -> None:
    with database.write() as tx:
        for n in range(2500):
            downloads.add(tx, download(n))

    everything = [*range(2500, 0, -1)]
    for offset in (0, 1100, 1300, 2000, 2490, 2499, 2500, 9000):
        page = downloads.window(database.read(), HistoryQuery(), offset, 20)
        assert _ids(page) == everything[offset : offset + 20]


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ('"', 3),
        ("(", 3),
        ("*", 3),
        ("c++", 1),
        ("a AND", 0),
        ("NOT", 0),
        ("secret:x", 0),
        ("title:c", 0),
        ("it's", 1),
        ("its", 0),
        ("\0", 3),
        ("caf\0é", 0),
        ("CAFE", 1),
        ("  ", 3),
        ("cod c", 1),
        ("^c", 1),
        ('c" OR "it', 0),
        ("NEAR(c cod)", 0),
        ("-", 3),
    ],
)
def test_signs_of_the_search_language_mean_nothing(database: Database, typed: str, titles: int) -> None:
    with database.write() as tx:
        for n, title in enumerate(("Coding in C++", "it's a café", "plain")):
            downloads.add(tx, download(n, title=title, path=f"/{n}", url="", source=""))

        assert downloads.count(tx, HistoryQuery(search=typed)) == titles
        assert len(downloads.window(tx, HistoryQuery(search=typed), 0, 9)) == titles


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab \"'()*^:-+{}[]~.,;\\\0\n\tANDORTé漢١")))
def test_no_search_text_is_too_odd(history: Any, typed: str) -> None:
    found = downloads.window(history, HistoryQuery(search=typed), 0, 100)

    assert downloads.count(history, HistoryQuery(search=typed)) == len(found)


def test_removed_rows_are_gone_from_lists_words_and_counts(database: Database) -> None:
    with database.write() as tx:
        for n in range(1, 4):
            downloads.add(tx, download(n))

        assert downloads.remove(tx, [2, 3, 9]) == [2, 3]
        assert downloads.count(tx, HistoryQuery(search="title")) == 1
        assert downloads.totals(tx) == [("direct", MediaKind.IMAGE, 1, 10)]
    assert database.check() == []


def test_a_moved_file_is_found_where_it_is(database: Database) -> None:
    with database.write() as tx:
        downloads.add(tx, download(1))

        assert downloads.set_path(tx, 1, "/elsewhere/2.jpg")
        assert not downloads.set_path(tx, 9, "/elsewhere/3.jpg")
        assert downloads.by_path(tx, "/media/1.jpg") is None
        assert downloads.count(tx, HistoryQuery(search="elsewhere")) == 1
    assert database.check() == []


def test_export_reads_on_while_rows_come_and_go(database: Database) -> None:
    with database.write() as tx:
        for n in range(1200):
            downloads.add(tx, download(n))
    rows = downloads.iterate(database.read(), HistoryQuery(descending=False))
    next(rows)

    with database.write() as tx:
        downloads.remove(tx, [1100])
        downloads.add(tx, download(5000))

    assert len(list(rows)) == 1198
    assert database.checkpoint(truncate=True)
