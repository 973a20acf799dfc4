"""From a complete file in the private folder to a verified one under its final name."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from mediadl.errors import NotBetter
from mediadl.models import MediaFacts, StoredFile
from mediadl.pipeline.protocol import Fetch, Ingest
from mediadl.pipeline.transfer.digest import FollowingDigest, sha256_of
from mediadl.pipeline.transfer.embed import can_embed, embed
from mediadl.pipeline.transfer.folders import storage_error
from mediadl.pipeline.transfer.ledger import Ledger
from mediadl.pipeline.transfer.means import Means
from mediadl.pipeline.transfer.names import facts_from
from mediadl.pipeline.transfer.partial import PartialFile
from mediadl.pipeline.transfer.publish import Finished, FolderSync, Published, place, take_again
from mediadl.pipeline.transfer.replacing import take_place
from mediadl.pipeline.transfer.sniff import SNIFF_BYTES, sniff
from mediadl.pipeline.transfer.verify import verify
from mediadl.security.redact import redact_url

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """A complete file inside the job's private folder; its descriptors belong to whoever made this."""

    folder_fd: int
    name: str
    fd: int
    size_bytes: int
    digest: FollowingDigest


@dataclass(slots=True)
class Stage:
    """How far a transfer has come, for those who want to cancel it."""

    publishing: bool = False
    """The final name may appear at any moment: too late to cancel."""


async def to_its_end(executor: Executor, work: Callable[[], T]) -> T:
    """Run blocking work in a thread. Cancelled, it first waits for the thread: that one uses our descriptors."""
    future = asyncio.get_running_loop().run_in_executor(executor, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


class Finish:
    """Verifies, tags and publishes the file of one order."""

    def __init__(
        self,
        means: Means,
        folders: FolderSync,
        order: Fetch | Ingest,
        left: PartialFile,
        ledger: Ledger,
        work_fd: int,
        stage: Stage,
    ) -> None:
        self._means = means
        self._folders = folders
        self._order = order
        self._work_fd = work_fd
        self._stage = stage
        self._ledger = ledger
        self.partial = left

    def of(self, order: Fetch) -> Finish:
        """The same for another rendition of the file."""
        return Finish(
            self._means, self._folders, order, self.partial, self._ledger, self._work_fd, self._stage
        )

    async def published_before(self) -> Published | None:
        """What an earlier run published and could not tell any more, if it is still there.

        Raises:
            DownloadError: its folder cannot be written.
        """
        file = self._ledger.find(self.partial.tag)
        if file is None:
            return None
        side_name = f"{self.partial.stem}.side"
        look = partial(take_again, file, self._order.target, self._work_fd, side_name)
        folder_fd = await to_its_end(self._means.disk, look)
        if folder_fd is None:
            return None
        self.partial.discard()
        await self._sync(folder_fd, file)
        return Published(file, reused=True)

    async def run(self, source: Source, *, media_only: bool) -> Published:
        """Do it all; the file is durable under its final name afterwards.

        Raises:
            DownloadError: the file is broken, or cannot be stored.
            OSError: the disk failed.
        """
        order = self._order
        media = await to_its_end(self._means.workers, partial(_examine, source, order, media_only))
        sha256 = source.digest.hexdigest()
        finished = Finished(
            source.folder_fd, source.name, source.fd, source.size_bytes, sha256, sha256, media
        )
        if order.target.embed and can_embed(media):
            return await self._publish_tagged(finished, order.target.embed)
        return await self._publish(finished)

    async def _publish_tagged(self, plain: Finished, tags: dict[str, str]) -> Published:
        """Publish a copy that carries tags; the file as received goes when the copy is safe."""
        work = Path(f"/proc/{os.getpid()}/fd")
        tagged_name = f"{self.partial.stem}.tagged"
        source = work / str(plain.fd)
        await embed(source, work / str(self._work_fd) / tagged_name, plain.media, tags)
        fd = os.open(tagged_name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._work_fd)
        try:
            loop = asyncio.get_running_loop()
            size = os.fstat(fd).st_size
            media, sha256 = await loop.run_in_executor(
                self._means.workers, _examine_tagged, fd, size, plain.media
            )
            finished = Finished(self._work_fd, tagged_name, fd, size, sha256, plain.sha256, media)
            published = await self._publish(finished)
        finally:
            os.close(fd)
        with suppress(FileNotFoundError):  # a part file went with its record
            os.unlink(plain.name, dir_fd=plain.folder_fd)
        return published

    async def _publish(self, finished: Finished) -> Published:
        self._stage.publishing = True
        published, folder_fd = await to_its_end(self._means.disk, partial(self._place, finished))
        await self._sync(folder_fd, published.file)
        if finished.name != self.partial.part_name:
            self.partial.discard()  # what was tagged, or what an engine's file takes the place of
        self.partial.drop_record()
        return published

    async def _sync(self, folder_fd: int, file: StoredFile) -> None:
        """Make the names in the folder durable, and close it."""
        try:
            await self._folders.sync(folder_fd)
        except OSError as error:
            raise storage_error(error, file.path) from error
        finally:
            os.close(folder_fd)

    def _place(self, finished: Finished) -> tuple[Published, int]:
        """Give it its name; the record says which before it appears. Blocking."""
        left, target = self.partial, self._order.target
        folders, side_name = self._means.folders, f"{left.stem}.side"

        def note(file: StoredFile) -> None:
            self._ledger.add(left.tag, file)

        if target.replaces is None:
            return place(finished, target, folders, self._work_fd, side_name, note)
        try:
            return take_place(finished, target, target.replaces, folders, self._work_fd, side_name, note)
        except NotBetter:
            with suppress(FileNotFoundError):
                os.unlink(finished.name, dir_fd=finished.folder_fd)
            left.discard()
            raise


def _examine(source: Source, order: Fetch | Ingest, media_only: bool) -> MediaFacts:
    """Sniff, hash and verify. Blocking."""
    item = order.item
    name = redact_url(item.url) if item.url else source.name
    sniffed = sniff(os.pread(source.fd, SNIFF_BYTES, 0))
    facts = facts_from(sniffed, item.ext, item.kind, media_only=media_only, name=name, gate=item.gate)
    source.digest.advance(source.size_bytes)
    path = f"/proc/self/fd/{source.fd}"
    return verify(path, source.fd, source.size_bytes, facts, item.duration_s, sound=item.sound)


def _examine_tagged(fd: int, size: int, before: MediaFacts) -> tuple[MediaFacts, str]:
    """A tagged copy must be as good as the file it was made of. Blocking."""
    return verify(f"/proc/self/fd/{fd}", fd, size, before, before.duration_s), sha256_of(fd, size)
