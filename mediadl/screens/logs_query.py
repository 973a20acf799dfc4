"""Which log lines the screen asks for: spans of time as people write them, and what is kept for the next start."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mediadl.errors import InvalidInput
from mediadl.logs import LEVELS, LogQuery
from mediadl.timing import moments

RANGES: tuple[tuple[str, str], ...] = (
    ("", "any time"),
    ("15m", "the last 15 minutes"),
    ("1h", "the last hour"),
    ("24h", "the last 24 hours"),
    ("7d", "the last 7 days"),
)
"""Spans to choose from: how they are written and what they say."""

OTHER_RANGE = "other"
"""The choice that asks for a span."""

RANGE_HELP = (
    "From, or from .. to: 2h, 3d, 2026-05-17, 2026-05-17T14:00 .. 2026-05-17T15:30 (days and times are UTC)."
)


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time and how it was written."""

    words: str = ""
    since: float | None = None
    until: float | None = None


def read_span(words: str, now: float) -> Span:
    """The span that words such as `2h` or `2026-05-01 .. 2026-05-03` mean; empty words mean any time.

    Raises:
        InvalidInput: they mean none.
    """
    clean = " ".join(words.split())
    if not clean:
        return Span()
    begin, dots, end = (part.strip() for part in clean.partition(".."))
    since = moments.since(begin, now) if begin else None
    until = moments.until(end, now) if end else None
    if dots and since is None and until is None:
        raise InvalidInput(
            "neither a beginning nor an end", next_step="Give 2h, or 2026-05-01 .. 2026-05-03."
        )
    if since is not None and until is not None and until <= since:
        raise InvalidInput("the end is before the beginning", next_step="Give the earlier one first.")
    return Span(clean, since, until)


def with_span(query: LogQuery, span: Span) -> LogQuery:
    """The query, in this span of time."""
    return replace(query, since=span.since, until=span.until)


def state_of(query: LogQuery, span: Span) -> dict[str, Any]:
    """What is kept, in JSON's types."""
    return {
        "level": query.level,
        "module": query.module,
        "job": query.job,
        "words": query.text,
        "time": span.words,
    }


def restored(state: Mapping[str, Any]) -> tuple[LogQuery, Span]:
    """What was kept; whatever makes no sense is left out."""
    level, module, job, words = (state.get(name) for name in ("level", "module", "job", "words"))
    query = LogQuery(
        level=level if level in LEVELS else "debug",
        module=module if isinstance(module, str) else "",
        job=job if type(job) is int else None,
        text=words if isinstance(words, str) else "",
    )
    try:
        span = read_span(str(state.get("time") or ""), time.time())
    except InvalidInput:
        span = Span()
    return with_span(query, span), span


def export_name(now: float) -> str:
    """A name for an export that no earlier one has."""
    return time.strftime("mediadl-log-%Y%m%d-%H%M%S.jsonl", time.localtime(now))


def job_number(text: str) -> int | None:
    """The number of a job; empty: none.

    Raises:
        InvalidInput: it is no number.
    """
    word = text.strip().removeprefix("#")
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 16):
        raise InvalidInput(f"not a number: {word!r}", next_step="Give a number such as 12.")
    return int(word)
