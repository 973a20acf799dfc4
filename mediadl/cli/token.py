"""`mediadl token`: keys for programs that use the API."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from mediadl.cli import output
from mediadl.cli.options import Json, Yes
from mediadl.errors import InvalidInput
from mediadl.security.permissions import SCOPES
from mediadl.service import account_records, open_services
from mediadl.settings.kinds import parse_duration

token = typer.Typer(no_args_is_help=True)


@token.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for, such as phone.")],
    scope: Annotated[
        list[str], typer.Option("--scope", "-s", help=f"What it may do, repeated: {', '.join(SCOPES)}.")
    ],
    user: Annotated[
        str, typer.Option("--user", metavar="USER", help="Whose it is; else this machine's owner's.")
    ] = "",
    expires: Annotated[
        str, typer.Option("--expires", metavar="TIME", help="Good for so long: 12h, 90d; or never.")
    ] = "90d",
    json: Json = False,
) -> None:
    """Make a token and print it; it is not shown again. It never may more than its account."""
    scopes = [word for one in scope for word in one.split(",")]
    with open_services() as services:
        secret, made = services.tokens.create(name, scopes, _end(expires), user=user)
    if json:
        output.record({**account_records.token(made), "token": secret})
    else:
        until = f"good until {output.local(made.expires_at)}" if made.expires_at else "good until revoked"
        output.say(
            f"token {made.id} {made.name} ({', '.join(made.scopes)}), {until}. Keep it: not shown again"
        )
        output.data(secret)


@token.command("list")
def list_tokens(json: Json = False) -> None:
    """Tokens, what they may do, when they were used."""
    with open_services() as services:
        found = services.tokens.list()
    if json:
        output.records(map(account_records.token, found))
        return
    output.table(
        ("id", "name", "account", "scopes", "expires", "last used", "from"),
        [
            (
                one.id,
                one.name,
                one.user or "owner",
                " ".join(one.scopes),
                output.local(one.expires_at) or "never",
                output.local(one.used_at),
                one.used_from,
            )
            for one in found
        ],
        numbers=(0,),
    )
    if not found:
        output.say("no token yet: mediadl token create NAME --scope read")


@token.command()
def revoke(
    number: Annotated[int, typer.Argument(metavar="ID", min=1, help="Number of the token.")],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take a token back; it stops working at once."""
    with open_services() as services:
        output.confirm(f"Revoke token {number}?", yes=yes)
        gone = services.tokens.revoke(number)
    if json:
        output.record(account_records.token(gone))
    else:
        output.say(f"revoked token {gone.id} {gone.name}")


def _end(text: str) -> float | None:
    if text.strip().lower() == "never":
        return None
    length_s = parse_duration(text)
    if length_s is None or not 0 < length_s < 100 * 366 * 86_400:
        raise InvalidInput(f"not a length of time: {text[:40]!r}", next_step="Give 12h, 90d or never.")
    return time.time() + length_s
