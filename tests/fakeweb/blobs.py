"""Bodies that can be sent in ranges without holding them in memory."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

BLOCK_BYTES = 1 << 20
_STAMP_BYTES = 16


class Blob(Protocol):
    """A body of known size whose bytes never change."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    @property
    def etag(self) -> str:
        """Strong entity tag, quotes included."""
        ...

    def pieces(self, start: int, stop: int) -> Iterator[memoryview]:
        """The bytes from start up to stop, in order, in pieces of at most one block."""
        ...

    def sha256(self) -> str:
        """Hex digest of the whole body."""
        ...


class BytesBlob:
    """A body made of byte strings laid end to end; parts may be shared between blobs."""

    __slots__ = ("_parts", "_sha256", "size")

    def __init__(self, *parts: bytes) -> None:
        self._parts = parts
        self._sha256: str | None = None
        self.size = sum(len(part) for part in parts)

    @property
    def etag(self) -> str:
        return f'"{self.sha256()[:20]}"'

    def pieces(self, start: int, stop: int) -> Iterator[memoryview]:
        offset = 0
        for part in self._parts:
            first, last = max(start - offset, 0), min(stop - offset, len(part))
            view = memoryview(part)
            for at in range(first, last, BLOCK_BYTES):
                yield view[at : min(at + BLOCK_BYTES, last)]
            offset += len(part)

    def sha256(self) -> str:
        if self._sha256 is None:
            digest = hashlib.sha256()
            for part in self._parts:
                digest.update(part)
            self._sha256 = digest.hexdigest()
        return self._sha256


@lru_cache(maxsize=32)
def _block(seed: str) -> memoryview:
    return memoryview(random.Random(f"fakeweb {seed}").randbytes(BLOCK_BYTES))


@lru_cache(maxsize=256)
def _synthetic_sha256(size: int, seed: str) -> str:
    digest = hashlib.sha256()
    for piece in SyntheticBlob(size, seed).pieces(0, size):
        digest.update(piece)
    return digest.hexdigest()


class SyntheticBlob:
    """A body of any size from one seeded random block, repeated, each copy stamped with its own number.

    The stamp makes a misplaced or repeated block change the digest of the whole.
    """

    __slots__ = ("seed", "size")

    def __init__(self, size: int, seed: str = "") -> None:
        self.size = size
        self.seed = seed

    @property
    def etag(self) -> str:
        # From the parameters alone: hashing a gigabyte per first request would be felt.
        return f'"{hashlib.sha256(f"{self.size} {self.seed}".encode()).hexdigest()[:20]}"'

    def pieces(self, start: int, stop: int) -> Iterator[memoryview]:
        block = _block(self.seed)
        at = start
        stop = min(stop, self.size)
        while at < stop:
            number, inside = divmod(at, BLOCK_BYTES)
            last = min(BLOCK_BYTES, inside + stop - at)
            if inside < _STAMP_BYTES:
                stamp = memoryview(b"%015d\n" % number)
                yield stamp[inside : min(_STAMP_BYTES, last)]
            if last > _STAMP_BYTES:
                yield block[max(inside, _STAMP_BYTES) : last]
            at += last - inside

    def sha256(self) -> str:
        return _synthetic_sha256(self.size, self.seed)


def read(blob: Blob, start: int = 0, stop: int | None = None) -> bytes:
    """The bytes of a blob, or of a part of it, in one string."""
    return b"".join(blob.pieces(start, blob.size if stop is None else stop))
