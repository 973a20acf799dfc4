"""`mediadl platforms`: what can be downloaded from, how each way there does, a test of one."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from mediadl.cli import output
from mediadl.cli.options import Json
from mediadl.models import BackendHealth, BackendTry
from mediadl.service import open_services, records
from mediadl.service.platforms import Details, Platform, Probe

platforms = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A platform's name, as `list` shows it.")]


@platforms.command("list")
def list_platforms(json: Json = False) -> None:
    """Every platform with its backends, and how they do: the last tries as + and -."""
    with open_services() as services:
        found = services.platforms.list()
    now = time.time()
    if json:
        output.records(_platform(one, now) for one in found)
        return
    rows: list[tuple[object, ...]] = []
    for one in found:
        rows.append(
            (
                one.name,
                "",
                one.light,
                "",
                output.local(one.last_success_at),
                _rest(one.cooldown_until, now),
                one.why,
            )
        )
        rows += [_row(backend, now) for backend in one.backends]
    output.table(("platform", "backend", "health", "last tries", "last success", "rests", "why"), rows)


@platforms.command()
def show(name: Name, json: Json = False) -> None:
    """One platform in full: content types, options, limits, logins, what failed and what helps."""
    with open_services() as services:
        found = services.platforms.show(name)
    now = time.time()
    if json:
        output.record(_details(found, now))
        return
    one = found.platform
    output.facts(
        [
            ("platform", f"{one.title} ({one.name})"),
            ("health", f"{one.light}: {one.why}"),
            ("last success", output.local(one.last_success_at) or "never"),
            ("rests", _rest(one.cooldown_until, now)),
            *((f"limit: {word}", value) for word, value in found.limits.items()),
            ("advice", found.advice),
        ]
    )
    output.data("")
    output.table(
        ("content type", "what", "login"),
        [
            (kind, words, "needed" if kind in found.needs_login else "")
            for kind, words in found.content_types.items()
        ],
    )
    output.data("")
    output.table(
        ("content type", "backend", "health", "last tries", "first item", "rests", "why"),
        [
            (
                h.content_type,
                h.backend,
                h.light,
                _strip(h),
                _seconds(h.answer_s),
                _rest(h.rests_until, now),
                h.why,
            )
            for h in found.by_type
        ],
    )
    _more(found, now)


@platforms.command("test")
def probe(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="[URL]", help="What to ask for; else something known.")] = "",
    json: Json = False,
) -> int:
    """Ask for a little of an address, without downloading, and say how each backend did."""
    with open_services() as services:
        found = services.platforms.test(name, url, None if json else output.say)
    if json:
        output.record(_probed(found))
    else:
        output.table(
            ("backend", "login", "answer", "items", "took"),
            [
                (
                    backend,
                    "yes" if how.logged_in else "no",
                    f"{records.title(how.kind)}: {how.message}" if how.kind else "answered",
                    how.items,
                    _seconds(how.took_s),
                )
                for backend, how in found.tried
            ],
            numbers=(3,),
        )
        output.say(_verdict(found))
    return found.error.exit_code if found.error is not None else 0


@platforms.command()
def resume(name: Name, json: Json = False) -> None:
    """Let a platform that rests be asked again at once."""
    with open_services() as services:
        ended = services.platforms.clear(name)
    if json:
        output.record({"platform": name, "ended": ended})
    else:
        output.say(f"ended {ended} rests of {name}" if ended else f"nothing of {name} rests")


def _verdict(found: Probe) -> str:
    if found.error is not None:
        return f"{found.url}: {found.error.title}: {found.error.message}. {found.error.next_step}"
    return f"{found.url}: {found.said or f'{found.items} items listed, none downloaded'}"


def _more(found: Details, now: float) -> None:
    if found.options:
        output.data("")
        output.table(
            ("option", "value", "default", "what"),
            [(option.name, value, option.default, option.help) for option, value in found.options],
        )
    if found.sessions:
        output.data("")
        output.table(
            ("login", "runs out", "trouble"),
            [(one.account, output.local(one.expires_at), one.broken_reason) for one in found.sessions],
        )
    if found.resting:
        output.data("")
        output.table(
            ("rests", "backend", "login", "until", "after"),
            [
                (site, backend, account, _rest(breaker.open_until, now), records.title(breaker.reason))
                for site, backend, account, breaker in found.resting
            ],
        )
    failed = _failures(found)
    if failed:
        output.data("")
        output.table(
            ("failed", "backend", "what", "cause", "what helps"),
            [
                (
                    output.local(how.at),
                    backend,
                    records.title(how.kind),
                    how.message,
                    records.next_step(how.kind),
                )
                for backend, how in failed
            ],
        )


def _failures(found: Details) -> list[tuple[str, BackendTry]]:
    """The last five failures, the newest first."""
    all_of_them = [(h.backend, how) for h in found.by_type for how in h.tries if how.kind]
    return sorted(all_of_them, key=lambda one: -one[1].at)[:5]


def _row(health: BackendHealth, now: float) -> tuple[object, ...]:
    last = output.local(health.last_success_at)
    return (
        "",
        health.backend,
        health.light,
        _strip(health),
        last,
        _rest(health.rests_until, now),
        health.why,
    )


def _strip(health: BackendHealth) -> str:
    return records.strip(health.tries)


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"


def _rest(until: float | None, now: float) -> str:
    if until is None or until <= now:
        return ""
    from mediadl.widgets.amounts import span
    from mediadl.widgets.when import local

    return f"until {local(until, now)} (in {span(until - now)})"


def _left_s(until: float | None, now: float) -> int | None:
    return None if until is None or until <= now else round(until - now)


def _platform(one: Platform, now: float) -> dict[str, Any]:
    return {
        "platform": one.name,
        "title": one.title,
        "health": one.light.value,
        "why": one.why,
        "last_success_at": records.iso(one.last_success_at),
        "cooldown_until": records.iso(one.cooldown_until),
        "cooldown_left_s": _left_s(one.cooldown_until, now),
        "backends": [_health(backend, now) for backend in one.backends],
    }


def _health(one: BackendHealth, now: float) -> dict[str, Any]:
    return {
        "backend": one.backend,
        "content_type": one.content_type,
        "health": one.light.value,
        "why": one.why,
        "last_tries": _strip(one),
        "reason": one.reason,
        "next_step": records.next_step(one.reason),
        "last_success_at": records.iso(one.last_success_at),
        "answer_s": one.answer_s,
        "rests_until": records.iso(one.rests_until),
        "rest_left_s": _left_s(one.rests_until, now),
    }


def _details(found: Details, now: float) -> dict[str, Any]:
    return {
        **_platform(found.platform, now),
        "content_types": found.content_types,
        "needs_login": list(found.needs_login),
        "by_type": [_health(one, now) for one in found.by_type],
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
        "failures": [{"backend": backend, **_try(how)} for backend, how in _failures(found)],
        "advice": found.advice,
    }  # fmt: skip


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


def _probed(found: Probe) -> dict[str, Any]:
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
