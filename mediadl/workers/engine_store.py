"""Engine versions beside the program: a folder per version, and a pointer file per engine that says which is used.

    engines/yt-dlp/2026.11.2/      an unpacked wheel, with the parts that must match it
    engines/yt-dlp/pointer.json    {"version": "2026.11.2", "previous": "", …}
    engines/yt-dlp/known.json      what the last look at a source found

The version that was installed with the program is no folder here; its name in a pointer is the empty text, and it is
what is used whenever anything else is missing. A pointer is replaced in one step, so that a reader always finds a
working version; a folder appears under its name only when it is whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mediadl.errors import FolderNotWritable, NotFound
from mediadl.store.locks import ProcessLock
from mediadl.workers.engine_records import HIDDEN, Known, Pointer, read, read_json, sync_folder, write

POINTER = "pointer.json"
KNOWN = "known.json"
ORIGIN = "mediadl-origin.json"
"""In a version's folder: where it came from."""
TRIAL = ".trial-"
"""Beginning of the names of folders that trials work in."""
_TRIAL_S = 3600
"""No trial takes so long."""
_BUSY = ".busy"
_VERSION = re.compile(r"^[0-9][0-9A-Za-z.+!_-]{0,60}$")


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that is updated by itself, because sites change faster than mediadl does."""

    name: str
    """Its name at the package index."""
    module: str
    """What is imported."""
    companions: tuple[tuple[str, str], ...] = ()
    """Packages (name, module) of which it wants one exact version."""


ENGINES: Mapping[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine("yt-dlp", "yt_dlp", (("yt-dlp-ejs", "yt_dlp_ejs"),)),
        Engine("gallery-dl", "gallery_dl"),
        Engine("instaloader", "instaloader"),
    )
}
"""Every engine that can be kept beside the program."""


class EngineStore:
    """What lies in the folder of engines. Reading is free of locks; any process may do it at any time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: tuple[tuple[int, int] | None, ...] = ()
        self._paths: tuple[str, ...] = ()

    # Reading

    def packaged(self, name: str) -> str:
        """The version installed with the program; empty when it is not installed."""
        return _packaged(name)

    def packaged_at(self, name: str) -> float | None:
        """When that version was installed; None when it is not."""
        from importlib import metadata

        try:
            file = metadata.distribution(name).locate_file(f"{ENGINES[name].module}/__init__.py")
            return os.stat(str(file)).st_mtime  # noqa: PTH116 - what is given is no Path of every kind
        except (metadata.PackageNotFoundError, OSError):
            return None

    def pointer(self, name: str) -> Pointer:
        """What the pointer file says, or that the packaged version is used."""
        return read(self._file(name, POINTER), Pointer)

    def known(self, name: str) -> Known:
        """What the last look at a source found."""
        return read(self._file(name, KNOWN), Known)

    def stored(self, name: str) -> list[str]:
        """Versions in folders, the oldest first."""
        folder = self.root / name
        if not folder.is_dir():
            return []
        return sorted((entry.name for entry in folder.iterdir() if _is_version(entry)), key=order)

    def in_use(self, name: str) -> str:
        """The version that new runners use; empty: the packaged one."""
        pointer = self.pointer(name)
        if not pointer.version or not self.has(name, pointer.version):
            return ""
        packaged = self.packaged(name)
        overtaken = packaged != pointer.beside and order(packaged) > order(pointer.version)
        return "" if overtaken and not pointer.pinned else pointer.version

    def has(self, name: str, version: str) -> bool:
        """Whether a version can be used; the empty one is the packaged one."""
        if not version:
            return bool(self.packaged(name))
        return bool(_VERSION.match(version)) and _is_version(self.root / name / version)

    def folder(self, name: str, version: str) -> Path:
        """Where a stored version lies."""
        return self.root / name / version

    def origin(self, name: str, version: str) -> dict[str, Any]:
        """What was written down when a version was stored."""
        return read_json(self.folder(name, version) / ORIGIN)

    def path_for(self, name: str, version: str) -> tuple[str, ...]:
        """Folders that must lead the import path so that this version is used, other engines as they are now."""
        chosen = {other: self.in_use(other) for other in ENGINES} | {name: version}
        ordered = [name, *(other for other in ENGINES if other != name)]
        return tuple(str(self.folder(other, chosen[other])) for other in ordered if chosen[other])

    def paths(self) -> tuple[str, ...]:
        """Folders that lead the import path of a runner that starts now; read again only when a pointer changed."""
        seen = tuple(_stamp(self._file(name, POINTER)) for name in ENGINES)
        if seen != self._seen or not all(map(os.path.isdir, self._paths)):
            self._paths = tuple(
                str(self.folder(name, version)) for name in ENGINES if (version := self.in_use(name))
            )
            self._seen = seen
        return self._paths

    # Changing

    def point(self, name: str, pointer: Pointer, *, turn: int | None = None) -> bool:
        """Switch, in one step that survives a crash. `turn`: only when nobody has switched since that count.

        Raises:
            FolderNotWritable: the folder of engines cannot be written.
        """
        with self._pointer_lock(name):
            now = self.pointer(name)
            if turn is not None and now.turn != turn:
                return False
            write(self._file(name, POINTER), {**asdict(pointer), "turn": now.turn + 1})
        return True

    def switch(self, name: str, version: str, *, turn: int | None = None, pinned: bool | None = None) -> bool:
        """Use another version from now on; what is used now becomes the previous one."""
        now = self.pointer(name)
        before = self.in_use(name)
        return self.point(
            name,
            Pointer(
                version,
                now.previous if before == version else before,
                now.pinned if pinned is None else pinned,
                self.packaged(name),
                time.time(),
            ),
            turn=turn,
        )

    def roll_back(self, name: str) -> tuple[str, str]:
        """Go back to the version before; returns the one left and the one taken.

        Raises:
            NotFound: there is none.
        """
        now = self.pointer(name)
        if now.previous is None or not self.has(name, now.previous):
            raise NotFound(
                f"there is no version of {name} to go back to",
                next_step="mediadl engines list shows what is there; mediadl engines pin takes a certain version.",
            )
        left, taken = self.in_use(name), now.previous
        beside = self.packaged(name)
        self.point(name, Pointer(taken, left, now.pinned, beside, time.time()))
        if left:
            self.note_refused(name, left, "taken back by you")
        return left, taken

    def note(self, name: str, known: Known) -> None:
        """Write down what is known of an engine."""
        with self._pointer_lock(name):
            write(self._file(name, KNOWN), asdict(known))

    def note_refused(self, name: str, version: str, reason: str, retry_at: float | None = None) -> None:
        """Remember that a version did not do; an update by schedule leaves it alone, until then or for good."""
        known = self.known(name)
        retry = {key: at for key, at in known.retry_at.items() if key != version}
        if retry_at is not None:
            retry[version] = retry_at
        self.note(name, replace(known, refused={**known.refused, version: reason}, retry_at=retry))

    def adopt(self, name: str, version: str, made: Path) -> Path:
        """Give a whole folder its place. An older folder of that version makes room."""
        place = self.folder(name, version)
        os.sync()  # some thousand small files: one call for all of them
        if place.exists():
            old = self.scratch(name, "old")
            place.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        made.rename(place)
        sync_folder(place.parent)
        return place

    def scratch(self, name: str, word: str) -> Path:
        """A new name inside the engine's folder that no reader looks at."""
        folder = self.root / name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise FolderNotWritable(f"cannot write {folder}: {error.strerror or error}") from error
        return folder / f"{HIDDEN}{word}-{os.getpid()}-{time.monotonic_ns()}"

    def tidy(self, name: str) -> list[str]:
        """Remove leftovers, and versions that are neither used, previous nor at work; returns these.

        Call it while holding `busy` only.
        """
        folder = self.root / name
        if not folder.is_dir():
            return []
        pointer = self.pointer(name)
        keep = {pointer.version, pointer.previous, self.in_use(name)}
        gone = []
        with self._pointer_lock(name):
            # Without the lock a pointer on its way to its name would be taken for a leftover
            for entry in folder.iterdir():
                if entry.name.startswith(HIDDEN) and entry.is_file() and entry.name != f"{HIDDEN}lock":
                    entry.unlink()
        for entry in sorted(folder.iterdir()):
            if entry.name.startswith(HIDDEN) and entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            elif _is_version(entry) and entry.name not in keep and not _is_at_work(entry):
                # Out of sight in one step: half of a version is never found under its name
                old = self.scratch(name, "old")
                entry.rename(old)
                shutil.rmtree(old, ignore_errors=True)
                gone.append(entry.name)
        return gone

    def sweep(self) -> None:
        """Remove what trials left that were killed."""
        for entry in self.root.glob(f"{TRIAL}*"):
            with contextlib.suppress(FileNotFoundError):
                if entry.stat().st_mtime < time.time() - _TRIAL_S:
                    shutil.rmtree(entry, ignore_errors=True)

    @contextlib.contextmanager
    def busy(self) -> Iterator[bool]:
        """Held while versions come and go; false when another process is at it. Switching needs it not."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = ProcessLock(self.root / _BUSY)
        try:
            yield lock.try_acquire("engines")
        finally:
            lock.release()

    @contextlib.contextmanager
    def _pointer_lock(self, name: str) -> Iterator[None]:
        folder = self.root / name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(folder / f"{HIDDEN}lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FolderNotWritable(f"cannot write {folder}: {error.strerror or error}") from error
        try:
            # Held for the length of one small write; the kernel frees it when its holder dies
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _file(self, name: str, file: str) -> Path:
        return self.root / name / file


def hold(paths: Sequence[str]) -> list[int]:
    """Mark versions as at work for as long as this process lives; those that are gone are left out."""
    held = []
    for path in paths:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        held.append(descriptor)
    return held


def write_origin(folder: Path, record: dict[str, Any]) -> None:
    """Write down where a version came from, in its folder."""
    write(folder / ORIGIN, record)


def order(version: str) -> tuple[Any, ...]:
    """What sorts versions by age; words that are no version come first."""
    from packaging.version import InvalidVersion, Version

    try:
        return (1, Version(version))
    except InvalidVersion:
        return (0, version)


@functools.cache
def _packaged(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _is_version(entry: Path) -> bool:
    return bool(_VERSION.match(entry.name)) and entry.is_dir()


def _is_at_work(folder: Path) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 - once a second, for each engine
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
