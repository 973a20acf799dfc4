"""`mediadl archive`: identities already fetched, whatever became of the files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mediadl.cli import options, output
from mediadl.cli.options import Json, Limit, Yes
from mediadl.service import exports, open_services

archive = typer.Typer(no_args_is_help=True)

Site = Annotated[str, typer.Option(help="Only this site.")]


@archive.command("list")
def list_identities(site: Site = "", limit: Limit = None, json: Json = False) -> None:
    """Identities as SITE:ID:INDEX."""
    with open_services() as services:
        most = options.rows(limit, json=json)
        found = services.archive.page(site, 0, most)
        total = services.archive.count(site) if len(found) >= most else len(found)
    if json:
        output.records({"site": one.site, "id": one.id, "index": one.index} for one in found)
        return
    for one in found:
        output.data(str(one))
    if total > len(found):
        output.say(f"{total - len(found)} more; --limit 0 shows all")


@archive.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="yt-dlp's archive.txt, gallery-dl's SQLite, or an export.")
    ],
    json: Json = False,
) -> None:
    """Take over what another program fetched, so that it is not fetched again."""
    with open_services() as services:
        made = services.archive.import_file(file)
    if json:
        output.record({"program": made.program, "entries": made.entries, "new": made.new})
    else:
        output.say(f"{made.entries} entries of {made.program}, {made.new} of them new")


@archive.command()
def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; - prints.")] = "-", site: Site = ""
) -> None:
    """Write the identities as JSON lines."""
    with open_services() as services:
        if file == "-":
            count = services.archive.export(sys.stdout, site)
        else:
            with exports.write_over(Path(file)) as stream:
                count = services.archive.export(stream, site)
    output.say(f"exported {count} identities")


@archive.command()
def forget(
    words: Annotated[list[str], typer.Argument(metavar="SITE:ID[:INDEX]…", help="What to fetch again.")],
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Forget identities: the next job that finds them fetches them again."""
    with open_services() as services:
        output.confirm(f"Forget {len(words)} {'identity' if len(words) == 1 else 'identities'}?", yes=yes)
        gone = services.archive.forget(words)
    if json:
        output.record({"forgotten": gone})
    else:
        output.say(f"forgot {gone}")
