"""Writes a file that appears under its name complete or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from mediadl.errors import FolderNotWritable, InvalidInput


@contextlib.contextmanager
def write_new(path: Path) -> Iterator[TextIO]:
    """A text file to write into, never in the place of another; its name comes when the block ends well.

    Raises:
        InvalidInput: there is something of that name already, or comes to be meanwhile.
        FolderNotWritable: the folder takes no file.
    """
    path = path.expanduser().absolute()
    if os.path.lexists(path):
        raise _taken(path)
    try:
        with _made(path) as (made, stream):
            yield stream
            _finish(stream)
            _name(made, path)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise _refused(path, error) from error


@contextlib.contextmanager
def write_over(path: Path) -> Iterator[TextIO]:
    """The same for scripts: an earlier file of that name stays as it is until the block ends well, then gives way.

    What is no file (a terminal, a pipe) is written to as it is.

    Raises:
        FolderNotWritable: nothing can be written there.
    """
    path = path.expanduser()
    try:
        before = path.stat().st_mode if path.exists() else None
        if before is not None and not stat.S_ISREG(before):
            with path.open("w", encoding="utf-8", newline="") as stream:
                yield stream
            return
        path = Path(os.path.realpath(path))  # a link stays a link
        with _made(path) as (made, stream):
            if before is not None:
                os.fchmod(stream.fileno(), stat.S_IMODE(before))
            yield stream
            _finish(stream)
            made.replace(path)
    except OSError as error:
        raise _refused(path, error) from error


@contextlib.contextmanager
def _made(path: Path) -> Iterator[tuple[Path, TextIO]]:
    """A file of the owner's own beside the one that is wanted; gone afterwards."""
    made = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    made.unlink(missing_ok=True)
    fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "w", encoding="utf-8", newline="") as stream:
            yield made, stream
    finally:
        made.unlink(missing_ok=True)


def _finish(stream: TextIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _name(made: Path, path: Path) -> None:
    try:
        # Unlike a rename, a second name never takes the place of a file
        os.link(made, path)
    except FileExistsError:
        raise
    except OSError:
        # File systems without second names
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        made.rename(path)


def _taken(path: Path) -> InvalidInput:
    return InvalidInput(f"{path} exists already", next_step="Choose another name.")


def _refused(path: Path, error: OSError) -> FolderNotWritable:
    return FolderNotWritable(
        f"cannot write {path}: {error.strerror or error}", next_step="Choose another folder."
    )
