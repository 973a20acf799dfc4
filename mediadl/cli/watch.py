"""`mediadl watch`: what happens, as it happens."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from mediadl.cli import output
from mediadl.cli.options import Json
from mediadl.events import Event, EventKind
from mediadl.models import ENDED_STATUSES
from mediadl.service import open_services, records

_LOOK_S = 0.25
_ENDS = frozenset(status.value for status in ENDED_STATUSES)


def watch(
    job_id: Annotated[
        int | None, typer.Option("--job", metavar="ID", help="Only this job, until it has ended.")
    ] = None,
    json: Json = False,
) -> int:
    """One line per event until interrupted."""
    with open_services() as services:
        queue = services.queue
        heard_id = queue.last_event_id()
        if job_id is not None and queue.get(job_id).status in ENDED_STATUSES:
            output.say(f"job {job_id} has ended already: {queue.get(job_id).status}")
            return 0
        version: int | None = None
        while True:
            seen = queue.data_version()
            if seen != version:
                version = seen
                while events := queue.events_since(heard_id):
                    heard_id = events[-1].id
                    for event in events:
                        if job_id in {None, event.job_id}:
                            _print(event, json=json)
                        if job_id is not None and event.job_id == job_id and _is_end(event):
                            return 0
            time.sleep(_LOOK_S)


def _is_end(event: Event) -> bool:
    return event.kind is EventKind.JOB_REMOVED or event.payload.get("status") in _ENDS


def _print(event: Event, *, json: bool) -> None:
    record = records.event(event)
    if json:
        output.record(record)
        return
    about = f"job {event.job_id} " if event.job_id is not None else ""
    words = " ".join(
        f"{key}={value}" for key, value in event.payload.items() if value not in {None, ""} and key != "site"
    )
    output.data(f"{output.local(event.at)} {about}{event.kind.value.removeprefix('job_')} {words}".rstrip())
    sys.stdout.flush()
