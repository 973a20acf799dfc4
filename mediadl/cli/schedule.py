"""`mediadl schedule`: what is looked at again and again, when, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mediadl.cli import output, schedule_files, schedule_looks, schedule_view
from mediadl.cli.options import Json, Limit, Yes, rows
from mediadl.cli.schedule_options import takes_fields
from mediadl.errors import InvalidInput
from mediadl.models.schedules import RunState
from mediadl.security.text import safe_text
from mediadl.service import open_services
from mediadl.service import schedule_records as records

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.schedules import Started

schedule = typer.Typer(no_args_is_help=True)

Which = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Its number or its name.")]
Several = Annotated[
    list[str] | None, typer.Argument(metavar="SCHEDULE…", help="Their numbers or names.", show_default=False)
]
Wait = Annotated[bool, typer.Option("--wait", help="Show progress and return when all its jobs have ended.")]

_HISTORY = 20


@schedule.command()
@takes_fields
def add(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE…", help="Addresses, instagram:NAME, tiktok:@NAME.")
    ],
    told: dict[str, Any],
    json: Json = False,
) -> None:
    """Look at sources again and again, and fetch what is new. Says in words when, and the next five times."""
    with open_services() as services:
        service = services.schedules
        if not told.get("name"):
            told["name"] = service.suggest_name(
                sources, str(told.get("platform", "")), str(told.get("content_types", "")).split(",")[:1]
            )
        made = service.add(told | {"sources": sources})
        found = service.details(made.id)
        spec = made.spec
        checked = service.check_sources(spec["sources"], spec["platform"], spec["content_types"])
    if json:
        output.record(records.details(found))
        return
    schedule_view.print_rule(found)
    for one in checked:
        others = [other.name for other in one.schedules if other.id != made.id]
        if others:
            output.say(f"{one.wanted.name or one.wanted.url} is looked at by {', '.join(others)} as well")


@schedule.command("list")
def list_schedules(
    enabled: Annotated[bool, typer.Option("--enabled", help="Only those that are switched on.")] = False,
    json: Json = False,
) -> None:
    """Schedules with their next run, in local time, and what the last one brought."""
    with open_services() as services:
        found = [one for one in services.schedules.list() if one.schedule.enabled or not enabled]
        if found and services.settings.values().schedules.paused:
            output.say("all schedules are held: mediadl settings set schedules.paused false lets them go on")
    if json:
        output.records(records.planned(one) for one in found)
        return
    schedule_view.print_list(found)
    if not found:
        output.say("no schedule yet: mediadl schedule add instagram:NAME --every 6h")


@schedule.command()
def show(which: Which, json: Json = False) -> None:
    """One schedule: what it was told, its sources, its next runs, how it did."""
    with open_services() as services:
        found = services.schedules.details(which)
    if json:
        output.record(records.details(found))
    else:
        schedule_view.print_details(found)


@schedule.command()
@takes_fields
def edit(
    which: Which,
    told: dict[str, Any],
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="WORD", help="These sources instead of what it has."),
    ] = None,
    add_source: Annotated[
        list[str] | None, typer.Option("--add-source", metavar="WORD", help="This source as well.")
    ] = None,
    drop_source: Annotated[
        list[str] | None, typer.Option("--drop-source", metavar="WORD", help="This source no longer.")
    ] = None,
    no_filters: Annotated[bool, typer.Option("--no-filters", help="Without the filters it has.")] = False,
    json: Json = False,
) -> None:
    """Change a schedule; what is not given stays. An empty value takes one back: --window "", --option KEY=."""
    with open_services() as services:
        was = services.schedules.get(which)
        if sources := _sources(was.spec["sources"], source, add_source, drop_source):
            told["sources"] = sources
        if "filters" in told or no_filters:
            told["filters"] = ({} if no_filters else was.spec["filters"]) | told.get("filters", {})
        if "options" in told:
            merged = was.spec["options"] | told["options"]
            told["options"] = {name: value for name, value in merged.items() if value}
        if not told:
            raise InvalidInput("nothing to change", next_step="See mediadl schedule edit --help.")
        services.schedules.change(was.id, told)
        found = services.schedules.details(was.id)
    if json:
        output.record(records.details(found))
        return
    schedule_view.print_rule(found)


@schedule.command()
def remove(which: Several = None, yes: Yes = False, json: Json = False) -> None:
    """Forget schedules and their history. Files, archive and queued jobs stay."""
    with open_services() as services:
        found = [services.schedules.get(word) for word in _some(which)]
        names = ", ".join(one.name for one in found)
        output.confirm(f"Remove {'the schedule ' if len(found) == 1 else ''}{names}?", yes=yes)
        gone = services.schedules.remove([one.id for one in found])
    if json:
        output.records(records.schedule(one) for one in gone)
    else:
        output.say(f"removed {names}")


@schedule.command()
def duplicate(
    which: Which,
    name: Annotated[str, typer.Option(metavar="WORD", help="What the new one is called.")] = "",
    json: Json = False,
) -> None:
    """Make another schedule like one; it is switched off until you enable it."""
    with open_services() as services:
        made = services.schedules.duplicate(which, name)
    if json:
        output.record(records.schedule(made))
    else:
        output.data(f"{made.id}  {safe_text(made.name)}")
        output.say(f"it is off: mediadl schedule enable {made.id}")


@schedule.command()
def enable(
    which: Several = None,
    all_: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    json: Json = False,
) -> None:
    """Let schedules start by themselves."""
    _switch(which, all_=all_, on=True, json=json)


@schedule.command()
def disable(
    which: Several = None,
    all_: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    json: Json = False,
) -> None:
    """Keep schedules, but let nothing start by itself; jobs in the queue go on."""
    _switch(which, all_=all_, on=False, json=json)


@schedule.command()
def run(which: Which, wait: Wait = False, json: Json = False) -> int:
    """Look at the sources now; the next time stays as it is."""
    with open_services() as services:
        heard_id = services.queue.last_event_id() if wait else 0
        return _told_run(services, services.schedules.run_now(which), heard_id, wait=wait, json=json)


@schedule.command()
def gap(which: Which, wait: Wait = False, json: Json = False) -> int:
    """Fill gaps: walk down every source's list, without a limit, until everything known is reached."""
    with open_services() as services:
        heard_id = services.queue.last_event_id() if wait else 0
        return _told_run(services, services.schedules.fill_gap(which), heard_id, wait=wait, json=json)


@schedule.command()
def history(which: Which, limit: Limit = None, json: Json = False) -> None:
    """What the runs of a schedule did, newest first, and how they go on the whole."""
    with open_services() as services:
        most = rows(limit, json=json) if limit is not None or json else _HISTORY
        found = services.schedules.history(which, most)
        statistics = services.schedules.statistics(which)
    if json:
        output.records(records.run(one) for one in found)
        return
    schedule_view.print_runs(found)
    output.say(schedule_view.in_short(statistics) if found else "it has not run yet")


def _told_run(services: Services, started: Started, heard_id: int, *, wait: bool, json: bool) -> int:
    """Say what was begun, and wait for it if asked to; returns the exit code."""
    run_, jobs = started.run, list(started.job_ids)
    if json and not (wait and jobs):
        output.record({**records.run(run_), "job_ids": jobs})
    elif not json:
        output.say(schedule_view.begun(run_, jobs))
        if not wait:
            for job_id in jobs:
                output.data(str(job_id))
    if not jobs:
        return 1 if run_.state is RunState.FAILED else 0
    if not wait:
        return 0
    from mediadl.cli.wait import wait_for

    return wait_for(services, jobs, heard_id, json=json)


def _switch(which: list[str] | None, *, all_: bool, on: bool, json: bool) -> None:
    with open_services() as services:
        service = services.schedules
        words = [str(one.schedule.id) for one in service.list()] if all_ else _some(which)
        changed = service.enable(words) if on else service.disable(words)
    if json:
        output.records(records.schedule(one) for one in changed)
        return
    word = "on" if on else "off"
    names = ", ".join(one.name for one in changed)
    output.say(f"{word}: {names}" if changed else f"nothing to do: already {word}")


def _some(which: list[str] | None) -> list[str]:
    if not which:
        raise InvalidInput(
            "no schedule given", next_step="Give numbers or names; mediadl schedule list has them."
        )
    return which


def _sources(
    had: list[str], instead: list[str] | None, further: list[str] | None, gone: list[str] | None
) -> list[str]:
    """The sources after a change; nothing when none was asked for."""
    if not (instead or further or gone):
        return []
    found = list(instead or had)
    for word in gone or ():
        if word not in found:
            raise InvalidInput(f"it has no source {word!r}", next_step=f"It has: {', '.join(found[:5])}.")
        found.remove(word)
    return [*found, *(word for word in further or () if word not in found)]


schedule_looks.put_into(schedule)
schedule_files.put_into(schedule)
