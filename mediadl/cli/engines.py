"""`mediadl engines`: versions of the programs that know the sites."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from mediadl.cli import options, output
from mediadl.cli.options import Json
from mediadl.errors import InvalidInput
from mediadl.security.text import safe_text
from mediadl.service import open_services, records

if TYPE_CHECKING:
    from mediadl.service.engines import EngineInfo
    from mediadl.workers.engine_trial import Report
    from mediadl.workers.engine_update import Outcome

engines = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="yt-dlp, gallery-dl or instaloader.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="yt-dlp, gallery-dl, instaloader; none: all that are installed."),
]
From = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="FOLDER", help="A folder of wheels instead of the index; needs no network."
    ),
]


@engines.command("list")
def list_engines(json: Json = False) -> None:
    """Which version of each is used, where it is from, and whether it is old."""
    with open_services() as services:
        found = services.engines.list()
    if json:
        output.records(_info(one) for one in found)
        return
    output.table(
        ("engine", "in use", "from", "newest known", "age", "pinned", "previous", "note"),
        [
            (
                one.name,
                one.version or "-",
                {"packaged": "the program", "updated": "an update", "none": "not installed"}[one.source],
                one.newest or "not looked",
                "" if one.age_days is None else f"{one.age_days} d",
                "yes" if one.pinned else "",
                one.previous,
                _note(one),
            )
            for one in found
        ],
        numbers=(4,),
    )


@engines.command()
def update(
    names: Names = None,
    channel: Annotated[
        str, typer.Option(metavar="stable|nightly", help="Other than the setting engines.channel.")
    ] = "",
    folder: From = None,
    json: Json = False,
) -> int:
    """Take newer versions, each only after it was tried: it loads, fits, and lists what the present one lists.

    The version before is kept: mediadl engines rollback NAME. Jobs at work end with the version they began with.
    Exit code 1: a version was refused or could not be had; nothing was changed then.
    """
    chosen = options.choice(channel, ("stable", "nightly"), "channel") if channel else None
    with open_services() as services:
        done = services.engines.update(
            names or [],
            channel=cast("Literal['stable', 'nightly'] | None", chosen),
            folder=folder,
            tell=output.say,
        )
    return _tell(done, json=json)


@engines.command()
def rollback(name: Name, json: Json = False) -> int:
    """Go back to the version before, at once; a second time goes forth again."""
    with open_services() as services:
        done = services.engines.roll_back(name)
    return _tell([done], json=json)


@engines.command()
def pin(
    name: Name,
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="The version to stay with; fetched when needed.")
    ] = "",
    unpin: Annotated[bool, typer.Option("--unpin", help="Let updates change it again.")] = False,
    folder: From = None,
    json: Json = False,
) -> int:
    """Stay with one version: updates leave it alone."""
    if bool(version) == unpin:
        raise InvalidInput("give either a version or --unpin", next_step="See mediadl engines list.")
    with open_services() as services:
        if unpin:
            done = services.engines.unpin(name)
        else:
            done = services.engines.pin(name, version, folder=folder, tell=output.say)
    if not json:
        output.say(f"{done.name} {done.after}: {'may be updated again' if unpin else 'stays'}")
        return 0
    return _tell([done], json=json)


@engines.command("test")
def try_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Only this engine.")] = "",
    url: Annotated[
        list[str] | None,
        typer.Option("--url", metavar="URL", help="List this address; nothing is downloaded."),
    ] = None,
    json: Json = False,
) -> int:
    """Try the versions in use: a self-test, then listing the trial addresses without downloading."""
    worst = 0
    with open_services() as services:
        for one in [name] if name else [info.name for info in services.engines.list() if info.version]:
            report = services.engines.test(one, url or [])
            worst = max(worst, _report(one, report, json=json))
    return worst


def _tell(done: Sequence[Outcome], *, json: bool) -> int:
    from mediadl.service.engines import EngineService

    if json:
        output.records(
            {
                "name": one.name,
                "state": one.state.value,
                "before": one.before,
                "after": one.after,
                "reason": one.reason,
            }
            for one in done
        )
    else:
        for line in EngineService.words(done):
            output.say(line)
    return int(any(one.is_trouble for one in done))


def _report(name: str, report: Report, *, json: bool) -> int:
    failed = report.failed_check
    asked = [one for one in report.canaries if not one.is_other_business]
    if json:
        output.record(
            {
                "name": name,
                "version": report.version,
                "ok": failed is None and all(one.ok for one in asked),
                "checks": [{"check": one.word, "ok": one.ok, "what": one.what} for one in report.checks],
                "urls": [
                    {"url": one.url, "ok": one.ok, "kind": one.kind or None, "what": one.what}
                    for one in asked
                ],
            }
        )
        return int(failed is not None or not all(one.ok for one in asked))
    rows = [(one.ok, one.word, one.what) for one in report.checks]
    if failed is not None and failed not in report.checks:
        rows.append((False, failed.word, failed.what))
    rows += [(one.ok, one.url, one.what) for one in asked]
    left_out = [one for one in report.canaries if one.is_other_business]
    for one in left_out:
        output.say(f"{name} is not asked for {one.url}")
    for ok, tried, what in rows:
        output.data(
            " ".join(filter(None, ("ok    " if ok else "failed", name, safe_text(tried), safe_text(what))))
        )
    return int(failed is not None or not all(one.ok for one in asked))


def _note(one: EngineInfo) -> str:
    notes = []
    if one.is_old:
        notes.append(f"! old: mediadl engines update {one.name}")
    notes += [f"{version} was refused: {why}" for version, why in one.refused.items()]
    return "; ".join(notes)


def _info(one: EngineInfo) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version or None,
        "source": one.source,
        "packaged": one.packaged or None,
        "newest": one.newest or None,
        "checked_at": records.iso(one.checked_at),
        "age_days": one.age_days,
        "old": one.is_old,
        "pinned": one.pinned,
        "previous": one.previous or None,
        "stored": list(one.stored),
        "refused": one.refused,
    }
