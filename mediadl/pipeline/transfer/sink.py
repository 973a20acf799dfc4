"""C streams (`FILE *`) that libcurl writes bodies into, so that no Python runs per chunk."""

from __future__ import annotations

import ctypes
import os
from functools import lru_cache
from typing import Any

from curl_cffi import ffi

BUFFER_BYTES = 256 * 1024
_SPARE_BUFFERS = 64
_spare: list[int] = []
"""Addresses of buffers; not Python's, because the C library flushes its streams after the interpreter has ended."""


@lru_cache(maxsize=1)
def _libc() -> Any:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fdopen.restype = ctypes.c_void_p
    libc.fdopen.argtypes = [ctypes.c_int, ctypes.c_char_p]
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]
    libc.setvbuf.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
    libc.fflush.argtypes = [ctypes.c_void_p]
    libc.fclose.argtypes = [ctypes.c_void_p]
    return libc


class Sink:
    """An open file position that takes a body. Owns the descriptor it is given; one thread at a time."""

    def __init__(self, fd: int) -> None:
        """Write through `fd` from its current offset on.

        Raises:
            OSError: the C library has no stream left.
        """
        self._fd = fd
        self._stream = _libc().fdopen(fd, b"r+b")
        if not self._stream:
            error = ctypes.get_errno()
            os.close(fd)
            raise OSError(error, os.strerror(error))
        # Without one of ours, glibc takes a page's worth, whatever size it is told
        self._buffer = _spare.pop() if _spare else _libc().malloc(BUFFER_BYTES)
        _libc().setvbuf(self._stream, self._buffer, 0, BUFFER_BYTES)

    @property
    def pointer(self) -> Any:
        """What libcurl gets."""
        return ffi.cast("void *", self._stream)

    def flush(self) -> int:
        """Hand what is buffered to the kernel; returns the offset in the file that this reaches.

        Raises:
            OSError: the kernel did not take it, e.g. ENOSPC.
        """
        if _libc().fflush(self._stream) != 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        return os.lseek(self._fd, 0, os.SEEK_CUR)

    def probe(self) -> None:
        """Write a little behind the end, after a failure whose reason the C library did not keep.

        Raises:
            OSError: why nothing can be written.
        """
        os.pwrite(self._fd, bytes(BUFFER_BYTES), os.lseek(self._fd, 0, os.SEEK_CUR))

    def fileno(self) -> int:
        """The descriptor; whoever writes to it must flush before and `skip_to` after."""
        return self._fd

    def skip_to(self, offset: int) -> None:
        """Go on from here: others have written up to this byte."""
        os.lseek(self._fd, offset, os.SEEK_SET)

    def close(self) -> None:
        """Flush and close; the stream is gone even when this fails. A second call does nothing.

        Raises:
            OSError: the last bytes could not be written.
        """
        stream, self._stream = self._stream, None
        if not stream:
            return
        failed = _libc().fclose(stream) != 0
        error = ctypes.get_errno()
        if self._buffer and len(_spare) < _SPARE_BUFFERS:
            _spare.append(self._buffer)
        else:
            _libc().free(self._buffer)
        if failed:
            raise OSError(error, os.strerror(error))


@lru_cache(maxsize=1)
def nowhere() -> Sink:
    """A stream for bodies that nobody wants."""
    return Sink(os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC))
