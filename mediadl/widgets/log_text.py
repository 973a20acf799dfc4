"""A log line as text: in full for the clipboard and a file, its facts for a dialog. Pure functions."""

from __future__ import annotations

import time

from textual.content import Content

from mediadl.logs import LogLine
from mediadl.security.text import safe_lines, safe_text
from mediadl.widgets.log_columns import level_style
from mediadl.widgets.palette import STYLES


def whole(line: LogLine) -> str:
    """Everything the line says, as plain text."""
    about = "" if line.job is None else f" job {line.job}"
    head = f"{_moment(line.at)} {safe_text(line.level).upper()} {safe_text(line.module)}{about}"
    return f"{head}: {safe_lines(line.message)}"


def facts(line: LogLine) -> Content:
    """When, how grave, where, about which job, by which process."""
    style = STYLES.get(level_style(line.level), "")
    pieces: list[tuple[str, str]] = [
        (_moment(line.at), ""), ("  ", ""), (safe_text(line.level, limit=40).upper(), style), ("  ", ""),
        (safe_text(line.module, limit=200), "bold"),
    ]  # fmt: skip
    if line.job is not None:
        pieces.append((f"  job {line.job}", "$text-accent"))
    pieces.append((f"  process {line.pid}", "$foreground-muted"))
    return Content.assemble(*(piece for piece in pieces if piece[0]))


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) + f".{int(at * 1000) % 1000:03}"
