"""Response heads: status line, header fields, and what ranges, validators and `Retry-After` mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import lru_cache

MAX_RETRY_AFTER_S = 7 * 86_400.0
"""Anything longer is taken for this."""

_CONTENT_RANGE = re.compile(
    r"^\s*bytes\s+(?:(\d{1,18})-(\d{1,18})|\*)\s*/\s*(\d{1,18}|\*)\s*$", re.IGNORECASE
)
_STATUS = re.compile(rb"^HTTP/(\d(?:\.\d)?) (\d{3})")


@dataclass(frozen=True, slots=True)
class ContentRange:
    """Which bytes of how many a 206 or 416 speaks of; `stop` is the first byte after the range."""

    start: int | None
    stop: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Validator:
    """What proves that two answers carry the same bytes; weak entity tags never get here."""

    etag: str = ""
    last_modified: str = ""

    @property
    def condition(self) -> str:
        """The value of an `If-Range` header; empty when nothing may be resumed."""
        return self.etag or self.last_modified

    def agrees(self, other: Validator) -> bool:
        """Whether nothing in both speaks against the same content."""
        if self.etag and other.etag:
            return self.etag == other.etag
        if self.last_modified and other.last_modified:
            return self.last_modified == other.last_modified
        return True


class Head:
    """One response head; names in lower case, repeated fields joined by a comma."""

    __slots__ = ("cookies", "fields", "status", "version")

    def __init__(
        self, status: int, fields: dict[str, str], version: str = "1.1", cookies: tuple[str, ...] = ()
    ) -> None:
        self.status = status
        self.fields = fields
        self.version = version
        self.cookies = cookies

    @classmethod
    def parse(cls, lines: list[bytes]) -> Head:
        """The head made of these raw lines; never raises, an unreadable status is 0."""
        match = _STATUS.match(lines[0]) if lines else None
        status, version = (int(match[2]), match[1].decode()) if match else (0, "")
        fields: dict[str, str] = {}
        cookies: list[str] = []
        for line in lines[1:]:
            name, colon, value = line.decode("latin-1").partition(":")
            key = name.strip().lower()
            text = value.strip()
            if key == "set-cookie":
                cookies.append(text)
            elif colon:
                fields[key] = f"{fields[key]}, {text}" if key in fields else text
        return cls(status, fields, version, tuple(cookies))

    def get(self, name: str) -> str:
        """A field's value; empty when it is missing."""
        return self.fields.get(name, "")

    @property
    def length(self) -> int | None:
        """The announced length of this body."""
        if "transfer-encoding" in self.fields and "chunked" in self.get("transfer-encoding").lower():
            return None
        text = self.get("content-length").split(",")[0].strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None

    @property
    def encoded(self) -> bool:
        """Whether the body is packed (gzip, br …), which nobody asked for."""
        return self.get("content-encoding").strip().lower() not in {"", "identity", "none", "utf-8"}

    @property
    def content_range(self) -> ContentRange | None:
        """The parsed `Content-Range`, or None when it is missing or makes no sense."""
        return parse_content_range(self.get("content-range"))

    @property
    def validator(self) -> Validator:
        """The strong validators of this answer."""
        etag = self.get("etag").strip()
        if etag[:2] in {"W/", "w/"} or len(etag) < 2 or not (etag[0] == etag[-1] == '"') or len(etag) > 512:
            etag = ""
        modified = self.get("last-modified").strip()
        return Validator(etag, modified if _long_ago(modified, self.get("date")) else "")

    @property
    def refuses_ranges(self) -> bool:
        """Whether the server says that it serves no ranges."""
        return self.get("accept-ranges").strip().lower() == "none"

    def retry_after_s(self, now: float) -> float | None:
        """Seconds the server asks to wait, or None; `now` is epoch seconds."""
        return parse_retry_after(self.get("retry-after"), now)


def parse_content_range(text: str) -> ContentRange | None:
    """The meaning of a `Content-Range` value, or None when it makes no sense."""
    match = _CONTENT_RANGE.match(text)
    if match is None:
        return None
    total = None if match[3] == "*" else int(match[3])
    if match[1] is None:
        return ContentRange(None, None, total) if total is not None else None
    start, stop = int(match[1]), int(match[2]) + 1
    if start >= stop or (total is not None and stop > total):
        return None
    return ContentRange(start, stop, total)


def parse_retry_after(text: str, now: float) -> float | None:
    """Seconds to wait that a `Retry-After` value (seconds or a date) means, or None when it makes no sense."""
    bare = text.strip()
    if bare.isascii() and bare.isdigit():
        return min(float(bare[:12]), MAX_RETRY_AFTER_S)
    when = _epoch(bare)
    if when is None:
        return None
    return min(max(0.0, when - now), MAX_RETRY_AFTER_S)


@lru_cache(maxsize=256)
def _epoch(text: str) -> float | None:
    if not text:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _long_ago(modified: str, date: str) -> bool:
    """A modification time is a strong validator only when the answer is from at least a second later."""
    at = _epoch(modified)
    if at is None:
        return False
    served = _epoch(date)
    return served is None or served - at >= 1.0
