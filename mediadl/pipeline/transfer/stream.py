"""One body on its way into its place in an arriving file."""

from __future__ import annotations

import time
from collections.abc import Callable

from mediadl.errors import DownloadError, Unknown
from mediadl.pipeline.transfer.answers import (
    NoRanges,
    StartOver,
    check_range,
    is_whole,
    refuse_packed,
    status_error,
)
from mediadl.pipeline.transfer.arriving import ArrivingFile
from mediadl.pipeline.transfer.curlcodes import BodyTooLong, SinkFailed
from mediadl.pipeline.transfer.folders import DISK_ERRORS
from mediadl.pipeline.transfer.handles import Request
from mediadl.pipeline.transfer.heads import Head
from mediadl.pipeline.transfer.hops import follow
from mediadl.pipeline.transfer.http import BulkFailed, Flow, HttpClient
from mediadl.pipeline.transfer.sink import Sink
from mediadl.pipeline.transfer.terms import Terms

FLUSH_BYTES = 1 << 20
ENDLESS = 1 << 62
"""The limit of a range that runs to the end of a file of unknown length."""


class Reached(DownloadError):
    """The stream came to its limit: somebody else has what follows."""


class RangeStream:
    """Fetches one range. Fulfils `pieces.Claim`, so that its end can be given to others while it works."""

    def __init__(
        self,
        file: ArrivingFile,
        terms: Terms,
        job_id: int,
        place: tuple[int, int],
        watch: Callable[[RangeStream], None],
        answered: Callable[[], None] = lambda: None,
        *,
        may_restart: bool,
    ) -> None:
        """Nothing is asked for yet.

        Args:
            file: takes the bytes.
            terms: say how much may come.
            job_id: whose speed limit counts.
            place: first byte and the one after the last; the latter is `ENDLESS` when nobody knows.
            watch: called at every tick; may raise to end the stream.
            answered: called when the server begins to give what was asked for.
            may_restart: an answer with the whole file replaces everything there is; else it is refused.
        """
        self._file = file
        self._terms = terms
        self._job_id = job_id
        self._may_restart = may_restart
        self._watch_more = watch
        self._answered = answered
        self._generation = file.generation
        self._flow: Flow | None = None
        self._sink: Sink | None = None
        self._name = ""
        self._url = ""
        self._asked, self.limit = place
        self.asked_limit = self.limit
        self._begin = self._flushed = self.position = self._asked
        self._asked_for_whole = place == (0, ENDLESS)
        self._range = f"bytes={self._asked}-{'' if self.limit >= ENDLESS else self.limit - 1}"
        self.answer_s = 0.0
        """From the request to the head: at least one round trip."""
        self.head: Head | None = None

    @property
    def delivering(self) -> bool:
        """Whether the body has begun."""
        return self._sink is not None

    @property
    def settled(self) -> int:
        """First byte of its range that is not in the file yet."""
        return self._flushed

    @property
    def on_the_way(self) -> int:
        """Bytes that libcurl has but the file has not yet."""
        return max(0, min(self.position, self.limit) - self._flushed)

    def look(self) -> None:
        """Bring the position up to this moment; else it is that of the last tick."""
        if self._sink is not None and self._flow is not None:
            self.position = max(self.position, self._begin + self._flow.arrived_bytes)

    @property
    def range_header(self) -> str:
        """The value of the `Range` field; empty when the whole file is asked for."""
        return "" if self._asked_for_whole else self._range

    async def run(self, client: HttpClient, request: Request) -> str:
        """Fetch the range; returns the address that delivered it.

        Raises:
            StartOver: the server has another file now.
            NoRanges: it cannot serve a part.
            DownloadError: everything else that can happen.
        """
        self._name, self._url = request.name, request.url
        began = time.monotonic()

        def on_head(flow: Flow, head: Head) -> Sink | None:
            self.answer_s = time.monotonic() - began
            return self._on_head(flow, head)

        url = request.url
        try:
            head, url = await follow(client, request, lambda: Flow(self._job_id, on_head, self._watch))
            self._end()
        except Reached:
            self._end()
            return url
        except SinkFailed as error:
            raise self._why_not_written(error) from error
        except BulkFailed as error:
            if error.cause is not None and error.cause.errno in DISK_ERRORS:
                raise self._file.storage_error(error.cause) from error
            raise
        except BodyTooLong as error:
            raise self._terms.why_capped() from error
        finally:
            self._drop()
        if head.status == 416 and is_whole(head, self._file.have.size, self._file.record):
            return url
        if head.status == 416:
            raise StartOver(f"{self._name}: the file is another one now")
        if head.status not in {200, 206}:
            raise status_error(head, url, self._name, time.time())
        return url

    def _on_head(self, flow: Flow, head: Head) -> Sink | None:
        self.head = head
        if head.status not in {200, 206}:
            return None
        self._answered()
        refuse_packed(head, self._name)
        if head.status == 206:
            if self._asked_for_whole:
                raise StartOver(f"{self._name}: a part came although the whole was asked for")
            check_range(head, self._asked, self._file.record, self._name)
            self._begin = self._asked
        else:
            self._accept_whole(head)
        flow.limit_body(self._terms.cap(self._begin))
        self._flow = flow
        self._sink = self._file.sink_at(self._begin)
        self._watch_more(self)
        return self._sink

    def _accept_whole(self, head: Head) -> None:
        """A 200: either the first answer, or the server has no part for us."""
        if not self._may_restart:
            if head.validator.condition and head.validator == self._file.record.validator:
                raise NoRanges(f"{self._name}: the server sends no ranges")
            raise StartOver(f"{self._name}: the file changed on the server")
        self._terms.check_length(head.length)
        self._file.begin(self._url, head)
        self._generation = self._file.generation
        self._begin = self._flushed = self.position = 0
        self.limit = self.asked_limit = head.length if head.length is not None else ENDLESS

    def _watch(self, flow: Flow) -> None:
        if self._sink is None or self._generation != self._file.generation:
            return
        self.position = self._begin + flow.received_bytes
        self._terms.check_space()
        if self.position - self._flushed >= FLUSH_BYTES or self.position >= self.limit:
            self.flush()
        flow.digest = self._file.digest_for(self._flushed)
        self._watch_more(self)
        if self.position >= self.limit and not self._ends_by_itself():
            raise Reached("")

    def _ends_by_itself(self) -> bool:
        assert self.head is not None
        length = self.head.length
        return length is not None and self._begin + length <= self.limit

    def flush(self) -> None:
        """Bring what libcurl has delivered into the file.

        Raises:
            DownloadError: the disk did not take it.
        """
        if self._sink is None or self._flow is None or self._generation != self._file.generation:
            return
        try:
            bulk = self._flow.bulk
            self._count(self._sink.flush() if bulk is None else bulk.offset + bulk.moved)
        except OSError as error:
            raise self._file.storage_error(error) from error

    def _count(self, reached: int) -> None:
        """The file has everything of ours up to this byte; what lies behind our limit is not ours."""
        self.position = max(self.position, reached)
        stop = min(reached, self.limit)
        if self._generation == self._file.generation:
            self._file.have.add(self._flushed, stop)
        self._flushed = max(self._flushed, stop)

    def _why_not_written(self, error: DownloadError) -> DownloadError:
        try:
            if self._sink is not None:
                self._sink.flush()
                self._sink.probe()
        except OSError as cause:
            return self._file.storage_error(cause)
        return Unknown(error.message)

    def _end(self) -> None:
        """Close the stream and count what it brought.

        Raises:
            DownloadError: the last bytes could not be written.
        """
        if self._sink is None:
            return
        sink, self._sink = self._sink, None
        try:
            try:
                self._count(sink.flush())
            finally:
                sink.close()
        except OSError as error:
            raise self._file.storage_error(error) from error

    def _drop(self) -> None:
        """The same on the way out of a failure: what cannot be written is not counted."""
        try:
            self._end()
        except DownloadError:
            return  # the failure that brought us here says more
