"""Small pictures are found quickly, each gets its turn, and a row that was improved keeps its number."""

from __future__ import annotations

import pytest

from mediadl.models import Identity, MediaFacts, MediaKind, StoredFile
from mediadl.paths import Home
from mediadl.store import archive, downloads, improvements, jobs
from mediadl.store.database import Connection, Database
from store.making import NOW, download, request

LARGE = StoredFile(
    "/media/1.jpg", 999, "b" * 64, "b" * 64, MediaFacts(MediaKind.IMAGE, "image/jpeg", "jpg", 1080, 1350)
)


def small(tx: Connection, n: int, **fields: object) -> int:
    return downloads.add(tx, download(n, **{"platform": "instagram", "width": 640, "height": 480, **fields}))


def test_only_small_pictures_of_the_platforms_asked_for_are_found_newest_first(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        first, second = small(tx, 1), small(tx, 2)
        small(tx, 3, platform="tiktok")
        small(tx, 4, kind=MediaKind.VIDEO)
        small(tx, 5, width=1080, height=1080)
        small(tx, 6, width=None)
        small(tx, 7, url="")

        found = improvements.low_quality(tx, ["instagram"], 10, NOW)

    assert found == [second, first]


def test_what_was_looked_for_comes_again_only_after_the_time_and_after_the_new_ones(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        early, late, new = small(tx, 1), small(tx, 2), small(tx, 3)
        improvements.tried(tx, [early], NOW)
        improvements.tried(tx, [late], NOW + 100)

        assert improvements.low_quality(tx, ["instagram"], 10, NOW + 50) == [new, early]
        assert improvements.low_quality(tx, ["instagram"], 1, NOW + 50) == [new]
        assert improvements.tried_since(tx, NOW + 1) == 1


def test_an_improved_row_keeps_its_number_and_tells_what_was_before(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        number = small(tx, 1)

        assert improvements.improve(tx, number, LARGE, "gallery-dl", NOW)
        assert not improvements.improve(tx, number, LARGE, "gallery-dl", NOW + 1)

        row, before = downloads.get(tx, number), improvements.before(tx, number)
    assert (row.width, row.size_bytes, row.sha256, row.backend) == (1080, 999, "b" * 64, "gallery-dl")
    assert before == improvements.Before(NOW, 10, "a" * 64, 640, 480, "direct")


def test_a_row_that_comes_back_still_tells_that_it_was_improved(home: Home) -> None:
    with Database.open(home) as database, database.write() as tx:
        number = small(tx, 1)
        improvements.improve(tx, number, LARGE, "gallery-dl", NOW)
        kept = downloads.parcel(tx, [number])
        downloads.remove(tx, [number])

        downloads.restore(tx, kept)

        assert improvements.before(tx, number) is not None


def test_a_file_is_known_by_all_its_names(home: Home) -> None:
    names = [Identity("instagram", "123"), Identity("instagram", "abc", 1)]
    with Database.open(home) as database, database.write() as tx:
        number = small(tx, 1)
        for name in names:
            archive.add(tx, name, number, NOW)

        assert improvements.owners(tx, [Identity("x", "y"), names[1]]) == {number}
        assert set(improvements.names_of(tx, [number])[number]) == set(names)


@pytest.mark.parametrize(("added", "refused"), [(NOW + 1, 1), (NOW - 1, 0)])
def test_jobs_that_were_refused_today_are_told_from_older_ones(
    home: Home, added: float, refused: int
) -> None:
    with Database.open(home) as database, database.write() as tx:
        jobs.add(tx, [request(1, options={"improve": [1]}), request(2)], max_attempts=1, now=added)
        tx.execute("UPDATE download_queue SET reason = 'challenge', status = 'failed' WHERE id = 1")
        jobs.add(tx, [request(3, options={"improve": [2]})], max_attempts=1, now=added)

        assert improvements.standing(tx, NOW) == improvements.Standing(1, refused)


def test_the_small_ones_are_found_by_an_index(home: Home) -> None:
    with Database.open(home) as database:
        told: list[str] = []
        read = database.read()
        read.set_trace_callback(told.append)
        improvements.low_quality(read, ["instagram"], 5, NOW)
        read.set_trace_callback(None)

        plans = [" ".join(row[3] for row in read.execute(f"EXPLAIN QUERY PLAN {sql}")) for sql in told]

    assert len(plans) == 2
    assert all("downloads_small" in plan and "TEMP B-TREE" not in plan for plan in plans), plans
