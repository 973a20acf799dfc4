"""From a complete file in the private folder to a verified one under its final name."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from mediadl.models import MediaFacts
from mediadl.pipeline.protocol import Fetch, Ingest
from mediadl.pipeline.transfer.digest import FollowingDigest, sha256_of
from mediadl.pipeline.transfer.embed import can_embed, embed
from mediadl.pipeline.transfer.folders import storage_error
from mediadl.pipeline.transfer.means import Means
from mediadl.pipeline.transfer.names import facts_from
from mediadl.pipeline.transfer.partial import PartialFile, Record, stored_to_json
from mediadl.pipeline.transfer.publish import Finished, FolderSync, Published, place
from mediadl.pipeline.transfer.sniff import SNIFF_BYTES, sniff
from mediadl.pipeline.transfer.verify import verify
from mediadl.security.redact import redact_url


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


class Finish:
    """Verifies, tags and publishes the file of one order."""

    def __init__(
        self,
        means: Means,
        folders: FolderSync,
        order: Fetch | Ingest,
        partial: PartialFile,
        work_fd: int,
        stage: Stage,
    ) -> None:
        self._means = means
        self._folders = folders
        self._order = order
        self._work_fd = work_fd
        self._stage = stage
        self.partial = partial

    async def run(self, source: Source, *, media_only: bool) -> Published:
        """Do it all; the file is durable under its final name afterwards.

        Raises:
            DownloadError: the file is broken, or cannot be stored.
            OSError: the disk failed.
        """
        loop = asyncio.get_running_loop()
        order = self._order
        media = await loop.run_in_executor(self._means.workers, _examine, source, order, media_only)
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
        os.unlink(plain.name, dir_fd=plain.folder_fd)
        return published

    async def _publish(self, finished: Finished) -> Published:
        loop = asyncio.get_running_loop()
        self._stage.publishing = True
        published, folder_fd = await loop.run_in_executor(self._means.disk, self._place, finished)
        try:
            await self._folders.sync(folder_fd)
        except OSError as error:
            raise storage_error(error, published.file.path) from error
        finally:
            os.close(folder_fd)
        return published

    def _place(self, finished: Finished) -> tuple[Published, int]:
        """Give it its name; the record says which before it appears. Blocking."""
        partial = self.partial
        return place(
            finished,
            self._order.target,
            self._work_fd,
            f"{partial.stem}.side",
            lambda file: partial.save(Record(complete=True, stored=stored_to_json(file))),
        )


def _examine(source: Source, order: Fetch | Ingest, media_only: bool) -> MediaFacts:
    """Sniff, hash and verify. Blocking."""
    item = order.item
    name = redact_url(item.url) if item.url else source.name
    sniffed = sniff(os.pread(source.fd, SNIFF_BYTES, 0))
    facts = facts_from(sniffed, item.ext, item.kind, media_only=media_only, name=name)
    source.digest.advance(source.size_bytes)
    return verify(f"/proc/self/fd/{source.fd}", source.fd, source.size_bytes, facts, item.duration_s)


def _examine_tagged(fd: int, size: int, before: MediaFacts) -> tuple[MediaFacts, str]:
    """A tagged copy must be as good as the file it was made of. Blocking."""
    return verify(f"/proc/self/fd/{fd}", fd, size, before, before.duration_s), sha256_of(fd, size)
