"""Small pictures kept: in memory while they are looked at, on disk for the next time. Both are bounded.

What lies on disk is raw pixels, so that reading it needs no decoder; several programs may share the folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import struct
import tempfile
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

LIMIT_BYTES = 200 << 20
"""What the folder may hold unless told otherwise."""

MEMORY_BYTES = 12 << 20

_HEAD = struct.Struct("!4sHH")
_MAGIC = b"mdT1"
_MAX_SIDE = 4096
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ROOM = 0.9
"""Share of the limit that is left after making room, so that it is not made for every picture."""
_LOOK_AFTER_BYTES = 8 << 20
"""Written since the last look at the whole folder; others may have written as well."""
_USED_AGAIN_S = 3600.0
"""A use sooner than this after the last is not noted: it would be a write per look."""
_LEFT_OVER_S = 3600.0
"""Age from which a half-written file belongs to nobody."""


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture as plain pixels."""

    width: int
    height: int
    rgb: bytes
    """Rows from the top, three bytes per pixel."""


class ByteBound(Generic[K]):
    """Rasters in memory; those not used for longest go first. Usable from several threads."""

    def __init__(self, limit_bytes: int = MEMORY_BYTES) -> None:
        self._limit = limit_bytes
        self._held: OrderedDict[K, Raster] = OrderedDict()
        self._lock = threading.Lock()
        self.size_bytes = 0
        """What is held now."""

    def get(self, key: K) -> Raster | None:
        """The raster, which counts as used now."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: K, raster: Raster) -> None:
        """Keep it; one that is larger than the limit is not kept."""
        with self._lock:
            old = self._held.pop(key, None)
            self.size_bytes += len(raster.rgb) - (len(old.rgb) if old else 0)
            self._held[key] = raster
            while self.size_bytes > self._limit:
                _, gone = self._held.popitem(last=False)
                self.size_bytes -= len(gone.rgb)


class ThumbnailFolder:
    """Rasters on disk, by content and size class. Usable from several threads and processes.

    Every method raises `OSError` when the folder cannot be used, such as on a full disk.
    """

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._unseen = _LOOK_AFTER_BYTES
        """Bytes written since the last look; the first picture looks."""

    def get(self, sha256: str, side: int) -> Raster | None:
        """The raster of a content; one that is damaged is thrown away."""
        path = self._path(sha256, side)
        if path is None:
            return None
        try:
            with path.open("rb") as stream:
                data = stream.read(_HEAD.size + 4 * side * side)
                if time.time() - os.fstat(stream.fileno()).st_mtime > _USED_AGAIN_S:
                    os.utime(stream.fileno())
        except FileNotFoundError:
            return None
        raster = _unpack(data, side)
        if raster is None:
            path.unlink(missing_ok=True)
        return raster

    def put(self, sha256: str, side: int, raster: Raster) -> None:
        """Keep a raster, and make room for it where there is none."""
        path = self._path(sha256, side)
        if path is None:
            return
        data = _HEAD.pack(_MAGIC, raster.width, raster.height) + zlib.compress(raster.rgb, 1)
        for folder in (self._folder.parent, self._folder, path.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
        with self._lock:
            self._unseen += len(data)
            look = self._unseen >= min(_LOOK_AFTER_BYTES, self._limit // 4)
            if look:
                self._unseen = 0
        if look:
            self.make_room()

    def forget(self, sha256: str, sides: Iterable[int]) -> None:
        """Throw the rasters of a content away, such as of a file that was deleted."""
        for side in sides:
            path = self._path(sha256, side)
            if path is not None:
                path.unlink(missing_ok=True)

    def make_room(self) -> None:
        """Throw away what was used longest ago until the folder is within its limit, unless another does already."""
        gate = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._throw_away()
        finally:
            os.close(gate)

    def _throw_away(self) -> None:
        held = []
        total = 0
        now = time.time()
        for part in os.scandir(self._folder):
            if not part.is_dir(follow_symlinks=False):
                continue
            for entry in os.scandir(part.path):
                with contextlib.suppress(FileNotFoundError):
                    facts = entry.stat(follow_symlinks=False)
                    if entry.name.startswith(".") and now - facts.st_mtime > _LEFT_OVER_S:
                        Path(entry.path).unlink()
                        continue
                    held.append((facts.st_mtime, facts.st_size, entry.path))
                    total += facts.st_size
        if total <= self._limit:
            return
        for _, size, path in sorted(held):
            if total <= self._limit * _ROOM:
                return
            Path(path).unlink(missing_ok=True)
            total -= size

    def _path(self, sha256: str, side: int) -> Path | None:
        if not _SHA256.fullmatch(sha256):
            return None
        return self._folder / sha256[:2] / f"{sha256}-{side}"


def _unpack(data: bytes, side: int) -> Raster | None:
    """The raster in a file's bytes; None when they are not one."""
    if len(data) < _HEAD.size:
        return None
    magic, width, height = _HEAD.unpack_from(data)
    if magic != _MAGIC or not (0 < width <= side <= _MAX_SIDE and 0 < height <= side):
        return None
    expected = width * height * 3
    unpacker = zlib.decompressobj()
    try:
        rgb = unpacker.decompress(data[_HEAD.size :], expected + 1)
    except zlib.error:
        return None
    return Raster(width, height, rgb) if len(rgb) == expected else None
