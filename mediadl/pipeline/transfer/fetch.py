"""One file from its addresses into a complete partial file: tries, pauses, fallbacks."""

from __future__ import annotations

import asyncio
import random

from mediadl import __version__
from mediadl.errors import (
    BadContent,
    DiskFull,
    DownloadError,
    LoginNeeded,
    NetworkFailed,
    NotMedia,
    NotWritable,
    RateLimited,
    ServerError,
    TooLarge,
    TooSlow,
    Unknown,
)
from mediadl.pipeline.protocol import Fetch
from mediadl.pipeline.transfer.answers import NoRanges, StartOver, is_push_back, same_place
from mediadl.pipeline.transfer.arriving import Arrived, ArrivingFile
from mediadl.pipeline.transfer.crew import Crew
from mediadl.pipeline.transfer.handles import Request
from mediadl.pipeline.transfer.hops import Origin, ascii_url
from mediadl.pipeline.transfer.means import Means
from mediadl.pipeline.transfer.names import facts_from
from mediadl.pipeline.transfer.sniff import SNIFF_BYTES, Nature, sniff
from mediadl.pipeline.transfer.terms import Terms
from mediadl.security.redact import redact_url

USER_AGENT = f"Mozilla/5.0 (compatible; mediadl/{__version__})"
OBEYED_RETRY_AFTER_S = 1.5
"""A longer `Retry-After` is the queue's business: it shows what is waited for, and lets nothing else of the site go."""
CLOSED_S = 60.0
"""How long a host that refused is left alone when it does not say how long."""
FIRST_BACK_OFF_S = 0.5
MAX_BACK_OFF_S = 30.0
PROGRESS_BYTES = 64 * 1024
"""A try that brought at least so much, and can be continued, does not count as failed."""
MAX_RESTARTS = 2
"""How often a file may turn out to be another one."""

_RETRIED = (NetworkFailed, ServerError, TooSlow, RateLimited, BadContent, Unknown)
_WORTHLESS = (BadContent, LoginNeeded, NotMedia, TooLarge)
"""After these, what has arrived is of no use."""
_NO_FALLBACK = (DiskFull, LoginNeeded, NotWritable, TooLarge)


class FileFetch:
    """Downloads one file."""

    def __init__(self, means: Means, order: Fetch, file: ArrivingFile, folder_fd: int) -> None:
        """`folder_fd` is the job's private folder."""
        self._means = means
        self._order = order
        self._file = file
        self._name = redact_url(order.item.url)
        self._terms = Terms(order, folder_fd, self._name)
        self._alone = False

    async def run(self) -> Arrived:
        """Bring the whole file into the partial file.

        Raises:
            DownloadError: no address gave it.
            OSError: the disk failed.
        """
        try:
            self._file.take_up()
            if not self._file.record.complete:
                await self._from_any()
            return await self._file.finish()
        except _WORTHLESS:
            self._file.throw_away()
            raise
        finally:
            await self._file.keep()

    async def _from_any(self) -> None:
        """The address, then its fallbacks."""
        failures: list[DownloadError] = []
        for url in (self._order.item.url, *self._order.item.fallbacks):
            try:
                await self._from(ascii_url(url))
            except _NO_FALLBACK:
                raise
            except DownloadError as error:
                failures.append(error)
            else:
                return
        # One that can heal is worth another try of the whole job
        raise next((error for error in failures if isinstance(error, _RETRIED)), failures[0])

    async def _from(self, url: str) -> None:
        """All tries with one address."""
        file = self._file
        tries = restarts = refusals = 0
        furthest = file.have.size
        while True:
            try:
                await self._once(url)
            except (StartOver, NoRanges) as error:
                file.throw_away()
                restarts += 1
                if restarts > MAX_RESTARTS:
                    raise BadContent(error.message) from error
            except _RETRIED as error:
                # Only what no earlier try had brought is progress: a server may begin anew each time
                progress = file.resumable and file.have.size >= furthest + PROGRESS_BYTES
                tries = 1 if progress else tries + 1
                furthest = max(furthest, file.have.size)
                if isinstance(error, BadContent):
                    file.throw_away()
                    restarts += 1
                refusals += isinstance(error, RateLimited)
                if tries > self._order.network.retries or (isinstance(error, BadContent) and restarts > 1):
                    raise
                if refusals > 1 or (isinstance(error, RateLimited) and error.retry_after_s is None):
                    raise
                await self._back_off(error, tries)
            else:
                return

    @staticmethod
    async def _back_off(error: DownloadError, tries: int) -> None:
        """Wait before the next try; what a server asked for is waited for at its slots."""
        asked_s = error.retry_after_s
        if asked_s is None:
            delay_s = min(MAX_BACK_OFF_S, FIRST_BACK_OFF_S * 2 ** (tries - 1))
            await asyncio.sleep(delay_s * random.uniform(0.5, 1.5))  # noqa: S311 - so that many do not come back at once
        elif asked_s > OBEYED_RETRY_AFTER_S:
            raise error

    async def _once(self, url: str) -> None:
        """One try for everything that is missing."""
        order, file = self._order, self._file
        host = Origin.of(url).host
        if file.have.size and not file.record.etag and not same_place(file.record.url, url):
            file.throw_away()  # a date alone does not prove that another address has the same bytes
        hosts = self._means.hosts
        async with hosts.slot(order.job_id, host, careful=order.careful):
            await self._means.governor.allowance(order.job_id)
            client = self._means.clients[order.network.trusted]
            crew = Crew(
                file,
                self._terms,
                order.job_id,
                client,
                hosts,
                host,
                self._request,
                self._check_start,
                alone=self._alone,
            )
            try:
                await crew.run(url)
            except DownloadError as error:
                if is_push_back(error):
                    hosts.pushed_back(host)
                # Before the slot is free: nobody else may try in between
                if isinstance(error, RateLimited):
                    hosts.close(host, CLOSED_S if error.retry_after_s is None else error.retry_after_s)
                elif error.retry_after_s:
                    hosts.pause(host, min(error.retry_after_s, OBEYED_RETRY_AFTER_S))
                elif error.status is not None and error.status < 500:
                    hosts.answered(host)
                raise
            finally:
                self._alone = crew.alone
        total = file.record.total
        if total is None:
            self._terms.check_length(file.have.prefix, file.have.prefix)
        elif file.have.prefix != total:
            raise NetworkFailed(f"{self._name}: {file.have.size} of {total} announced bytes arrived")

    def _request(self, url: str, byte_range: str) -> Request:
        item, network = self._order.item, self._order.network
        fields = {name.lower(): (name, value) for name, value in item.headers.items()}
        if not item.impersonate:
            fields.setdefault("user-agent", ("User-Agent", USER_AGENT))
            fields.setdefault("accept", ("Accept", "*/*"))
        fields["accept-encoding"] = ("Accept-Encoding", "identity")
        for ours in ("range", "if-range", "host", "content-length"):
            fields.pop(ours, None)
        if byte_range:
            fields["range"] = ("Range", byte_range)
            fields["if-range"] = ("If-Range", self._file.record.validator.condition)
        return Request(
            url=url,
            headers=tuple(fields.values()),
            network=network,
            ca_bundle=self._means.authorities.bundle(network.ca_file),
            impersonate=item.impersonate,
            name=self._name,
        )

    def _check_start(self) -> None:
        """Refuse a page as soon as it shows."""
        item = self._order.item
        sniffed = sniff(self._file.head_bytes(SNIFF_BYTES))
        if sniffed.nature is not Nature.UNKNOWN:
            only = self._order.media_only
            facts_from(sniffed, item.ext, item.kind, media_only=only, name=self._name, gate=item.gate)
