"""Options that several commands share, and the values people type for them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import Annotated, TypeVar

import typer

from mediadl.errors import InvalidInput
from mediadl.models import Priority
from mediadl.timing import moments

Json = Annotated[bool, typer.Option("--json", help="One JSON object, or one per line for lists.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=0, help="Most rows; 0: all.")]

_IDS = re.compile(r"^(\d{1,18})(?:-(\d{1,18}))?$")
_MOST_IDS = 1_000_000
_HUMAN_ROWS = 100

Word = TypeVar("Word")


def ids(words: Iterable[str]) -> list[int]:
    """Numbers of jobs: `3`, `5-9`, `3,4`; each once, in the order given.

    Raises:
        InvalidInput: something else.
    """
    found: dict[int, None] = {}
    for word in (part for text in words for part in text.split(",") if part):
        match = _IDS.match(word)
        first = int(match[1]) if match else 0
        last = int(match[2] or match[1]) if match else -1
        if match is None or last < first or last - first >= _MOST_IDS:
            raise InvalidInput(f"not a number of a job: {word!r}", next_step="Give 3, 5-9 or 3,4.")
        found.update(dict.fromkeys(range(first, last + 1)))
    return list(found)


def choice(word: str, known: Iterable[Word], what: str) -> Word:
    """The member that a word names.

    Raises:
        InvalidInput: none; says which there are.
    """
    by_name = {str(member): member for member in known}
    try:
        return by_name[word.strip().lower()]
    except KeyError:
        raise InvalidInput(f"no {what} {word!r}", next_step=f"Possible: {', '.join(by_name)}.") from None


def priority(word: str) -> Priority:
    """The priority a word names.

    Raises:
        InvalidInput: none.
    """
    return Priority.parse(choice(word, [p.word for p in Priority], "priority"))


def rows(limit: int | None, *, json: bool) -> int:
    """How many rows to print at most; a very large number for all."""
    if limit is None:
        return 2**31 if json else _HUMAN_ROWS
    return limit or 2**31


def since(text: str) -> float | None:
    """The beginning of a span; None for nothing typed."""
    return moments.since(text, time.time()) if text else None


def until(text: str) -> float | None:
    """The end of a span; None for nothing typed."""
    return moments.until(text, time.time()) if text else None
