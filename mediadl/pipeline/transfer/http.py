"""HTTP exchanges on libcurl: one multi handle on the event loop, bodies written by C, watched twenty times a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from curl_cffi import AsyncCurl, Curl, CurlError, CurlHttpVersion, CurlInfo, CurlOpt, ffi, lib
from curl_cffi.requests import impersonate as browsers

from mediadl.errors import DownloadError, NetworkFailed, TooSlow, Unsupported
from mediadl.pipeline.protocol import NetworkOptions
from mediadl.pipeline.transfer.curlcodes import to_error
from mediadl.pipeline.transfer.heads import Head
from mediadl.pipeline.transfer.rate import Governor
from mediadl.pipeline.transfer.sink import Sink, nowhere

TICK_S = 0.05
"""Between two looks at all running exchanges."""
MIN_SPEED_WINDOW_S = 60.0
RECEIVE_BUFFER_BYTES = 256 * 1024
DRAIN_BYTES = 64 * 1024
"""Bodies nobody wants are read up to this length, because that keeps the connection."""
MAX_HEAD_LINES = 400

_ABORT = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Request:
    """One GET of one hop; redirects are answers like any other."""

    url: str
    headers: tuple[tuple[str, str], ...]
    network: NetworkOptions
    ca_bundle: str
    impersonate: str = ""
    addresses: tuple[str, ...] = ()
    """Numeric addresses the host name is pinned to; empty: libcurl resolves."""
    name: str = ""
    """What to call it in messages: no secrets."""


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
        self.curl: Any = None
        self.lines: list[bytes] = []
        self.moved_at = time.monotonic()
        self.window_at = self.moved_at
        self.window_bytes = 0

    def limit_body(self, max_bytes: int) -> None:
        """Let libcurl stop a longer body (`BodyTooLong`); to be called from `on_head`."""
        self.curl.setopt(CurlOpt.MAXFILESIZE_LARGE, max_bytes)


class HttpClient:
    """All exchanges of one trust level: they share connections, so trusted and untrusted ones never mix."""

    def __init__(self, governor: Governor) -> None:
        """Needs a running event loop."""
        self._multi: _Multi | None = None
        self._governor = governor
        self._flows: dict[Flow, NetworkOptions] = {}
        self._ticker: asyncio.Task[None] | None = None
        self._templates: dict[tuple[NetworkOptions, str], Curl] = {}

    async def run(self, request: Request, flow: Flow) -> Head:
        """Carry the exchange out to the end of its body.

        Raises:
            DownloadError: the way broke, or a callback of the flow ended it.
        """
        if self._multi is None:
            self._multi = _Multi()
        lists: list[Any] = []
        curl = self._handle(request)
        self._governor.begin(flow.job_id)
        try:
            self._prepare(curl, request, flow, lists)
            flow.curl = curl
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
                self._account(flow)
                del self._flows[flow]
        finally:
            self._governor.end(flow.job_id)
            flow.curl = None
            curl.close()  # type: ignore[no-untyped-call]
            for slist in lists:
                lib.curl_slist_free_all(slist)
        if flow.head is None:
            raise NetworkFailed(f"no answer for {request.name}")
        return flow.head

    async def close(self) -> None:
        """Drop all connections; nothing may be running."""
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
        if self._multi is not None:
            await self._multi.close()
            self._multi = None

    def _handle(self, request: Request) -> Curl:
        """A handle with everything set that exchanges share; copied from a template where that is possible."""
        if request.impersonate:
            curl = Curl(cacert=request.ca_bundle)
            if curl.impersonate(_browser(request.impersonate)) != 0:
                raise Unsupported(f"unknown browser to imitate: {request.impersonate}")
            _set_common(curl, request)
            return curl
        key = (request.network, request.ca_bundle)
        if key not in self._templates:
            template = Curl(cacert=request.ca_bundle)
            template.setopt(CurlOpt.HTTP_VERSION, CurlHttpVersion.V2TLS)
            _set_common(template, request)
            self._templates[key] = template
        copied = lib.curl_easy_duphandle(self._templates[key]._curl)  # noqa: SLF001 - its own copy changes options
        return Curl(cacert=request.ca_bundle, handle=copied)

    def _prepare(self, curl: Curl, request: Request, flow: Flow, lists: list[Any]) -> None:
        curl.setopt(CurlOpt.URL, request.url.encode("ascii"))
        share = self._governor.share(flow.job_id)
        if share:
            curl.setopt(CurlOpt.MAX_RECV_SPEED_LARGE, share)
        fields = [f"{name}: {value}".encode() for name, value in request.headers]
        self._set_list(curl, CurlOpt.HTTPHEADER, fields, lists)
        if request.addresses:
            self._set_list(curl, CurlOpt.RESOLVE, [_pin(request)], lists)
        curl.setopt(CurlOpt.HEADERFUNCTION, lambda line: self._take_line(flow, line))

    @staticmethod
    def _set_list(curl: Curl, option: int, values: list[bytes], lists: list[Any]) -> None:
        slist = ffi.NULL
        for value in values:
            slist = lib.curl_slist_append(slist, value)
        lists.append(slist)
        lib._curl_easy_setopt(curl._curl, int(option), slist)  # noqa: SLF001 - the wrapper frees its own lists too early

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
            _write_to(flow.curl, flow.sink)
        elif head.length is None or head.length > DRAIN_BYTES:
            flow.error = Unwanted("")
            return _ABORT
        return len(line)

    def _tick_while_needed(self) -> None:
        if self._ticker is None or self._ticker.done():
            self._ticker = asyncio.get_running_loop().create_task(self._tick())

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
        limited = self._pause_or_go_on(flow)
        if limited:
            flow.moved_at = flow.window_at = now
            flow.window_bytes = flow.received_bytes
        elif now - flow.moved_at > network.timeout_s:
            raise NetworkFailed(f"no byte for {network.timeout_s:g} s")
        if now - flow.window_at > MIN_SPEED_WINDOW_S:
            speed = (flow.received_bytes - flow.window_bytes) / (now - flow.window_at)
            if speed < network.min_speed_bytes_per_s:
                raise TooSlow(
                    f"{speed:.0f} bytes/s for a minute, at least {network.min_speed_bytes_per_s} wanted"
                )
            flow.window_at, flow.window_bytes = now, flow.received_bytes
        flow.watch(flow)

    def _account(self, flow: Flow, now: float = 0.0) -> None:
        if flow.sink is None:
            return
        received = int(flow.curl.getinfo(CurlInfo.SIZE_DOWNLOAD_T))
        if received > flow.received_bytes:
            self._governor.charge(flow.job_id, received - flow.received_bytes)
            flow.received_bytes = received
            flow.moved_at = now or time.monotonic()

    def _pause_or_go_on(self, flow: Flow) -> bool:
        """Obey the speed limits; whether one is in force."""
        share = self._governor.share(flow.job_id)
        over = bool(share) and self._governor.is_over(flow.job_id)
        if over != flow.paused:
            flow.paused = over
            flow.curl.pause(1 if over else 0)  # CURLPAUSE_RECV or nothing
        if not over and flow.sink is not None:
            flow.curl.setopt(CurlOpt.MAX_RECV_SPEED_LARGE, share)
        return bool(share)


class Unwanted(DownloadError):
    """The body of an answer was cut because nobody wants it; `Flow.head` says what it was."""


class _Multi(AsyncCurl):
    """curl_cffi's loop glue without its own everlasting ticker."""

    async def _force_timeout(self) -> None:
        return

    def poke(self) -> None:
        """Let libcurl look at its timers, and collect what has ended."""
        self.process_data(-1, 0)


def _set_common(curl: Curl, request: Request) -> None:
    network = request.network
    curl.setopt(CurlOpt.NOSIGNAL, 1)
    curl.setopt(CurlOpt.FOLLOWLOCATION, 0)
    curl.setopt(CurlOpt.PROTOCOLS_STR, b"http,https")
    curl.setopt(CurlOpt.HTTP_CONTENT_DECODING, 0)
    curl.setopt(CurlOpt.SUPPRESS_CONNECT_HEADERS, 1)
    curl.setopt(CurlOpt.CONNECTTIMEOUT_MS, max(1, int(network.timeout_s * 1000)))
    curl.setopt(CurlOpt.BUFFERSIZE, RECEIVE_BUFFER_BYTES)
    curl.setopt(CurlOpt.PROXY, network.proxy.encode())  # empty: none, whatever the environment says
    curl.setopt(CurlOpt.NOPROXY, b"")
    curl.setopt(CurlOpt.CAINFO, request.ca_bundle.encode())
    curl.setopt(CurlOpt.PROXY_CAINFO, request.ca_bundle.encode())
    verify = int(network.verify_tls)
    curl.setopt(CurlOpt.SSL_VERIFYPEER, verify)
    curl.setopt(CurlOpt.SSL_VERIFYHOST, 2 * verify)
    curl.setopt(CurlOpt.PROXY_SSL_VERIFYPEER, verify)
    curl.setopt(CurlOpt.PROXY_SSL_VERIFYHOST, 2 * verify)
    _write_to(curl, nowhere())


def _write_to(curl: Curl, sink: Sink) -> None:
    lib._curl_easy_setopt(curl._curl, int(CurlOpt.WRITEDATA), sink.pointer)  # noqa: SLF001 - the wrapper knows Python writers only


def _browser(name: str) -> str:
    """The exact target for a browser's bare name."""
    latest = getattr(browsers, f"DEFAULT_{name.upper()}", None)
    return latest if isinstance(latest, str) else name


def _pin(request: Request) -> bytes:
    from urllib.parse import urlsplit

    parts = urlsplit(request.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    addresses = ",".join(f"[{a}]" if ":" in a else a for a in request.addresses)
    return f"+{host}:{port}:{addresses}".encode()
