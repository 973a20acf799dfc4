"""SHA-256 of a file while it grows: takes bytes as they come, or follows those that are there to the disk."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import mmap
import os
import threading
from typing import Any

_READ_BYTES = 256 * 1024
_MAP_BYTES = 4 << 20
_MAP_FLAGS = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
_SYNC_FILE_RANGE_WRITE = 2


class FollowingDigest:
    """Hashes a file from its first byte on, each byte once; may be called again as it grows, from any thread."""

    def __init__(self, fd: int) -> None:
        """`fd` stays the caller's."""
        self._fd = fd
        self._hash = hashlib.sha256()
        self._lock = threading.Lock()
        self.hashed_bytes = 0

    def advance(self, stop: int) -> None:
        """Hash up to byte `stop`.

        Raises:
            OSError: reading failed, or the file is shorter.
        """
        with self._lock:
            self._advance(stop)

    def feed(self, offset: int, content: memoryview) -> None:
        """Hash these bytes, which are in the file from `offset` on; what is missing before them is read there.

        Raises:
            OSError: reading failed, or the file is shorter.
        """
        with self._lock:
            self._advance(offset)
            fresh = content[self.hashed_bytes - offset :]
            self._hash.update(fresh)
            self.hashed_bytes += len(fresh)

    def follow(self, stop: int) -> None:
        """Hash bytes that have just been written, up to `stop`, and let the kernel begin to bring them to the disk.

        Raises:
            OSError: reading failed.
        """
        with self._lock:
            start_writing(self._fd, self.hashed_bytes, stop - self.hashed_bytes)
            self._advance(min(stop, -(-self.hashed_bytes // _MAP_BYTES) * _MAP_BYTES))
            while stop - self.hashed_bytes >= _MAP_BYTES:
                # They are in memory: mapped, nothing is copied. The file is ours alone, so it cannot shrink under us
                with mmap.mmap(
                    self._fd, _MAP_BYTES, flags=_MAP_FLAGS, prot=mmap.PROT_READ, offset=self.hashed_bytes
                ) as view:
                    self._hash.update(view)
                self.hashed_bytes += _MAP_BYTES
            self._advance(stop)

    def hexdigest(self) -> str:
        """Of everything up to `hashed_bytes`."""
        return self._hash.hexdigest()

    def _advance(self, stop: int) -> None:
        buffer = _buffer()
        while self.hashed_bytes < stop:
            wanted = min(_READ_BYTES, stop - self.hashed_bytes)
            count = os.preadv(self._fd, [buffer[:wanted]], self.hashed_bytes)
            if count <= 0:
                raise OSError(errno.EIO, "the file is shorter than it was")
            self._hash.update(buffer[:count])
            self.hashed_bytes += count


def _buffer() -> memoryview:
    """What this thread reads into; a new one for each file would cost as much as hashing a small one."""
    buffer: memoryview | None = getattr(_OF_THREAD, "buffer", None)
    if buffer is None:
        buffer = _OF_THREAD.buffer = memoryview(bytearray(_READ_BYTES))
    return buffer


def sha256_of(fd: int, size: int) -> str:
    """SHA-256 of a whole open file.

    Raises:
        OSError: reading failed.
    """
    digest = FollowingDigest(fd)
    digest.advance(size)
    return digest.hexdigest()


def start_writing(fd: int, offset: int, size: int) -> None:
    """Let the kernel begin to write these dirty pages, so that the fsync at the end is short; a hint only."""
    call: Any = getattr(_LIBC, "sync_file_range", None)
    if call is not None:
        call(
            ctypes.c_int(fd),
            ctypes.c_longlong(offset),
            ctypes.c_longlong(size),
            ctypes.c_uint(_SYNC_FILE_RANGE_WRITE),
        )


_LIBC: Any = ctypes.CDLL(None)
_OF_THREAD = threading.local()
