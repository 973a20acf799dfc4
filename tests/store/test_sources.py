"""Sources: who they are, under which names, how far they were read."""

from __future__ import annotations

import time

import pytest

from mediadl.errors import NotFound
from mediadl.models import HistoryQuery
from mediadl.models.schedules import SourceState
from mediadl.store import downloads, source_posts, sources
from mediadl.store.database import Connection, Database
from store.making import NOW, download


def made(tx: Connection, name: str = "eve", content_type: str = "posts") -> int:
    return sources.ensure(tx, f"https://x/{name}", "tiktok", content_type, "tiktok", name, NOW)


def test_the_same_address_and_content_are_one_source(database: Database) -> None:
    with database.write() as tx:
        first, again, stories = made(tx), made(tx), made(tx, content_type="stories")

    assert first == again != stories
    assert sources.at(database.read(), "https://x/eve", "stories") == [sources.get(database.read(), stories)]
    assert sources.at(database.read(), "https://x/nobody", "posts") == []
    with pytest.raises(NotFound):
        sources.get(database.read(), 99)


def test_many_come_in_the_order_asked(database: Database) -> None:
    with database.write() as tx:
        ids = [made(tx, f"n{n}") for n in range(5)]

    found = sources.get_many(database.read(), [ids[3], 77, ids[0]])

    assert [one.id for one in found] == [ids[3], ids[0]]
    assert [one.id for one in sources.list(database.read())] == ids


def test_the_first_name_its_owner_tells_gives_the_folder_and_every_name_finds_the_others(
    database: Database,
) -> None:
    with database.write() as tx:
        key = made(tx, "Eve")
        for name in ("eve", "evelyn", "eva"):
            sources.owned(tx, key, "77", name, NOW)

    connection = database.read()
    found = sources.get(connection, key)
    assert (found.name, found.folder) == ("eva", "eve")
    assert set(found.former_names) == {"eve", "evelyn"}, "what the address was guessed to mean is no name"
    assert set(sources.names_of(connection, "evelyn")) == {"eve", "evelyn", "eva"}
    assert sources.names_of(connection, "evelyn", "instagram") == ("evelyn",)
    assert set(sources.former_names(connection, "tiktok", "eva")) == {"eve", "evelyn"}
    assert sources.former_names(connection, "tiktok", "eve") == ()


def test_another_owners_source_is_not_merged(database: Database) -> None:
    with database.write() as tx:
        mine, theirs = made(tx), made(tx, "bob")
        sources.owned(tx, mine, "1", "eve", NOW)
        sources.owned(tx, theirs, "2", "bob", NOW)

        assert not sources.moved(tx, mine, "https://x/bob")
        assert sources.moved(tx, mine, "https://x/elsewhere")

    assert sources.get(database.read(), mine).url == "https://x/elsewhere"


def test_since_when_it_is_so_stays_while_it_is_so(database: Database) -> None:
    with database.write() as tx:
        key = made(tx)
        for later in (0.0, 50.0):
            sources.set_state(tx, key, SourceState.PRIVATE, "members only", NOW + later)
        private = sources.get(tx, key)
        sources.set_state(tx, key, SourceState.OK, "", NOW + 60)

    assert (private.state_since, private.why) == (NOW, "members only")
    assert sources.get(database.read(), key).state_since is None


def test_the_history_is_found_under_every_name(database: Database) -> None:
    with database.write() as tx:
        key = made(tx)
        sources.owned(tx, key, "77", "eve", NOW)
        sources.owned(tx, key, "77", "evelyn", NOW + 1)
        ids = [
            downloads.add(tx, download(n, platform="tiktok", source=name))
            for n, name in enumerate(("eve", "evelyn", "bob"))
        ]

    connection = database.read()
    for name in ("eve", "evelyn"):
        query = HistoryQuery(source=name)
        assert {one.id for one in downloads.window(connection, query, 0, 9)} == set(ids[:2])
        assert downloads.count(connection, query) == 2
    assert downloads.get(connection, ids[1]).former_names == ("eve",)


def test_only_copies_are_listed_by_themselves_and_marks_do_not_disturb_the_figures(
    database: Database,
) -> None:
    with database.write() as tx:
        key = made(tx)
        ids = [downloads.add(tx, download(n)) for n in range(3)]
        source_posts.file_of(tx, key, "p1", ids[1])
        source_posts.mark_all(tx, key, NOW)

    connection = database.read()
    query = HistoryQuery(only_copy=True)
    assert [one.id for one in downloads.window(connection, query, 0, 9)] == [ids[1]]
    assert downloads.count(connection, query) == 1
    assert downloads.count(connection, HistoryQuery(search="Title")) == 3
    assert sum(files for _, _, files, _ in downloads.totals(connection)) == 3


def test_a_mark_survives_deleting_and_restoring(database: Database) -> None:
    with database.write() as tx:
        key = made(tx)
        number = downloads.add(tx, download(1))
        source_posts.file_of(tx, key, "p1", number)
        source_posts.mark_all(tx, key, NOW)
        kept = downloads.parcel(tx, [number])
        downloads.remove(tx, [number])
        downloads.restore(tx, kept)

        assert downloads.get(tx, number).only_copy_at == NOW
        source_posts.unmark_all(tx, key)

    assert downloads.get(database.read(), number).only_copy_at is None


def test_posts_of_the_last_thirty_days_are_counted_by_when_they_were_posted(database: Database) -> None:
    now = time.time()
    with database.write() as tx:
        key = made(tx)
        posts = [("a", now - 86_400, True), ("b", now - 40 * 86_400, True), ("c", None, True)]
        source_posts.seen(tx, key, posts, walk="1", now=now)

    found = sources.get(database.read(), key)
    assert found.posts_30d == 1
    assert found.newest_at == now - 86_400


def test_a_source_of_a_schedule_is_not_forgotten(database: Database) -> None:
    with database.write() as tx:
        key, free = made(tx), made(tx, "bob")
        tx.execute(
            "INSERT INTO schedules(id, name, spec, created_at, changed_at) VALUES (1, 's', '{}', 0, 0)"
        )
        tx.execute("INSERT INTO schedule_sources(schedule_id, source_id, position) VALUES (1, ?, 0)", (key,))

        assert sources.forget(tx, [key, free]) == 1

    assert [one.id for one in sources.list(database.read())] == [key]
