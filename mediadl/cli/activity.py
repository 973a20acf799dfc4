"""`mediadl activity`: who did what from where."""

from __future__ import annotations

from typing import Annotated

import typer

from mediadl.cli import options, output
from mediadl.cli.options import Json, Limit
from mediadl.service import account_records, open_services

activity = typer.Typer(no_args_is_help=True)

_MOST = 100_000


@activity.callback()
def _group() -> None:
    """Who did what from where."""


@activity.command("list")
def list_activity(
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="Only of this account, or owner.")] = "",
    action: Annotated[
        str,
        typer.Option("--action", metavar="WORD", help="Only actions that begin so: job, login, user.add."),
    ] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Only what was refused.")] = False,
    since: Annotated[str, typer.Option(metavar="TIME", help="Only since then: 2h, yesterday, a date.")] = "",
    limit: Limit = None,
    json: Json = False,
) -> None:
    """What was done, the newest first. Older lines than security.activity_days are deleted."""
    with open_services() as services:
        found = services.activity.list(
            who=user,
            action=action,
            outcome="refused" if refused else "",
            since=options.since(since),
            limit=min(options.rows(limit, json=json), _MOST),
        )
    if json:
        output.records(map(account_records.act, found))
        return
    output.table(
        ("when", "who", "via", "from", "what", "to what", "outcome"),
        [
            (output.local(one.at), one.who, one.via, one.address, one.action, one.target, one.outcome)
            for one in found
        ],
    )
    if not found:
        output.say("nothing was written down")
