"""Folders opened component by component, so that a planted symbolic link never leads us elsewhere."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path, PurePosixPath

from mediadl.errors import DiskFull, DownloadError, NotWritable, Unknown

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_RIGHTS = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOENT}
)

KEPT_FOLDERS = 64
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
"""What only a disk says, never a socket."""


def storage_error(error: OSError, shown: str) -> DownloadError:
    """The failure that an operating system error on our own files means; `shown` names the file or folder."""
    words = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return DiskFull(f"{shown}: {words}")
    if error.errno in {errno.ELOOP, errno.ENOTDIR}:
        return NotWritable(
            f"{shown}: a symbolic link or file stands where a folder or file of ours should be"
        )
    if error.errno in _NO_RIGHTS:
        return NotWritable(f"{shown}: {words}")
    return Unknown(f"{shown}: {words}")


def open_root(root: str) -> int:
    """A descriptor of the download folder; the folder itself may be a symbolic link.

    Raises:
        NotWritable: it cannot be made or opened.
    """
    try:
        path = Path(root)
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
        return os.open(os.path.realpath(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise storage_error(error, root) from error


def open_below(root_fd: int, relative: str, shown: str, mode: int = 0o777) -> int:
    """A descriptor of a folder below another one; missing folders are made, links are refused.

    Args:
        root_fd: descriptor of the upper folder; stays open.
        relative: slash-separated; empty is the upper folder itself.
        shown: what to call it in messages.
        mode: of folders that are made.

    Raises:
        NotWritable: a part is a link or a file, is missing and cannot be made, or leads upwards.
    """
    fd = os.dup(root_fd)
    try:
        for part in PurePosixPath(relative).parts:
            if part in {"..", "/"} or "\0" in part:
                raise NotWritable(f"{shown}: {relative!r} leads out of the folder")
            inner = _open_or_make(fd, part, mode)
            os.close(fd)
            fd = inner
    except OSError as error:
        os.close(fd)
        raise storage_error(error, f"{shown}/{relative}") from error
    except NotWritable:
        os.close(fd)
        raise
    return fd


_Place = tuple[int, int]
"""Device and number of a folder."""


class Folders:
    """Folders that are used again and again, kept open; from any thread.

    Walking to a folder safely takes a dozen calls. A folder that was opened once is handed out again for as long as
    its name leads to it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._open: dict[tuple[str, str], tuple[int, _Place]] = {}

    def open(self, root: str, relative: str, mode: int = 0o777) -> int:
        """A descriptor of a folder below the download folder, which the caller closes; missing ones are made.

        Raises:
            NotWritable: see `open_root` and `open_below`.
        """
        key = (root, relative)
        with self._guard:
            if key in self._open:
                fd, place = self._open[key]
                if _named(root, relative) == place:
                    return os.dup(fd)
                self._forget(key)
            root_fd = open_root(root)
            try:
                fd = open_below(root_fd, relative, root, mode)
            finally:
                os.close(root_fd)
            if len(self._open) >= KEPT_FOLDERS:
                self._forget(next(iter(self._open)))
            state = os.fstat(fd)
            self._open[key] = (fd, (state.st_dev, state.st_ino))
            return os.dup(fd)

    def open_work(self, root: str, work: str) -> int:
        """A descriptor of a job's private folder below the download folder, which the caller closes.

        Raises:
            NotWritable: it is not below `root`, or a part of the way is a link.
        """
        # Not resolved: links below the download folder are what `open_below` looks for
        top = os.path.abspath(root)  # noqa: PTH100
        return self.open(top, os.path.relpath(work, top), 0o700)

    def close(self) -> None:
        """Let go of all, e.g. so that a disk can be taken out."""
        with self._guard:
            for key in list(self._open):
                self._forget(key)

    def _forget(self, key: tuple[str, str]) -> None:
        fd, _ = self._open.pop(key)
        os.close(fd)


def _named(root: str, relative: str) -> _Place | None:
    """Where the name leads now."""
    try:
        state = Path(root, relative).stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino


def place_inside(path: str, folder: str) -> tuple[str, str]:
    """Relative folder and name of a file below a folder, by their names alone."""
    inner, name = os.path.split(os.path.relpath(path, folder))
    return inner, name


def free_bytes(fd: int) -> int:
    """Space that we may use on the file system of this descriptor."""
    state = os.fstatvfs(fd)
    return state.f_bavail * state.f_frsize


def _open_or_make(parent_fd: int, name: str, mode: int) -> int:
    try:
        return os.open(name, _OPEN, dir_fd=parent_fd)
    except FileNotFoundError:
        pass
    try:
        os.mkdir(name, mode, dir_fd=parent_fd)
    except FileExistsError:
        pass  # another transfer was quicker
    else:
        os.fsync(parent_fd)
    return os.open(name, _OPEN, dir_fd=parent_fd)
