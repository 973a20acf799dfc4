"""When one way to a site is left alone, for how long, and who may try it again first. Pure.

A breaker is *closed* while all goes well, *open* while nobody may try, and *half-open* when its time is over: then one
job may, and only its success closes it. There is one for each backend of a site, and one more for each account that it
is used with.
"""

from __future__ import annotations

import random
from dataclasses import replace
from enum import StrEnum

from mediadl.errors import (
    STRANDED_S,
    Challenge,
    DownloadError,
    EngineBroken,
    Forbidden,
    LoginNeeded,
    NetworkFailed,
    NoMedia,
    RateLimited,
    ServerError,
    SiteChanged,
    Unknown,
)
from mediadl.models import Breaker

CHALLENGES = 3
"""So many bot checks in a row open a breaker."""
FAILURES = 5
"""So many failures of any kind in a row do."""
RESTS_S = (3600.0, 4 * 3600.0, 12 * 3600.0, 24 * 3600.0)
"""How long it stays open the first time, the second time in a row and so on."""
RATE_RESTS_S = (900.0, 1800.0, 3600.0, 7200.0)
"""The same after a rate limit that another backend was asked over."""
LOGIN_REST_S = 12 * 3600.0
"""After a login was refused; new cookies end it at once."""
PROBE_S = 900.0
"""A probe that says nothing for so long is thought lost."""
_JITTER = (1.0, 1.1)

_ANYWHERE = (Challenge, Forbidden)
_KNOWN_SITES = (ServerError, NetworkFailed, SiteChanged, EngineBroken, Unknown, NoMedia)
"""Blamed on the backend only where it was made for the site: any page of the web may be broken or empty."""


class State(StrEnum):
    """What a breaker lets through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


def state(breaker: Breaker, now: float) -> State:
    """What it lets through now (epoch seconds)."""
    if breaker.open_until is None:
        return State.CLOSED
    waits = _is_ahead(breaker.open_until, now) or _is_ahead(breaker.probe_until, now)
    return State.OPEN if waits else State.HALF_OPEN


def rests_until(breaker: Breaker, now: float) -> float | None:
    """When it may be tried again, if it may not be now."""
    if state(breaker, now) is not State.OPEN:
        return None
    ends = (breaker.open_until, breaker.probe_until)
    return max(until for until in ends if until is not None and _is_ahead(until, now))


def probing(breaker: Breaker, now: float) -> Breaker:
    """The same with a probe on its way: nobody else may try until it says something."""
    return replace(breaker, probe_until=now + PROBE_S)


def counts(error: DownloadError, *, made_for_site: bool) -> bool:
    """Whether a failure is the backend's: it says nothing about the address, and another backend may do better."""
    return isinstance(error, _ANYWHERE) or (made_for_site and isinstance(error, _KNOWN_SITES))


def refuses_login(error: DownloadError, *, logged_in: bool) -> bool:
    """Whether a failure says that the account's login is dead."""
    return logged_in and isinstance(error, LoginNeeded)


def succeeded() -> Breaker:
    """After an answer: closed, everything forgotten."""
    return Breaker()


def failed(
    breaker: Breaker,
    error: DownloadError,
    *,
    logged_in: bool,
    made_for_site: bool,
    now: float,
    jitter: random.Random,
) -> Breaker:
    """After a failure. One that says nothing about the way leaves it as it is, but ends a probe.

    A rate limit counts when the chain went on: one that ended the job is the whole site's (`pipeline.outcome`).
    """
    if refuses_login(error, logged_in=logged_in):
        return replace(breaker, open_until=now + LOGIN_REST_S, probe_until=None, opened=1, reason=error.kind)
    if isinstance(error, RateLimited):
        rest_s = RATE_RESTS_S[min(breaker.opened, len(RATE_RESTS_S) - 1)] * jitter.uniform(*_JITTER)
        until = now + max(rest_s, error.retry_after_s or 0.0)
        return replace(
            breaker, open_until=until, probe_until=None, opened=breaker.opened + 1, reason=error.kind
        )
    if not counts(error, made_for_site=made_for_site):
        return replace(breaker, probe_until=None)
    seen = replace(
        breaker,
        failures=breaker.failures + 1,
        challenges=breaker.challenges + isinstance(error, Challenge),
        probe_until=None,
    )
    was_open = breaker.open_until is not None
    if not was_open and seen.failures < FAILURES and seen.challenges < CHALLENGES:
        return seen
    if was_open and _is_ahead(breaker.open_until, now):
        return seen  # one that was on its way when it opened
    rest_s = RESTS_S[min(seen.opened, len(RESTS_S) - 1)] * jitter.uniform(*_JITTER)
    return replace(seen, opened=seen.opened + 1, open_until=now + rest_s, reason=error.kind)


def _is_ahead(until: float | None, now: float) -> bool:
    """Whether a moment is to come. Later than any rest: noted before the clock was set back, and over."""
    return until is not None and now < until <= now + STRANDED_S
