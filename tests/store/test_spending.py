"""What an account spent is counted whatever clocks do, and not for ever."""

from __future__ import annotations

from mediadl.pipeline.pacing import DAY_S, Budget, standing
from mediadl.store import spending
from mediadl.store.database import Database
from store.making import NOW


def test_moments_from_before_a_clock_was_set_back_count_from_now_and_not_for_ever(database: Database) -> None:
    ahead = NOW + 365 * DAY_S
    with database.write() as tx:
        for n in range(3):
            spending.note(tx, "s", "me", ahead + n)
        spending.note(tx, "other", "me", ahead)

    with database.write() as tx:
        spending.bring_back(tx, "s", NOW)

    sent = spending.sent(database.read(), "s", "me", 0)
    assert sent == [NOW] * 3
    assert standing(sent, Budget(per_day=3), NOW + 1).until is not None
    assert standing(sent, Budget(per_day=3), NOW + DAY_S + 1).until is None
    assert spending.sent(database.read(), "other", "me", 0) == [ahead]


def test_moments_that_are_over_stay_as_they_are(database: Database) -> None:
    with database.write() as tx:
        spending.note(tx, "s", "me", NOW - 5)
        spending.bring_back(tx, "s", NOW)

    assert spending.sent(database.read(), "s", "me", 0) == [NOW - 5]
