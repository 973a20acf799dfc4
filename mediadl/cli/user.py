"""`mediadl user`: accounts for the browser and the API."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mediadl.cli import output, secret_input
from mediadl.cli.options import Json, Yes, choice
from mediadl.errors import InvalidInput
from mediadl.models.accounts import User
from mediadl.security.permissions import Role
from mediadl.service import Services, account_records, open_services

user = typer.Typer(no_args_is_help=True)

_CODE_TRIES = 3

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the account.")]


@user.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="admin, user or viewer.")] = "user",
    json: Json = False,
) -> None:
    """Make an account; the password is asked for, or read from a pipe.

    A user adds jobs and sees their own, a viewer sees everything and changes nothing, an admin may do all.
    """
    chosen = choice(role, Role, "role")
    with open_services() as services:
        made = services.users.add(name, chosen, _new_password(name))
    _tell(made, f"made {made.role} {made.name}", json=json)


@user.command("list")
def list_users(json: Json = False) -> None:
    """Accounts, what they are for, when they were used."""
    with open_services() as services:
        found = services.users.list()
    if json:
        output.records(map(account_records.user, found))
        return
    output.table(
        ("name", "role", "state", "2fa", "signed in", "last login", "from"),
        [
            (
                one.name,
                one.role,
                _state(one),
                "on" if one.has_totp else "off",
                one.logins,
                output.local(one.last_login_at),
                one.last_login_from,
            )
            for one in found
        ],
        numbers=(4,),
    )
    if not found:
        output.say("no account yet: mediadl user add NAME --role admin, or open mediadl serve in a browser")


@user.command()
def password(name: Name, json: Json = False) -> None:
    """Give an account a new password, asked for or read from a pipe; it is signed out everywhere."""
    with open_services() as services:
        services.users.get(name)
        changed = services.users.set_password(name, _new_password(name))
    _tell(changed, f"changed the password of {changed.name}", json=json)


@user.command()
def role(
    name: Name,
    new: Annotated[str, typer.Argument(metavar="ROLE", help="admin, user or viewer.")],
    json: Json = False,
) -> None:
    """Change what an account may do; it acts at once, and signs it out everywhere."""
    chosen = choice(new, Role, "role")
    with open_services() as services:
        changed = services.users.set_role(name, chosen)
    _tell(changed, f"{changed.name} is {changed.role} now", json=json)


@user.command()
def enable(name: Name, json: Json = False) -> None:
    """Let an account sign in again; waits after wrong passwords end."""
    with open_services() as services:
        changed = services.users.enable(name)
    _tell(changed, f"{changed.name} may sign in", json=json)


@user.command()
def disable(name: Name, json: Json = False) -> None:
    """Shut an account: it is signed out everywhere, and its tokens stop working."""
    with open_services() as services:
        changed = services.users.disable(name)
    _tell(changed, f"{changed.name} may not sign in any more", json=json)


@user.command()
def remove(name: Name, yes: Yes = False, json: Json = False) -> None:
    """Delete an account with its logins and tokens; its jobs and files become those of this machine's owner."""
    with open_services() as services:
        found = services.users.get(name)
        output.confirm(f"Delete the account {found.name}?", yes=yes)
        gone = services.users.remove(name)
    _tell(gone, f"removed {gone.name}", json=json)


@user.command("2fa")
def second_factor(
    name: Name,
    off: Annotated[bool, typer.Option("--off", help="Do without the second factor.")] = False,
    codes: Annotated[bool, typer.Option("--codes", help="Make new recovery codes.")] = False,
    yes: Yes = False,
) -> None:
    """Set up an authenticator app: shows a QR code, asks for a code of the app, prints recovery codes.

    With --off the account needs its password only; with --codes the recovery codes of before stop working.
    """
    if off and codes:
        raise InvalidInput("--off and --codes do not go together", next_step="Give one of them.")
    with open_services() as services:
        found = services.users.get(name)
        if off:
            output.confirm(f"Let {found.name} sign in with the password only?", yes=yes)
            services.users.drop_totp(name)
            output.say(f"{found.name} needs no code any more")
        elif codes:
            _print_codes(services.users.new_recovery_codes(name))
        else:
            if found.has_totp:
                output.confirm(f"{found.name} has an app already. Put another one in its place?", yes=yes)
            offer = services.users.offer_totp(name)
            _show_qr(offer.uri)
            output.say(f"Scan it with the app, or type this into it: {offer.seed}")
            _print_codes(_confirmed(services, name))
            output.say(f"{found.name} needs a code of the app from now on")


def _show_qr(uri: str) -> None:
    """Draw the QR code on stderr, where only whoever sits there sees it."""
    import segno

    # Small enough for 24 lines
    segno.make(uri, error="l").terminal(out=sys.stderr, compact=True, border=2)
    sys.stderr.flush()


def _print_codes(codes: tuple[str, ...]) -> None:
    output.say("Recovery codes, each good once instead of the app's code. They are not shown again:")
    for code in codes:
        output.data(code)


def _confirmed(services: Services, name: str) -> tuple[str, ...]:
    """Ask for a code of the app until it is right; from a pipe, once."""
    left = _CODE_TRIES if sys.stdin.isatty() else 1
    while True:
        try:
            return services.users.confirm_totp(name, _code())
        except InvalidInput as error:
            left -= 1
            if not left:
                raise
            output.complain(error)


def _code() -> str:
    if sys.stdin.isatty():
        sys.stderr.write("Code of the app: ")
        sys.stderr.flush()
    return sys.stdin.readline(256).strip()


def _new_password(name: str) -> str:
    """A new password; at a terminal twice, since nobody sees it."""
    first = secret_input.password(f"New password of {name}")
    if sys.stdin.isatty() and secret_input.password("The same again") != first:
        raise InvalidInput("the two are not the same", next_step="Try again; nothing was changed.")
    return first


def _state(one: User) -> str:
    if one.disabled_at is not None:
        return "disabled"
    return "enabled" if one.has_password else "needs a password"


def _tell(one: User, words: str, *, json: bool) -> None:
    if json:
        output.record(account_records.user(one))
    else:
        output.say(words)
