"""Tries of passwords and codes are counted before they are looked at, and made to wait when too many were wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediadl.errors import LoginRefused
from mediadl.security import throttle
from mediadl.security.text import safe_text
from mediadl.store import logins

if TYPE_CHECKING:
    from mediadl.store.database import Connection, Database

_PLACE_S = 30 * 86_400.0
"""For so long an address is known from which somebody signed in."""


def hold_back(store: Database, folded: str, address: str, now: float, user_id: int | None = None) -> None:
    """Count a try for an account (empty: none) from an address, so that many at once are no more than one by one.

    `user_id`: the account, if there is one of that name.

    Raises:
        LoginRefused: it has to wait.
    """
    with store.write(durable=False) as tx:
        place = safe_text(address, limit=64)
        known = user_id is not None and logins.is_known_place(tx, user_id, place, now - _PLACE_S)
        asked = [b for b in throttle.buckets(folded, address) if not (known and b.skipped_if_known)]
        wait_s = max(throttle.wait_s(b, *logins.failures(tx, b.key), now) for b in asked)
        if wait_s <= 0:
            for bucket in asked:
                number, last_at = logins.failures(tx, bucket.key)
                logins.set_failures(tx, bucket.key, throttle.left(number, last_at, now) + 1, now)
    if wait_s > 0:
        raise LoginRefused(
            f"too many tries: wait {throttle.in_words(wait_s)}", reason="throttled", retry_after_s=wait_s
        )


def take_back(tx: Connection, folded: str, address: str, *, all_of_it: bool = False) -> None:
    """Uncount a try that was right; `all_of_it`: and what failed before it, where that is forgiven."""
    for bucket in throttle.buckets(folded, address):
        number, last_at = logins.failures(tx, bucket.key)
        if all_of_it and bucket.forgiven:
            logins.forgive(tx, bucket.key)
        elif number:
            logins.set_failures(tx, bucket.key, number - 1, last_at)
