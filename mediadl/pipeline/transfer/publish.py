"""The last step: a verified file gets its final name, durable on disk, never replacing anything."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import json
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediadl.errors import NotWritable
from mediadl.models import MediaFacts, StoredFile
from mediadl.pipeline.protocol import Target
from mediadl.pipeline.transfer.digest import sha256_of
from mediadl.pipeline.transfer.folders import Folders, storage_error

MAX_NUMBER = 9_999
"""Last number tried behind a name that is taken."""
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})
_RENAME_NOREPLACE = 1


@dataclass(frozen=True, slots=True)
class Finished:
    """A verified file that is ready to be published."""

    folder_fd: int
    """Descriptor of the folder it lies in now."""
    name: str
    fd: int
    """Open on it."""
    size_bytes: int
    sha256: str
    received_sha256: str
    media: MediaFacts


@dataclass(frozen=True, slots=True)
class Published:
    """What became of it."""

    file: StoredFile
    reused: bool
    """The same bytes were there already under that name."""


class FolderSync:
    """Makes folders durable; callers that wait at the same time share one fsync."""

    def __init__(self, disk: Executor) -> None:
        self._disk = disk
        self._running: dict[tuple[int, int], asyncio.Task[None]] = {}
        self._next: dict[tuple[int, int], asyncio.Task[None]] = {}

    async def sync(self, fd: int) -> None:
        """Wait until everything done to this folder before now is on disk.

        Raises:
            OSError: the disk failed.
        """
        state = os.fstat(fd)
        key = (state.st_dev, state.st_ino)
        task = self._next.get(key)
        if task is None:
            # An fsync that runs may have begun before our change: only the next one counts
            task = asyncio.get_running_loop().create_task(
                self._after(self._running.get(key), key, os.dup(fd))
            )
            self._next[key] = task
        await asyncio.shield(task)

    async def _after(self, before: asyncio.Task[None] | None, key: tuple[int, int], fd: int) -> None:
        try:
            if before is not None:
                await asyncio.wait([before])
            task = self._next.pop(key)
            self._running[key] = task
            await asyncio.get_running_loop().run_in_executor(self._disk, os.fsync, fd)
        finally:
            if self._running.get(key) is asyncio.current_task():
                del self._running[key]
            os.close(fd)


def place(
    finished: Finished,
    target: Target,
    folders: Folders,
    side_folder_fd: int,
    side_name: str,
    note: Callable[[StoredFile], None],
) -> tuple[Published, int]:
    """Give the file its final name. Blocking.

    Args:
        finished: what to publish; its old name is removed.
        target: where to.
        folders: opens it.
        side_folder_fd: private folder on the same file system for the sidecar while it is written.
        side_name: its temporary name there.
        note: called with the final facts before the name appears, so that a crash in between can be mended.

    Returns:
        What it became, and a descriptor of the final folder, which the caller syncs and closes.

    Raises:
        NotWritable: the folder refuses.
        DiskFull: no space for the name or the sidecar.
    """
    shown = target.folder or target.root
    folder_fd = folders.open(target.root, target.folder)
    try:
        if target.mtime is not None:
            os.utime(finished.fd, (target.mtime, target.mtime))
        os.fsync(finished.fd)
        published = _name_it(finished, target, folder_fd, note)
        if target.sidecar is not None:
            write_sidecar(published, target, folder_fd, side_folder_fd, side_name)
    except OSError as error:
        os.close(folder_fd)
        raise storage_error(error, shown) from error
    except NotWritable:
        os.close(folder_fd)
        raise
    return published, folder_fd


def _name_it(
    finished: Finished, target: Target, folder_fd: int, note: Callable[[StoredFile], None]
) -> Published:
    folder = Path(target.root).absolute() / target.folder
    for stem in _stems(target.names):
        name = f"{stem}.{finished.media.ext}"
        file = StoredFile(
            path=str(folder / name),
            size_bytes=finished.size_bytes,
            sha256=finished.sha256,
            received_sha256=finished.received_sha256,
            media=finished.media,
            sidecar=str(folder / f"{name}.json") if target.sidecar is not None else "",
        )
        if _is_free(folder_fd, name):
            note(file)
            if _move(finished.folder_fd, finished.name, folder_fd, name):
                return Published(file, reused=False)
        if same_content(folder_fd, name, finished.size_bytes, finished.sha256):
            os.unlink(finished.name, dir_fd=finished.folder_fd)
            return Published(file, reused=True)
    raise NotWritable(f"{folder}: all names up to {target.names[-1]} ({MAX_NUMBER}) are taken")


def _stems(names: tuple[str, ...]) -> Iterator[str]:
    yield from names
    for number in range(2, MAX_NUMBER + 1):
        yield f"{names[-1]} ({number})"


def _is_free(folder_fd: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder_fd, follow_symlinks=False)
    except FileNotFoundError:
        return True
    return False


def same_content(folder_fd: int, name: str, size: int, sha256: str) -> bool:
    """Whether a plain file of this name with this length and hash is there."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder_fd)
    except OSError:
        return False  # missing, a link, or not ours to read
    try:
        state = os.fstat(fd)
        return stat.S_ISREG(state.st_mode) and state.st_size == size and sha256_of(fd, size) == sha256
    except OSError:
        return False
    finally:
        os.close(fd)


def _move(source_fd: int, source: str, folder_fd: int, name: str) -> bool:
    """Move without replacing; False when the name is taken by now."""
    try:
        os.link(source, name, src_dir_fd=source_fd, dst_dir_fd=folder_fd, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _rename_noreplace(source_fd, source, folder_fd, name)
    os.unlink(source, dir_fd=source_fd)
    return True


def _rename_noreplace(source_fd: int, source: str, folder_fd: int, name: str) -> bool:
    """For file systems without hard links."""
    call: Any = getattr(_LIBC, "renameat2", None)
    if call is not None:
        result = call(source_fd, os.fsencode(source), folder_fd, os.fsencode(name), _RENAME_NOREPLACE)
        if result == 0:
            return True
        code = ctypes.get_errno()
        if code == errno.EEXIST:
            return False
        if code not in {errno.EINVAL, errno.ENOSYS}:
            raise OSError(code, os.strerror(code), name)
    # Neither links nor renameat2: an empty file of ours reserves the name, then is replaced
    try:
        os.close(
            os.open(
                name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder_fd
            )
        )
    except FileExistsError:
        return False
    os.rename(source, name, src_dir_fd=source_fd, dst_dir_fd=folder_fd)
    return True


def write_sidecar(published: Published, target: Target, folder_fd: int, side_fd: int, side_name: str) -> None:
    """Write a file's metadata beside it, in one step; that of a file that was there already stays. Blocking.

    Raises:
        OSError: the disk failed, or the folder refuses.
    """
    name = Path(published.file.sidecar).name
    if published.reused and not _is_free(folder_fd, name):
        return
    content = json.dumps(sidecar_content(published.file, target), ensure_ascii=False, indent=2, default=str)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    fd = os.open(side_name, flags, 0o666, dir_fd=side_fd)
    with os.fdopen(fd, "wb") as stream:
        stream.write(content.encode("utf-8", "replace") + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(side_name, name, src_dir_fd=side_fd, dst_dir_fd=folder_fd)


def sidecar_content(file: StoredFile, target: Target) -> dict[str, Any]:
    """The metadata as given, with what we know of the stored file."""
    media = file.media
    facts = {
        "name": Path(file.path).name,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "received_sha256": file.received_sha256,
        "kind": str(media.kind),
        "mime": media.mime,
        "width": media.width,
        "height": media.height,
        "duration_s": media.duration_s,
        "note": media.note or None,
    }
    return {
        **(target.sidecar or {}),
        "file": {key: value for key, value in facts.items() if value is not None},
    }


def take_again(file: StoredFile, target: Target, side_folder_fd: int, side_name: str) -> int | None:
    """Look for a file that was published before, with the same content; write its sidecar if that is missing. Blocking.

    Returns:
        A descriptor of its folder, which the caller syncs and closes; None when the file is not there any more.

    Raises:
        DownloadError: the folder cannot be opened or written.
    """
    where = Path(file.path)
    try:
        folder_fd = os.open(where.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None  # moved away with its folder
    try:
        if not same_content(folder_fd, where.name, file.size_bytes, file.sha256):
            os.close(folder_fd)
            return None
        if target.sidecar is not None and file.sidecar:
            # Beside a file that took another's place, the metadata of that one may still lie
            as_new = target.replaces is not None
            write_sidecar(Published(file, reused=not as_new), target, folder_fd, side_folder_fd, side_name)
    except OSError as error:
        os.close(folder_fd)
        raise storage_error(error, str(where.parent)) from error
    return folder_fd


_LIBC: Any = ctypes.CDLL(None, use_errno=True)
