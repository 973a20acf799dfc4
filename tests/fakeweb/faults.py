"""What can go wrong on purpose, for requests whose `METHOD URL` matches a regular expression."""

from __future__ import annotations

import re
import threading
import zlib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from fakeweb.blobs import Blob


class Kind(StrEnum):
    """The ways in which an answer is spoilt."""

    STATUS = "status"
    LOGIN = "login"
    RESET = "reset"
    CLOSE = "close"
    STALL = "stall"
    CHUNKED_CUT = "chunked-cut"
    WRONG_LENGTH = "wrong-length"
    SLOW = "slow"
    HANG = "hang"
    ENDLESS = "endless"
    GZIP_BOMB = "gzip-bomb"
    SWAP = "swap"
    WRONG_START = "wrong-start"
    WEAK_ETAG = "weak-etag"
    NO_VALIDATOR = "no-validator"
    NO_RANGES = "no-ranges"
    BODY = "body"


@dataclass(eq=False)
class Fault:
    """One fault: it lets `skip` matching requests pass, then hits `times` of them (None: all)."""

    pattern: str
    kind: Kind
    skip: int = 0
    times: int | None = None
    status_code: int = 0
    retry_after: int | str | None = None
    location: str | None = None
    after: int = 0
    length_delta: int = 0
    rate_bytes_per_s: float | None = None
    size_bytes: int = 0
    blob: Blob | None = None
    body: bytes = b""
    content_type: str | None = None
    seen: int = field(default=0, init=False)
    hits: int = field(default=0, init=False)

    @classmethod
    def status(
        cls,
        pattern: str,
        code: int,
        *,
        retry_after: int | str | None = None,
        skip: int = 0,
        times: int | None = None,
    ) -> Fault:
        """An error status with a short page; `retry_after` in seconds or as an HTTP date."""
        return cls(pattern, Kind.STATUS, skip, times, status_code=code, retry_after=retry_after)

    @classmethod
    def login(
        cls, pattern: str, *, location: str | None = None, skip: int = 0, times: int | None = None
    ) -> Fault:
        """302 to the site's login page, or to `location`."""
        return cls(pattern, Kind.LOGIN, skip, times, location=location)

    @classmethod
    def reset(cls, pattern: str, *, after: int = 0, skip: int = 0, times: int | None = None) -> Fault:
        """A TCP reset after that many body bytes."""
        return cls(pattern, Kind.RESET, skip, times, after=after)

    @classmethod
    def close(cls, pattern: str, *, after: int = 0, skip: int = 0, times: int | None = None) -> Fault:
        """An ordinary end of the connection after that many body bytes."""
        return cls(pattern, Kind.CLOSE, skip, times, after=after)

    @classmethod
    def stall(cls, pattern: str, *, after: int = 0, skip: int = 0, times: int | None = None) -> Fault:
        """Silence after that many body bytes, until the client or the server ends."""
        return cls(pattern, Kind.STALL, skip, times, after=after)

    @classmethod
    def chunked_cut(cls, pattern: str, *, after: int = 0, skip: int = 0, times: int | None = None) -> Fault:
        """A chunked body without its last chunk, ended after that many body bytes."""
        return cls(pattern, Kind.CHUNKED_CUT, skip, times, after=after)

    @classmethod
    def wrong_length(cls, pattern: str, delta: int, *, skip: int = 0, times: int | None = None) -> Fault:
        """A Content-Length wrong by `delta` bytes; the body is the right one, then the connection ends."""
        return cls(pattern, Kind.WRONG_LENGTH, skip, times, length_delta=delta)

    @classmethod
    def slow(cls, pattern: str, rate_bytes_per_s: float, *, skip: int = 0, times: int | None = None) -> Fault:
        """The body at that rate."""
        return cls(pattern, Kind.SLOW, skip, times, rate_bytes_per_s=rate_bytes_per_s)

    @classmethod
    def hang(cls, pattern: str, *, skip: int = 0, times: int | None = None) -> Fault:
        """No answer at all."""
        return cls(pattern, Kind.HANG, skip, times)

    @classmethod
    def endless(cls, pattern: str, *, skip: int = 0, times: int | None = None) -> Fault:
        """A chunked body that never ends."""
        return cls(pattern, Kind.ENDLESS, skip, times)

    @classmethod
    def gzip_bomb(
        cls, pattern: str, *, size_bytes: int = 1 << 30, skip: int = 0, times: int | None = None
    ) -> Fault:
        """A valid gzip body, a thousandth of the size it expands to (whole MiB)."""
        return cls(pattern, Kind.GZIP_BOMB, skip, times, size_bytes=size_bytes)

    @classmethod
    def swap(
        cls, pattern: str, *, blob: Blob | None = None, skip: int = 0, times: int | None = None
    ) -> Fault:
        """Other content with its own ETag; without a blob: other bytes of the same length."""
        return cls(pattern, Kind.SWAP, skip, times, blob=blob)

    @classmethod
    def wrong_start(
        cls, pattern: str, *, shift: int = 1000, skip: int = 0, times: int | None = None
    ) -> Fault:
        """A 206 that begins `shift` bytes away from where it was asked to, and says so in Content-Range."""
        return cls(pattern, Kind.WRONG_START, skip, times, length_delta=shift)

    @classmethod
    def weak_etag(cls, pattern: str, *, skip: int = 0, times: int | None = None) -> Fault:
        """The ETag made weak and no date: nothing that If-Range may use."""
        return cls(pattern, Kind.WEAK_ETAG, skip, times)

    @classmethod
    def no_validator(cls, pattern: str, *, skip: int = 0, times: int | None = None) -> Fault:
        """Neither ETag nor Last-Modified, though ranges are served."""
        return cls(pattern, Kind.NO_VALIDATOR, skip, times)

    @classmethod
    def no_ranges(cls, pattern: str, *, skip: int = 0, times: int | None = None) -> Fault:
        """A server that does not know ranges: always 200 with everything."""
        return cls(pattern, Kind.NO_RANGES, skip, times)

    @classmethod
    def answer(
        cls,
        pattern: str,
        body: bytes,
        *,
        status: int = 200,
        content_type: str = "text/html; charset=utf-8",
        skip: int = 0,
        times: int | None = None,
    ) -> Fault:
        """Another body in place of the real one: an HTML page where media should be, an empty list."""
        return cls(pattern, Kind.BODY, skip, times, status_code=status, body=body, content_type=content_type)

    @property
    def label(self) -> str:
        """What the request log shows for it."""
        return f"{self.kind} {self.status_code}" if self.kind is Kind.STATUS else str(self.kind)


class FaultList:
    """The faults of a server, asked in order; safe to change while it runs."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> Fault:
        """Put faults at the end of the list and return the last one, to read its `hits` later."""
        with self._lock:
            self._faults.extend(faults)
        return faults[-1]

    def remove(self, fault: Fault) -> None:
        """Take a fault away; one that is not there is no error."""
        with self._lock:
            self._faults = [other for other in self._faults if other is not fault]

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._faults.clear()

    def match(self, line: str) -> Fault | None:
        """The first fault that hits this `METHOD URL`, counted as hit."""
        with self._lock:
            for fault in self._faults:
                if not re.search(fault.pattern, line):
                    continue
                fault.seen += 1
                if fault.seen <= fault.skip:
                    continue
                if fault.times is not None and fault.hits >= fault.times:
                    continue
                fault.hits += 1
                return fault
        return None


@lru_cache(maxsize=4)
def gzip_of_zeros(size_bytes: int) -> bytes:
    """A gzip file that expands to that many zero bytes (rounded down to whole MiB, at least one)."""
    blocks = max(1, size_bytes >> 20)
    zeros = bytes(1 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    # After a full flush every block packs alike, so one is packed and repeated.
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = 0
    for _ in range(blocks):
        crc = zlib.crc32(zeros, crc)
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    tail = crc.to_bytes(4, "little") + ((blocks << 20) & 0xFFFFFFFF).to_bytes(4, "little")
    return head + block * blocks + b"\x03\x00" + tail
