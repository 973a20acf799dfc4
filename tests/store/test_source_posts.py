"""What was seen of a source, what is owed, and what vanished."""

from __future__ import annotations

import pytest

from mediadl.store import downloads, source_posts, sources
from mediadl.store.database import Connection, Database
from mediadl.store.source_posts import Debt
from store.making import NOW, download


@pytest.fixture
def key(database: Database) -> int:
    with database.write() as tx:
        return sources.ensure(tx, "https://x/eve", "tiktok", "posts", "tiktok", "eve", NOW)


def see(tx: Connection, key: int, walk: str, *posts: str, wanted: bool = True, at: float = NOW) -> None:
    source_posts.seen(tx, key, [(post, None, wanted) for post in posts], walk=walk, now=at)


def test_what_was_there_before_stays_unwanted_until_all_is(database: Database, key: int) -> None:
    with database.write() as tx:
        see(tx, key, "1", "a", "b", wanted=False)
        see(tx, key, "2", "a", "c")
        before = source_posts.passed(tx, key, all_wanted=False)
        source_posts.want_all(tx, key)

    assert sorted(before) == ["a", "b"]
    assert source_posts.passed(database.read(), key, all_wanted=False) == []


def test_only_what_a_walk_took_is_done(database: Database, key: int) -> None:
    with database.write() as tx:
        see(tx, key, "1", "a", "b", "c")
        see(tx, key, "2", "a", wanted=False)
        see(tx, key, "2", "d")
        source_posts.done(tx, key, "2", but=[], with_files=False)

    assert source_posts.passed(database.read(), key, all_wanted=True) == ["d"]


def test_where_it_is_unclear_only_posts_with_files_are_done(database: Database, key: int) -> None:
    with database.write() as tx:
        see(tx, key, "1", "a", "b", "c")
        for n, post in enumerate("ab"):
            source_posts.file_of(tx, key, post, downloads.add(tx, download(n)))
        source_posts.done(tx, key, "1", but=["b"], with_files=True)

    assert source_posts.passed(database.read(), key, all_wanted=True) == ["a"]


def test_what_a_whole_list_lacks_is_gone_unless_the_list_proves_little(database: Database, key: int) -> None:
    with database.write() as tx:
        see(tx, key, "1", "a", "b")
        see(tx, key, "2", "x", at=NOW + 1)
        source_posts.not_in(tx, key, "2", NOW + 1)
        strange = source_posts.vanished(tx, key, NOW + 1)
        see(tx, key, "3", "a", at=NOW + 2)
        source_posts.not_in(tx, key, "3", NOW + 2)

    assert strange == 0
    assert source_posts.vanished(database.read(), key, NOW + 2) == 2


def test_being_seen_again_starts_the_count_of_missing_anew(database: Database, key: int) -> None:
    with database.write() as tx:
        see(tx, key, "1", "a")
        first = source_posts.missed(tx, key, ["a"], NOW)
        see(tx, key, "2", "a")
        second = source_posts.missed(tx, key, ["a"], NOW)
        third = source_posts.missed(tx, key, ["a"], NOW)

    assert (first, second, third) == (set(), set(), {"a"})


def test_debts_wait_so_many_checks_and_are_then_given_up_once(database: Database, key: int) -> None:
    debt = Debt("tiktok:1:0", "Film")
    with database.write() as tx:
        found = [source_posts.owe(tx, key, "keep_up", [debt], most_checks=3) for _ in range(4)]
        other = source_posts.owe(tx, key, "backfill", [debt], most_checks=3)

    assert [one.waiting for one in found] == [1, 1, 0, 0]
    assert [one.given_up for one in found] == [(), (), ("Film",), ()]
    assert other.waiting == 1, "each walk has debts of its own"


def test_nothing_is_noted_of_a_source_that_is_not_there(database: Database) -> None:
    with database.write() as tx:
        see(tx, 99, "1", "a")
        source_posts.file_of(tx, 99, "a", 1)

    assert database.read().execute("SELECT COUNT(*) FROM source_posts").fetchone() == (0,)
    assert database.read().execute("SELECT COUNT(*) FROM source_files").fetchone() == (0,)
