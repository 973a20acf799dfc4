"""The JSON form of platforms, their backends and tests of them. CLI and API print these."""

from __future__ import annotations

from typing import Any

from mediadl.models import BackendHealth, BackendTry
from mediadl.service import records
from mediadl.service.platforms import Details, Platform, Probe

NAMED_FAILURES = 5


def platform(one: Platform, now: float) -> dict[str, Any]:
    """A platform in a line."""
    return {
        "platform": one.name,
        "title": one.title,
        "health": one.light.value,
        "why": one.why,
        "last_success_at": records.iso(one.last_success_at),
        "cooldown_until": records.iso(one.cooldown_until),
        "cooldown_left_s": _left_s(one.cooldown_until, now),
        "backends": [health(backend, now) for backend in one.backends],
    }


def health(one: BackendHealth, now: float) -> dict[str, Any]:
    """How a backend does."""
    return {
        "backend": one.backend,
        "content_type": one.content_type,
        "health": one.light.value,
        "why": one.why,
        "last_tries": records.strip(one.tries),
        "reason": one.reason,
        "next_step": records.next_step(one.reason),
        "last_success_at": records.iso(one.last_success_at),
        "answer_s": one.answer_s,
        "rests_until": records.iso(one.rests_until),
        "rest_left_s": _left_s(one.rests_until, now),
    }


def details(found: Details, now: float) -> dict[str, Any]:
    """A platform in full."""
    return {
        **platform(found.platform, now),
        "content_types": found.content_types,
        "needs_login": list(found.needs_login),
        "by_type": [health(one, now) for one in found.by_type],
        "options": [
            {"name": option.name, "value": value, "default": option.default, "help": option.help}
            for option, value in found.options
        ],
        "limits": found.limits,
        "sessions": [records.session(one) for one in found.sessions],
        "resting": [
            {"site": site, "backend": backend, "account": account, "until": records.iso(breaker.open_until),
             "reason": breaker.reason}
            for site, backend, account, breaker in found.resting
        ],
        "failures": [{"backend": backend, **_try(how)} for backend, how in failures(found)],
        "advice": found.advice,
    }  # fmt: skip


def failures(found: Details) -> list[tuple[str, BackendTry]]:
    """The last failures, the newest first."""
    all_of_them = [(h.backend, how) for h in found.by_type for how in h.tries if how.kind]
    return sorted(all_of_them, key=lambda one: -one[1].at)[:NAMED_FAILURES]


def probe(found: Probe) -> dict[str, Any]:
    """What a test said."""
    return {
        "url": found.url,
        "ok": found.error is None,
        "items": found.items,
        "said": found.said,
        "error": {
            "reason": found.error.kind,
            "message": found.error.message,
            "next_step": found.error.next_step,
        }
        if found.error is not None
        else None,
        "tried": [{"backend": backend, **_try(how)} for backend, how in found.tried],
    }


def _try(how: BackendTry) -> dict[str, Any]:
    return {
        "at": records.iso(how.at),
        "logged_in": how.logged_in,
        "reason": how.kind,
        "message": how.message,
        "next_step": records.next_step(how.kind),
        "answer_s": how.answer_s,
        "took_s": how.took_s,
        "items": how.items,
    }


def _left_s(until: float | None, now: float) -> int | None:
    return None if until is None or until <= now else round(until - now)
