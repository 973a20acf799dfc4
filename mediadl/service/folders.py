"""Says before any work is done whether a folder can take files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mediadl.errors import FolderNotWritable

_FULL = {errno.ENOSPC, errno.EDQUOT}


def make_writable(folder: Path) -> None:
    """Make the folder where needed and prove that it takes files. A full disk is no refusal: jobs wait for space.

    Raises:
        FolderNotWritable: it does not, with the reason.
    """
    probe = folder / f".mediadl-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.unlink(missing_ok=True)
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        probe.unlink()
    except FileExistsError as error:
        raise _refused(folder, "it is not a folder") from error
    except OSError as error:
        if error.errno not in _FULL:
            raise _refused(folder, error.strerror or str(error)) from error


def _refused(folder: Path, reason: str) -> FolderNotWritable:
    return FolderNotWritable(
        f"cannot write to {folder}: {reason}", next_step="Choose another folder or mend its rights."
    )
