"""`mediadl logs`: what was written down."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from mediadl.cli import options, output
from mediadl.cli.options import Limit, Yes
from mediadl.logs import LEVELS, to_record
from mediadl.service import exports, open_services
from mediadl.service.logs import LogLine, LogQuery

logs = typer.Typer(invoke_without_command=True)

_SHOWN = 50


@logs.callback()
def show(
    context: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new lines.")] = False,
    level: Annotated[str, typer.Option(help="At least debug, info, warning or error.")] = "debug",
    module: Annotated[str, typer.Option(help="Only this module and what is in it.")] = "",
    job: Annotated[int | None, typer.Option(metavar="ID", help="Only lines about this job.")] = None,
    since: Annotated[str, typer.Option(metavar="T", help="From then on: 2h, 7d, a date or time.")] = "",
    until: Annotated[str, typer.Option(metavar="T", help="Up to then.")] = "",
    search: Annotated[str, typer.Option(metavar="TEXT", help="Lines that contain it.")] = "",
    limit: Limit = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """The last lines of the log."""
    query = LogQuery(
        level=options.choice(level, LEVELS, "level"),
        module=module,
        job=job,
        since=options.since(since),
        until=options.until(until),
        text=search,
    )
    context.obj = query
    if context.invoked_subcommand is not None:
        return
    most = (0 if json else _SHOWN) if limit is None else limit
    with open_services() as services:
        end = services.logs.end()
        _print(services.logs.tail(query, most or 2**31, end), json=json)
        if follow:
            sys.stdout.flush()
            services.logs.follow(query, lambda lines: _print(lines, json=json), threading.Event(), end)


@logs.command()
def export(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; - prints.")],
) -> None:
    """Write lines as JSON; filters go before the word export."""
    with open_services() as services:
        if file == "-":
            count = services.logs.export(context.obj, sys.stdout)
        else:
            with exports.write_over(Path(file)) as stream:
                count = services.logs.export(context.obj, stream)
    output.say(f"exported {count} lines")


@logs.command()
def clear(yes: Yes = False) -> None:
    """Delete all log files."""
    output.confirm("Delete all log files?", yes=yes)
    with open_services() as services:
        count = services.logs.clear()
    output.say(f"deleted {count} files")


def _print(lines: list[LogLine], *, json: bool) -> None:
    if json:
        output.records(to_record(line) for line in lines)
    else:
        for line in lines:
            about = f" job {line.job}" if line.job is not None else ""
            first, *more = line.message.split("\n")
            output.data(f"{output.local(line.at)} {line.level.upper():7} {line.module}{about}: {first}")
            for rest in more:
                output.data(f"    {rest}")
    sys.stdout.flush()
