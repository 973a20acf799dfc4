"""`mediadl db`: check the database, copy it, say what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediadl.cli import output
from mediadl.cli.options import Json
from mediadl.service import open_services

db = typer.Typer(no_args_is_help=True)

_UNUSABLE = 9


@db.command()
def check(json: Json = False) -> int:
    """Read every page and say what is wrong."""
    with open_services() as services:
        problems = services.database.check()
    if json:
        output.record({"ok": not problems, "problems": problems})
    else:
        for problem in problems:
            output.data(problem)
        output.say("the database is damaged" if problems else "no damage found")
    return _UNUSABLE if problems else 0


@db.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, or a folder.")], json: Json = False
) -> None:
    """Copy the database as it is now, while everything goes on."""
    with open_services() as services:
        path = services.database.backup(file)
    if json:
        output.record({"path": str(path), "size": path.stat().st_size})
    else:
        output.data(str(path))


@db.command()
def info(json: Json = False) -> None:
    """Where it is, how large, which schema, how many rows."""
    with open_services() as services:
        found = services.database.info()
    if json:
        output.record(found)
        return
    rows = found.pop("rows")
    output.facts([*found.items(), *((f"rows in {name}", count) for name, count in rows.items())])
