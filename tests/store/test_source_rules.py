"""Each set of rules has its own head in a source's list."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from mediadl.paths import Home
from mediadl.store import migrations, schedules, source_posts, source_rules, sources
from mediadl.store.database import Connection, Database
from mediadl.store.source_rules import add_rules, rules_of
from store.making import NOW

VIDEOS: dict[str, Any] = {"filters": {"media": ["video"]}}
URL = "https://x/eve"


def made(tx: Connection, rules: str = "") -> int:
    return sources.ensure(tx, URL, "tiktok", "posts", "tiktok", "eve", NOW, rules=rules)


def schedule(tx: Connection, name: str, *source_ids: int, **spec: Any) -> int:
    return schedules.add(tx, name, {"name": name, **spec}, source_ids, True, None, None, NOW)


@pytest.mark.parametrize(
    "spec", [VIDEOS, {"since": "2024-01-01"}, {"until": "2024-01-01"}, {"options": {"replies": "yes"}}]
)
def test_what_decides_on_items_is_told_apart_and_what_does_not_is_not(spec: dict[str, Any]) -> None:
    plain = {"since": "", "until": "", "filters": {}, "options": {}}

    assert rules_of({}) == rules_of(plain) == rules_of({"cron": "0 3 * * *", "quality": "best"}) == ""
    assert rules_of(spec) == rules_of(plain | spec | {"name": "other"}) != ""
    assert rules_of({"filters": {"a": 1, "b": 2}}) == rules_of({"filters": {"b": 2, "a": 1}})


def test_other_rules_are_another_source_with_a_head_of_its_own(database: Database) -> None:
    with database.write() as tx:
        first, other, again = made(tx), made(tx, "videos"), made(tx, "videos")
        sources.advance(tx, first, ["p1"], None, NOW)

    assert first != other == again
    assert sources.get(database.read(), other).head == ()
    assert [one.id for one in sources.at(database.read(), URL, "posts")] == [first, other]
    assert [one.id for one in sources.at(database.read(), URL, "posts", "videos")] == [other]


def test_a_source_of_one_schedule_takes_its_new_rules(database: Database) -> None:
    with database.write() as tx:
        only = made(tx)
        schedule(tx, "a", only)

        assert source_rules.under(tx, only, "videos") == only
        assert source_rules.under(tx, only, "videos") == only

    assert [one.id for one in sources.at(database.read(), URL, "posts", "videos")] == [only]


def test_a_shared_source_is_copied_with_everything_that_is_known_of_it(database: Database) -> None:
    with database.write() as tx:
        shared = made(tx)
        schedule(tx, "a", shared)
        schedule(tx, "b", shared)
        sources.owned(tx, shared, "77", "eve", NOW)
        sources.advance(tx, shared, ["p2", "p1"], 5.0, NOW)
        sources.checked(tx, shared, new=2, failed=False, now=NOW)
        source_posts.seen(tx, shared, [("p1", 1.0, True), ("p2", 2.0, False)], walk="w", now=NOW)
        source_posts.file_of(tx, shared, "p1", 7)
        source_posts.owe(tx, shared, "keep_up", [source_posts.Debt("i", "title")], most_checks=5)

        copy = source_rules.under(tx, shared, "videos")

    connection = database.read()
    before, after = sources.get_many(connection, [shared, copy])
    for name in (
        "head",
        "floor_at",
        "complete_at",
        "owner_id",
        "name",
        "folder",
        "checks",
        "last_new_at",
        "created_at",
    ):
        assert getattr(before, name) == getattr(after, name)
    for table in ("source_names", "source_posts", "source_files", "source_owed"):
        columns = [
            row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "source_id"
        ]
        rows = [
            connection.execute(
                f"SELECT {', '.join(columns)} FROM {table} WHERE source_id = ?", (key,)
            ).fetchall()
            for key in (shared, copy)
        ]
        assert rows[0] == rows[1] != [], table


def test_rules_that_are_known_there_are_joined(database: Database) -> None:
    with database.write() as tx:
        mine, others = made(tx), made(tx, "videos")
        schedule(tx, "a", mine)

        assert source_rules.under(tx, mine, "videos") == others


def test_a_source_that_moves_meets_only_the_one_under_its_own_rules(database: Database) -> None:
    with database.write() as tx:
        moving, same, other = (
            sources.ensure(tx, f"https://x/{name}", "tiktok", "posts", "tiktok", name, NOW, rules=rules)
            for name, rules in (("old", "videos"), ("new", "videos"), ("new", ""))
        )

        assert sources.moved(tx, moving, "https://x/new")

    assert [one.id for one in sources.list(database.read())] == [moving, other]
    assert sources.get_many(database.read(), [same]) == []


@pytest.fixture
def older(home: Home) -> Home:
    """A database from before, in which three schedules share a source and one has another for itself."""
    before = migrations.STEPS[: migrations.STEPS.index(add_rules)]
    connection = sqlite3.connect(home.database, isolation_level=None)
    for step in before:
        step(connection)
    connection.execute(f"PRAGMA application_id={migrations.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={len(before)}")
    for n, url in enumerate((URL, "https://x/bob", "https://x/gone"), 1):
        connection.execute(
            "INSERT INTO sources(id, url, platform, content_type, head, created_at)"
            " VALUES (?, ?, 'tiktok', 'posts', ?, 1)",
            (n, url, json.dumps([f"p{n}"])),
        )
    connection.execute("DELETE FROM sources WHERE id = 3")
    connection.execute("INSERT INTO source_posts(source_id, post, first_seen_at) VALUES (1, 'p1', 1)")
    connection.execute("INSERT INTO source_names VALUES (1, 'eve', 1)")
    for n, (name, spec, source) in enumerate(
        (("all", {}, 1), ("videos", VIDEOS, 1), ("more videos", VIDEOS, 1), ("bob", VIDEOS, 2)), 1
    ):
        connection.execute(
            "INSERT INTO schedules(id, name, spec, created_at, changed_at) VALUES (?, ?, ?, 1, 1)",
            (n, name, json.dumps(spec)),
        )
        connection.execute("INSERT INTO schedule_sources VALUES (?, ?, 0)", (n, source))
    connection.close()
    return home


def test_an_older_database_parts_what_schedules_with_other_rules_shared(older: Home) -> None:
    with Database.open(older) as database:
        read = database.read()
        (plain,), (videos,), (more,), (bob,) = (schedules.sources_of(read, n) for n in (1, 2, 3, 4))
        posts = source_posts.passed(read, plain.id, all_wanted=True)
        known = read.execute("SELECT source_id, post FROM source_posts ORDER BY source_id").fetchall()
        dangling = read.execute("PRAGMA foreign_key_check").fetchall()
        with database.write() as tx:
            fresh = made(tx, "others")

    assert plain.id == 1
    assert videos.id == more.id not in {1, bob.id}
    assert bob.id == 2
    assert plain.head == videos.head == ("p1",)
    assert posts == []
    assert known == [(1, "p1"), (videos.id, "p1")]
    assert dangling == []
    assert fresh > videos.id > 3, "the number of a source that is gone is not given again"
    with Database.open(older) as database:
        assert sources.at(database.read(), "https://x/bob", "posts", rules_of(VIDEOS)) == [bob]
