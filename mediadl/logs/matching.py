"""Finds the lines asked for in a block of bytes, decoding only what bytes alone cannot decide.

Lines as our writer makes them are judged by one pattern; every other line (made by hand, escaped, damaged) is decoded
and asked. The result is always what decoding every line would give.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from mediadl.logs.lines import MAX_LINE_BYTES, LogQuery, decode

_WORDS_KEPT = 2_000
"""Levels and modules remembered with their verdict."""

_ASCII = bytes(range(128))

_JOB_KEY = rb'"job"(?::?[ \t\r]|:-?%b(?!\d))'
"""A job's number where it stands in our lines, or a key written in another way."""

# What JSON may write in another way, so that its bytes cannot be looked for
_ESCAPABLE = re.compile(r'["\\/\x00-\x1f\ud800-\udfff]+')


@functools.cache
def _canonical() -> Callable[[bytes], re.Match[bytes] | None]:
    """A whole line as our writer makes it: day, time, level, module, job, message still escaped."""
    plain = rb'[^"\\\x00-\x1f]*+'
    number = rb"(?:0|[1-9]\d{0,17})"
    return re.compile(
        rb'\{"at":"((\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z)",'
        rb'"level":"(' + plain + rb')","module":"(' + plain + rb')",'
        rb'(?:"job":(' + number + rb'),)?"pid":' + number + rb","
        rb'"message":"(' + plain + rb'(?:\\["\\/bfnrt]' + plain + rb')*+)"\}'
    ).fullmatch


@functools.lru_cache(512)
def _is_day(day: bytes) -> bool:
    try:
        return 1970 <= date.fromisoformat(day.decode()).year < 9999
    except ValueError:
        return False


class Matcher:
    """Judges the lines of blocks by one query; used by one thread."""

    def __init__(self, query: LogQuery) -> None:
        self.query = query
        self._needle = query.text.casefold()
        pieces = _ESCAPABLE.split(self._needle)
        self._piece = max(pieces, key=len, default="")
        self._piece_bytes = self._piece.encode() if self._piece.isascii() else None
        self._folding = [
            char.encode() for char, text in (_folding() if self._piece else ()) if _overlap(text, self._piece)
        ]
        self._job = None if query.job is None else b"%d" % query.job
        self._job_key = None if self._job is None else re.compile(_JOB_KEY % self._job)
        self._dated = query.since is not None or query.until is not None
        self._all = query == LogQuery()
        self._levels: dict[bytes, bool] = {}
        self._modules: dict[bytes, bool] = {}

    def find(self, block: bytes, seen: dict[tuple[bytes, bytes], int] | None = None) -> list[int]:
        """Numbers, within the block, of the lines asked for. The block ends with a line's end, or is empty.

        `seen` counts valid lines by level and module, if given; then the text may not narrow.
        """
        lowered = self._lowered(block)
        if lowered is not None and self._piece_bytes is not None and self._piece_bytes not in lowered:
            return []
        if self._job_key is not None and not self._job_key.search(block) and not _hides(block):
            return []
        lines = block.split(b"\n")
        lines.pop()
        chosen: Iterable[int] = range(len(lines))
        if self._piece:
            chosen = self._worth_a_look(lines, lowered)
        if self._job is not None:
            about = self._about_the_job(block, lines)
            chosen = [n for n in chosen if n in about]
        match = _canonical() if block.isascii() or _is_utf8(block) else _nothing
        found: list[int] = []
        for n in chosen:
            raw = lines[n]
            parts = match(raw)
            if parts is None or not _is_day(parts[2]) or len(raw) > MAX_LINE_BYTES:
                accepted = self._ask(raw, seen)
            else:
                accepted = self._all or self._judge(parts)
                if seen is not None:
                    _tally(seen, parts[3], parts[4])
            if accepted:
                found.append(n)
        return found

    def _judge(self, parts: re.Match[bytes]) -> bool:
        """A canonical line."""
        query, level, module = self.query, parts[3], parts[4]
        good = self._levels.get(level)
        if good is None:
            good = _remember(self._levels, level, query.accepts_level(level.decode()))
        if not good:
            return False
        good = self._modules.get(module)
        if good is None:
            good = _remember(self._modules, module, query.accepts_module(module.decode()))
        if not good or (self._job is not None and parts[5] != self._job):
            return False
        if self._dated:
            at = datetime.fromisoformat(parts[1].decode()).timestamp()
            if (query.since is not None and at < query.since) or (
                query.until is not None and at >= query.until
            ):
                return False
        return not self._needle or self._needle in _message(parts[6]).casefold()

    def _ask(self, raw: bytes, seen: dict[tuple[bytes, bytes], int] | None) -> bool:
        """Any other line."""
        line = decode(raw)
        if line is None:
            return False
        if seen is not None:
            _tally(seen, line.level.encode("utf-8", "replace"), line.module.encode("utf-8", "replace"))
        return self.query.accepts(line)

    def _lowered(self, block: bytes) -> bytes | None:
        """The block in small letters, if a look for the piece in them is enough; not so where JSON hides letters."""
        if not self._piece_bytes or _hides(block) or self._folds(block):
            return None
        return block.lower()

    def _worth_a_look(self, lines: Sequence[bytes], lowered: bytes | None) -> list[int]:
        """Lines that may hold the longest piece of the text that JSON writes in one way only."""
        if lowered is None:
            return [n for n, raw in enumerate(lines) if self._may_hold(raw)]
        piece = self._piece_bytes or b""
        return [n for n, raw in enumerate(lowered.split(b"\n")) if piece in raw]

    def _about_the_job(self, block: bytes, lines: Sequence[bytes]) -> set[int]:
        """Lines that may be about the job asked for."""
        if self._job is None or self._job_key is None or _hides(block):
            return {n for n, raw in enumerate(lines) if self._job is None or self._job in raw}
        about, n, at = set(), 0, 0
        for found in self._job_key.finditer(block):
            n += block.count(b"\n", at, found.start())
            at = found.start()
            about.add(n)
        return about

    def _may_hold(self, raw: bytes) -> bool:
        if rb"\u" in raw:
            return True
        if raw.isascii():
            return self._piece_bytes is not None and self._piece_bytes in raw.lower()
        return self._piece in raw.decode("utf-8", "replace").casefold()

    def _folds(self, block: bytes) -> bool:
        """Whether the block may hold characters beyond ASCII that count as letters of the piece."""
        if not self._folding or block.isascii():
            return False
        rest = block.translate(None, _ASCII)
        return any(char in rest for char in self._folding)


@functools.cache
def _folding() -> Sequence[tuple[str, str]]:
    """Characters beyond ASCII that fold into some of it, and into what; such as ß, which is ss."""
    folded = ((chr(code), chr(code).casefold()) for code in range(0x80, 0x1_0000))
    return [(char, text) for char, text in folded if any(c.isascii() for c in text)]


def _overlap(text: str, piece: str) -> bool:
    """Whether an occurrence of the piece may share characters with the text."""
    if not piece:
        return False
    sizes = range(1, min(len(text), len(piece)))
    return (
        text in piece or piece in text
        or any(text.endswith(piece[:n]) or text.startswith(piece[-n:]) for n in sizes)
    )  # fmt: skip


def _hides(block: bytes) -> bool:
    """Whether some character is written as a number; quicker than looking for two bytes where escapes are few."""
    at = block.find(b"\\")
    while at >= 0:
        if block[at + 1 : at + 2] == b"u":
            return True
        at = block.find(b"\\", at + 2)
    return False


def _tally(seen: dict[tuple[bytes, bytes], int], level: bytes, module: bytes) -> None:
    key = level, module
    if key in seen or len(seen) < _WORDS_KEPT:
        seen[key] = seen.get(key, 0) + 1


def _message(escaped: bytes) -> str:
    if b"\\" not in escaped:
        return escaped.decode()
    return str(json.loads(b'"' + escaped + b'"'))


def _remember(words: dict[bytes, bool], word: bytes, verdict: bool) -> bool:
    if len(words) >= _WORDS_KEPT:
        words.clear()
    words[word] = verdict
    return verdict


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _nothing(_raw: bytes) -> re.Match[bytes] | None:
    return None
