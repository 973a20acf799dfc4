"""Text documents of ours beside the files: written anew on every change, whole or not at all, never over other files.

Folders are opened part by part, so that no symbolic link leads elsewhere; a link that bears the document's own name is
refused as well. Every document carries a mark near its start; a file of that name without the mark is left alone.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from mediadl.errors import NotWritable
from mediadl.pipeline.transfer.folders import open_below, open_root, storage_error

MARK_BYTES = 32_768
"""The mark lies within so many bytes from the start: it holds an address, which may be long."""
_NAMES = 99
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


class Documents:
    """Writes documents into one folder below the download folder. Blocking; close it at the end."""

    def __init__(self, root: str, work: str, folder: str) -> None:
        """Open the folders.

        Args:
            root: the download folder.
            work: the job's private folder below it, where documents are made.
            folder: relative folder the documents go to; made when missing.

        Raises:
            DownloadError: a folder cannot be made or opened, or a link stands in the way.
        """
        self._shown = str(Path(root) / folder)
        root_fd = open_root(root)
        try:
            # Not resolved: links below the download folder are what `open_below` looks for
            side = os.path.relpath(os.path.abspath(work), os.path.abspath(root))  # noqa: PTH100
            self._side_fd = open_below(root_fd, side, root, 0o700)
            try:
                self._folder_fd = open_below(root_fd, folder, root)
            except NotWritable:
                os.close(self._side_fd)
                raise
        finally:
            os.close(root_fd)

    @property
    def folder(self) -> Path:
        """Where the documents go."""
        return Path(self._shown)

    def write(self, stem: str, suffix: str, mark: str, chunks: Iterable[str]) -> str:
        """Put a document in place of its older self, durable; returns the name it has.

        `mark` must be in the first `MARK_BYTES` of what `chunks` give.

        Raises:
            DownloadError: it cannot be written, or every name is taken by other files.
        """
        name = self._name(stem, suffix, mark.encode("utf-8", "replace"))
        side = f"document-{os.getpid()}"
        try:
            fd = os.open(side, _WRITE, 0o666, dir_fd=self._side_fd)
            try:
                with os.fdopen(fd, "wb", buffering=1 << 16) as stream:
                    for chunk in chunks:
                        stream.write(chunk.encode("utf-8", "replace"))
                    stream.flush()
                    os.fsync(stream.fileno())
                os.rename(side, name, src_dir_fd=self._side_fd, dst_dir_fd=self._folder_fd)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(side, dir_fd=self._side_fd)
                raise
        except OSError as error:
            raise storage_error(error, f"{self._shown}/{name}") from error
        return name

    def sync(self) -> None:
        """Make the names durable.

        Raises:
            DownloadError: the disk failed.
        """
        try:
            os.fsync(self._folder_fd)
        except OSError as error:
            raise storage_error(error, self._shown) from error

    def close(self) -> None:
        """Close the folders."""
        os.close(self._side_fd)
        os.close(self._folder_fd)

    def _name(self, stem: str, suffix: str, mark: bytes) -> str:
        for number in range(1, _NAMES + 1):
            name = f"{stem}{suffix}" if number == 1 else f"{stem} ({number}){suffix}"
            if self._is_ours_or_free(name, mark):
                return name
        raise NotWritable(f"{self._shown}: all names up to {stem} ({_NAMES}){suffix} are taken")

    def _is_ours_or_free(self, name: str, mark: bytes) -> bool:
        try:
            if stat.S_ISLNK(os.stat(name, dir_fd=self._folder_fd, follow_symlinks=False).st_mode):
                raise NotWritable(
                    f"{self._shown}/{name} is a symbolic link", next_step="Remove the link and retry."
                )
            fd = os.open(name, _READ, dir_fd=self._folder_fd)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise storage_error(error, f"{self._shown}/{name}") from error
        try:
            return stat.S_ISREG(os.fstat(fd).st_mode) and mark in os.pread(fd, MARK_BYTES, 0)
        finally:
            os.close(fd)
