"""`mediadl add`: put URLs into the queue, perhaps wait for them."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mediadl.cli import options, output
from mediadl.cli.options import Json
from mediadl.errors import InvalidInput
from mediadl.service import moments, open_services

if TYPE_CHECKING:
    from mediadl.service.queue import Added

_STDIN = "-"


def add(
    urls: Annotated[
        list[str] | None,
        typer.Argument(metavar="URL…", help="Addresses, instagram:NAME, tiktok:@NAME; - reads stdin."),
    ] = None,
    file: Annotated[
        str, typer.Option("--file", "-f", help="Read addresses from a file; # begins a comment.")
    ] = "",
    platform: Annotated[str, typer.Option(help="Platform that must take them.")] = "",
    content_type: Annotated[
        str, typer.Option("--type", help="What is wanted of an account: posts, stories, reels, highlights …")
    ] = "",
    priority: Annotated[str, typer.Option(help="high, normal or low.")] = "normal",
    at: Annotated[str, typer.Option(metavar="WHEN", help="Start at +2h, 23:30 or 2026-12-31T23:30.")] = "",
    quality: Annotated[str, typer.Option(help="best, 1080p, 720p, 480p, smallest or audio.")] = "",
    max_items: Annotated[int | None, typer.Option("--max-items", help="Most files per job.")] = None,
    since: Annotated[
        str, typer.Option("--since", metavar="D", help="Posted on or after; 7d: last week.")
    ] = "",
    until: Annotated[str, typer.Option("--until", metavar="D", help="Posted on or before.")] = "",
    out: Annotated[str, typer.Option(metavar="DIR", help="Folder instead of downloads.directory.")] = "",
    name: Annotated[
        str, typer.Option(metavar="TEMPLATE", help="Names instead of downloads.name_template.")
    ] = "",
    option: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="An option of the platform.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Fetch also what was fetched before.")] = False,
    wait: Annotated[bool, typer.Option(help="Show progress and return when all have ended.")] = False,
    json: Json = False,
) -> int:
    """Queue downloads and print the numbers of their jobs."""
    from mediadl.service.queue import AddOptions

    asked = AddOptions(
        platform=platform,
        content_type=content_type,
        priority=options.priority(priority),
        not_before=moments.start(at, time.time()) if at else None,
        quality=quality,
        max_items=max_items,
        since=options.since(since),
        until=options.until(until),
        out=out,
        name=name,
        options=_pairs(option or []),
        force=force,
    )
    texts = _texts(urls or [], file)
    with open_services() as services:
        heard = services.queue.last_event_id() if wait else 0
        added = services.queue.add(texts, asked)
        _print(added, json=json, wait=wait)
        if not wait:
            return 0
        from mediadl.cli.wait import wait_for

        return wait_for(services, [one.job_id for one in added], heard, json=json)


def _print(added: list[Added], *, json: bool, wait: bool) -> None:
    if json:
        output.records(
            {
                **({"event": "added"} if wait else {}),
                "id": one.job_id,
                "url": one.url,
                "platform": one.platform,
                "content_type": one.content_type,
                "title": one.title,
            }
            for one in added
        )
    elif sys.stdout.isatty():
        for one in added:
            output.data(f"{one.job_id}  {one.platform} {one.content_type}: {one.title or one.url}")
    else:
        sys.stdout.write("".join(f"{one.job_id}\n" for one in added))
    sys.stdout.flush()


def _texts(urls: list[str], file: str) -> list[str]:
    names = [file] if file else []
    texts = []
    for url in urls:
        if url == _STDIN:
            names.append(url)
        else:
            texts.append(url)
    return texts + [_read(name) for name in dict.fromkeys(names)]


def _read(name: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if name == _STDIN else Path(name).expanduser().read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"{name} is not a text file", next_step="Give a file with one URL per line."
        ) from error
    except OSError as error:
        raise InvalidInput(
            f"cannot read {name}: {error.strerror or error}", next_step="Check the path."
        ) from error


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            raise InvalidInput(f"not an option: {word!r}", next_step="Write --option KEY=VALUE.")
        pairs[key.strip()] = value
    return pairs
