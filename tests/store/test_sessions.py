"""Sessions per site and account: the one to use is the newest that works."""

from __future__ import annotations

from dataclasses import replace

from mediadl.models import Session
from mediadl.store import sessions
from mediadl.store.database import Database


def _session(account: str, imported_at: float = 1.0, broken: str = "", site: str = "instagram") -> Session:
    return Session(site, account, f"{site}-{account}.txt", 4, 9.0, imported_at, broken)


def test_the_newest_session_that_works_is_used(database: Database) -> None:
    with database.write() as tx:
        for session in (_session("old", 1), _session("new", 3), _session("newest", 5, "login_needed")):
            sessions.put(tx, session)

        assert [s.account for s in sessions.of_site(tx, "instagram", 5.0)] == ["new", "old", "newest"]
        assert sessions.of_site(tx, "tiktok", 5.0) == []
        assert [s.account for s in sessions.list(tx)] == ["new", "newest", "old"]


def test_a_session_is_marked_once(database: Database) -> None:
    with database.write() as tx:
        sessions.put(tx, _session("only"))
        assert sessions.mark_broken(tx, "instagram", "only", "login_needed")
        assert not sessions.mark_broken(tx, "instagram", "only", "login_needed")
        assert not sessions.mark_broken(tx, "instagram", "other", "login_needed")

        assert sessions.get(tx, "instagram", "only") == _session("only", broken="login_needed")


def test_a_session_that_ran_out_comes_after_those_that_are_good(database: Database) -> None:
    with database.write() as tx:
        sessions.put(tx, _session("old", 1))
        sessions.put(tx, replace(_session("new", 2), expires_at=4.0))

        assert [s.account for s in sessions.of_site(tx, "instagram", 5.0)] == ["old", "new"]


def test_importing_again_mends_a_session(database: Database) -> None:
    with database.write() as tx:
        sessions.put(tx, _session("me", broken="login_needed"))
        sessions.put(tx, _session("me", 2))

        assert sessions.list(tx) == [_session("me", 2)]
        assert sessions.remove(tx, "instagram", "me")
        assert not sessions.remove(tx, "instagram", "me")
