"""HTTP exchanges on libcurl: one multi handle on the event loop, bodies written by C, watched twenty times a second."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from curl_cffi import AsyncCurl, CurlError, CurlInfo, CurlMOpt, CurlOpt, ffi, lib

from mediadl.errors import DownloadError, NetworkFailed, TooSlow
from mediadl.pipeline.protocol import NetworkOptions
from mediadl.pipeline.transfer.bulk import Bulk
from mediadl.pipeline.transfer.curlcodes import to_error
from mediadl.pipeline.transfer.digest import FollowingDigest
from mediadl.pipeline.transfer.handles import RECEIVE_BUFFER_BYTES, Handles, Request, write_to
from mediadl.pipeline.transfer.heads import Head
from mediadl.pipeline.transfer.rate import Governor
from mediadl.pipeline.transfer.sink import Sink

TICK_S = 0.05
"""Between two looks at all running exchanges."""
MIN_SPEED_WINDOW_S = 60.0
DRAIN_BYTES = 64 * 1024
"""Bodies nobody wants are read up to this length, because that keeps the connection."""
MAX_HEAD_LINES = 400
KEPT_CONNECTIONS = 128
"""Open ones at most, idle ones included: as many as the settings allow to work at once."""
KEPT_IDLE_S = 30.0
"""So long after the last exchange all connections are closed."""
BULK_BYTES = 32 << 20
"""A body with so much left …"""
BULK_SPEED_BYTES_PER_S = 30_000_000
"""… that is so fast goes past libcurl."""
MAX_BULKS = 2

_ABORT = 0xFFFFFFFF


class Flow:
    """One exchange while it runs."""

    def __init__(
        self,
        job_id: int,
        on_head: Callable[[Flow, Head], Sink | None],
        watch: Callable[[Flow], None] = lambda flow: None,
    ) -> None:
        """Callbacks run on the loop's thread and may raise `DownloadError` to end the exchange.

        Args:
            job_id: whose speed limit counts.
            on_head: says where the body goes; None: nobody wants it.
            watch: called at every tick.
        """
        self.job_id = job_id
        self.on_head = on_head
        self.watch = watch
        self.received_bytes = 0
        """Body bytes of this exchange so far."""
        self.head: Head | None = None
        self.peer = ""
        """Numeric address of the other end, once there is a head."""
        self.error: DownloadError | None = None
        self.sink: Sink | None = None
        self.paused = False
        self.digest: FollowingDigest | None = None
        """Takes what comes, if everything before is in the file and all but a little of it hashed."""
        self.bulk: Bulk | None = None
        """Moves the rest of the body, when it came so fast that libcurl is in the way."""
        self.bulk_done: asyncio.Future[None] | None = None
        self.before_bulk = 0
        self.share = 0
        """Speed limit that libcurl knows of."""
        self.plain = False
        self.curl: Any = None
        self.lines: list[bytes] = []
        self.moved_at = time.monotonic()
        self.window_at = self.moved_at
        self.window_bytes = 0

    @property
    def arrived_bytes(self) -> int:
        """Body bytes up to this moment."""
        if self.bulk is not None:
            return self.before_bulk + self.bulk.moved
        return self.received_bytes if self.curl is None else int(self.curl.getinfo(CurlInfo.SIZE_DOWNLOAD_T))

    def limit_body(self, max_bytes: int) -> None:
        """Let libcurl stop a longer body (`BodyTooLong`); to be called from `on_head`."""
        self.curl.setopt(CurlOpt.MAXFILESIZE_LARGE, max_bytes)


class HttpClient:
    """All exchanges of one trust level: they share connections, so trusted and untrusted ones never mix."""

    def __init__(self, governor: Governor, disk: Executor) -> None:
        """`disk` has threads for what moves past libcurl."""
        self._disk = disk
        self._multi: _Multi | None = None
        self._governor = governor
        self._flows: dict[Flow, NetworkOptions] = {}
        self._ticker: asyncio.Task[None] | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._handles = Handles()

    async def run(self, request: Request, flow: Flow) -> Head:
        """Carry the exchange out to the end of its body.

        Raises:
            DownloadError: the way broke, or a callback of the flow ended it.
        """
        if self._multi is None:
            self._multi = _Multi()
        handle = self._handles.make(request)
        if self._rest is not None:
            self._rest.cancel()
        curl = handle.curl
        self._governor.begin(flow.job_id)
        try:
            flow.share = self._governor.share(flow.job_id)
            if flow.share:
                curl.setopt(CurlOpt.MAX_RECV_SPEED_LARGE, flow.share)
            curl.setopt(CurlOpt.HEADERFUNCTION, lambda line: self._take_line(flow, line))
            flow.curl = curl
            flow.plain = request.url.startswith("http://")
            flow.moved_at = flow.window_at = time.monotonic()
            future = self._multi.add_handle(curl)
            self._flows[flow] = request.network
            self._tick_while_needed()
            try:
                await future
            except CurlError as error:
                if isinstance(flow.error, Unwanted) and flow.head is not None:
                    return flow.head
                raise flow.error or to_error(
                    int(error.code), str(error), request.name, request.network
                ) from error
            except asyncio.CancelledError:
                self._multi.remove_handle(curl)
                raise
            finally:
                await self._end_bulk(flow)
                self._account(flow)
                del self._flows[flow]
        finally:
            self._governor.end(flow.job_id)
            flow.curl = None
            handle.close()
            if not self._flows:
                self._rest = asyncio.get_running_loop().call_later(KEPT_IDLE_S, self._drop_connections)
        if flow.head is None:
            raise NetworkFailed(f"no answer for {request.name}")
        return flow.head

    async def close(self) -> None:
        """Drop all connections; nothing may be running."""
        if self._rest is not None:
            self._rest.cancel()
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
        self._drop_connections()
        await asyncio.gather(*self._closing)

    def _drop_connections(self) -> None:
        """Whoever asks for something from now on gets new ones."""
        if self._multi is not None:
            closing = asyncio.get_running_loop().create_task(self._multi.close())  # type: ignore[no-untyped-call]
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            self._multi = None

    def _take_line(self, flow: Flow, line: bytes) -> int:
        """Called by libcurl per header line; an exception must not cross C."""
        flow.moved_at = time.monotonic()
        if line.startswith(b"HTTP/"):
            flow.lines = []
        if line.strip():
            flow.lines.append(bytes(line))
            return len(line) if len(flow.lines) <= MAX_HEAD_LINES else _ABORT
        head = Head.parse(flow.lines)
        if 100 <= head.status < 200 or flow.head is not None:
            return len(line)  # an interim answer, or trailers after the body
        flow.head = head
        try:
            flow.peer = flow.curl.getinfo(CurlInfo.PRIMARY_IP).decode()
            flow.sink = flow.on_head(flow, head)
        except DownloadError as error:
            flow.error = error
            return _ABORT
        if flow.sink is not None:
            write_to(flow.curl, flow.sink)
        elif head.length is None or head.length > DRAIN_BYTES:
            flow.error = Unwanted("")
            return _ABORT
        return len(line)

    def _tick_while_needed(self) -> None:
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.get_running_loop().create_task(self._tick())
            self._ticker.add_done_callback(self._tick_ended)

    def _tick_ended(self, task: asyncio.Task[None]) -> None:
        """Nobody watches any more after a defect in the watching: then nothing may go on unwatched."""
        error = None if task.cancelled() else task.exception()
        if error is not None and self._multi is not None:
            for flow in list(self._flows):
                self._multi.set_exception(flow.curl, error)

    async def _tick(self) -> None:
        while self._flows and self._multi is not None:
            await asyncio.sleep(TICK_S)
            self._multi.poke()
            now = time.monotonic()
            for flow, network in list(self._flows.items()):
                try:
                    self._look(flow, network, now)
                except DownloadError as error:
                    flow.error = error
                    self._multi.set_exception(flow.curl, error)

    def _look(self, flow: Flow, network: NetworkOptions, now: float) -> None:
        self._account(flow, now)
        share = self._pause_or_go_on(flow)
        limited = bool(share)
        if limited:
            flow.window_at, flow.window_bytes = now, flow.received_bytes
        if flow.paused or (flow.bulk is not None and not flow.bulk.listening):
            flow.moved_at = now  # it is us who are slow, or our disk
        # libcurl keeps a limit on average: after a full buffer it may be silent for a while
        patience_s = network.timeout_s + (2 * RECEIVE_BUFFER_BYTES / share if share else 0.0)
        if now - flow.moved_at > patience_s:
            raise NetworkFailed(f"no byte for {patience_s:.0f} s")
        if now - flow.window_at > MIN_SPEED_WINDOW_S:
            speed = (flow.received_bytes - flow.window_bytes) / (now - flow.window_at)
            if speed < network.min_speed_bytes_per_s:
                raise TooSlow(
                    f"{speed:.0f} bytes/s for a minute, at least {network.min_speed_bytes_per_s} wanted"
                )
            flow.window_at, flow.window_bytes = now, flow.received_bytes
        flow.watch(flow)
        if self._is_bulk(flow, network, now, limited=limited):
            self._begin_bulk(flow)

    def _is_bulk(self, flow: Flow, network: NetworkOptions, now: float, *, limited: bool) -> bool:
        """Whether a body is so fast and long that it should bypass libcurl, and plain enough to do so."""
        head = flow.head
        if (
            flow.bulk is not None
            or flow.sink is None
            or flow.digest is None
            or head is None
            or head.length is None
            or limited
            or flow.paused
        ):
            return False
        left = head.length - flow.received_bytes
        elapsed = max(TICK_S, now - flow.window_at)
        return (
            left >= BULK_BYTES
            and flow.received_bytes - flow.window_bytes >= elapsed * BULK_SPEED_BYTES_PER_S
            and flow.plain
            and not network.proxy
            and head.version == "1.1"
            and sum(other.bulk is not None for other in self._flows) < MAX_BULKS
        )

    def _begin_bulk(self, flow: Flow) -> None:
        """Pause libcurl and let a thread drain its socket; from now on `Flow.bulk` counts."""
        assert flow.sink is not None
        assert flow.digest is not None
        assert flow.head is not None
        assert flow.head.length is not None
        assert self._multi is not None
        socket_fd = self._multi.socket_from(int(flow.curl.getinfo(CurlInfo.LOCAL_PORT)))
        if socket_fd is None:
            return
        flow.curl.pause(1)
        self._account(flow)
        try:
            offset = flow.sink.flush()
        except OSError:
            flow.curl.pause(0)  # the next write fails in libcurl and is reported from there
            return
        flow.before_bulk = flow.received_bytes
        left = flow.head.length - flow.received_bytes
        bulk = flow.bulk = Bulk(socket_fd, flow.sink.fileno(), offset, left, flow.digest.feed)
        done = asyncio.get_running_loop().run_in_executor(self._disk, bulk.run)
        flow.bulk_done = done
        done.add_done_callback(lambda _: self._bulk_ended(flow))

    def _bulk_ended(self, flow: Flow) -> None:
        """The thread is through: the exchange ends as libcurl would have ended it."""
        assert flow.bulk is not None
        assert flow.bulk_done is not None
        assert flow.head is not None
        if flow not in self._flows or self._multi is None or flow.curl is None:
            return
        error = flow.bulk_done.exception()
        if error is None and flow.before_bulk + flow.bulk.moved == flow.head.length:
            self._multi.set_result(flow.curl)
            return
        flow.error = BulkFailed(error if isinstance(error, OSError) else None)
        self._multi.set_exception(flow.curl, flow.error)

    @staticmethod
    async def _end_bulk(flow: Flow) -> None:
        """Nothing may write any more when the exchange is over."""
        if flow.bulk is None or flow.bulk_done is None:
            return
        flow.bulk.stopping = True
        await asyncio.wait([flow.bulk_done])
        assert flow.sink is not None
        flow.sink.skip_to(flow.bulk.offset + flow.bulk.moved)

    def _account(self, flow: Flow, now: float = 0.0) -> None:
        if flow.sink is None:
            return
        received = flow.arrived_bytes
        if received > flow.received_bytes:
            self._governor.charge(flow.job_id, received - flow.received_bytes)
            flow.received_bytes = received
            flow.moved_at = now or time.monotonic()

    def _pause_or_go_on(self, flow: Flow) -> int:
        """Obey the speed limits; the share in force, 0 for none."""
        share = self._governor.share(flow.job_id)
        if flow.bulk is not None:
            flow.bulk.rate_bytes_per_s = share
            return share
        over = bool(share) and self._governor.is_over(flow.job_id)
        if over != flow.paused:
            flow.paused = over
            flow.curl.pause(1 if over else 0)  # CURLPAUSE_RECV or nothing
        if not over and flow.sink is not None and share != flow.share:
            flow.share = share
            flow.curl.setopt(CurlOpt.MAX_RECV_SPEED_LARGE, share)
        return share


class Unwanted(DownloadError):
    """The body of an answer was cut because nobody wants it; `Flow.head` says what it was."""


class BulkFailed(NetworkFailed):
    """The thread that moved a body could not go on."""

    def __init__(self, cause: OSError | None) -> None:
        super().__init__("the body ended early" if cause is None else f"moving the body: {cause.strerror}")
        self.cause = cause


class _Multi(AsyncCurl):
    """curl_cffi's loop glue without its own everlasting ticker, keeping connections through quiet moments."""

    def __init__(self) -> None:
        super().__init__()
        # Left alone, libcurl keeps four times as many as there are exchanges: each lull would end some. Straight to
        # libcurl, because the wrapper hands it the address of the number in place of the number
        lib.curl_multi_setopt(self._curlm, CurlMOpt.MAXCONNECTS, ffi.cast("void *", KEPT_CONNECTIONS))

    async def _force_timeout(self) -> None:
        return

    def socket_from(self, local_port: int) -> int | None:
        """The descriptor of the running connection from this port; libcurl itself tells it only of idle ones."""
        for fd in self._sockfds:
            if not stat.S_ISSOCK(os.fstat(fd).st_mode):
                continue  # libcurl's own wake-up
            with socket.socket(fileno=os.dup(fd)) as found:
                name = found.getsockname()
            if name and name[1] == local_port:
                return fd
        return None

    def poke(self) -> None:
        """Let libcurl look at its timers, and collect what has ended."""
        self.process_data(-1, 0)
