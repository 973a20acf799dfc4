"""One file of the log, held open: its whole lines by byte ranges, however it grows or vanishes meanwhile."""

from __future__ import annotations

import os
import stat
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from mediadl.logs.lines import MAX_LINE_BYTES

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_HEAD_BYTES = 64
_PIECE_BYTES = 65_536


class Change(Enum):
    """What became of a file since it was looked at last."""

    NONE = "none"
    GREW = "grew"
    REPLACED = "replaced"
    """Deleted, cut or begun anew: what was known of it is void."""


class LogFile:
    """A file up to the end of its last whole line.

    What was opened stays readable, even after the file was deleted. Used by one thread; `close` lets go of it.
    """

    block_bytes: ClassVar[int] = 131_072
    """Lines are counted and read by blocks: a line belongs to the block of its first byte."""

    def __init__(self, path: Path) -> None:
        """Opens it.

        Raises:
            OSError: it is gone, may not be read, or is no plain file.
        """
        self.name = path.name
        self._path = path
        self._descriptor = os.open(path, _FLAGS)
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            self.close()
            raise OSError(f"not a plain file: {path.name}")
        self._size = 0
        self._head = b""
        self.end = 0
        """Byte after the last whole line."""
        self.look()

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def blocks(self) -> int:
        """Number of blocks up to `end`."""
        return -(-self.end // self.block_bytes)

    def look(self) -> Change:
        """Compare with the folder and take in what was appended."""
        opened = os.fstat(self._descriptor)
        try:
            named = self._path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return Change.REPLACED
        if named.st_ino != opened.st_ino or named.st_dev != opened.st_dev or opened.st_size < self._size:
            return Change.REPLACED
        if opened.st_size == self._size:
            return Change.NONE
        head = os.pread(self._descriptor, _HEAD_BYTES, 0)
        if not head.startswith(self._head):
            return Change.REPLACED  # cut to nothing and grown again in between
        self._head = head
        end = self._last_end(opened.st_size)
        self._size = opened.st_size
        grew = end > self.end
        self.end = end
        return Change.GREW if grew else Change.NONE

    def lines(self, start: int, stop: int) -> tuple[int, bytes, int]:
        """The whole lines that begin in `start` <= byte < `stop`: where the first begins, their bytes, where they end.

        `stop` is at most `end`. A last line that is too long to be one of ours is left out.
        """
        first = start if start == 0 else self._line_start(start, stop)
        if first >= stop:
            return first, b"", first
        data = os.pread(self._descriptor, stop - first, first)
        if data.endswith(b"\n"):
            return first, data, first + len(data)
        end = self._line_end(first + len(data))
        if end is None or end - stop > MAX_LINE_BYTES:
            cut = data.rfind(b"\n") + 1
            return first, data[:cut], self.end if end is None else end
        return first, data + os.pread(self._descriptor, end - first - len(data), first + len(data)), end

    def _line_start(self, at: int, stop: int) -> int:
        """The first line that begins at `at` or later; `stop` if none begins before."""
        begin = at - 1
        while begin < stop:
            piece = os.pread(self._descriptor, min(_PIECE_BYTES, stop - begin), begin)
            if not piece:
                return stop
            found = piece.find(b"\n")
            if found >= 0:
                return begin + found + 1
            begin += len(piece)
        return stop

    def _line_end(self, at: int) -> int | None:
        """The byte after the next line end."""
        while piece := os.pread(self._descriptor, _PIECE_BYTES, at):
            found = piece.find(b"\n")
            if found >= 0:
                return at + found + 1
            at += len(piece)
        return None

    def _last_end(self, size: int) -> int:
        """The byte after the last line end before `size`; what was known so far if there is no later one."""
        at = size
        while at > self.end:
            step = min(_PIECE_BYTES, at - self.end)
            at -= step
            found = os.pread(self._descriptor, step, at).rfind(b"\n")
            if found >= 0:
                return at + found + 1
        return self.end
