"""`mediadl queue`: list jobs, look at one, steer them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from mediadl.cli import options, output
from mediadl.cli.options import Json, Limit, Yes
from mediadl.errors import InvalidInput, NotFound
from mediadl.models import ENDED_STATUSES, OPEN_STATUSES, Job, JobQuery, JobSort, JobStatus, Move
from mediadl.service import Services, open_services, records

queue = typer.Typer(no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID…", help="Numbers of jobs: 3, 5-9 or 3,4.")]
All = Annotated[bool, typer.Option("--all", help="Every job for which it makes sense.")]
Failed = Annotated[bool, typer.Option("--failed", help="Every failed job.")]
Filter = Annotated[
    list[str] | None,
    typer.Option("--filter", metavar="KEY=VALUE", help="Every job of status=…, platform=… or search=…."),
]

_RESUMABLE = frozenset({JobStatus.PAUSED, JobStatus.WAITING, JobStatus.SCHEDULED})
_RETRIABLE = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


@queue.command("list")
def list_jobs(
    status: Annotated[list[str] | None, typer.Option(help="Only these; may be repeated.")] = None,
    platform: Annotated[str, typer.Option(help="Only this platform.")] = "",
    search: Annotated[
        str,
        typer.Option(
            help="Words in title or URL; -WORD leaves out, site:NAME and the like ask for one field."
        ),
    ] = "",
    sort: Annotated[
        str, typer.Option(help="order, added, status, platform, title, progress, size; -KEY: backwards.")
    ] = "order",
    limit: Limit = None,
    json: Json = False,
) -> None:
    """Jobs in the order they start in."""
    query = JobQuery(
        statuses=_statuses(status or []),
        platform=platform,
        search=search,
        sort=options.choice(sort.removeprefix("-"), JobSort, "order"),
        descending=sort.startswith("-"),
    )
    most = options.rows(limit, json=json)
    with open_services() as services:
        found = services.queue.page(query, 0, most)
        if json:
            output.records(records.job(job) for job in found)
            return
        _table(found)
        total = services.queue.count(query) if len(found) >= most else len(found)
    if total > len(found):
        output.say(f"{total - len(found)} more; --limit 0 shows all")


@queue.command()
def show(
    job_id: Annotated[str, typer.Argument(metavar="ID", help="Number of the job.")], json: Json = False
) -> None:
    """Everything about one job, its files and what it waits for."""
    with open_services() as services:
        job = services.queue.get(_one(job_id))
        items = services.queue.items(job.id, 0, 2**31)
        files = {file.id: file for file in services.history.of_job(job.id)}
    if json:
        listed = [
            {
                **records.item(item),
                "path": files[item.download_id].path if item.download_id in files else None,
            }
            for item in items
        ]
        output.record({**records.job(job), "items": listed})
        return
    from mediadl.widgets.job_text import waits

    times = ("not_before", "created_at", "started_at", "finished_at", "estimated_completion")
    record = records.job(job)
    shown = {name: value for name, value in record.items() if name not in {"options", "wanted", "site"}}
    shown |= {name: output.local(getattr(job, name)) for name in times}
    if left := waits(job, time.time()):
        shown["not_before"] = f"{shown['not_before']} ({left})"
    shown |= records.options_in_words(job)
    output.facts(shown.items())
    output.table(
        ("n", "state", "id", "title", "why or where"),
        [
            (
                item.n,
                item.state,
                item.identity.id,
                item.title,
                item.message or (files[item.download_id].path if item.download_id in files else ""),
            )
            for item in items
        ],
        numbers=(0,),
    )


@queue.command()
def stats(json: Json = False) -> None:
    """How many jobs stand where, and how fast it goes."""
    with open_services() as services:
        record = records.counts(services.queue.counts())
    if json:
        output.record(record)
    else:
        output.facts(record.items())


@queue.command()
def pause(
    ids: Ids = None, all_: All = False, failed: Failed = False, filters: Filter = None, json: Json = False
) -> None:
    """Hold jobs; what they have so far is kept."""
    with open_services() as services:
        chosen = _choose(services, ids, all_, failed, filters, OPEN_STATUSES - {JobStatus.PAUSED})
        _tell(services, "paused", chosen, services.queue.pause(chosen), json=json)


@queue.command()
def resume(
    ids: Ids = None, all_: All = False, failed: Failed = False, filters: Filter = None, json: Json = False
) -> None:
    """Let paused, waiting and scheduled jobs start as soon as there is room."""
    with open_services() as services:
        chosen = _choose(services, ids, all_, failed, filters, _RESUMABLE)
        _tell(services, "resumed", chosen, services.queue.resume(chosen), json=json)


@queue.command()
def cancel(
    ids: Ids = None,
    all_: All = False,
    failed: Failed = False,
    filters: Filter = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """End jobs; their partial files are deleted."""
    with open_services() as services:
        chosen = _choose(services, ids, all_, failed, filters, OPEN_STATUSES)
        if chosen and not ids:
            output.confirm(f"Cancel {len(chosen)} jobs?", yes=yes)
        _tell(services, "cancelled", chosen, services.queue.cancel(chosen), json=json)


@queue.command()
def retry(
    ids: Ids = None, all_: All = False, failed: Failed = False, filters: Filter = None, json: Json = False
) -> None:
    """Start ended jobs again; what is stored is not fetched twice."""
    with open_services() as services:
        chosen = _choose(services, ids, all_, failed, filters, _RETRIABLE)
        _tell(services, "retried", chosen, services.queue.retry(chosen), json=json)


@queue.command()
def remove(
    ids: Ids = None,
    all_: All = False,
    failed: Failed = False,
    filters: Filter = None,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take jobs off the list, ending those at work; stored files stay."""
    with open_services() as services:
        chosen = _choose(services, ids, all_, failed, filters, frozenset(JobStatus))
        if chosen:
            _known(services, chosen)
            output.confirm(f"Remove {_jobs(len(chosen))} from the list?", yes=yes)
        _tell(services, "removed", chosen, services.queue.remove(chosen), json=json)


@queue.command()
def move(
    job_id: Annotated[str, typer.Argument(metavar="ID", help="Number of the job.")],
    top: Annotated[bool, typer.Option("--top")] = False,
    bottom: Annotated[bool, typer.Option("--bottom")] = False,
    up: Annotated[bool, typer.Option("--up")] = False,
    down: Annotated[bool, typer.Option("--down")] = False,
) -> None:
    """Change a job's place among those of its priority."""
    asked = [word for word, given in zip(Move, (top, bottom, up, down), strict=True) if given]
    if len(asked) != 1:
        raise InvalidInput("say where to", next_step="Give one of --top, --bottom, --up, --down.")
    with open_services() as services:
        moved = services.queue.move(_one(job_id), asked[0])
    output.say("moved 1 job" if moved else "it is there already, at work or ended")


@queue.command()
def priority(
    words: Annotated[list[str], typer.Argument(metavar="ID… high|normal|low")], json: Json = False
) -> None:
    """Change what starts first."""
    *ids, word = words
    chosen_priority = options.priority(word)
    if not ids:
        raise InvalidInput("no job named", next_step="Write mediadl queue priority 3 high.")
    with open_services() as services:
        chosen = options.ids(ids)
        changed = services.queue.set_priority(chosen, chosen_priority)
        _tell(services, f"set to {chosen_priority.word}", chosen, changed, json=json)


@queue.command()
def clear(
    completed: Annotated[bool, typer.Option("--completed", help="Completed jobs.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Failed jobs.")] = False,
    cancelled: Annotated[bool, typer.Option("--cancelled", help="Cancelled jobs.")] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Take ended jobs off the list; stored files and history stay."""
    given = {JobStatus.COMPLETED: completed, JobStatus.FAILED: failed, JobStatus.CANCELLED: cancelled}
    statuses = frozenset(status for status, is_given in given.items() if is_given)
    if not statuses:
        raise InvalidInput("say what to clear", next_step="Give --completed, --failed or --cancelled.")
    with open_services() as services:
        number = services.queue.count(JobQuery(statuses=statuses))
        if number:
            output.confirm(f"Remove {_jobs(number)} from the list?", yes=yes)
        cleared = services.queue.clear(statuses)
    if json:
        output.record({"cleared": cleared})
    else:
        output.say(f"cleared {_jobs(cleared)}")


def _choose(
    services: Services,
    ids: Sequence[str] | None,
    all_: bool,
    failed: bool,
    filters: Sequence[str] | None,
    sensible: frozenset[JobStatus],
) -> list[int]:
    """The jobs a command is about: named ones, or those of a kind that it makes sense for."""
    if bool(ids) + all_ + failed + bool(filters) != 1:
        raise InvalidInput(
            "say which jobs, in one way",
            next_step="Give numbers, --all, --failed or --filter status=waiting.",
        )
    if ids:
        return options.ids(ids)
    query = JobQuery(statuses=frozenset({JobStatus.FAILED}) if failed else sensible)
    if filters:
        query = _query(filters, sensible)
    return services.queue.ids(query)


def _query(filters: Sequence[str], sensible: frozenset[JobStatus]) -> JobQuery:
    statuses: list[str] = []
    words = {"platform": "", "search": ""}
    for pair in filters:
        key, _, value = pair.partition("=")
        if not value or key not in {"status", *words}:
            raise InvalidInput(
                f"not a filter: {pair!r}", next_step="Give status=failed, platform=tiktok or search=cats."
            )
        if key == "status":
            statuses.append(value)
        else:
            words[key] = value
    return JobQuery(
        statuses=_statuses(statuses) or sensible, platform=words["platform"], search=words["search"]
    )


def _statuses(words: Sequence[str]) -> frozenset[JobStatus]:
    return frozenset(
        options.choice(part, JobStatus, "status") for word in words for part in word.split(",") if part
    )


def _one(word: str) -> int:
    found = options.ids([word])
    if len(found) != 1:
        raise InvalidInput(f"one job, not {len(found)}", next_step="Give one number.")
    return found[0]


def _known(services: Services, ids: Sequence[int]) -> None:
    """Unknown numbers are told before a question is asked."""
    missing = set(ids) - {job.id for job in services.queue.get_many(ids)}
    if missing:
        raise NotFound(f"no job {min(missing)}", next_step="See mediadl queue list.")


def _tell(services: Services, done: str, asked: Sequence[int], changed: Sequence[int], *, json: bool) -> None:
    left = (
        {job.id: job for job in services.queue.get_many(asked)} if json or len(changed) < len(asked) else {}
    )
    if json:
        told = set(changed)
        output.records(
            {"id": i, "changed": i in told, "status": left[i].status.value if i in left else None}
            for i in asked
        )
        return
    told = set(changed)
    same = [_still(left[i]) for i in asked if i not in told and i in left]
    more = f" and {len(same) - 5} more" if len(same) > 5 else ""
    output.say(
        f"{done} {_jobs(len(changed))}" + (f"; unchanged: {', '.join(same[:5])}{more}" if same else "")
    )


def _still(job: Job) -> str:
    why = " already" if job.status in ENDED_STATUSES else ""
    return f"{job.id} ({job.status}{why})"


def _jobs(number: int) -> str:
    return f"{number} job" if number == 1 else f"{number} jobs"


def _table(found: Sequence[Job]) -> None:
    from mediadl.widgets.amounts import size, speed
    from mediadl.widgets.job_text import goes_on, title

    now = time.time()
    output.table(
        ("id", "status", "priority", "done", "size", "speed", "platform", "title", "why"),
        [
            (
                job.id,
                job.status,
                job.priority.word if job.priority.word != "normal" else "",
                f"{job.progress:.0f} %" if job.progress else "",
                size(job.bytes_total if job.bytes_total is not None else job.bytes_done or None),
                speed(job.speed_bytes_per_s) if job.status is JobStatus.ACTIVE else "",
                job.platform,
                title(job),
                ", ".join(part for part in (job.reason, goes_on(job, now)) if part),
            )
            for job in found
        ],
        numbers=(0, 3, 4, 5),
    )
