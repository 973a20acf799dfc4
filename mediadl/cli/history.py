"""`mediadl history`: stored files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mediadl.cli import options, output
from mediadl.cli.options import Json, Limit, Yes
from mediadl.errors import InvalidInput, MediadlError, NotFound
from mediadl.models import HistoryQuery, HistorySort, MediaKind
from mediadl.service import Services, exports, open_services, records
from mediadl.service.history import ExportFormat
from mediadl.timing import moments

history = typer.Typer(no_args_is_help=True)

Platform = Annotated[str, typer.Option(help="Only this platform.")]
Source = Annotated[str, typer.Option(help="Only this account, channel or host.")]
Kind = Annotated[str, typer.Option("--type", help="image, video, audio, document or other.")]
Since = Annotated[str, typer.Option(metavar="D", help="Stored on or after; 7d: the last week.")]
Until = Annotated[str, typer.Option(metavar="D", help="Stored on or before.")]
MinSize = Annotated[str, typer.Option(metavar="SIZE", help="At least so large: 500k, 10M, 1.5GB.")]
MaxSize = Annotated[str, typer.Option(metavar="SIZE", help="At most so large.")]
OnlyCopy = Annotated[
    bool, typer.Option("--only-copy", help="Only what is not to be had any more where it came from.")
]
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID…", help="Numbers in the history, such as 3 or 5-9.")
]
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
    only_copy: OnlyCopy = False,
    sort: Sort = "stored",
    limit: Limit = None,
    json: Json = False,
) -> None:
    """Stored files, newest first."""
    _list(_query(platform, source, kind, since, until, min_size, max_size, only_copy, sort), limit, json=json)


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
    only_copy: OnlyCopy = False,
    sort: Sort = "stored",
    limit: Limit = None,
    json: Json = False,
) -> None:
    """Stored files whose title, source, address or path has all the words."""
    query = _query(platform, source, kind, since, until, min_size, max_size, only_copy, sort, " ".join(text))
    _list(query, limit, json=json)


@history.command()
def show(
    download_id: Annotated[int, typer.Argument(metavar="ID", help="Number of the file in the history.")],
    json: Json = False,
) -> None:
    """Everything about one stored file."""
    with open_services() as services:
        found = services.history.get(download_id)
        before = services.history.before(download_id)
    if json:
        names = {"former_names": list(found.former_names)}
        output.record({**records.download(found), **names, **records.before(before)})
        return
    improved = {}
    if before is not None:
        improved = {"improved": f"on {output.local(before.improved_at)} from {before.width}x{before.height}"}
    output.facts(
        {
            **records.download(found),
            "source": ", ".join([found.source, *(f"formerly {name}" for name in found.former_names)]),
            "posted_at": output.local(found.posted_at),
            "stored_at": output.local(found.stored_at),
            "only_copy_at": f"since {output.local(found.only_copy_at)}: only copy here"
            if found.only_copy_at
            else "",
            **improved,
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
    only_copy: OnlyCopy = False,
    sort: Sort = "stored",
) -> None:
    """Write the history as CSV or JSON lines."""
    query = _query(platform, source, kind, since, until, min_size, max_size, only_copy, sort)
    ending = Path(file).suffix.removeprefix(".").removesuffix("l")
    guess = ending if ending in set(ExportFormat) else ExportFormat.CSV.value
    chosen = options.choice(form or guess, ExportFormat, "format")
    with open_services() as services:
        if file == "-":
            count = services.history.export(query, sys.stdout, chosen)
        else:
            with exports.write_over(Path(file)) as stream:
                count = services.history.export(query, stream, chosen)
    output.say(f"exported {count} files")


@history.command("open")
def open_(
    download_id: Annotated[int, typer.Argument(metavar="ID", help="Number of the file in the history.")],
    folder: Annotated[bool, typer.Option("--folder", help="Open the folder it is in.")] = False,
) -> None:
    """Show a stored file with the program of the desktop; without one, print where it is."""
    from mediadl.service import desktop

    with open_services() as services:
        path = Path(services.history.get(download_id).path)
    if not desktop.has_desktop():
        output.data(str(path.parent if folder else path))
    elif folder:
        desktop.open_folder(path)
    else:
        desktop.open_file(path)


@history.command()
def delete(
    ids: Ids = None,
    platform: Platform = "",
    source: Source = "",
    kind: Kind = "",
    since: Since = "",
    until: Until = "",
    min_size: MinSize = "",
    max_size: MaxSize = "",
    only_copy: OnlyCopy = False,
    record_only: Annotated[bool, typer.Option("--record-only", help="Keep the files.")] = False,
    file_only: Annotated[bool, typer.Option("--file-only", help="Keep the records.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Let the same media be fetched again.")] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Delete files and their records: those named, or all that the filters find."""
    from mediadl.widgets.amounts import size

    if record_only and file_only:
        raise InvalidInput(
            "record and file are both to stay", next_step="Give one of the two options, or none."
        )
    query = _query(platform, source, kind, since, until, min_size, max_size, only_copy, "stored")
    with open_services() as services:
        chosen = _choose(services, ids, query)
        amount = services.history.amount(chosen)
        if not amount.files:
            raise NotFound("no such file in the history", next_step="See mediadl history list.")
        what = (
            "records, not the files," if record_only else "files, not the records," if file_only else "files"
        )
        output.confirm(f"Delete {amount.files:,} {what} ({size(amount.size_bytes)})?", yes=yes)
        done = services.history.delete(chosen, files=not record_only, record=not file_only, forget=forget)
    if json:
        output.record(
            {
                "records": done.records,
                "files": done.files,
                "size": done.size_bytes,
                "missing": done.missing,
                "refused": done.refused,
                "refusals": [
                    {"id": r.download_id, "path": r.path, "reason": r.reason} for r in done.refusals
                ],
            }
        )
    else:
        for path in done.missing_paths:
            output.say(f"was gone already: {path}")
        for refusal in done.refusals:
            output.say(f"not deleted: {refusal.path}: {refusal.reason}")
        output.say(f"deleted {done.files:,} files ({size(done.size_bytes)}) and {done.records:,} records")
    if done.refused:
        raise typer.Exit(MediadlError.exit_code)


@history.command()
def redownload(ids: Ids = None, json: Json = False) -> None:
    """Fetch the pages these files came from once more, whatever the archive knows."""
    if not ids:
        raise InvalidInput("no file named", next_step="Give numbers; see mediadl history list.")
    with open_services() as services:
        chosen = options.ids(ids)
        missing = set(chosen) - {one.id for one in services.history.get_many(chosen)}
        if missing:
            raise NotFound(f"no file {min(missing)} in the history", next_step="See mediadl history list.")
        again = services.history.redownload(chosen)
    if json:
        output.records({"id": job_id} for job_id in again.job_ids)
    else:
        for job_id in again.job_ids:
            output.data(str(job_id))
    for number, why in again.refusals:
        output.say(f"file {number}: {why}")
    if again.refused:
        raise typer.Exit(MediadlError.exit_code)


@history.command()
def improve(
    ids: Ids = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say which files.")] = False,
    json: Json = False,
) -> None:
    """Look for better versions of small pictures, and put them in their place.

    Without numbers: those worth a try, as many as quality_upgrade.daily_limit leaves for today. A file is replaced only
    by a larger version in the same format, and only if it is as it was stored.
    """
    with open_services() as services:
        chosen = options.ids(ids) if ids else None
        missing = set(chosen or ()) - {one.id for one in services.history.get_many(chosen or ())}
        if missing:
            raise NotFound(f"no file {min(missing)} in the history", next_step="See mediadl history list.")
        done = services.history.improve(chosen, dry_run=dry_run)
    if json:
        output.record(
            {
                "job_ids": done.job_ids,
                "files": [one.id for one in done.files],
                "refusals": [{"id": number, "reason": why} for number, why in done.refusals],
            }
        )
    else:
        for file in done.files if dry_run else ():
            output.data(f"{file.id}  {file.width}x{file.height}  {file.path}")
        for job_id in done.job_ids:
            output.data(str(job_id))
        for number, why in done.refusals:
            output.say(f"file {number}: {why}")
        output.say(_improving_words(len(done.files), dry_run=dry_run))
    if chosen and done.refusals:
        raise typer.Exit(MediadlError.exit_code)


def _improving_words(files: int, *, dry_run: bool) -> str:
    if not files:
        return "no file to look for"
    what = "1 file" if files == 1 else f"{files:,} files"
    return (
        f"would look for better versions of {what}" if dry_run else f"looking for better versions of {what}"
    )


def _choose(services: Services, ids: list[str] | None, query: HistoryQuery) -> list[int]:
    narrowed = query != HistoryQuery()
    if bool(ids) == narrowed:
        raise InvalidInput(
            "say which files, in one way", next_step="Give numbers, or filters such as --source NAME."
        )
    if ids:
        return options.ids(ids)
    listing = services.history.listing(query)
    return [] if listing is None else listing.numbers.tolist()


def _list(query: HistoryQuery, limit: int | None, *, json: bool) -> None:
    from mediadl.widgets import history_text
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
                    f"{history_text.ONLY_COPY}: {one.path}" if one.only_copy_at else one.path,
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
    only_copy: bool,
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
        only_copy=only_copy,
        sort=options.choice(sort.removeprefix("-"), HistorySort, "order"),
        descending=not sort.startswith("-"),
    )
    if query.since is not None and query.until is not None and query.since > query.until:
        raise InvalidInput("since is later than until", next_step="Swap the two dates.")
    return query
