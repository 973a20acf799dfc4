"""The desk of the transfer child: takes orders, runs each as a task, answers with what became of it."""

from __future__ import annotations

import asyncio
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from mediadl.errors import BadContent, DownloadError, MediaNotFound, RateLimited, Unknown
from mediadl.models import Identity
from mediadl.pipeline.protocol import (
    Cancel,
    Fetch,
    Ingest,
    Limits,
    Message,
    Reopen,
    Stored,
    TransferFailed,
    TransferProgress,
    TransfersCancelled,
)  # fmt: skip
from mediadl.pipeline.transfer.arriving import ArrivingFile, Progress
from mediadl.pipeline.transfer.authorities import Authorities
from mediadl.pipeline.transfer.digest import FollowingDigest
from mediadl.pipeline.transfer.fetch import FileFetch
from mediadl.pipeline.transfer.finish import Finish, Source, Stage
from mediadl.pipeline.transfer.folders import Folders, open_below, place_inside, storage_error
from mediadl.pipeline.transfer.hops import Origin, ascii_url
from mediadl.pipeline.transfer.hosts import Hosts
from mediadl.pipeline.transfer.http import HttpClient
from mediadl.pipeline.transfer.ledger import Ledger
from mediadl.pipeline.transfer.means import Means
from mediadl.pipeline.transfer.partial import PartialFile, records_in
from mediadl.pipeline.transfer.publish import FolderSync, Published
from mediadl.pipeline.transfer.rate import Governor
from mediadl.pipeline.transfer.renditions import renditions
from mediadl.pipeline.transfer.verify import NoSound

PROGRESS_S = 0.25
"""Between two progress messages of one job."""


@dataclass(slots=True)
class _Transfer:
    """One order at work."""

    order: Fetch | Ingest
    progress: Progress = field(default_factory=Progress)
    task: asyncio.Task[None] | None = None
    told_bytes: int = -1
    told_at: float = 0.0
    stage: Stage = field(default_factory=Stage)


@dataclass(slots=True)
class _Job:
    """What the orders of one job share while there are some."""

    transfers: dict[str, _Transfer] = field(default_factory=dict)
    ledger: Ledger | None = None
    """What the job has published."""
    records: set[str] = field(default_factory=set)
    """Names of the records in its private folder."""


class Desk:
    """Runs transfers on one event loop; `say` is called on it for every answer."""

    def __init__(
        self, say: Callable[[Message], None], workers: Executor, disk: Executor, folder: Path
    ) -> None:
        """Start with default limits.

        Args:
            say: takes the answers.
            workers: threads that hash and decode.
            disk: threads that wait for the disk.
            folder: private folder for things of ours that can be made again.
        """
        self._say = say
        governor = Governor()
        self._means = Means(
            clients={True: HttpClient(governor, disk), False: HttpClient(governor, disk)},
            hosts=Hosts(),
            governor=governor,
            authorities=Authorities(folder),
            folders=Folders(),
            disk=disk,
            workers=workers,
        )
        self._syncs = FolderSync(disk)
        self._jobs: dict[int, _Job] = {}
        self._identities: Counter[Identity] = Counter()
        self._ticker: asyncio.Task[None] | None = None
        self._cancelling: set[asyncio.Task[None]] = set()

    def take(self, message: Message) -> None:
        """Obey one message; returns at once.

        Raises:
            TypeError: it is not meant for a transfer child.
        """
        match message:
            case Fetch() | Ingest():
                self._start(message)
            case Limits():
                self._means.governor.limit_all(message.rate_bytes_per_s)
                self._means.hosts.limit(message.connections, message.connections_per_host)
            case Reopen():
                for host in message.hosts:
                    self._means.hosts.reopen(host)
            case Cancel():
                task = asyncio.get_running_loop().create_task(self._cancel(message))
                self._cancelling.add(task)
                task.add_done_callback(self._cancelling.discard)
            case _:
                raise TypeError(f"{type(message).__name__} is not for a transfer child")

    async def stop(self) -> None:
        """End everything; partial files and their records stay."""
        transfers = [transfer for job in self._jobs.values() for transfer in job.transfers.values()]
        await self._end(transfers)
        if self._ticker is not None:
            self._ticker.cancel()
        for client in self._means.clients.values():
            await client.close()

    # -- orders

    def _start(self, order: Fetch | Ingest) -> None:
        job = self._jobs.setdefault(order.job_id, _Job())
        if order.key in job.transfers:
            return  # told twice, e.g. after the daemon thought we were gone
        transfer = _Transfer(order)
        job.transfers[order.key] = transfer
        self._identities[order.item.identity] += 1
        if isinstance(order, Fetch):
            self._means.governor.limit_job(order.job_id, order.rate_bytes_per_s)
        transfer.task = asyncio.get_running_loop().create_task(self._carry_out(transfer))
        transfer.task.add_done_callback(lambda task: self._ended(task, order))
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.get_running_loop().create_task(self._tell_progress())

    async def _cancel(self, message: Cancel) -> None:
        job = self._jobs.get(message.job_id)
        transfers = list(job.transfers.values()) if job is not None else []
        await self._end(transfers)
        if message.discard:
            for transfer in transfers:
                await self._discard(transfer.order)
            if not self._jobs:
                self._means.folders.close()
        self._say(TransfersCancelled(message.job_id))

    @staticmethod
    async def _end(transfers: list[_Transfer]) -> None:
        """Cancel what can still be cancelled and wait for everything; a file that is being named gets its name."""
        for transfer in transfers:
            if transfer.task is not None and not transfer.stage.publishing:
                transfer.task.cancel()
        await asyncio.gather(*(t.task for t in transfers if t.task is not None), return_exceptions=True)

    async def _discard(self, order: Fetch | Ingest) -> None:
        def remove() -> None:
            try:
                fd = self._means.folders.open_work(order.target.root, order.target.work)
            except DownloadError:
                return  # nothing there that is ours
            try:
                PartialFile(fd, order.item.n, order.item.identity).discard()
            finally:
                os.close(fd)

        await asyncio.get_running_loop().run_in_executor(self._means.disk, remove)

    async def _carry_out(self, transfer: _Transfer) -> None:
        order = transfer.order
        try:
            published = await self._transfer(transfer)
            self._say(Stored(order.key, order.job_id, published.file, published.reused))
        except DownloadError as error:
            host = Origin.of(ascii_url(order.item.url)).host if isinstance(error, RateLimited) else ""
            self._say(TransferFailed(order.key, order.job_id, error.to_dict(), host))
        except OSError as error:
            failure = storage_error(error, order.target.folder or order.target.root)
            self._say(TransferFailed(order.key, order.job_id, failure.to_dict()))
        finally:
            self._identities[order.item.identity] -= 1
            if not self._identities[order.item.identity]:
                del self._identities[order.item.identity]
            self._leave(order)

    def _leave(self, order: Fetch | Ingest) -> None:
        """An order is through; the last one of a job, and the last of all, close the door."""
        job = self._jobs[order.job_id]
        del job.transfers[order.key]
        if not job.transfers:
            del self._jobs[order.job_id]
            if job.ledger is not None:
                job.ledger.close()
            self._means.governor.limit_job(order.job_id, 0)
        if not self._jobs:
            self._means.folders.close()

    def _ended(self, task: asyncio.Task[None], order: Fetch | Ingest) -> None:
        """A defect of ours must not leave an order without an answer."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            where = traceback.extract_tb(error.__traceback__)[-1]
            words = f"{type(error).__name__} in {where.name}, line {where.lineno}: {error}"
            self._say(TransferFailed(order.key, order.job_id, Unknown(words[:500]).to_dict()))

    async def _transfer(self, transfer: _Transfer) -> Published:
        order = transfer.order
        job = self._jobs[order.job_id]
        work_fd = self._means.folders.open_work(order.target.root, order.target.work)
        try:
            if job.ledger is None:
                job.ledger = Ledger(work_fd)
                job.records = records_in(work_fd)
            partial = PartialFile(work_fd, order.item.n, order.item.identity, job.records)
            if self._identities[order.item.identity] == 1:
                partial.adopt()  # else a twin is at work on it
            finish = Finish(self._means, self._syncs, order, partial, job.ledger, work_fd, transfer.stage)
            earlier = await finish.published_before()
            if earlier is not None:
                return earlier
            if isinstance(order, Ingest):
                return await self._ingest(order, work_fd, finish)
            return await self._fetch_any(transfer, order, work_fd, finish)
        finally:
            os.close(work_fd)

    async def _fetch_any(self, transfer: _Transfer, order: Fetch, work_fd: int, finish: Finish) -> Published:
        """The rendition that was chosen, else another one, else the chosen one as it is: mute by right."""
        first: DownloadError | None = None
        for one, as_it_is in renditions(order):
            if as_it_is and not isinstance(first, NoSound):
                break  # it is gone, not mute
            try:
                return await self._fetch_twice(transfer, one, work_fd, finish.of(one))
            except (NoSound, MediaNotFound) as error:
                finish.partial.discard()
                first = first or error
        assert first is not None
        raise first

    async def _fetch_twice(
        self, transfer: _Transfer, order: Fetch, work_fd: int, finish: Finish
    ) -> Published:
        try:
            return await self._fetch(transfer, order, work_fd, finish)
        except NoSound:
            raise
        except BadContent:
            finish.partial.discard()
        # Once more from nothing: caches and mirrors now and then serve a cut file
        try:
            return await self._fetch(transfer, order, work_fd, finish)
        except BadContent:
            finish.partial.discard()
            raise

    async def _fetch(self, transfer: _Transfer, order: Fetch, work_fd: int, finish: Finish) -> Published:
        file = ArrivingFile(self._means, finish.partial, transfer.progress)
        try:
            arrived = await FileFetch(self._means, order, file, work_fd).run()
            source = Source(work_fd, finish.partial.part_name, arrived.fd, arrived.size_bytes, arrived.digest)
            return await finish.run(source, media_only=order.media_only)
        finally:
            file.close()

    @staticmethod
    async def _ingest(order: Ingest, work_fd: int, finish: Finish) -> Published:
        folder, name = place_inside(order.path, order.target.work)
        folder_fd = open_below(work_fd, folder, order.target.work, 0o700)
        try:
            fd = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder_fd)
            try:
                size = os.fstat(fd).st_size
                return await finish.run(
                    Source(folder_fd, name, fd, size, FollowingDigest(fd)), media_only=True
                )
            finally:
                os.close(fd)
        finally:
            os.close(folder_fd)

    # -- progress

    async def _tell_progress(self) -> None:
        while self._jobs:
            await asyncio.sleep(PROGRESS_S)
            now = time.monotonic()
            for job in self._jobs.values():
                # One message per job and turn: the one that has been silent longest
                moving = [t for t in job.transfers.values() if t.progress.done_bytes not in {0, t.told_bytes}]
                if moving:
                    self._tell(min(moving, key=lambda t: t.told_at), now)

    def _tell(self, transfer: _Transfer, now: float) -> None:
        done = transfer.progress.done_bytes
        elapsed = now - transfer.told_at
        first = transfer.told_bytes < 0
        speed = 0.0 if first or elapsed <= 0 else max(0.0, (done - transfer.told_bytes) / elapsed)
        transfer.told_bytes, transfer.told_at = done, now
        order = transfer.order
        self._say(TransferProgress(order.key, order.job_id, done, transfer.progress.total_bytes, speed))
