"""`mediadl daemon`: the background process."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from mediadl.cli import output
from mediadl.cli.options import Json
from mediadl.service import open_services, records
from mediadl.service.daemon import DaemonStatus
from mediadl.service.unit import Unit

daemon = typer.Typer(no_args_is_help=True)


@daemon.command()
def start(json: Json = False) -> None:
    """Start it in the background, where it does not run yet."""
    with open_services() as services:
        _print(services.daemon.start(), json=json)


@daemon.command()
def stop(
    timeout: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="Longest wait.")] = 30.0,
    force: Annotated[bool, typer.Option("--force", help="Kill it after that; nothing is lost.")] = False,
    json: Json = False,
) -> None:
    """Let it end its work tidily; partial files are kept."""
    with open_services() as services:
        stopped = services.daemon.stop(timeout, force=force)
    if json:
        output.record({"stopped": stopped})
    else:
        output.say("stopped" if stopped else "it was not running")


@daemon.command()
def status(json: Json = False) -> None:
    """Whether it runs, since when, and how busy it is."""
    with open_services() as services:
        _print(services.daemon.status(), json=json)


@daemon.command()
def run() -> int:
    """Run it here, in the foreground, until told to stop: for systemd and containers."""
    from mediadl.workers.daemon import main

    return main(service=True)


@daemon.command()
def install(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the unit; write and start nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Let systemd start it with your session and keep it running, as a unit of your user."""
    with open_services() as services:
        if dry_run:
            unit = services.unit.unit()
            if json:
                output.record({"unit": unit.name, "file": str(unit.file), "text": unit.text})
            else:
                output.say(f"would be written to {unit.file}:")
                sys.stdout.write(unit.text)
                _tell_left_out(unit)
            return
        done = services.unit.install()
    if json:
        output.record({"unit": done.unit.name, "file": str(done.unit.file), "lingers": done.lingers})
        return
    output.say(f"{done.unit.name} runs, and starts with your session: {done.unit.file}")
    _tell_left_out(done.unit)
    if not done.lingers:
        output.say(f"to let it run when you are not signed in: loginctl enable-linger {done.user}")


@daemon.command()
def uninstall(json: Json = False) -> None:
    """Stop what `install` started, and take its unit away; downloads and data stay."""
    with open_services() as services:
        unit = services.unit.uninstall()
    if json:
        output.record({"unit": unit.name, "file": str(unit.file)})
    else:
        output.say(f"{unit.name} is gone")


def _tell_left_out(unit: Unit) -> None:
    if unit.left_out:
        output.say(
            f"not in the unit: {', '.join(unit.left_out)}; keep them with mediadl settings set, or add them with "
            f"systemctl --user edit {unit.name}"
        )


def _print(found: DaemonStatus, *, json: bool) -> None:
    if json:
        output.record(_record(found))
    elif not found.running:
        output.data("not running")
    else:
        age = (
            f", last sign of life {found.heartbeat_age_s:.0f} s ago"
            if found.heartbeat_age_s is not None
            else ""
        )
        output.data(f"running as process {found.pid}, {found.jobs_active} jobs active{age}")


def _record(found: DaemonStatus) -> dict[str, Any]:
    return {
        "running": found.running,
        "pid": found.pid,
        "started_at": records.iso(found.started_at),
        "heartbeat_age_s": None if found.heartbeat_age_s is None else round(found.heartbeat_age_s, 1),
        "jobs_active": found.jobs_active,
        "note": found.note,
    }
