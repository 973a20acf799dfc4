"""`mediadl session`: cookies per site and account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediadl.cli import output
from mediadl.cli.options import Json, Yes
from mediadl.service import open_services, records

session = typer.Typer(no_args_is_help=True)

Site = Annotated[str, typer.Argument(metavar="SITE", help="instagram, tiktok, or a host.")]


@session.command("import")
def import_(
    site: Site,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="cookies.txt in the Netscape format.")],
    account: Annotated[str, typer.Option(help="Name for the account.")] = "default",
    json: Json = False,
) -> None:
    """Take the cookies of one site from a cookies.txt; jobs that waited for them go on."""
    with open_services() as services:
        made = services.sessions.import_file(site, file, account)
    found = made.session
    if json:
        extra = {"left_out": made.left_out, "expired": made.expired, "woken": made.woken}
        output.record({**records.session(found), **extra})
        return
    output.say(f"kept {found.cookies} cookies of {found.site}, account {found.account}")
    if made.left_out:
        output.say(f"left out {made.left_out} cookies of other sites")
    if made.expired:
        output.say(f"left out cookies that have run out: {made.expired}")
    if made.woken:
        output.say(f"{made.woken} waiting jobs go on")


@session.command("list")
def list_sessions(json: Json = False) -> None:
    """Sites and accounts with cookies."""
    with open_services() as services:
        found = services.sessions.list()
    if json:
        output.records(records.session(one) for one in found)
        return
    output.table(
        ("site", "account", "cookies", "runs out", "imported", "trouble"),
        [
            (
                one.site,
                one.account,
                one.cookies,
                output.local(one.expires_at),
                output.local(one.imported_at),
                one.broken_reason,
            )
            for one in found
        ],
        numbers=(2,),
    )


@session.command()
def remove(
    site: Site,
    account: Annotated[str, typer.Option(help="Only this account.")] = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Forget cookies; the file is deleted."""
    with open_services() as services:
        output.confirm(f"Delete the cookies of {site}?", yes=yes)
        gone = services.sessions.remove(site, account)
    if json:
        output.records(records.session(one) for one in gone)
    else:
        output.say(f"removed {', '.join(f'{one.site} {one.account}' for one in gone)}")
