"""`mediadl add`: put URLs into the queue, perhaps wait for them."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from mediadl.cli import options
from mediadl.cli.adding import add_all
from mediadl.cli.options import Json
from mediadl.errors import InvalidInput
from mediadl.service import moments


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
    force: Annotated[bool, typer.Option("--force", help="Fetch also what was fetched before.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show progress and return when all have ended.")
    ] = False,
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
    return add_all(urls or [], file, asked, wait=wait, json=json)


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            raise InvalidInput(f"not an option: {word!r}", next_step="Write --option KEY=VALUE.")
        pairs[key.strip()] = value
    return pairs
