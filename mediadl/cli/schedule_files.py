"""`mediadl schedule export`, `import` and `apply`: all schedules and their sources as one text file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from mediadl.cli import output
from mediadl.cli.options import Json, Yes, choice
from mediadl.cli.schedule_options import takes_fields
from mediadl.errors import InvalidInput
from mediadl.security.text import safe_text
from mediadl.service import exports, open_services
from mediadl.service import schedule_records as records
from mediadl.service.schedule_files import ChangeKind, Plan
from mediadl.service.schedule_texts import FORMATS, MOST_BYTES
from mediadl.widgets.amounts import plural

_WRITTEN = ("toml", "yaml")
_MARKS = {
    ChangeKind.ADDED: "+",
    ChangeKind.CHANGED: "~",
    ChangeKind.REMOVED: "-",
    ChangeKind.SAME: "=",
    ChangeKind.KEPT: "=",
}
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]
Format = Annotated[
    str,
    typer.Option("--format", metavar="|".join(FORMATS), help="Of the file, where its name does not tell."),
]


def put_into(schedule: typer.Typer) -> None:
    """Add the commands of this file to their noun."""
    schedule.command()(export)
    schedule.command("import")(import_)
    schedule.command()(apply)


def export(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Such as all.toml or all.yaml; - prints.")
    ] = "-",
    which: Annotated[
        list[str] | None, typer.Option("--only", metavar="SCHEDULE", help="Only this one, by number or name.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="|".join(_WRITTEN), help="Where the file's name does not tell.")
    ] = "",
) -> None:
    """Write all schedules and their sources as one text file, which import and apply take."""
    ending = Path(file).suffix.lower().lstrip(".").replace("yml", "yaml")
    form = choice(form or (ending if file != "-" else "") or "toml", _WRITTEN, "format")
    with open_services() as services:
        text = services.schedules.export(which or (), form)
        count = len(which or services.schedules.list())
    if file == "-":
        sys.stdout.write(text)
        return
    with exports.write_over(Path(file)) as stream:
        stream.write(text)
    output.say(f"{plural(count, 'schedule')} written to {file}")


@takes_fields
def import_(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="TOML or YAML, OPML or CSV with sources; - reads stdin.")
    ],
    told: dict[str, Any],
    each: Annotated[
        bool, typer.Option("--each", help="One schedule for each source of OPML or CSV, not one for all.")
    ] = False,
    dry_run: DryRun = False,
    form: Format = "",
    json: Json = False,
) -> None:
    """Add schedules from a file; those that are there already stay as they are.

    OPML and CSV have sources only: the options below say how they are treated. Without a rule they are looked at as
    often as they post.
    """
    with open_services() as services:
        plan = services.schedules.plan_file(_read(file), file, form, only_add=True, told=told, each=each)
        if plan.count(ChangeKind.ADDED) and not dry_run:
            services.schedules.carry_out(plan)
    _print(plan, json=json, dry_run=dry_run)


def apply(
    file: Annotated[str, typer.Argument(metavar="FILE", help="TOML or YAML; - reads stdin.")],
    dry_run: DryRun = False,
    form: Annotated[
        str, typer.Option("--format", metavar="|".join(_WRITTEN), help="Where the file's name does not tell.")
    ] = "",
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Make it so: schedules are added, changed and removed until they are as the file says, all or nothing.

    Nothing is fetched twice afterwards: what was fetched and how far each source was read stays known.
    """
    with open_services() as services:
        plan = services.schedules.plan_file(_read(file), file, form)
        going = [one.name for one in plan.changes if one.kind is ChangeKind.REMOVED]
        if going and not dry_run:
            named = ", ".join(going[:5]) + (f" and {len(going) - 5} more" if len(going) > 5 else "")
            output.confirm(f"Remove what the file does not have: {named}?", yes=yes)
        if not dry_run:
            services.schedules.carry_out(plan)
    _print(plan, json=json, dry_run=dry_run)


def _print(plan: Plan, *, json: bool, dry_run: bool) -> None:
    if json:
        output.records(records.change(one) for one in plan.changes)
    else:
        for one in plan.changes:
            if one.kind is not ChangeKind.SAME:
                note = "  (told otherwise in the file; left as it is)" if one.kind is ChangeKind.KEPT else ""
                output.data(f"{_MARKS[one.kind]} {safe_text(one.name)}{note}")
                for word in one.words:
                    output.data(f"    {safe_text(word, limit=1000)}")
    counted = [f"{plan.count(kind)} {kind.value}" for kind in ChangeKind if plan.count(kind)]
    output.say((", ".join(counted) or "nothing in it") + ("; nothing was done" if dry_run else ""))


def _read(name: str) -> bytes:
    """A file's bytes, no more than can be taken."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(name).expanduser().open("rb") as stream:
            return stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(
            f"cannot read {name}: {error.strerror or error}", next_step="Check the path."
        ) from error
