"""`mediadl add --preview`: what a job would fetch and what not, and why; nothing is fetched and no job is made."""

from __future__ import annotations

import sys
import time
from typing import Any

from mediadl.cli import output
from mediadl.errors import InvalidInput
from mediadl.models import MediaKind
from mediadl.service import open_services
from mediadl.service.preview import MOST, Listed, Outcome
from mediadl.service.queue import AddOptions
from mediadl.service.records import iso
from mediadl.settings.filter_words import length_text, size_words


def preview(text: str, asked: AddOptions, *, json: bool) -> int:
    """List what one address would give; returns the exit code."""
    with open_services() as services:
        look = services.preview.begin(text, asked, most=asked.max_items or MOST)
        show_progress = not json and sys.stderr.isatty()
        told: dict[str, Any] = {"told": output.say} if show_progress else {}
        try:
            outcome = look.run((lambda one: output.record(as_record(one))) if json else None, **told)
        finally:
            look.stop()
    if not json:
        output.table(
            ("n", "", "title", "kind", "length", "size", "posted", "rule"),
            [as_row(one) for one in outcome.items],
            numbers=(0, 4, 5),
        )
    _summary(outcome)
    if outcome.trouble is not None:
        raise outcome.trouble
    return 0


def as_record(one: Listed) -> dict[str, Any]:
    """The JSON form of an item."""
    return {
        "n": one.number,
        "accepted": one.accepted,
        "rule": one.why,
        "site": one.names[0].site,
        "id": one.names[0].id,
        "index": one.names[0].index,
        "title": one.title,
        "kind": one.kind.value,
        "duration_s": one.duration_s,
        "size": one.size_bytes,
        "posted_at": iso(one.posted_at),
        "source": one.source,
        "url": one.page_url,
    }


def as_row(one: Listed) -> tuple[object, ...]:
    """An item as a line of a table: number, mark, title, kind, length, size, day, rule."""
    return (
        one.number,
        "✓" if one.accepted else "✗",
        one.title or one.names[0].id,
        "" if one.kind is MediaKind.OTHER else one.kind.value,
        "" if one.duration_s is None else length_text(round(one.duration_s)),
        "" if one.size_bytes is None else size_words(one.size_bytes),
        "" if one.posted_at is None else time.strftime("%Y-%m-%d", time.gmtime(one.posted_at)),
        one.why,
    )


def _summary(outcome: Outcome) -> None:
    rejected = len(outcome.items) - outcome.accepted
    said = [f"{outcome.accepted} accepted, {rejected} rejected"]
    if outcome.unreadable:
        said.append(f"{outcome.unreadable} could not be read")
    if outcome.more:
        said.append("there may be more; --max-items lists further")
    if outcome.said and not outcome.items:
        said.append(outcome.said)
    output.say("; ".join(said))


def numbers(text: str) -> list[int]:
    """Numbers of a preview's list: `3`, `5-9`, `3,4`.

    Raises:
        InvalidInput: something else.
    """
    from mediadl.cli import options

    try:
        found = options.ids([text])
    except InvalidInput as error:
        raise InvalidInput(f"not numbers of a preview: {text!r}", next_step="Give 1,3,5-8.") from error
    if not found:
        raise InvalidInput("no numbers to pick", next_step="Give 1,3,5-8.")
    return found
