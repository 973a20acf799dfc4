"""`mediadl history`: stored files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mediadl.cli import options, output
from mediadl.cli.options import Json, Limit
from mediadl.errors import FolderNotWritable, InvalidInput
from mediadl.models import HistoryQuery, HistorySort, MediaKind
from mediadl.service import moments, open_services, records
from mediadl.service.history import ExportFormat

history = typer.Typer(no_args_is_help=True)

Platform = Annotated[str, typer.Option(help="Only this platform.")]
Source = Annotated[str, typer.Option(help="Only this account, channel or host.")]
Kind = Annotated[str, typer.Option("--type", help="image, video, audio, document or other.")]
Since = Annotated[str, typer.Option(metavar="D", help="Stored on or after; 7d: the last week.")]
Until = Annotated[str, typer.Option(metavar="D", help="Stored on or before.")]
MinSize = Annotated[str, typer.Option(metavar="SIZE", help="At least so large: 500k, 10M, 1.5GB.")]
MaxSize = Annotated[str, typer.Option(metavar="SIZE", help="At most so large.")]
Sort = Annotated[str, typer.Option(help="stored, platform, source, size, title; -KEY: the other way round.")]


@history.command("list")
def list_files(
    platform: Platform = "",
    source: Source = "",
    kind: Kind = "",
    since: Since = "",
    until: Until = "",
    min_size: MinSize = "",
    max_size: MaxSize = "",
    sort: Sort = "stored",
    limit: Limit = None,
    json: Json = False,
) -> None:
    """Stored files, newest first."""
    _list(_query(platform, source, kind, since, until, min_size, max_size, sort), limit, json=json)


@history.command()
def search(
    text: Annotated[list[str], typer.Argument(metavar="TEXT…", help="Words, or beginnings of words.")],
    platform: Platform = "",
    source: Source = "",
    kind: Kind = "",
    since: Since = "",
    until: Until = "",
    min_size: MinSize = "",
    max_size: MaxSize = "",
    sort: Sort = "stored",
    limit: Limit = None,
    json: Json = False,
) -> None:
    """Stored files whose title, source, address or path has all the words."""
    query = _query(platform, source, kind, since, until, min_size, max_size, sort, " ".join(text))
    _list(query, limit, json=json)


@history.command()
def show(
    download_id: Annotated[int, typer.Argument(metavar="ID", help="Number of the file in the history.")],
    json: Json = False,
) -> None:
    """Everything about one stored file."""
    with open_services() as services:
        found = services.history.get(download_id)
    if json:
        output.record(records.download(found))
        return
    output.facts(
        {
            **records.download(found),
            "posted_at": output.local(found.posted_at),
            "stored_at": output.local(found.stored_at),
        }.items()
    )


@history.command()
def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; - prints.")] = "-",
    form: Annotated[
        str, typer.Option("--format", help="csv or json (one object per line); else by the file's name.")
    ] = "",
    platform: Platform = "",
    source: Source = "",
    kind: Kind = "",
    since: Since = "",
    until: Until = "",
    min_size: MinSize = "",
    max_size: MaxSize = "",
    sort: Sort = "stored",
) -> None:
    """Write the history as CSV or JSON lines."""
    query = _query(platform, source, kind, since, until, min_size, max_size, sort)
    ending = Path(file).suffix.removeprefix(".").removesuffix("l")
    guess = ending if ending in set(ExportFormat) else ExportFormat.CSV.value
    chosen = options.choice(form or guess, ExportFormat, "format")
    with open_services() as services:
        if file == "-":
            count = services.history.export(query, sys.stdout, chosen)
        else:
            try:
                with Path(file).expanduser().open("w", encoding="utf-8", newline="") as stream:
                    count = services.history.export(query, stream, chosen)
            except OSError as error:
                raise FolderNotWritable(
                    f"cannot write {file}: {error.strerror or error}", next_step="Choose another file."
                ) from error
    output.say(f"exported {count} files")


def _list(query: HistoryQuery, limit: int | None, *, json: bool) -> None:
    from mediadl.widgets.amounts import size

    most = options.rows(limit, json=json)
    with open_services() as services:
        found = services.history.page(query, 0, most)
        if json:
            output.records(records.download(one) for one in found)
            return
        output.table(
            ("id", "stored", "platform", "source", "size", "path"),
            [
                (
                    one.id,
                    output.local(one.stored_at),
                    one.platform,
                    one.source,
                    size(one.size_bytes),
                    one.path,
                )
                for one in found
            ],
            numbers=(0, 4),
        )
        total = services.history.count(query) if len(found) >= most else len(found)
    if total > len(found):
        output.say(f"{total - len(found)} more; --limit 0 shows all")


def _query(
    platform: str,
    source: str,
    kind: str,
    since: str,
    until: str,
    min_size: str,
    max_size: str,
    sort: str,
    search: str = "",
) -> HistoryQuery:
    query = HistoryQuery(
        platform=platform,
        source=source,
        kind=options.choice(kind, MediaKind, "type") if kind else None,
        since=options.since(since),
        until=options.until(until),
        min_size_bytes=moments.size(min_size) if min_size else None,
        max_size_bytes=moments.size(max_size) if max_size else None,
        search=search,
        sort=options.choice(sort.removeprefix("-"), HistorySort, "order"),
        descending=not sort.startswith("-"),
    )
    if query.since is not None and query.until is not None and query.since > query.until:
        raise InvalidInput("since is later than until", next_step="Swap the two dates.")
    return query
