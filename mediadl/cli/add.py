"""`mediadl add`: put URLs into the queue, perhaps wait for them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from mediadl.cli import filtering, options
from mediadl.cli.adding import add_all
from mediadl.cli.options import Json
from mediadl.errors import InvalidInput
from mediadl.timing import moments

if TYPE_CHECKING:
    from mediadl.service.queue import AddOptions


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
    match: filtering.Match = "",
    reject: filtering.Reject = "",
    keyword: filtering.Keyword = None,
    all_keywords: filtering.AllKeywords = False,
    without: filtering.Without = None,
    min_duration: filtering.MinDuration = "",
    max_duration: filtering.MaxDuration = "",
    min_size: filtering.MinSize = "",
    max_size: filtering.MaxSize = "",
    media: filtering.Media = None,
    strict: filtering.Strict = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="List what would come and what not, and why; add nothing.")
    ] = False,
    pick: Annotated[
        str, typer.Option("--pick", metavar="1,3,5-8", help="Only these numbers of the last --preview.")
    ] = "",
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
        filters=filtering.given(
            match=match,
            reject=reject,
            keyword=keyword,
            all_keywords=all_keywords,
            without=without,
            min_duration=min_duration,
            max_duration=max_duration,
            min_size=min_size,
            max_size=max_size,
            media=media,
            strict=strict,
        ),
    )
    if preview or pick:
        return _of_one(urls or [], file, asked, preview=preview, pick=pick, wait=wait, json=json)
    return add_all(urls or [], file, asked, wait=wait, json=json)


def _of_one(
    urls: list[str], file: str, asked: AddOptions, *, preview: bool, pick: str, wait: bool, json: bool
) -> int:
    """What is about the items of one address: list them, or add those picked from the list."""
    from mediadl.cli import previewing
    from mediadl.service import open_services

    if file or len(urls) != 1:
        raise InvalidInput(
            f"--{'preview' if preview else 'pick'} takes one address", next_step="Give them one by one."
        )
    if preview:
        return previewing.preview(urls[0], asked, json=json)
    with open_services() as services:
        asked = services.preview.picked(urls[0], asked, previewing.numbers(pick))
    return add_all(urls, "", asked, wait=wait, json=json)


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            raise InvalidInput(f"not an option: {word!r}", next_step="Write --option KEY=VALUE.")
        pairs[key.strip()] = value
    return pairs
