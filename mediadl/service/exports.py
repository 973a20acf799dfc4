"""Writes a new file that appears under its name complete or not at all, and never in the place of another."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from mediadl.errors import FolderNotWritable, InvalidInput


@contextlib.contextmanager
def write_new(path: Path) -> Iterator[TextIO]:
    """A text file to write into; it gets its name when the block ends well and is gone when it does not.

    Raises:
        InvalidInput: there is something of that name already, or comes to be meanwhile.
        FolderNotWritable: the folder takes no file.
    """
    path = path.expanduser().absolute()
    if os.path.lexists(path):
        raise _taken(path)
    made = path.with_name(f".{path.name[:200]}.{os.getpid()}.part")
    try:
        made.unlink(missing_ok=True)
        fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _refused(path, error) from error
    try:
        with os.fdopen(fd, "w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(fd)
        _name(made, path)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        made.unlink(missing_ok=True)


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
