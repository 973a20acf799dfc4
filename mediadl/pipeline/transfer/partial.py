"""Partial files and their records in a job's private folder: what makes a resume possible and safe."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from mediadl.models import Identity
from mediadl.pipeline.transfer.heads import Validator

_CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
_MAX_RECORD_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a partial file."""

    url: str = ""
    """Without secrets; only for people and for judging a `Last-Modified`."""
    etag: str = ""
    last_modified: str = ""
    total: int | None = None
    done: tuple[tuple[int, int], ...] = ()
    """Byte ranges (start, stop) that are durable on disk."""
    complete: bool = False
    """Everything has arrived; only verification and publishing are left."""

    @property
    def validator(self) -> Validator:
        """What an `If-Range` may be made of."""
        return Validator(self.etag, self.last_modified)

    @property
    def done_bytes(self) -> int:
        """How much is there."""
        return sum(stop - start for start, stop in self.done)


class PartialFile:
    """One partial file and its record, named by the item's identity. Blocking calls; one thread at a time."""

    def __init__(self, folder_fd: int, n: int, identity: Identity, records: set[str] | None = None) -> None:
        """Nothing is read or written yet.

        Args:
            folder_fd: the job's private folder; stays open as long as this is used.
            n: number of the item.
            identity: of the item.
            records: names of all records in the folder (`records_in`), kept up to date; None: not known.
        """
        self._folder_fd = folder_fd
        self._records = records_in(folder_fd) if records is None else records
        self.tag = identity_tag(identity)
        """Names the item, whatever its number."""
        self.stem = f"{n}-{self.tag}"
        self._number = 0

    @property
    def part_name(self) -> str:
        """File name of the bytes."""
        return f"{self.stem}.part"

    @property
    def record_name(self) -> str:
        """File name of the record."""
        return f"{self.stem}.json"

    def adopt(self) -> None:
        """Take over what an earlier run left for this identity under another number."""
        if not self._records or self.record_name in self._records:
            return
        suffix = f"-{self.tag}.json"
        name = next((name for name in self._records if name.endswith(suffix)), None)
        if name is not None:
            old = name.removesuffix(".json")
            if self._exists(f"{old}.part"):
                self._rename(f"{old}.part", self.part_name)
            self._rename(name, self.record_name)
            self._records.remove(name)
            self._records.add(self.record_name)

    def load(self) -> Record:
        """The record; an empty one when there is none or it cannot be read."""
        if self.record_name not in self._records:
            return Record()
        try:
            fd = os.open(self.record_name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._folder_fd)
        except FileNotFoundError:
            self._records.discard(self.record_name)
            return Record()
        with os.fdopen(fd, "rb") as stream:
            return read_record(stream.read(_MAX_RECORD_BYTES))

    def save(self, record: Record, *, durable: bool = False) -> None:
        """Replace the record at once or not at all; `durable` waits for the disk."""
        self._number += 1
        temporary = f"{self.stem}.{self._number}.tmp"
        fd = os.open(
            temporary,
            os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC,
            0o600,
            dir_fd=self._folder_fd,
        )
        with os.fdopen(fd, "wb") as stream:
            stream.write(json.dumps(asdict(record), separators=(",", ":")).encode())
            if durable:
                stream.flush()
                os.fdatasync(stream.fileno())
        self._rename(temporary, self.record_name)
        self._records.add(self.record_name)

    def create(self) -> int:
        """A new empty part file, open for reading and writing; an old one is removed, never truncated."""
        try:
            return os.open(self.part_name, _CREATE, 0o666, dir_fd=self._folder_fd)
        except FileExistsError:
            self._unlink(self.part_name)
        return os.open(self.part_name, _CREATE, 0o666, dir_fd=self._folder_fd)

    def open(self) -> int:
        """Another descriptor of the part file, with its own offset.

        Raises:
            OSError: it is not there, or is a symbolic link.
        """
        return os.open(self.part_name, _OPEN, dir_fd=self._folder_fd)

    def size(self) -> int | None:
        """Length of the part file; None when there is no plain file."""
        try:
            state = os.stat(self.part_name, dir_fd=self._folder_fd, follow_symlinks=False)
        except FileNotFoundError:
            return None
        import stat

        return state.st_size if stat.S_ISREG(state.st_mode) else None

    def discard(self) -> None:
        """Remove bytes and record."""
        self._unlink(self.part_name)
        self.drop_record()

    def drop_record(self) -> None:
        """Remove the record, if there is one."""
        if self.record_name in self._records:
            self._unlink(self.record_name)
            self._records.discard(self.record_name)

    def _exists(self, name: str) -> bool:
        try:
            os.stat(name, dir_fd=self._folder_fd, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def _rename(self, old: str, new: str) -> None:
        os.rename(old, new, src_dir_fd=self._folder_fd, dst_dir_fd=self._folder_fd)

    def _unlink(self, name: str) -> None:
        try:
            os.unlink(name, dir_fd=self._folder_fd)
        except FileNotFoundError:
            return


def records_in(folder_fd: int) -> set[str]:
    """Names of the records in a job's private folder, and of other files of this kind."""
    return {name for name in os.listdir(folder_fd) if name.endswith(".json")}


def identity_tag(identity: Identity) -> str:
    """Short name of an identity, safe in file names."""
    return hashlib.sha256(str(identity).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_record(content: bytes) -> Record:
    """The record in these bytes; an empty one when they are no record of ours."""
    try:
        plain = json.loads(content)
        done = tuple(sorted((int(a), int(b)) for a, b in plain.get("done", ()) if 0 <= int(a) < int(b)))
        total = plain.get("total")
        return Record(
            url=str(plain.get("url", "")),
            etag=str(plain.get("etag", "")),
            last_modified=str(plain.get("last_modified", "")),
            total=total if isinstance(total, int) and total >= 0 else None,
            done=done,
            complete=plain.get("complete") is True,
        )
    except (ValueError, TypeError, AttributeError, KeyError):
        return Record()


def forget(work: str | Path, n: int) -> None:
    """Remove everything of item `n` from a job's private folder; a missing folder is no error."""
    try:
        paths = list(Path(work).iterdir())
    except FileNotFoundError:
        return
    for path in paths:
        if path.name.startswith(f"{n}-"):
            path.unlink(missing_ok=True)
