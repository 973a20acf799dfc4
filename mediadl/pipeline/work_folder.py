"""The private folder of a job: partial files, records and the copy of its cookies, on the target's file system."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mediadl.errors import DiskFull, DownloadError, NotWritable
from mediadl.paths import WORK_FOLDER


def path_of(root: Path, job_id: int) -> Path:
    """Where the job's folder is, whether it exists or not."""
    return root / WORK_FOLDER / f"job-{job_id}"


def create(root: Path, job_id: int) -> Path:
    """Make the download folder if need be and the job's private folder (0700) in it.

    Raises:
        NotWritable: the file system or the rights do not allow it, or a link stands in the way.
    """
    folder = path_of(root, job_id)
    try:
        root.mkdir(parents=True, exist_ok=True)
        for step in (folder.parent, folder):
            step.mkdir(mode=0o700, exist_ok=True)
            if step.is_symlink():
                raise NotWritable(f"{step} is a symbolic link", next_step="Remove the link and retry.")
    except OSError as error:
        raise NotWritable(f"cannot write to {root}: {error.strerror or error}") from error
    return folder


def discard(root: Path, job_id: int) -> None:
    """Delete the job's folder with everything in it; a missing one is fine.

    Raises:
        OSError: something in it could not be deleted.
    """
    folder = path_of(root, job_id)
    if folder.is_symlink():
        folder.unlink()
        return
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    try:
        folder.parent.rmdir()
    except OSError:
        # Other jobs have folders there too; the last one takes it away
        return


def job_ids(root: Path) -> list[int]:
    """Ids of the jobs that have a folder below `root`."""
    try:
        names = [entry.name for entry in os.scandir(root / WORK_FOLDER)]
    except OSError:
        return []
    return [int(name[4:]) for name in names if name.startswith("job-") and name[4:].isdecimal()]


def space_trouble(root: Path, reserve_bytes: int) -> DownloadError | None:
    """`DiskFull` when less than the reserve is free where `root` is, else None."""
    probe = root
    while not probe.exists() and probe != probe.parent:
        probe = probe.parent
    free = shutil.disk_usage(probe).free
    if free >= reserve_bytes:
        return None
    return DiskFull(f"{_size(free)} free at {root}, {_size(reserve_bytes)} are to stay free")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
