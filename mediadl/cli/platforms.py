"""`mediadl platforms`: what can be downloaded from, how each way there does, a test of one."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from mediadl.cli import output
from mediadl.cli.options import Json
from mediadl.models import BackendHealth
from mediadl.service import open_services, platform_records, records
from mediadl.service.platforms import Details, Probe

platforms = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A platform's name, as `list` shows it.")]


@platforms.command("list")
def list_platforms(json: Json = False) -> None:
    """Every platform with its backends, and how they do: the last tries as + and -."""
    with open_services() as services:
        found = services.platforms.list()
    now = time.time()
    if json:
        output.records(platform_records.platform(one, now) for one in found)
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
        output.record(platform_records.details(found, now))
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
        output.record(platform_records.probe(found))
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
    failed = platform_records.failures(found)
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
