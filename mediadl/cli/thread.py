"""`mediadl thread`: forum threads that were read, and those that are watched for new posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mediadl.cli import output
from mediadl.cli.options import Json, Yes
from mediadl.service import open_services

if TYPE_CHECKING:
    from mediadl.models import Thread
    from mediadl.service.threads import Begun, ThreadDetails

thread = typer.Typer(no_args_is_help=True)

Which = Annotated[str, typer.Argument(metavar="THREAD", help="Its number in the list, or its address.")]

_STATES = {"watched": "watched", "known": "not watched", "ended": "no longer watched"}


@thread.command("list")
def list_threads(
    watched: Annotated[bool, typer.Option("--watched", help="Only those that are watched.")] = False,
    json: Json = False,
) -> None:
    """Threads that were read, watched ones first."""
    with open_services() as services:
        found = [one for one in services.threads.list() if not watched or one.state.value == "watched"]
    if json:
        output.records(record(one) for one in found)
        return
    output.table(
        ("id", "state", "posts", "files", "next check", "last check", "thread"),
        [
            (
                one.id,
                _STATES[one.state.value],
                one.posts,
                one.files,
                output.local(one.next_check_at),
                output.local(one.last_check_at),
                one.title or one.url,
            )
            for one in found
        ],
        numbers=(0, 2, 3),
    )
    if not found:
        output.say("no thread yet: mediadl add URL, or mediadl thread watch URL")


@thread.command()
def show(which: Which, json: Json = False) -> None:
    """One thread: what is kept of it, its last posts, when it is looked at next."""
    with open_services() as services:
        found = services.threads.details(which)
    if json:
        output.record(_details(found))
        return
    from mediadl.widgets.amounts import plural

    one = found.thread
    output.facts(
        [
            ("thread", one.title),
            ("address", one.url),
            ("program", one.software),
            ("state", _state(one)),
            ("read", f"{plural(one.posts, 'post')} on {plural(one.pages, 'page')}"),
            (
                "files",
                f"{one.files} stored" + (f", {found.open_files} not there yet" if found.open_files else ""),
            ),
            ("lost files", found.lost_files or ""),
            ("linked jobs", _linked(found)),
            ("unknown links", len(found.unsupported) or ""),
            ("newest post", output.local(one.newest_post_at)),
            (
                "checks",
                f"{one.checks}" + (f", the last {one.empty_checks} without news" if one.empty_checks else ""),
            ),
            ("failed checks", one.failures or ""),
            ("last check", output.local(one.last_check_at)),
            ("next check", output.local(one.next_check_at)),
            ("watched until", output.local(one.expires_at) if one.state.value == "watched" else ""),
            ("job", one.job_id if found.job is not None else ""),
            ("folder", one.folder),
        ]
    )
    for kept in found.last_posts:
        text = " ".join(kept.post.text.split())
        words = text if len(text) <= 60 else text[:59] + "…"
        output.data(
            f"  {kept.post.number or kept.post.id}  {output.local(kept.post.posted_at)}  {kept.post.author}: {words}"
        )


@thread.command()
def watch(which: Which, json: Json = False) -> None:
    """Look at a thread again and again; a new address is added. The first check begins at once."""
    with open_services() as services:
        begun = services.threads.watch(which)
    _say(begun, f"watched from now on by job {begun.job_id}", json=json)


@thread.command()
def unwatch(which: Which, json: Json = False) -> None:
    """Look at a thread no longer; everything kept of it stays."""
    with open_services() as services:
        found = services.threads.unwatch(which)
    if json:
        output.record(record(found))
    else:
        output.say(f"thread {found.id} is no longer watched")


@thread.command()
def check(which: Which, json: Json = False) -> None:
    """Look at a thread now."""
    with open_services() as services:
        begun = services.threads.check(which)
    _say(begun, f"job {begun.job_id} looks at it now", json=json)


@thread.command()
def forget(which: Which, yes: Yes = False, json: Json = False) -> None:
    """Forget a thread and its posts; files and pages on the disk stay."""
    with open_services() as services:
        found = services.threads.find(which)
        output.confirm(f"Forget thread {found.id}, {found.title or found.url}?", yes=yes)
        services.threads.forget(which)
    if json:
        output.record(record(found))
    else:
        output.say(f"forgot thread {found.id}")


def record(found: Thread) -> dict[str, Any]:
    """The JSON form of a thread."""
    from mediadl.service import records

    return records.thread(found)


def _details(found: ThreadDetails) -> dict[str, Any]:
    from mediadl.service import records

    return {
        **records.thread(found.thread),
        "status": found.job.status.value if found.job is not None else None,
        "open_files": found.open_files,
        "lost_files": found.lost_files,
        "linked_job_ids": [job.id for job in found.linked],
        "unsupported_links": list(found.unsupported),
        "last_posts": [
            {
                "id": kept.post.id,
                "number": kept.post.number,
                "author": kept.post.author,
                "posted_at": records.iso(kept.post.posted_at),
                "text": kept.post.text,
                "files": len(kept.files),
            }
            for kept in found.last_posts
        ],
    }


def _linked(found: ThreadDetails) -> str:
    """How the jobs made of links stand; empty for none."""
    from collections import Counter

    words = Counter(job.status.value for job in found.linked)
    return ", ".join(f"{count} {word}" for word, count in words.most_common())


def _state(one: Thread) -> str:
    word = _STATES[one.state.value]
    return f"{word}: {one.why}" if one.why and one.why != word else word


def _say(begun: Begun, words: str, *, json: bool) -> None:
    if json:
        output.record({"job_id": begun.job_id, "thread": record(begun.thread) if begun.thread else None})
    else:
        output.say(words)
