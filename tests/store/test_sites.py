"""How sites are doing: cool-downs, failures in a row, and what front ends hear of it."""

from __future__ import annotations

from mediadl.events import EventKind
from mediadl.models import SiteState
from mediadl.store import journal, sites
from mediadl.store.database import Database
from store.making import NOW


def test_an_unknown_site_is_well(database: Database) -> None:
    assert sites.get(database.read(), "new") == SiteState("new", None, "", 0, None, "")


def test_failures_in_a_row_are_counted_and_a_success_ends_them(database: Database) -> None:
    with database.write() as tx:
        sites.cool_down(tx, "s", NOW + 10, "rate_limited", NOW)
        sites.cool_down(tx, "s", NOW + 30, "challenge", NOW)
        assert sites.get(tx, "s") == SiteState("s", NOW + 30, "challenge", 2, None, "challenge")

        sites.success(tx, "s", NOW + 31)
        assert sites.list(tx) == [SiteState("s", None, "", 0, NOW + 31, "")]


def test_a_rest_is_never_shortened(database: Database) -> None:
    with database.write() as tx:
        sites.cool_down(tx, "s", NOW + 100, "rate_limited", NOW)
        sites.cool_down(tx, "s", NOW + 5, "network", NOW)

        state = sites.get(tx, "s")
        assert (state.cooldown_until, state.cooldown_reason, state.last_error) == (
            NOW + 100,
            "rate_limited",
            "network",
        )


def test_only_changes_are_told(database: Database) -> None:
    with database.write() as tx:
        sites.success(tx, "s", NOW)
        sites.success(tx, "s", NOW)
        assert journal.last_id(tx) == 0

        sites.cool_down(tx, "s", NOW + 10, "rate_limited", NOW)
        sites.success(tx, "s", NOW)
        assert not sites.clear(tx, "s", NOW)

    told = journal.since(database.read(), 0)
    assert [event.kind for event in told] == [EventKind.SITE_CHANGED] * 2
    assert [event.payload["cooldown_until"] for event in told] == [NOW + 10, None]


def test_a_cool_down_can_be_ended_by_hand(database: Database) -> None:
    with database.write() as tx:
        sites.cool_down(tx, "s", NOW + 10, "rate_limited", NOW)

        assert sites.clear(tx, "s", NOW)
        assert sites.get(tx, "s").cooldown_until is None
