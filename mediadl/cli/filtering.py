"""The options of `mediadl add` that choose among the items of a job."""

from __future__ import annotations

from typing import Annotated, Any

import typer

_PANEL = "Filters"

Match = Annotated[
    str,
    typer.Option(
        "--match", metavar="REGEX", help="Only items whose title or caption has this.", rich_help_panel=_PANEL
    ),
]
Reject = Annotated[
    str,
    typer.Option(
        "--reject", metavar="REGEX", help="No items whose title or caption has this.", rich_help_panel=_PANEL
    ),
]
Keyword = Annotated[
    list[str] | None,
    typer.Option(
        "--keyword",
        metavar="WORD",
        help="Only with this whole word; of several one will do.",
        rich_help_panel=_PANEL,
    ),
]
AllKeywords = Annotated[
    bool,
    typer.Option("--all-keywords", help="With all of these words, not just one.", rich_help_panel=_PANEL),
]
Without = Annotated[
    list[str] | None,
    typer.Option("--without", metavar="WORD", help="Nothing with this whole word.", rich_help_panel=_PANEL),
]
MinDuration = Annotated[
    str,
    typer.Option(
        "--min-duration", metavar="TIME", help="Nothing shorter: 30s, 1:30, 5min.", rich_help_panel=_PANEL
    ),
]
MaxDuration = Annotated[
    str, typer.Option("--max-duration", metavar="TIME", help="Nothing longer.", rich_help_panel=_PANEL)
]
MinSize = Annotated[
    str,
    typer.Option("--min-size", metavar="SIZE", help="No smaller files: 500kB, 2MB.", rich_help_panel=_PANEL),
]
MaxSize = Annotated[
    str, typer.Option("--max-size", metavar="SIZE", help="No larger files.", rich_help_panel=_PANEL)
]
Media = Annotated[
    list[str] | None,
    typer.Option(
        "--media", metavar="KIND", help="Only image, video, audio or document.", rich_help_panel=_PANEL
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="Leave out what the site tells no length, size or kind of.",
        rich_help_panel=_PANEL,
    ),
]


def given(
    *,
    match: str,
    reject: str,
    keyword: list[str] | None,
    all_keywords: bool,
    without: list[str] | None,
    min_duration: str,
    max_duration: str,
    min_size: str,
    max_size: str,
    media: list[str] | None,
    strict: bool,
) -> dict[str, Any]:
    """What was typed, by the filters' own names; only what was typed."""
    typed: dict[str, Any] = {
        "match": match,
        "reject": reject,
        "keywords": ",".join(keyword or ()),
        "all_keywords": all_keywords,
        "without": ",".join(without or ()),
        "min_duration_s": min_duration,
        "max_duration_s": max_duration,
        "min_size_bytes": min_size,
        "max_size_bytes": max_size,
        "media": ",".join(media or ()),
        "strict": strict,
    }
    return {name: value for name, value in typed.items() if value}
