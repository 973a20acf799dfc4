"""How the command line speaks: data to stdout, everything else to stderr, plain unless a person's terminal asks."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TextIO

from mediadl.errors import InvalidInput, MediadlError
from mediadl.security.text import safe_text


def is_fancy(stream: TextIO) -> bool:
    """Whether colours, bars and tables may be drawn there."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def data(line: str) -> None:
    """One line of data."""
    sys.stdout.write(line + "\n")


def record(found: dict[str, Any]) -> None:
    """One JSON object on one line, handed on at once."""
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def records(found: Iterable[dict[str, Any]]) -> None:
    """JSON objects, one per line."""
    for one in found:
        sys.stdout.write(json.dumps(one, ensure_ascii=False) + "\n")


def say(line: str) -> None:
    """One line for people."""
    sys.stderr.write(safe_text(line, limit=4000) + "\n")
    sys.stderr.flush()


def complain(error: MediadlError) -> None:
    """The one line of an error: what happened, to what, what to do next."""
    what = safe_text(error.message, limit=2000).rstrip(".")
    step = safe_text(error.next_step, limit=1000)
    say(f"error: {what}." + (f" {step}" if step else ""))


def table(titles: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[int] = ()) -> None:
    """Rows under titles; columns named by index in `numbers` are aligned to the right. Nothing for no rows."""
    cells = [[safe_text(cell) for cell in row] for row in rows]
    if not cells:
        return
    if is_fancy(sys.stdout):
        _rich_table(titles, cells, numbers)
        return
    widths = [max(len(row[n]) for row in [list(titles), *cells]) for n in range(len(titles))]
    for row in [list(titles), *cells]:
        padded = [
            cell.rjust(widths[n]) if n in numbers else cell.ljust(widths[n]) for n, cell in enumerate(row)
        ]
        data("  ".join(padded).rstrip())


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Named values, one per line; empty ones are left out."""
    shown = [
        (name, "; ".join(map(safe_text, value)) if isinstance(value, list) else safe_text(value))
        for name, value in pairs
    ]
    shown = [(name, value) for name, value in shown if value]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        data(f"{name.ljust(width)}  {value}")


def local(at: float | None) -> str:
    """A moment as people here read it; empty for none."""
    return "" if at is None else datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is lost.

    Raises:
        InvalidInput: the answer was no, or there is nobody to ask.
    """
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInput(
            f"{question[0].lower()}{question[1:].rstrip('?')}: not without being sure",
            next_step="Add --yes to do it without a terminal.",
        )
    sys.stderr.write(f"{safe_text(question)} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise InvalidInput("nothing was changed", next_step="Answer y to go on.")


def _rich_table(titles: Sequence[str], cells: Sequence[Sequence[str]], numbers: Sequence[int]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, header_style="bold", pad_edge=False)
    for n, title in enumerate(titles):
        last = n == len(titles) - 1
        drawn.add_column(
            title,
            justify="right" if n in numbers else "left",
            no_wrap=not last,
            overflow="ellipsis" if not last else "fold",
        )
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    Console(file=sys.stdout, highlight=False).print(drawn)
