"""How backends did and what rests: kept by site, twenty outcomes each, and quick however many sites there are."""

from __future__ import annotations

from mediadl.models import BackendTry, Breaker
from mediadl.store import spending, tries
from mediadl.store.database import Database
from store.making import NOW


def test_twenty_outcomes_of_each_kind_are_kept(database: Database) -> None:
    with database.write() as tx:
        for n in range(30):
            tries.note(tx, "p", "s", "b", "posts", BackendTry(NOW + n, "", items=n))
        tries.note(tx, "p", "s", "b", "stories", BackendTry(NOW, "network", "reset", True, None, 1.5))

    read = database.read()
    assert [one.items for one in tries.last(read, "p", "b", "posts")] == list(range(10, 30))
    assert tries.last(read, "p", "b", "stories") == [BackendTry(NOW, "network", "reset", True, None, 1.5)]
    assert tries.asked(read, "p") == [("b", "posts"), ("b", "stories")]
    assert tries.asked(read, "other") == []


def test_breakers_are_kept_by_site_backend_and_account(database: Database) -> None:
    opened = Breaker(3, 3, 1, NOW + 100, None, "challenge")
    with database.write() as tx:
        tries.put_breaker(tx, "p", "s", "b", "", opened)
        tries.put_breaker(tx, "p", "s", "b", "me", Breaker(failures=1))
        tries.put_breaker(tx, "p", "s", "c", "", Breaker())

    read = database.read()
    assert tries.breaker(read, "s", "b", "") == opened
    assert tries.breaker(read, "s", "c", "") == Breaker()
    assert tries.all_breakers(read, "s") == [("b", "", opened), ("b", "me", Breaker(failures=1))]
    assert tries.resting(read, "p", NOW) == [("s", "b", "", opened)]
    assert tries.resting(read, "p", NOW + 101) == []


def test_rests_can_be_ended(database: Database) -> None:
    with database.write() as tx:
        for account in ("", "me"):
            tries.put_breaker(tx, "p", "s", "b", account, Breaker(open_until=NOW))

        assert tries.close(tx, "s", "me") == 1
        assert tries.close(tx, "s") == 1


def test_an_accounts_requests_are_counted_and_old_ones_forgotten(database: Database) -> None:
    with database.write() as tx:
        spending.note(tx, "s", "me", NOW)
        spending.note(tx, "s", "you", NOW + 1)
        spending.note(tx, "s", "me", NOW + 5)

    assert spending.sent(database.read(), "s", "me", NOW - 1) == [NOW, NOW + 5]
    assert spending.sent(database.read(), "s", "me", NOW) == [NOW + 5]
    with database.write() as tx:
        spending.note(tx, "s", "me", NOW + spending.KEPT_S + 3)
    assert spending.sent(database.read(), "s", "me", 0) == [NOW + 5, NOW + spending.KEPT_S + 3]
