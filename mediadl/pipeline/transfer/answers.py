"""Judging answers: may this body be used, at which byte does it begin, what does a refusal mean. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from mediadl.errors import BadContent, DownloadError, ExpiredLink, RateLimited, from_status
from mediadl.pipeline.transfer.curlcodes import Refused
from mediadl.pipeline.transfer.heads import Head
from mediadl.pipeline.transfer.partial import Record

_SIGNED_EXACT = frozenset({"sig", "oe", "oh", "tk", "policy", "token", "exp", "e"})
_SIGNED_START = (
    "expire",
    "signature",
    "x-amz-",
    "x-goog-",
    "hdnea",
    "hdnts",
    "hmac",
    "_nc_",
    "x-expires",
    "x-signature",
)


class StartOver(DownloadError):
    """What is there and what the server has now do not belong together."""


class NoRanges(DownloadError):
    """The server sends the whole file whatever is asked for."""


def refuse_packed(head: Head, name: str) -> None:
    """Media is its own packing: a gzip body is a mistake or a bomb.

    Raises:
        BadContent: the body is packed.
    """
    if head.encoded:
        raise BadContent(
            f"{name}: came packed as {head.get('content-encoding')[:20]!r}, which nobody asked for"
        )


def check_range(head: Head, start: int, record: Record, name: str) -> None:
    """Accept a 206 only when it continues exactly what the record speaks of.

    Raises:
        StartOver: another start, another length or another validator.
    """
    found = head.content_range
    if found is None or found.start != start:
        raise StartOver(f"{name}: the server sent another range than it was asked for")
    if found.total is not None and found.total != record.total:
        raise StartOver(f"{name}: {found.total} bytes long now, {record.total} before")
    if not head.validator.agrees(record.validator):
        raise StartOver(f"{name}: the file changed on the server")


def is_whole(head: Head, have_bytes: int, record: Record) -> bool:
    """Whether a 416 only says that everything is there already."""
    found = head.content_range
    total = found.total if found is not None else None
    return total is not None and total == have_bytes and record.total in {None, total}


def status_error(head: Head, url: str, name: str, now: float) -> DownloadError:
    """The failure an answer means that is no file; `now` is epoch seconds."""
    if head.status in {403, 410} and looks_signed(url):
        return ExpiredLink(f"HTTP {head.status} for {name}: its signature ran out", status=head.status)
    return from_status(head.status, name, head.retry_after_s(now))


def is_push_back(error: DownloadError) -> bool:
    """Whether a host says by this that it is asked for too much at once."""
    return isinstance(error, RateLimited | Refused) or error.status == 503


def looks_signed(url: str) -> bool:
    """Whether an address carries a signature or the end of its life."""
    keys = [pair.partition("=")[0].lower() for pair in urlsplit(url).query.split("&")]
    return any(key in _SIGNED_EXACT or key.startswith(_SIGNED_START) for key in keys)


def same_place(one: str, other: str) -> bool:
    """Whether two addresses name the same file but for signatures: host and last part of the path agree."""
    a, b = urlsplit(one), urlsplit(other)
    return a.hostname == b.hostname and a.path.rpartition("/")[2] == b.path.rpartition("/")[2]
