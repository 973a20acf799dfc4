"""The rest of a fast plain body, moved from the socket into the file inside the kernel.

At a gigabyte per second even one copy too many shows. libcurl reads the head and the first megabytes; then it is paused
and its socket drained here. Only for HTTP/1.1 without TLS and proxy, where nothing but the body comes on the socket.
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import time

STEP_BYTES = 1 << 20
SLOW_STEP_BYTES = 64 << 10
WAKE_BYTES = 256 << 10
LOOK_S = 0.05
"""Longest wait before the wish to stop is noticed."""
_NOT_HERE = frozenset({errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP})


class Bulk:
    """Moves a known number of bytes from a socket to a place in a file, in a thread."""

    def __init__(self, socket_fd: int, file_fd: int, offset: int, size: int) -> None:
        """Duplicates both descriptors; they are closed when `run` ends."""
        self._socket = socket.socket(fileno=os.dup(socket_fd))
        self._wakes_at = 1
        self._file = os.dup(file_fd)
        self.offset = offset
        """Where the first byte goes."""
        self._size = size
        self._can_splice = True
        self.moved = 0
        """Bytes in the file so far; read from other threads."""
        self.rate_bytes_per_s = 0
        """Speed limit; 0: none. May be changed at any time."""
        self.stopping = False
        """Set it to end early."""

    def run(self) -> None:
        """Move until everything is there, the other end closes, or `stopping` is set. Blocking.

        Raises:
            OSError: the socket or the disk failed.
        """
        reader, writer = os.pipe2(os.O_CLOEXEC)
        try:
            _widen(writer)
            poll = select.poll()
            poll.register(self._socket, select.POLLIN)
            while self.moved < self._size and not self.stopping:
                step = SLOW_STEP_BYTES if self.rate_bytes_per_s else STEP_BYTES
                # Few large steps cost less than many small ones; what is there after a while is taken anyway
                self._wake_at(min(WAKE_BYTES, step, self._size - self.moved))
                poll.poll(LOOK_S * 1000)
                if not self._move(reader, writer, min(step, self._size - self.moved)):
                    return
        finally:
            self._socket.close()
            for fd in (reader, writer, self._file):
                os.close(fd)

    def _wake_at(self, count: int) -> None:
        """Let the kernel wake us only when so much has come."""
        if count != self._wakes_at:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
            self._wakes_at = count

    def _move(self, reader: int, writer: int, count: int) -> bool:
        """One step; False when the other end has closed."""
        try:
            taken = os.splice(self._socket.fileno(), writer, count)
        except BlockingIOError:
            return True
        if taken == 0:
            return False
        left = taken
        while left:
            put = self._put(reader, left)
            left -= put
            self.moved += put
        rate = self.rate_bytes_per_s
        if rate:
            time.sleep(min(1.0, taken / rate))
        return True

    def _put(self, reader: int, count: int) -> int:
        """From the pipe into the file."""
        at = self.offset + self.moved
        if self._can_splice:
            try:
                return os.splice(reader, self._file, count, offset_dst=at)
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                self._can_splice = False  # this file system takes only ordinary writes
        data = memoryview(os.read(reader, count))
        done = 0
        while done < len(data):
            done += os.pwrite(self._file, data[done:], at + done)
        return done


def _widen(pipe: int) -> None:
    """A pipe for a whole step; a smaller one only costs more calls."""
    try:
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, STEP_BYTES)
    except OSError:
        return
