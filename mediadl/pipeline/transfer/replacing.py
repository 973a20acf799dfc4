"""A verified file takes the place of a stored one: in one step, only when it is better and the old one is untouched."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mediadl.errors import DownloadError, NotBetter
from mediadl.models import StoredFile
from mediadl.paths import WORK_FOLDER
from mediadl.pipeline.improving import Version, why_not
from mediadl.pipeline.protocol import Replaced, Target
from mediadl.pipeline.transfer.folders import Folders, storage_error
from mediadl.pipeline.transfer.publish import Finished, Published, same_content, write_sidecar

_MOST_ORIGINALS = 99


def take_place(
    finished: Finished,
    target: Target,
    old: Replaced,
    folders: Folders,
    side_folder_fd: int,
    side_name: str,
    note: Callable[[StoredFile], None],
) -> tuple[Published, int]:
    """Put the file in the place of `old`, under its name. Blocking. The arguments and what comes back: see `place`.

    Whoever is killed meanwhile leaves the old file or the new one, whole.

    Raises:
        NotBetter: the stored file stays: it is as good, was changed since it was stored, or is gone.
        NotWritable: the folder refuses, or the way to it leads through a link.
        DiskFull: no space for the name or the sidecar.
    """
    where = Path(old.path)
    _refuse_worse(finished, old)
    folder_fd = _folder_of(where, target, folders)
    try:
        published = _swap(finished, target, old, folder_fd, note)
        if target.sidecar is not None:
            write_sidecar(published, target, folder_fd, side_folder_fd, side_name)
    except OSError as error:
        os.close(folder_fd)
        raise storage_error(error, old.path) from error
    except DownloadError:
        os.close(folder_fd)
        raise
    return published, folder_fd


def _refuse_worse(finished: Finished, old: Replaced) -> None:
    media = finished.media
    why = why_not(
        Version(Path(old.path).suffix, old.width, old.height, old.duration_s, old.size_bytes),
        Version(media.ext, media.width, media.height, media.duration_s, finished.size_bytes),
        old.min_gain,
    )
    if why:
        raise NotBetter(f"{Path(old.path).name}: {why}")


def _folder_of(where: Path, target: Target, folders: Folders) -> int:
    """A descriptor of the folder the old file is in, reached without a link below the download folder."""
    root = Path(target.root).absolute()
    if ".." in where.parts or not where.is_relative_to(root) or where == root:
        raise NotBetter(f"{where.name}: outside the download folder {root}")
    relative = where.parent.relative_to(root)
    if relative.parts[:1] == (WORK_FOLDER,):
        raise NotBetter(f"{where.name}: not among the stored files")
    if not where.parent.is_dir():
        raise NotBetter(f"{where.name}: its folder is not there any more")
    return folders.open(target.root, "" if relative == Path() else relative.as_posix())


def _swap(
    finished: Finished,
    target: Target,
    old: Replaced,
    folder_fd: int,
    note: Callable[[StoredFile], None],
) -> Published:
    where = Path(old.path)
    file = StoredFile(
        path=old.path,
        size_bytes=finished.size_bytes,
        sha256=finished.sha256,
        received_sha256=finished.received_sha256,
        media=finished.media,
        sidecar=f"{old.path}.json" if target.sidecar is not None else "",
    )
    if same_content(folder_fd, where.name, finished.size_bytes, finished.sha256):
        if finished.sha256 == old.sha256:
            raise NotBetter(f"{where.name}: the very same file")
        # An earlier run came so far and could not tell; the metadata may be that of the old file
        os.unlink(finished.name, dir_fd=finished.folder_fd)
        return Published(file, reused=False)
    if not same_content(folder_fd, where.name, old.size_bytes, old.sha256):
        raise NotBetter(f"{where.name}: changed since it was stored, or gone")
    _dress(finished.fd, os.stat(where.name, dir_fd=folder_fd, follow_symlinks=False), target.mtime)
    os.fsync(finished.fd)
    note(file)
    if old.keep_original:
        _keep(folder_fd, where, old)
    os.rename(finished.name, where.name, src_dir_fd=finished.folder_fd, dst_dir_fd=folder_fd)
    return Published(file, reused=False)


def _dress(fd: int, before: os.stat_result, mtime: float | None) -> None:
    """Give the new file the rights of the old one, and the posted time."""
    with suppress(PermissionError):  # a file system without rights
        os.fchmod(fd, stat.S_IMODE(before.st_mode))
    at = before.st_mtime if mtime is None else mtime
    os.utime(fd, (at, at))


def _keep(folder_fd: int, where: Path, old: Replaced) -> None:
    """Give the old bytes a second name, which stays."""
    for number in range(1, _MOST_ORIGINALS + 1):
        more = "" if number == 1 else f" ({number})"
        name = f"{where.stem}.original{more}{where.suffix}"
        try:
            os.link(where.name, name, src_dir_fd=folder_fd, dst_dir_fd=folder_fd, follow_symlinks=False)
        except FileExistsError:
            if same_content(folder_fd, name, old.size_bytes, old.sha256):
                return  # kept by an earlier run that did not come further
            continue
        return
    raise NotBetter(f"{where.name}: {_MOST_ORIGINALS} originals of it are kept already")
