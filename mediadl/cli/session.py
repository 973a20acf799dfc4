"""`mediadl session`: logins per site and account."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from mediadl.cli import output, secret_input
from mediadl.cli.options import Json, Yes
from mediadl.errors import InvalidInput, LoginNeeded
from mediadl.models import Session, SessionStanding
from mediadl.service import open_services, records
from mediadl.service.session_choice import standing_words
from mediadl.service.sessions import DEFAULT_ACCOUNT, Extras, Imported, Tested

session = typer.Typer(no_args_is_help=True)

Site = Annotated[
    str, typer.Argument(metavar="SITE", help="instagram, tiktok, or a host such as forum.example.")
]
Account = Annotated[str, typer.Option(help="Name for the account; a site can have several.")]
Use = Annotated[
    str, typer.Option(help="When it is used: needed, always or never; else as platforms.login says.")
]
Agent = Annotated[str, typer.Option(help="What the browser calls itself; some cookies work with it only.")]

_PASTE_HOW = "Paste a request's Cookie header, a cookie extension's JSON or a cookies.txt"


@session.command("import")
def import_(
    site: Site,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="cookies.txt, or a cookie extension's JSON.")
    ] = "",
    from_browser: Annotated[
        str,
        typer.Option(
            "--from-browser",
            metavar="NAME[:PROFILE]",
            help="firefox, chrome, chromium, edge, brave, opera, vivaldi.",
        ),
    ] = "",
    paste: Annotated[
        bool,
        typer.Option(
            "--paste", help="Take what is pasted, or piped in: a Cookie header, curl command or JSON."
        ),
    ] = False,
    account: Account = DEFAULT_ACCOUNT,
    user_agent: Agent = "",
    use: Use = "",
    test: Annotated[
        bool, typer.Option("--test/--no-test", help="Ask the site whether the login works.")
    ] = True,
    json: Json = False,
) -> None:
    """Take a site's cookies from a file, a browser here or a paste; jobs that waited for them go on.

    Kept sealed. Only the cookies of that site are taken.
    """
    if sum((bool(file), bool(from_browser), paste)) != 1:
        raise InvalidInput(
            "no source, or more than one", next_step="Give a FILE, --from-browser NAME or --paste."
        )
    extras = Extras(account, user_agent, use, test)
    with open_services() as services:
        if from_browser:
            made = services.sessions.import_browser(site, from_browser, extras)
        elif paste or file == "-":
            made = services.sessions.import_paste(site, secret_input.paste(_PASTE_HOW), extras)
        else:
            made = services.sessions.import_file(site, Path(file), extras=extras)
    _tell_import(made, json=json)


@session.command()
def login(
    site: Site,
    user: Annotated[str, typer.Option("--user", help="Name of the account on the site.")],
    account: Account = DEFAULT_ACCOUNT,
    use: Use = "",
    json: Json = False,
) -> None:
    """Keep name and password for a forum; the password is asked for, or read from a pipe.

    Jobs then log in by the site's own form when they need to. Kept sealed.
    """
    with open_services() as services:
        secret = secret_input.password(f"Password of {user} at {site}")
        made = services.sessions.set_password(site, user, secret, Extras(account, use=use))
    _tell_import(made, json=json)


@session.command("list")
def list_sessions(json: Json = False) -> None:
    """Sites and accounts with a login, and until when it is good."""
    with open_services() as services:
        found = services.sessions.list()
    now = time.time()
    if json:
        output.records({**records.session(one), "standing": one.standing(now).value} for one in found)
        return
    output.table(
        ("site", "account", "login", "cookies", "imported", "last test"),
        [
            (
                one.site,
                one.account,
                standing_words(one, now),
                one.cookies,
                output.local(one.imported_at),
                one.checked,
            )
            for one in found
        ],
        numbers=(3,),
    )
    if not found:
        output.say("no login yet: mediadl session import SITE cookies.txt, or --from-browser NAME")
    for one in found:
        if one.standing(now) is not SessionStanding.FINE:
            output.say(f"{_name(one)}: {standing_words(one, now)}. {_mend(one)}")


@session.command("test")
def check_sessions(
    site: Site,
    account: Annotated[str, typer.Option(help="Only this account.")] = "",
    json: Json = False,
) -> None:
    """Ask a site whether its logins work."""
    with open_services() as services:
        found = services.sessions.test(site, account)
    for one in found:
        if json:
            output.record(_tested(one))
        else:
            output.say(f"{_name(one.session)}: {one.words}")
    if any(one.works is False for one in found):
        raise typer.Exit(LoginNeeded.exit_code)
    failed = [one.error for one in found if one.error is not None]
    if failed:
        raise typer.Exit(failed[0].exit_code)


@session.command()
def remove(
    site: Site,
    account: Annotated[str, typer.Option(help="Only this account.")] = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Forget logins; the site is not told."""
    with open_services() as services:
        output.confirm(f"Delete the cookies of {site}?", yes=yes)
        gone = services.sessions.remove(site, account)
    if json:
        output.records(records.session(one) for one in gone)
    else:
        output.say(f"removed {', '.join(f'{one.site} {one.account}' for one in gone)}")


def _tell_import(made: Imported, *, json: bool) -> None:
    found = made.session
    if json:
        extra = {
            "left_out": made.left_out,
            "expired": made.expired,
            "woken": made.woken,
            "warning": made.warning,
            "tested": made.tested.works if made.tested else None,
        }
        output.record({**records.session(found), **extra})
    elif found.has_password and not found.cookies:
        output.say(f"kept name and password for {found.site}, account {found.account}")
    else:
        output.say(f"kept {_cookies(found.cookies)} of {found.site}, account {found.account}")
    if not json:
        _tell_details(made)
    if made.advice:
        output.say(f"note: {made.advice}")
    if made.tested is not None and made.tested.works is False:
        raise typer.Exit(LoginNeeded.exit_code)


def _tell_details(made: Imported) -> None:
    found = made.session
    if made.left_out:
        output.say(f"left out {_cookies(made.left_out)} of other sites")
    if made.expired:
        output.say(f"left out cookies that have run out: {made.expired}")
    if made.warning:
        output.say(f"warning: {made.warning}")
    elif found.expires_at is not None:
        output.say(f"login: {standing_words(found, time.time())}")
    if made.tested is not None:
        output.say(f"test: {made.tested.words}")
    if made.woken:
        output.say(f"{made.woken} waiting {'job goes' if made.woken == 1 else 'jobs go'} on")


def _tested(one: Tested) -> dict[str, object]:
    return {**records.session(one.session), "works": one.works, "words": one.words}


def _cookies(count: int) -> str:
    return "1 cookie" if count == 1 else f"{count} cookies"


def _name(one: Session) -> str:
    return one.site if one.account == DEFAULT_ACCOUNT else f"{one.site} {one.account}"


def _mend(one: Session) -> str:
    account = "" if one.account == DEFAULT_ACCOUNT else f" --account {one.account}"
    if one.has_password and not one.cookies:
        return f"Give the password anew: mediadl session login {one.site} --user NAME{account}"
    return f"Import it anew: mediadl session import {one.site} cookies.txt{account}"
