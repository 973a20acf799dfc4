"""One file from its address into a complete partial file: tries, resumes, fallbacks."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from urllib.parse import urlsplit

from mediadl import __version__
from mediadl.errors import (
    BadContent, DiskFull, DownloadError, ExpiredLink, MediaNotFound, NetworkFailed, NotWritable, RateLimited, ServerError,
    TooLarge, TooSlow, Unknown, from_status,
)  # fmt: skip
from mediadl.pipeline.protocol import Fetch
from mediadl.pipeline.transfer.authorities import Authorities
from mediadl.pipeline.transfer.coverage import Coverage
from mediadl.pipeline.transfer.curlcodes import BodyTooLong, SinkFailed
from mediadl.pipeline.transfer.digest import FollowingDigest
from mediadl.pipeline.transfer.folders import free_bytes, storage_error
from mediadl.pipeline.transfer.heads import Head, Validator
from mediadl.pipeline.transfer.hops import Origin, ascii_url, follow
from mediadl.pipeline.transfer.hosts import Hosts
from mediadl.pipeline.transfer.http import Flow, HttpClient, Request
from mediadl.pipeline.transfer.names import facts_from
from mediadl.pipeline.transfer.partial import PartialFile, Record
from mediadl.pipeline.transfer.rate import Governor
from mediadl.pipeline.transfer.sink import Sink
from mediadl.pipeline.transfer.sniff import SNIFF_BYTES, Nature, sniff
from mediadl.security.redact import redact_url

USER_AGENT = f"Mozilla/5.0 (compatible; mediadl/{__version__})"
OBEYED_RETRY_AFTER_S = 60.0
"""A longer `Retry-After` is the queue's business."""
MAX_BACK_OFF_S = 30.0
PROGRESS_BYTES = 64 * 1024
"""A try that brought at least so much, and can be resumed, does not count as failed."""
CHECKPOINT_S = 3.0
RECORD_BYTES = 1 << 20
"""Smaller partial files get no record: starting over is cheaper."""
FOLLOW_BYTES = 16 << 20
"""Files of this length and more are hashed while they arrive."""
_SIGNED = (
    "expire",
    "signature",
    "sig",
    "x-amz-",
    "token",
    "policy",
    "hdnea",
    "hmac",
    "oe",
    "oh",
    "tk",
    "_nc_",
)
_RETRIED = (NetworkFailed, ServerError, TooSlow, RateLimited, BadContent, Unknown)
_NO_FALLBACK = (DiskFull, NotWritable, TooLarge)


@dataclass(frozen=True, slots=True)
class Means:
    """What every transfer of the process shares."""

    clients: dict[bool, HttpClient]
    """By `trusted`: their connections never mix."""
    hosts: Hosts
    governor: Governor
    authorities: Authorities
    disk: Executor
    """Threads that wait for the disk."""
    workers: Executor
    """Threads that hash and decode."""


@dataclass(slots=True)
class Progress:
    """How far a transfer is; read by the desk's ticker."""

    done_bytes: int = 0
    total_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A complete partial file."""

    fd: int
    size_bytes: int
    digest: FollowingDigest


class StartOver(DownloadError):
    """What is there and what the server has now do not belong together."""


class FileFetch:
    """Downloads one file. Call `run` once, then `close`."""

    def __init__(
        self, means: Means, order: Fetch, partial: PartialFile, folder_fd: int, progress: Progress
    ) -> None:
        self._means = means
        self._order = order
        self._partial = partial
        self._folder_fd = folder_fd
        self._progress = progress
        self._name = redact_url(order.item.url)
        self._record = Record()
        self._have = Coverage()
        self._fd = -1
        self._digest: FollowingDigest | None = None
        self._background: asyncio.Future[None] | None = None
        self._saved_at = 0.0
        self._sniffed = False
        self._stopped_for_space = False

    async def run(self) -> Arrived:
        """Bring the whole file into the partial file.

        Raises:
            DownloadError: no address gave it.
        """
        try:
            self._take_up()
            if self._record.complete:
                return await self._arrived()
            failures: list[DownloadError] = []
            for url in (self._order.item.url, *self._order.item.fallbacks):
                try:
                    await self._from(url)
                except DownloadError as error:
                    if isinstance(error, _NO_FALLBACK):
                        raise
                    failures.append(error)
                else:
                    return await self._arrived()
            raise next((error for error in failures if isinstance(error, _RETRIED)), failures[0])
        except OSError as error:
            raise storage_error(error, self._partial.part_name) from error
        finally:
            await self._keep()

    def close(self) -> None:
        """Let go of the partial file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    # -- what is there already

    def _take_up(self) -> None:
        """Continue what an earlier run left, if it can be trusted."""
        record = self._partial.load()
        size = self._partial.size()
        usable = record.done and size is not None and size >= record.done[-1][1]
        if not usable or not (record.complete or record.validator.condition):
            self._partial.discard()
            return
        self._fd = self._partial.open()
        self._record = record
        self._have = Coverage(record.done)
        self._digest = FollowingDigest(self._fd)
        self._report()

    def _begin_anew(self, url: str, head: Head) -> None:
        """An empty partial file for what this answer brings."""
        self.close()
        self._partial.discard()
        self._fd = self._partial.create()
        self._have = Coverage()
        self._digest = FollowingDigest(self._fd)
        self._sniffed = False
        validator = head.validator
        self._record = Record(
            url=redact_url(url), etag=validator.etag, last_modified=validator.last_modified, total=head.length
        )
        self._saved_at = time.monotonic()
        self._report()

    # -- tries

    async def _from(self, url: str) -> None:
        """All tries with one address."""
        address = ascii_url(url)
        tries = restarts = 0
        while True:
            before = self._have.size
            try:
                await self._once(address)
            except StartOver as error:
                restarts += 1
                self._partial.discard()
                self._have = Coverage()
                if restarts > 2:
                    raise BadContent(error.message) from error
                continue
            except _RETRIED as error:
                if isinstance(error, BadContent):
                    restarts += 1
                    self._have = Coverage()
                    if restarts > 1:
                        raise
                resumable = bool(self._record.validator.condition)
                tries = 1 if resumable and self._have.size - before >= PROGRESS_BYTES else tries + 1
                if tries > self._order.network.retries:
                    raise
                await self._back_off(error, tries, Origin.of(address).host)
            else:
                return

    async def _back_off(self, error: DownloadError, tries: int, host: str) -> None:
        asked = error.retry_after_s
        if asked is not None and asked > OBEYED_RETRY_AFTER_S:
            raise error
        if asked is not None:
            self._means.hosts.pause(host, asked)
        else:
            await asyncio.sleep(min(MAX_BACK_OFF_S, 0.5 * 2 ** (tries - 1)) * random.uniform(0.5, 1.5))  # noqa: S311 - jitter

    async def _once(self, url: str) -> None:
        """One try: everything that is missing, over one connection."""
        host = Origin.of(url).host
        start = self._have.prefix
        async with self._means.hosts.slot(self._order.job_id, host):
            await asyncio.sleep(self._means.governor.wait_s(self._order.job_id))
            stream = _Stream(self, url, start)
            try:
                head, _ = await follow(self._client, self._request(url, start), stream.new_flow)
            except SinkFailed as error:
                raise stream.why_not_written(error) from error
            except BodyTooLong as error:
                raise self.capped(error) from error
            finally:
                stream.close()
        self._judge(head, url)
        total = self._record.total
        if total is not None and self._have.size != total:
            raise BadContent(f"{self._name}: {self._have.size} of {total} announced bytes arrived")

    @property
    def _client(self) -> HttpClient:
        return self._means.clients[self._order.network.trusted]

    def _request(self, url: str, start: int) -> Request:
        item, network = self._order.item, self._order.network
        fields = {name.lower(): (name, value) for name, value in item.headers.items()}
        if not item.impersonate:
            fields.setdefault("user-agent", ("User-Agent", USER_AGENT))
            fields.setdefault("accept", ("Accept", "*/*"))
        # A media file is its own packing; whatever else arrives is refused
        fields["accept-encoding"] = ("Accept-Encoding", "identity")
        fields.pop("range", None)
        fields.pop("if-range", None)
        if start:
            fields["range"] = ("Range", f"bytes={start}-")
            fields["if-range"] = ("If-Range", self._record.validator.condition)
        return Request(
            url=url,
            headers=tuple(fields.values()),
            network=network,
            ca_bundle=self._means.authorities.bundle(network.ca_file),
            impersonate=item.impersonate,
            name=self._name,
        )

    # -- judging answers

    def _judge(self, head: Head, url: str) -> None:
        if head.status in {200, 206}:
            return
        if head.status == 416:
            self._judge_416(head)
            return
        raise status_error(head, url, self._name)

    def _judge_416(self, head: Head) -> None:
        """Nothing lies behind what we have: either that was all, or the file is another one."""
        found = head.content_range
        total = found.total if found is not None else None
        if total is None or total != self._have.size or self._record.total not in {None, total}:
            raise StartOver(f"{self._name}: the file is another one now")

    def _accept(self, head: Head, url: str, start: int) -> int:
        """Check a 200 or 206 and say at which byte its body begins."""
        if head.encoded:
            raise BadContent(f"{self._name}: came packed as {head.get('content-encoding')[:20]}")
        if head.status == 200:
            self._begin_anew(url, head)
            self._check_size(head.length)
            return 0
        found = head.content_range
        if found is None or start == 0 or found.start != start:
            raise StartOver(f"{self._name}: the server sent another range than asked for")
        agreed = head.validator.agrees(self._record.validator)
        if found.total != self._record.total or not agreed:
            raise StartOver(f"{self._name}: the file changed on the server")
        return start

    def _check_size(self, length: int | None) -> None:
        order = self._order
        if length is None:
            return
        announced = order.item.size_bytes
        if announced is not None and announced != length:
            raise BadContent(f"{self._name}: {length} bytes long, the site announced {announced}")
        if order.max_bytes and length > order.max_bytes:
            raise TooLarge(f"{self._name}: {length} bytes, allowed are {order.max_bytes}")
        if free_bytes(self._folder_fd) - length < order.min_free_bytes:
            raise DiskFull(
                f"{self._name}: no space for {length} bytes and the reserve of {order.min_free_bytes}"
            )

    def cap(self, start: int) -> int:
        """Most bytes that one body may bring from `start` on."""
        order = self._order
        room = max(1, free_bytes(self._folder_fd) - order.min_free_bytes)
        caps = [room]
        if order.max_bytes:
            caps.append(max(1, order.max_bytes - start))
        if order.item.size_bytes is not None:
            caps.append(max(1, order.item.size_bytes - start))
        self._stopped_for_space = min(caps) == room
        return min(caps)

    def capped(self, error: TooLarge) -> DownloadError:
        """What being stopped at `cap` means."""
        order = self._order
        if self._stopped_for_space:
            return DiskFull(f"{self._name}: no space left but the reserve of {order.min_free_bytes} bytes")
        if order.item.size_bytes is not None and not (
            order.max_bytes and order.item.size_bytes > order.max_bytes
        ):
            return BadContent(f"{self._name}: longer than the announced {order.item.size_bytes} bytes")
        return error

    # -- while it runs

    def arrived_bytes(self, start: int, stop: int) -> None:
        """Bytes of this range are in the partial file."""
        self._have.add(start, stop)
        self._report()

    def moving(self, start: int, received: int, flush: Callable[[], None]) -> None:
        """Called at every tick of a running body."""
        self._progress.done_bytes = max(self._have.size, start + received)
        if not self._sniffed and received >= SNIFF_BYTES:
            flush()
            self._sniff_early()
        if self._order.min_free_bytes and free_bytes(self._folder_fd) < self._order.min_free_bytes:
            raise DiskFull(
                f"{self._name}: less than the reserve of {self._order.min_free_bytes} bytes is free"
            )
        self._follow_up()
        due = time.monotonic() - self._saved_at > CHECKPOINT_S
        if due and self._record.validator.condition and start + received > RECORD_BYTES:
            flush()
            self._checkpoint()

    def _sniff_early(self) -> None:
        """Refuse a page as soon as it shows."""
        self._sniffed = True
        item = self._order.item
        sniffed = sniff(os.pread(self._fd, SNIFF_BYTES, 0))
        if sniffed.nature is not Nature.UNKNOWN:
            facts_from(sniffed, item.ext, item.kind, media_only=self._order.media_only, name=self._name)

    def _follow_up(self) -> None:
        """Hash what has arrived of a large file, in a thread, while more comes."""
        digest = self._digest
        on_disk = min(self._have.prefix, os.fstat(self._fd).st_size)
        if digest is None or on_disk - digest.hashed_bytes < FOLLOW_BYTES // 2 or on_disk < FOLLOW_BYTES:
            return
        if self._background is None or self._background.done():
            loop = asyncio.get_running_loop()
            self._background = loop.run_in_executor(self._means.workers, _advance, digest, on_disk)

    def _checkpoint(self) -> None:
        """Make what is there durable, then say so in the record."""
        if self._background is not None and not self._background.done():
            return
        self._saved_at = time.monotonic()
        loop = asyncio.get_running_loop()
        self._background = loop.run_in_executor(self._means.disk, self._save, self._now_done(complete=False))

    def _now_done(self, *, complete: bool) -> Record:
        from dataclasses import replace

        return replace(self._record, done=self._have.ranges, complete=complete)

    def _save(self, record: Record) -> None:
        if self._fd >= 0:
            os.fdatasync(self._fd)
            self._partial.save(record, durable=True)

    def _report(self) -> None:
        self._progress.done_bytes = self._have.size
        self._progress.total_bytes = self._record.total

    # -- the end

    async def _arrived(self) -> Arrived:
        await self._quiet()
        size = os.fstat(self._fd).st_size
        if self._record.total is not None and size > self._record.total:
            os.ftruncate(self._fd, self._record.total)
            size = self._record.total
        announced = self._order.item.size_bytes
        if announced is not None and announced != size:
            self._partial.discard()
            raise BadContent(f"{self._name}: {size} bytes arrived, the site announced {announced}")
        assert self._digest is not None
        self._record = self._now_done(complete=True)
        return Arrived(self._fd, size, self._digest)

    async def _quiet(self) -> None:
        if self._background is not None:
            await asyncio.wait([self._background])
            self._background = None

    async def _keep(self) -> None:
        """Leave what a later run can continue, and nothing else."""
        await self._quiet()
        if self._fd < 0:
            return
        if self._record.complete or (self._have.size >= RECORD_BYTES and self._record.validator.condition):
            if self._have.size >= RECORD_BYTES:
                await asyncio.get_running_loop().run_in_executor(
                    self._means.disk, self._save, self._record_to_keep()
                )
        elif not self._record.complete:
            self._partial.discard()

    def _record_to_keep(self) -> Record:
        return self._now_done(complete=self._record.complete)


class _Stream:
    """The body of one try on its way into the partial file."""

    def __init__(self, fetch: FileFetch, url: str, start: int) -> None:
        self._fetch = fetch
        self._url = url
        self._asked = start
        self._start = start
        self._flow: Flow | None = None
        self._sink: Sink | None = None

    def new_flow(self) -> Flow:
        return Flow(self._fetch._order.job_id, self._on_head, self._watch)

    def _on_head(self, flow: Flow, head: Head) -> Sink | None:
        if head.status not in {200, 206}:
            return None
        self._start = self._fetch._accept(head, self._url, self._asked)
        flow.limit_body(self._fetch.cap(self._start))
        try:
            fd = self._fetch._partial.open()
            os.lseek(fd, self._start, os.SEEK_SET)
            self._sink = Sink(fd)
        except OSError as error:
            raise storage_error(error, self._fetch._partial.part_name) from error
        self._flow = flow
        return self._sink

    def _watch(self, flow: Flow) -> None:
        if self._sink is not None:
            self._fetch.moving(self._start, flow.received_bytes, self._flush)

    def _flush(self) -> None:
        assert self._sink is not None and self._flow is not None
        try:
            self._sink.flush()
        except OSError as error:
            raise storage_error(error, self._fetch._partial.part_name) from error
        self._fetch.arrived_bytes(self._start, self._start + self._flow.received_bytes)

    def why_not_written(self, error: DownloadError) -> DownloadError:
        try:
            if self._sink is not None:
                self._sink.flush()
        except OSError as cause:
            return storage_error(cause, self._fetch._partial.part_name)
        return Unknown(error.message)

    def close(self) -> None:
        """Count what arrived; a failed write shows here at the latest."""
        if self._sink is None:
            return
        sink, self._sink = self._sink, None
        sink.close()
        assert self._flow is not None
        self._fetch.arrived_bytes(self._start, self._start + self._flow.received_bytes)


def _advance(digest: FollowingDigest, stop: int) -> None:
    digest.advance(stop, write_out=True)


def status_error(head: Head, url: str, name: str) -> DownloadError:
    """The failure an answer that is no file means."""
    after = head.retry_after_s(time.time())
    if head.status in {403, 410} and looks_signed(url):
        return ExpiredLink(f"HTTP {head.status} for {name}: the signed address ran out", status=head.status)
    return from_status(head.status, name, after)


def looks_signed(url: str) -> bool:
    """Whether an address carries a signature or an end of its life."""
    query = urlsplit(url).query.lower()
    keys = [pair.partition("=")[0] for pair in query.split("&")]
    return any(key.startswith(_SIGNED) for key in keys)


__all__ = ["Arrived", "FileFetch", "MediaNotFound", "Means", "Progress", "looks_signed", "status_error"]
