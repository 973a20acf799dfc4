"""All connections that work on one file: usually one, more when the server throttles each of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from mediadl.errors import DownloadError, RateLimited
from mediadl.pipeline.transfer.answers import StartOver, is_push_back
from mediadl.pipeline.transfer.arriving import ArrivingFile
from mediadl.pipeline.transfer.handles import Request
from mediadl.pipeline.transfer.hosts import Hosts
from mediadl.pipeline.transfer.http import HttpClient
from mediadl.pipeline.transfer.pieces import SMALLEST_PIECE, give_back, next_piece, share_out, smallest_piece
from mediadl.pipeline.transfer.ramp import WORTH_BYTES, Ramp
from mediadl.pipeline.transfer.sniff import SNIFF_BYTES
from mediadl.pipeline.transfer.stream import ENDLESS, RangeStream
from mediadl.pipeline.transfer.terms import Terms

LOOK_S = 0.025
"""Until the first thought about more connections."""
_FATAL = (StartOver,)


class Crew:
    """Brings what is missing of one file, in one try."""

    def __init__(
        self,
        file: ArrivingFile,
        terms: Terms,
        job_id: int,
        client: HttpClient,
        hosts: Hosts,
        host: str,
        make_request: Callable[[str, str], Request],
        check_start: Callable[[], None],
        *,
        alone: bool,
    ) -> None:
        """Nothing is asked for yet; the caller holds one slot of the host.

        Args:
            file: takes the bytes.
            terms: say how much may come.
            job_id: whose limits count.
            client: carries the exchanges out.
            hosts: gives slots for more connections.
            host: which host's.
            make_request: address and `Range` value (empty: everything) → request.
            check_start: called once the first bytes are on disk; may raise.
            alone: more than one connection has been tried and refused.
        """
        self.alone = alone
        self._file = file
        self._terms = terms
        self._job_id = job_id
        self._client = client
        self._hosts = hosts
        self._host = host
        self._make_request = make_request
        self._check_start = check_start
        self._checked = False
        self._streams: set[RangeStream] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ramp: Ramp | None = None
        self._large: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the file is known to be worth more than one connection."""
        self._smallest = SMALLEST_PIECE
        self._wanted = 1
        self._url = ""

    async def run(self, url: str) -> None:
        """Fetch everything that is missing; returns when all connections have ended.

        Raises:
            DownloadError: what ended the last connection, or what no other could have mended.
        """
        self._url = url
        self._start(self._first_stream(), with_slot=False)
        try:
            while self._tasks:
                # Most files are small: nobody thinks about more connections for them
                large = self._large.done()
                done, _ = await asyncio.wait(
                    self._tasks if large else {*self._tasks, self._large},
                    timeout=self._look_s() if large else None,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in self._tasks & done:
                    self._tasks.discard(task)
                    self._settle(task)
                if self._large.done():
                    self._grow()
            if not self._checked and self._file.have.size:
                self._check_start()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- one connection

    def _first_stream(self) -> RangeStream:
        total = self._file.record.total
        gaps = self._file.have.gaps(total) if total is not None else []
        place = gaps[0] if gaps and self._file.have.size else (0, ENDLESS)
        return self._stream(place, may_restart=True)

    def _stream(self, place: tuple[int, int], *, may_restart: bool) -> RangeStream:
        return RangeStream(
            self._file,
            self._terms,
            self._job_id,
            place,
            self._watch,
            lambda: self._hosts.answered(self._host),
            may_restart=may_restart,
        )

    def _start(self, stream: RangeStream, *, with_slot: bool) -> None:
        self._streams.add(stream)
        self._tasks.add(asyncio.get_running_loop().create_task(self._work(stream, with_slot=with_slot)))

    async def _work(self, stream: RangeStream, *, with_slot: bool) -> None:
        """Fetch one range after the other until there is nothing left to do."""
        try:
            while True:
                request = self._make_request(self._url, stream.range_header)
                url = await stream.run(self._client, request)
                if stream.delivering or stream.head is not None:
                    self._url = url  # the next ones need not be redirected again
                self._streams.discard(stream)
                following = self._next_stream()
                if following is None:
                    return
                stream = following
                self._streams.add(stream)
        finally:
            self._streams.discard(stream)
            if with_slot:
                self._hosts.give_back(self._host)

    def _next_stream(self) -> RangeStream | None:
        total = self._file.record.total
        if total is None or not self._file.resumable or len(self._streams) >= self._wanted:
            return None
        piece = next_piece(self._file.have, total, list(self._streams), self._wanted, self._smallest)
        return None if piece is None else self._stream(piece, may_restart=False)

    def _settle(self, task: asyncio.Task[None]) -> None:
        """Look at how a connection ended: one that fails while others deliver only makes the crew smaller."""
        error = task.exception()
        if error is None:
            return
        others = any(stream.delivering for stream in self._streams)
        if not isinstance(error, DownloadError) or isinstance(error, _FATAL) or not others:
            raise error
        if is_push_back(error):
            self._hosts.pushed_back(self._host)
        if isinstance(error, RateLimited) and error.retry_after_s:
            self._hosts.pause(self._host, error.retry_after_s)
        self.alone = True
        self._wanted = max(1, len(self._tasks))
        self._ramp = Ramp(1, 0.0, time.monotonic())
        if self._file.record.total is not None:
            give_back(self._file.have, self._file.record.total, list(self._streams))

    # -- while they run

    def _watch(self, stream: RangeStream) -> None:
        """Called at every tick of every stream."""
        file = self._file
        if (file.record.total or 0) >= WORTH_BYTES and not self._large.done():
            self._large.set_result(None)
        if not self._checked and stream.position >= SNIFF_BYTES:
            stream.flush()
            if file.have.prefix >= SNIFF_BYTES:
                self._checked = True
                self._check_start()
        file.tell(sum(other.on_the_way for other in self._streams))
        file.follow()
        if file.checkpoint_due:
            for other in self._streams:
                other.flush()
            file.checkpoint()

    def _look_s(self) -> float | None:
        """Seconds until the next thought about more connections; None: there is nothing to think about."""
        if self._ramp is None:
            return LOOK_S
        return None if self._ramp.settled else self._ramp.look_s

    def _grow(self) -> None:
        """More connections, if they are worth it."""
        file, total = self._file, self._file.record.total
        first = next(iter(self._streams), None)
        if total is None or not file.resumable or first is None or not first.delivering:
            return
        if self._ramp is None:
            refuses = self.alone or (first.head is not None and first.head.refuses_ranges)
            most = 1 if refuses else self._hosts.per_file
            known = self._hosts.throttle(self._host)
            self._ramp = Ramp(most, first.answer_s, time.monotonic(), known)
            self._smallest = smallest_piece(first.answer_s)
        for each in self._streams:
            each.look()
        moved = file.have.size + sum(stream.on_the_way for stream in self._streams)
        ready = all(stream.delivering for stream in self._streams)
        settled = self._ramp.settled
        self._wanted = self._ramp.wanted(time.monotonic(), moved, total - moved, ready=ready)
        if self._ramp.settled and not settled:
            self._hosts.note_throttle(self._host, self._ramp.found)
        if len(self._tasks) >= self._wanted:
            return
        share_out(file.have, total, self._streams, self._wanted)
        while len(self._tasks) < self._wanted and self._hosts.try_slot(self._host):
            stream = self._next_stream()
            if stream is None:
                self._hosts.give_back(self._host)
                return
            self._start(stream, with_slot=True)
