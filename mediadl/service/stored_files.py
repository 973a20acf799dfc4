"""Deletes stored files, and nothing else: only inside the download folders, never through a link."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Self

from mediadl.paths import WORK_FOLDER
from mediadl.security.text import safe_text

SIDECAR = ".json"
"""What the name of a file's metadata ends with, after the file's own."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Verdict(StrEnum):
    """What became of a file."""

    DELETED = "deleted"
    MISSING = "missing"
    """It was not there."""
    REFUSED = "refused"
    """It is still there; the reason says why."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of one file."""

    verdict: Verdict
    size_bytes: int = 0
    """Of the file, when it was deleted."""
    reason: str = ""


class _Refused(Exception):
    """The reason is the message."""


class StoredFiles:
    """Deletes files one after the other; `sync` makes durable what was deleted. For one thread."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._roots = [PurePath(root) for root in roots]
        self._folders: dict[PurePath, int | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def remove(self, path: str, others: Collection[str] = (), root: str = "") -> Removal:
        """Delete a file and its metadata file.

        Args:
            path: of the file, as the history has it.
            others: paths that are files of their own, even if they look like metadata of this one.
            root: one more folder it may be in.
        """
        try:
            top, relative = self._place(PurePath(path), root)
            folder = self._folder(top, relative.parent)
            if folder is None:
                return Removal(Verdict.MISSING)
            size_bytes = _unlink(folder, relative.name)
            if path + SIDECAR not in others:
                with contextlib.suppress(_Refused):
                    _unlink(folder, relative.name + SIDECAR)
        except _Refused as refusal:
            return Removal(Verdict.REFUSED, reason=str(refusal))
        except OSError as error:
            return Removal(Verdict.REFUSED, reason=error.strerror or str(error))
        if size_bytes is None:
            return Removal(Verdict.MISSING)
        return Removal(Verdict.DELETED, size_bytes)

    def sync(self) -> None:
        """Make durable that files are gone: after a power cut none of them is back although its record went.

        Raises:
            OSError: a disk failed.
        """
        for folder in self._folders.values():
            if folder is not None:
                os.fsync(folder)
        self._close()

    def _place(self, path: PurePath, root: str) -> tuple[PurePath, PurePath]:
        """The download folder a path is in, and the way from there."""
        if not path.is_absolute() or ".." in path.parts or "\0" in str(path):
            raise _Refused("not a plain path")
        for top in (*self._roots, *([PurePath(root)] if root else [])):
            if top.is_absolute() and path != top and path.is_relative_to(top):
                relative = path.relative_to(top)
                if relative.parts[0] != WORK_FOLDER:
                    return top, relative
        raise _Refused("outside the download folders")

    def _folder(self, top: PurePath, relative: PurePath) -> int | None:
        """A descriptor of a folder below a download folder, reached without a link; None when there is none."""
        whole = top / relative
        if whole in self._folders:
            return self._folders[whole]
        try:
            folder = os.open(top, _FOLDER)
        except (FileNotFoundError, NotADirectoryError):
            # A disk that is not mounted must not look like files that are gone
            raise _Refused(f"there is no folder {safe_text(top, limit=120)}") from None
        found: int | None = folder
        for step in relative.parts:
            try:
                below: int | None = os.open(step, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            except FileNotFoundError:
                below = None
            except NotADirectoryError:
                raise _Refused("a link or a file stands in the way") from None
            finally:
                os.close(folder)
            found = below
            if below is None:
                break
            folder = below
        self._folders[whole] = found
        return found

    def _close(self) -> None:
        for folder in self._folders.values():
            if folder is not None:
                os.close(folder)
        self._folders.clear()


def _unlink(folder: int, name: str) -> int | None:
    """Delete a plain file and return its size; None when there is none."""
    try:
        facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(facts.st_mode):
        raise _Refused("it is a link")
    if not stat.S_ISREG(facts.st_mode):
        raise _Refused("it is not a file")
    os.unlink(name, dir_fd=folder)
    return facts.st_size
