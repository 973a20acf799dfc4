"""The rest of a fast plain body: from the socket to the disk past libcurl and the page cache, hashed on the way.

At a gigabyte per second every copy shows, and so does every page of a file that nobody reads soon. libcurl reads the
head and the first megabytes; then it is paused and its socket drained here, into a few buffers that a second thread
hashes while the next ones are received. Only for HTTP/1.1 without TLS and proxy, where nothing but the body comes on
the socket.
"""

from __future__ import annotations

import errno
import mmap
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

PAGE = mmap.PAGESIZE
BUFFER_BYTES = 4 << 20
"""Few large steps: a quarter of this costs a third more of the processor, twice as much no less."""
BUFFERS = 3
SLOW_STEP_BYTES = 64 << 10
DIRECT_BYTES = 256 << 10
"""Less at once goes through the page cache: the disk would wait for each of many small writes."""
WAKE_BYTES = 256 << 10
LOOK_S = 0.05
"""Longest wait before the wish to stop is noticed."""
STALE_S = 0.2
"""A buffer that is not full by then is written as it is: progress must show."""
_NOT_HERE = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})


class Bulk:
    """Moves a known number of bytes from a socket to a place in a file, in a thread."""

    def __init__(
        self, socket_fd: int, file_fd: int, offset: int, size: int, hashes: Callable[[int, memoryview], None]
    ) -> None:
        """Duplicates both descriptors; they are closed when `run` ends.

        Args:
            socket_fd: does not block.
            file_fd: open for writing; what others wrote through it lies before `offset`.
            offset: where the first byte goes.
            size: how many bytes there are to come.
            hashes: takes all bytes in order, each piece with its offset, in a thread of its own.
        """
        self._socket = socket.socket(fileno=os.dup(socket_fd))
        self._file = os.dup(file_fd)
        self._direct = _open_direct(file_fd)
        self.offset = offset
        """Where the first byte goes."""
        self._size = size
        self._hashes = hashes
        self.moved = 0
        """Bytes in the file so far; read from other threads."""
        self.listening = False
        """Whether it waits for the other end just now, and not for the disk; read from other threads."""
        self.rate_bytes_per_s = 0
        """Speed limit; 0: none. May be changed at any time."""
        self.stopping = False
        """Set it to end early."""
        self._wakes_at = 1
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._failure: OSError | None = None
        self._closed = False

    def run(self) -> None:
        """Move until everything is there, the other end closes, or `stopping` is set. Blocking.

        Raises:
            OSError: the socket or the disk failed; what came before is in the file.
        """
        hasher = _Hasher(self._hashes)
        try:
            while self.moved < self._size and not (self.stopping or self._closed or self._failure):
                # As far from a page's beginning in memory as in the file: the disk takes whole pages only
                at = self.offset + self.moved
                buffer = hasher.free()[at % PAGE :]
                self.listening = True
                piece = buffer[: self._fill(buffer[: min(len(buffer), self._size - self.moved)])]
                self.listening = False
                self._write(piece, at)
                self.moved += len(piece)
                hasher.take(at, piece)
                if self.rate_bytes_per_s:
                    time.sleep(min(1.0, len(piece) / self.rate_bytes_per_s))
        finally:
            hasher.finish()
            self._socket.close()
            os.close(self._file)
            self._drop_direct()
        if self._failure is not None:
            raise self._failure

    def _fill(self, buffer: memoryview) -> int:
        """Receive until the buffer is full, or no more comes for now."""
        if self.rate_bytes_per_s:
            buffer = buffer[:SLOW_STEP_BYTES]
        count = 0
        began = time.monotonic()
        while count < len(buffer) and not self.stopping:
            # Few large steps cost less than many small ones; what is there after a while is taken anyway
            self._wake_at(min(WAKE_BYTES, len(buffer), self._size - self.moved - count))
            self._poll.poll(LOOK_S * 1000)
            try:
                got = self._socket.recv_into(buffer[count:])
            except BlockingIOError:
                got = -1
            except OSError as error:
                self._failure = error
                break
            if got == 0:
                self._closed = True
                break
            count += max(0, got)
            if count and time.monotonic() - began > STALE_S:
                break
        return count

    def _wake_at(self, count: int) -> None:
        """Let the kernel wake us only when so much has come."""
        if count != self._wakes_at:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
            self._wakes_at = count

    def _write(self, piece: memoryview, at: int) -> None:
        """Whole pages straight to the disk, the rest as usual; never both in the same page."""
        begin = min(len(piece), -at % PAGE)
        whole = (len(piece) - begin) // PAGE * PAGE
        done = 0
        if self._direct is not None and whole >= DIRECT_BYTES:
            self._write_all(piece[:begin], at)
            done = begin + self._write_direct(piece[begin : begin + whole], at + begin)
        self._write_all(piece[done:], at + done)

    def _write_direct(self, pages: memoryview, at: int) -> int:
        """How much the disk took; where it refuses, it is not asked again."""
        assert self._direct is not None
        try:
            return os.pwrite(self._direct, pages, at)
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
        self._drop_direct()
        return 0

    def _write_all(self, piece: memoryview, at: int) -> None:
        done = 0
        while done < len(piece):
            done += os.pwrite(self._file, piece[done:], at + done)

    def _drop_direct(self) -> None:
        if self._direct is not None:
            os.close(self._direct)
            self._direct = None


class _Hasher:
    """A thread that hashes full buffers, and the ring of buffers that it gives back."""

    def __init__(self, hashes: Callable[[int, memoryview], None]) -> None:
        self._hashes = hashes
        self._full: SimpleQueue[tuple[int, memoryview] | None] = SimpleQueue()
        self._free: SimpleQueue[memoryview] = SimpleQueue()
        self._ring = [memoryview(mmap.mmap(-1, BUFFER_BYTES)) for _ in range(BUFFERS)]
        self._next = 0
        for buffer in self._ring:
            self._free.put(buffer)
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="bulk-hash")
        self._thread.start()

    def free(self) -> memoryview:
        """A buffer that has been hashed; waits for it.

        Raises:
            OSError: hashing what lies before failed.
        """
        buffer = self._free.get()
        if self._failure is not None:
            raise self._failure
        return buffer

    def take(self, at: int, piece: memoryview) -> None:
        """Hash what has come into the buffer that `free` gave last."""
        self._full.put((at, piece))

    def finish(self) -> None:
        """Hash everything that was taken; nothing is read from the buffers afterwards."""
        self._full.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._full.get()) is not None:
            buffer = self._ring[self._next]
            self._next = (self._next + 1) % len(self._ring)
            try:
                if self._failure is None:
                    self._hashes(*job)
            except OSError as error:
                self._failure = error
            self._free.put(buffer)


def _open_direct(fd: int) -> int | None:
    """The same file past the page cache; None where its file system does not know how."""
    try:
        return os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_CLOEXEC | getattr(os, "O_DIRECT", 0))
    except OSError:
        return None
