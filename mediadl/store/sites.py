"""How each site is doing: cool-downs that keep its jobs from starting, and its recent luck."""

from __future__ import annotations

import builtins
import sqlite3

from mediadl.errors import STRANDED_S
from mediadl.events import Event, EventKind
from mediadl.models import SiteState
from mediadl.store import journal

_COLUMNS = "site, cooldown_until, cooldown_reason, failures, last_success_at, last_error"


def make_indexes(connection: sqlite3.Connection) -> None:
    """A step of the schema: those that rest, those that refused, those used last, without a look at all others."""
    connection.execute("CREATE INDEX sites_resting ON sites(cooldown_until) WHERE cooldown_until IS NOT NULL")
    connection.execute("CREATE INDEX sites_refused ON sites(failures) WHERE failures > 0")
    connection.execute("CREATE INDEX site_outcomes_failing ON site_outcomes(failures) WHERE failures > 0")
    connection.execute(
        "CREATE INDEX site_outcomes_recent ON site_outcomes("
        "max(coalesce(last_success_at, 0), coalesce(last_failure_at, 0)))"
    )


def refused(tx: sqlite3.Connection, site: str, until: float, reason: str, now: float) -> float:
    """Let a site rest that refused a job; returns until when.

    What was on its way when it was told to rest is no further failure: the rest grows with each probe, not with each
    job that meets the same refusal.
    """
    known = get(tx, site).cooldown_until
    if known is None or known <= now:
        cool_down(tx, site, until, reason, now)
        return until
    return known


def cool_down(tx: sqlite3.Connection, site: str, until: float, reason: str, now: float) -> None:
    """Let a site rest until a moment; counts as one more failure in a row. A longer rest is never shortened."""
    tx.execute(
        "INSERT INTO sites(site, cooldown_until, cooldown_reason, failures, last_error) VALUES (?, ?, ?, 1, ?)"
        " ON CONFLICT(site) DO UPDATE SET failures = failures + 1, last_error = excluded.last_error,"
        " cooldown_reason = CASE WHEN coalesce(cooldown_until, 0) <= excluded.cooldown_until"
        " THEN excluded.cooldown_reason ELSE cooldown_reason END,"
        " cooldown_until = max(coalesce(cooldown_until, 0), excluded.cooldown_until)",
        (site, until, reason, reason),
    )
    _tell(tx, get(tx, site), now)


def success(tx: sqlite3.Connection, site: str, now: float) -> None:
    """Note that a site gave what was asked: failures start over, a cool-down ends."""
    before = get(tx, site)
    tx.execute(
        "INSERT INTO sites(site, last_success_at) VALUES (?, ?) ON CONFLICT(site) DO UPDATE SET"
        " last_success_at = excluded.last_success_at, failures = 0, cooldown_until = NULL, cooldown_reason = '',"
        " last_error = ''",
        (site, now),
    )
    if before.cooldown_until is not None or before.failures:
        _tell(tx, get(tx, site), now)


def clear(tx: sqlite3.Connection, site: str, now: float) -> bool:
    """End a site's cool-down at once; false when it had none."""
    changed = tx.execute(
        "UPDATE sites SET cooldown_until = NULL, cooldown_reason = '', failures = 0"
        " WHERE site = ? AND cooldown_until IS NOT NULL",
        (site,),
    ).rowcount
    if changed:
        _tell(tx, get(tx, site), now)
    return bool(changed)


def free_stranded(tx: sqlite3.Connection, now: float) -> int:
    """End cool-downs that last longer than anything may: the clock was wrong when they began. Returns how many."""
    rows = tx.execute("SELECT site FROM sites WHERE cooldown_until > ?", (now + STRANDED_S,)).fetchall()
    return sum(clear(tx, row[0], now) for row in rows)


def resting(connection: sqlite3.Connection, now: float) -> builtins.list[SiteState]:
    """The sites that nobody may ask now."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM sites WHERE cooldown_until > ?", (now,)).fetchall()
    return [SiteState(*row) for row in rows]


def half_open(connection: sqlite3.Connection, now: float) -> builtins.list[str]:
    """The sites whose rest is over and that have given nothing since: one job may show whether they answer."""
    rows = connection.execute(
        "SELECT site FROM sites WHERE failures > 0 AND coalesce(cooldown_until, 0) <= ?", (now,)
    ).fetchall()
    return [row[0] for row in rows]


def get(connection: sqlite3.Connection, site: str) -> SiteState:
    """How a site is doing; one nothing is known of is well."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM sites WHERE site = ?", (site,)).fetchone()
    return SiteState(*row) if row else SiteState(site, None, "", 0, None, "")


def list(connection: sqlite3.Connection) -> builtins.list[SiteState]:  # noqa: A001 - reads like the command
    """All sites something is known of, by name."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM sites ORDER BY site").fetchall()
    return [SiteState(*row) for row in rows]


def _tell(tx: sqlite3.Connection, state: SiteState, now: float) -> None:
    payload = {
        "site": state.site,
        "cooldown_until": state.cooldown_until,
        "reason": state.cooldown_reason,
        "failures": state.failures,
    }
    journal.append(tx, [Event(EventKind.SITE_CHANGED, None, payload)], now)
