"""A file on its way in: its bytes on disk, what is known of it, its hash as it grows."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, replace

from mediadl.errors import DownloadError
from mediadl.pipeline.transfer.coverage import Coverage
from mediadl.pipeline.transfer.digest import FollowingDigest
from mediadl.pipeline.transfer.folders import storage_error
from mediadl.pipeline.transfer.heads import Head
from mediadl.pipeline.transfer.means import Means
from mediadl.pipeline.transfer.partial import PartialFile, Record
from mediadl.pipeline.transfer.sink import Sink
from mediadl.security.redact import redact_url

CHECKPOINT_S = 3.0
"""Between two moments at which what has arrived is made durable: what a power cut costs at most."""
RECORD_BYTES = 1 << 20
"""Smaller partial files get no record: starting over is cheaper."""
FOLLOW_BYTES = 16 << 20
"""Longer files are hashed while they arrive."""
FOLLOW_STEP_BYTES = 8 << 20
FEED_BYTES = 128 << 20
"""So much the digest may have to catch up with before it can be fed."""


@dataclass(slots=True)
class Progress:
    """How far a transfer is; read by the desk."""

    done_bytes: int = 0
    total_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A complete partial file; `fd` belongs to the `ArrivingFile`."""

    fd: int
    size_bytes: int
    digest: FollowingDigest


class ArrivingFile:
    """One partial file while it is being filled, on the event loop; the disk's work goes to threads."""

    def __init__(self, means: Means, partial: PartialFile, progress: Progress) -> None:
        self._means = means
        self._partial = partial
        self._progress = progress
        self._digest: FollowingDigest | None = None
        self._background: asyncio.Future[None] | None = None
        self._saved_at = 0.0
        self.fd = -1
        self.record = Record()
        self.have = Coverage()
        self.generation = 0
        """Rises when everything so far is thrown away."""

    @property
    def resumable(self) -> bool:
        """Whether what is there can be continued."""
        return self.fd >= 0 and bool(self.record.validator.condition) and self.record.total is not None

    def take_up(self) -> None:
        """Continue what an earlier run left, if it can be trusted."""
        record = self._partial.load()
        size = self._partial.size()
        usable = bool(record.done) and size is not None and size >= record.done[-1][1]
        if usable and (record.complete or (record.validator.condition and record.total is not None)):
            self.fd = self._partial.open()
            self.record = record
            self.have = Coverage(record.done)
            self._digest = FollowingDigest(self.fd)
            self._saved_at = time.monotonic()
            self.tell(0)
        elif size is not None or record != Record():
            self._partial.discard()

    def begin(self, url: str, head: Head) -> None:
        """Start with an empty file for the body that this head announces."""
        self.throw_away()
        try:
            self.fd = self._partial.create()
        except OSError as error:
            raise storage_error(error, self._partial.part_name) from error
        self._digest = FollowingDigest(self.fd)
        self._saved_at = time.monotonic()
        validator = head.validator
        self.record = Record(
            url=redact_url(url), etag=validator.etag, last_modified=validator.last_modified, total=head.length
        )
        self.tell(0)

    def throw_away(self) -> None:
        """Forget everything that has arrived."""
        self.generation += 1
        self.have = Coverage()
        self.record = Record()
        if self.fd < 0:
            return
        self._partial.discard()
        fd, self.fd = self.fd, -1
        self._digest = None
        if self._background is not None and not self._background.done():
            self._background.add_done_callback(lambda _: os.close(fd))  # a thread still reads it
        else:
            os.close(fd)

    def sink_at(self, start: int) -> Sink:
        """A stream that writes from this byte on.

        Raises:
            DownloadError: the file cannot be opened, e.g. because a link was planted.
        """
        try:
            fd = self._partial.open()
            if os.fstat(fd).st_ino != os.fstat(self.fd).st_ino:
                os.close(fd)
                raise FileNotFoundError(2, "the partial file was replaced")
            os.lseek(fd, start, os.SEEK_SET)
            return Sink(fd)
        except OSError as error:
            raise self.storage_error(error) from error

    def storage_error(self, error: OSError) -> DownloadError:
        """What an operating system error on the partial file means."""
        return storage_error(error, self._partial.part_name)

    def head_bytes(self, count: int) -> bytes:
        """The first bytes, as far as they are on disk."""
        return os.pread(self.fd, min(count, self.have.prefix), 0)

    def tell(self, on_the_way: int) -> None:
        """Update the progress; `on_the_way` bytes are received but not yet counted as there."""
        self._progress.done_bytes = self.have.size + on_the_way
        self._progress.total_bytes = self.record.total

    def digest_for(self, position: int) -> FollowingDigest | None:
        """The digest, if it can be fed with what comes at this place: everything before is here, most of it hashed."""
        digest = self._digest
        if digest is None or self.have.prefix < position:
            return None
        return digest if position - digest.hashed_bytes <= FEED_BYTES else None

    # -- in the background, while more arrives

    def follow(self) -> None:
        """Hash what is there without a gap of a large file, in a thread."""
        digest = self._digest
        prefix = self.have.prefix
        if digest is None or prefix < FOLLOW_BYTES or prefix - digest.hashed_bytes < FOLLOW_STEP_BYTES:
            return
        if self._background is None or self._background.done():
            loop = asyncio.get_running_loop()
            self._background = loop.run_in_executor(self._means.workers, _advance, digest, prefix)

    @property
    def checkpoint_due(self) -> bool:
        """Whether it is time to make durable what is there."""
        return (
            time.monotonic() - self._saved_at > CHECKPOINT_S
            and self.resumable
            and self.record.total is not None
            and (self._background is None or self._background.done())
        )

    def checkpoint(self) -> None:
        """Make what is there durable, then say so in the record; in a thread."""
        self._saved_at = time.monotonic()
        if self.have.size >= RECORD_BYTES:
            record = replace(self.record, done=self.have.ranges)
            loop = asyncio.get_running_loop()
            self._background = loop.run_in_executor(self._means.disk, _save, self.fd, self._partial, record)

    # -- the end

    async def finish(self) -> Arrived:
        """The complete file; nothing may be writing any more.

        Raises:
            OSError: reading failed.
        """
        await self._quiet()
        assert self._digest is not None
        size = self.have.prefix
        if os.fstat(self.fd).st_size > size:
            os.ftruncate(self.fd, size)
        self.record = replace(self.record, done=self.have.ranges, complete=True)
        return Arrived(self.fd, size, self._digest)

    async def keep(self) -> None:
        """Leave on disk what a later run can continue, and nothing else; nothing may be writing any more."""
        await self._quiet()
        if self.fd < 0:
            return
        worth = self.have.size >= RECORD_BYTES
        if worth and (self.record.complete or (self.resumable and self.record.total is not None)):
            record = replace(self.record, done=self.have.ranges)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._means.disk, _save, self.fd, self._partial, record)
        elif not self.record.complete:
            self._partial.discard()

    def close(self) -> None:
        """Let go of the file."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    async def _quiet(self) -> None:
        if self._background is not None:
            background, self._background = self._background, None
            await asyncio.wait([background])
            background.result()


def _advance(digest: FollowingDigest, stop: int) -> None:
    digest.follow(stop)


def _save(fd: int, partial: PartialFile, record: Record) -> None:
    os.fdatasync(fd)
    partial.save(record, durable=True)
