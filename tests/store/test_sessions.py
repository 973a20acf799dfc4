"""Sessions per site and account: the one to use is the newest that works."""

from __future__ import annotations

from mediadl.models import Session
from mediadl.store import sessions
from mediadl.store.database import Database


def _session(account: str, imported_at: float = 1.0, broken: str = "", site: str = "instagram") -> Session:
    return Session(site, account, f"{site}-{account}.txt", 4, 9.0, imported_at, broken)


def test_the_newest_session_that_works_is_used(database: Database) -> None:
    with database.write() as tx:
        for session in (_session("old", 1), _session("new", 3), _session("newest", 5, "login_needed")):
            sessions.put(tx, session)

        assert sessions.get_for(tx, "instagram") == _session("new", 3)
        assert sessions.get_for(tx, "tiktok") is None
        assert [s.account for s in sessions.list(tx)] == ["new", "newest", "old"]


def test_a_broken_session_is_better_than_none(database: Database) -> None:
    with database.write() as tx:
        sessions.put(tx, _session("only"))
        assert sessions.mark_broken(tx, "instagram", "only", "login_needed")
        assert not sessions.mark_broken(tx, "instagram", "other", "login_needed")

        assert sessions.get_for(tx, "instagram") == _session("only", broken="login_needed")


def test_importing_again_mends_a_session(database: Database) -> None:
    with database.write() as tx:
        sessions.put(tx, _session("me", broken="login_needed"))
        sessions.put(tx, _session("me", 2))

        assert sessions.list(tx) == [_session("me", 2)]
        assert sessions.remove(tx, "instagram", "me")
        assert not sessions.remove(tx, "instagram", "me")
