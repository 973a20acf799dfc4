"""The one sanitizer for every string that came from outside, used at ingest and again where text is shown."""

from __future__ import annotations

import re
import unicodedata

MAX_CODE_POINTS = 512
"""Longest title or name that is kept."""

_MAX_MARKS = 8
"""Combining marks per base character; more is a stack that paints over its neighbours."""

# Controls (C0, DEL, C1), bidirectional and other invisible formatting, line separators, tags, lone surrogates,
# interlinear annotations, byte order mark
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_UNSAFE_KEEP_LINES = re.compile(_UNSAFE.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))
_SPACES = re.compile(r"[\t\r\n\v\f\u2028\u2029]+")


def safe_text(text: object, *, limit: int = MAX_CODE_POINTS) -> str:
    """One line of harmless text: NFC, no controls, no bidi overrides, no invisible characters.

    Line breaks and tabs become one blank. Never raises; `None` becomes the empty string. `limit` counts code points.
    """
    if text is None:
        return ""
    raw = str(text)
    if raw.isascii() and raw.isprintable():
        return raw if len(raw) <= limit else raw[: limit - 1] + "…"
    flat = _UNSAFE.sub("", _SPACES.sub(" ", raw[: limit * 8]))
    return _clip(_limit_marks(unicodedata.normalize("NFC", flat)), limit)


def safe_lines(text: object, *, limit: int = 65_536) -> str:
    """Harmless text that may have several lines (descriptions, log messages); tabs and newlines stay."""
    if text is None:
        return ""
    raw = str(text)[: limit * 4].replace("\r\n", "\n").replace("\r", "\n")
    flat = _UNSAFE_KEEP_LINES.sub("", raw.replace("\u2028", "\n").replace("\u2029", "\n"))
    return _clip(_limit_marks(unicodedata.normalize("NFC", flat)), limit)


def safe_json(value: object, *, depth: int = 12) -> object:
    """A copy of JSON-like data in which every string is harmless and everything else is a JSON type."""
    if depth == 0:
        return None
    if isinstance(value, str):
        return safe_lines(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None  # noqa: PLR0124 - NaN
    if isinstance(value, dict):
        return {safe_text(k): safe_json(v, depth=depth - 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [safe_json(v, depth=depth - 1) for v in value]
    return safe_text(value)


def csv_cell(text: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    clean = safe_text(text)
    return "'" + clean if clean[:1] in {"=", "+", "-", "@"} else clean


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _limit_marks(text: str) -> str:
    if not any(unicodedata.combining(c) for c in text):
        return text
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _MAX_MARKS:
            kept.append(char)
    return "".join(kept)
