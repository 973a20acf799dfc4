"""`mediadl schedule preview` and `check`: what a run would fetch, and what a source is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mediadl.cli import output
from mediadl.cli.options import Json
from mediadl.cli.previewing import as_record, as_row
from mediadl.errors import MediadlError, NotFound
from mediadl.service import open_services
from mediadl.service import schedule_records as records
from mediadl.service.preview import Look, Outcome
from mediadl.service.schedule_check import Wanted


def put_into(schedule: typer.Typer) -> None:
    """Add the commands of this file to their noun."""
    schedule.command()(preview)
    schedule.command()(check)


def preview(
    which: Annotated[str, typer.Argument(metavar="SCHEDULE", help="Its number or its name.")],
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="WORD", help="Only sources with this in name or address."),
    ] = None,
    max_items: Annotated[
        int, typer.Option("--max-items", min=1, metavar="N", help="List no more of each source.")
    ] = 30,
    json: Json = False,
) -> int:
    """List what a run would fetch and what not, and by which rule; nothing is fetched."""
    with open_services() as services:
        looks = services.schedules.looks(which, most=max_items, only=source or ())
        if not looks:
            raise NotFound("no such source", next_step=f"See mediadl schedule show {which}.")
        troubles = [trouble for one, look in looks if (trouble := _look(one, look, json=json)) is not None]
    return troubles[0].exit_code if len(troubles) == len(looks) else 0


def check(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE…", help="Addresses, instagram:NAME, tiktok:@NAME.")
    ],
    platform: Annotated[str, typer.Option(metavar="WORD", help="Platform that must take them.")] = "",
    content_types: Annotated[
        list[str] | None, typer.Option("--type", metavar="WORD", help="What is wanted of an account.")
    ] = None,
    json: Json = False,
) -> None:
    """Say what sources are, who reads them, and which schedules look at them already; asks no site."""
    with open_services() as services:
        found = services.schedules.check_sources(sources, platform, content_types or ())
    if json:
        output.records(records.check(one) for one in found)
        return
    for n, one in enumerate(found):
        if n:
            output.data("")
        known = one.source
        output.facts(
            [
                ("source", _called(one.wanted)),
                ("content", f"{one.platform_title}: {one.content}"),
                ("address", one.wanted.url),
                ("read by", ", ".join(one.backends)),
                ("state", known.state.value if known is not None else "never looked at"),
                ("schedules", ", ".join(schedule.name for schedule in one.schedules)),
            ]
        )


def _look(one: Wanted, look: Look, *, json: bool) -> MediadlError | None:
    """List one source; returns why that did not work, which ends no other."""
    try:
        outcome = look.run()
    except MediadlError as error:
        output.say(f"{_called(one)}: {error.message}")
        return error
    finally:
        look.stop()
    if json:
        output.records({"source": one.url, **as_record(item)} for item in outcome.items)
    else:
        _print(one, outcome)
    if outcome.trouble is not None:
        output.say(f"{_called(one)}: {outcome.trouble.message}")
    return outcome.trouble


def _print(one: Wanted, outcome: Outcome) -> None:
    rows: list[tuple[Any, ...]] = [as_row(item) for item in outcome.items]
    output.table(("n", "", "title", "kind", "length", "size", "posted", "rule"), rows, numbers=(0, 4, 5))
    rejected = len(outcome.items) - outcome.accepted
    more = "; there may be more" if outcome.more else ""
    output.say(f"{_called(one)} ({one.content_type}): {outcome.accepted} accepted, {rejected} rejected{more}")


def _called(one: Wanted) -> str:
    return one.name or one.title or one.url
