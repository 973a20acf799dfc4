"""The simulated web itself: one loopback port that is a proxy, a TLS terminator and an ordinary server."""

from __future__ import annotations

import itertools
import shutil
import socket
import ssl
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

from fakeweb.answering import EndOfConnection, Sender, Socket, plan, spoil
from fakeweb.faults import FaultList, Kind
from fakeweb.log import Entry, RequestLog
from fakeweb.messages import BadRequest, Request, Response, parse_head, split_authority
from fakeweb.pacing import Pacer
from fakeweb.tls import Authority

_HEAD_LIMIT_BYTES = 1 << 16
_BODY_LIMIT_BYTES = 16 << 20
_CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Site(Protocol):
    """Something that answers for some hosts."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Exact names and `*.suffix` patterns."""
        ...

    @property
    def login_path(self) -> str:
        """Where the login fault sends a visitor."""
        ...

    def handle(self, request: Request) -> Response | None:
        """The answer, or None for 404; called from many threads at once."""
        ...


class FakeWeb:
    """A web of its own behind one loopback port; use as a context manager.

    Args:
        sites: Who answers for which hosts; more can be added later.
        port: The loopback port; 0 picks a free one.
        state_dir: Keeps the CA there, so that it stays the same over restarts; default is a temporary folder.
        rate_bytes_per_s: Limit over all media bodies together.
        connection_rate_bytes_per_s: Limit for each connection's media bodies.
        latency_s: Delay before every answer.
    """

    def __init__(
        self,
        sites: Iterable[Site] = (),
        *,
        port: int = 0,
        state_dir: Path | None = None,
        rate_bytes_per_s: float | None = None,
        connection_rate_bytes_per_s: float | None = None,
        latency_s: float = 0.0,
    ) -> None:
        self.log = RequestLog()
        self.faults = FaultList()
        self.latency_s = latency_s
        self.connection_rate_bytes_per_s = connection_rate_bytes_per_s
        self.on_request: Callable[[Request], None] | None = None
        self.errors: list[str] = []
        self._pacer = Pacer(rate_bytes_per_s)
        self._sites: list[Site] = list(sites)
        self._owners: dict[str, Site | None] = {}
        self._port = port
        self._state_dir = state_dir
        self._temporary: str | None = None
        self._listener: socket.socket | None = None
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._left = threading.Condition(self._lock)
        self._connections: dict[int, socket.socket] = {}
        self._threads: set[threading.Thread] = set()
        self._numbers = itertools.count(1)
        self._authority: Authority | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Open the port and begin to answer."""
        folder = self._state_dir
        if folder is None:
            self._temporary = tempfile.mkdtemp(prefix="fakeweb-")
            folder = Path(self._temporary)
        folder.mkdir(parents=True, exist_ok=True)
        self._authority = Authority(folder)
        self._listener = socket.create_server(("127.0.0.1", self._port), backlog=1024)
        self._port = self._listener.getsockname()[1]
        self._start_thread(self._accept, "fakeweb-accept")
        return self

    def stop(self) -> None:
        """End all connections and threads; returns when they are gone."""
        self._stopping.set()
        if self._listener is not None:
            with suppress(OSError):  # not connected: some systems say so, the close below suffices there
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        with self._lock:
            open_sockets = list(self._connections.values())
        for sock in open_sockets:
            _shut(sock)
        deadline = time.monotonic() + 5
        while (threads := self._alive()) and time.monotonic() < deadline:
            threads[0].join(max(0.0, deadline - time.monotonic()))
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def wait_until_left(self, timeout_s: float = 10.0) -> None:
        """Return when no client is connected.

        Raises:
            TimeoutError: some still are.
        """
        with self._left:
            if not self._left.wait_for(lambda: not self._connections, timeout_s):
                raise TimeoutError(f"{len(self._connections)} connections are still open")

    @property
    def port(self) -> int:
        """The loopback port."""
        return self._port

    @property
    def url(self) -> str:
        """The address to use as a proxy; for plain files also the address of the site itself."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def ca_pem(self) -> Path:
        """The CA's certificate, PEM."""
        assert self._authority is not None, "not started"
        return self._authority.pem_path

    @property
    def rate_bytes_per_s(self) -> float | None:
        """Limit over all media bodies together; may be changed while they flow."""
        return self._pacer.rate_bytes_per_s

    @rate_bytes_per_s.setter
    def rate_bytes_per_s(self, rate: float | None) -> None:
        self._pacer.rate_bytes_per_s = rate

    def add_site(self, site: Site) -> None:
        """Let another site answer; the first one that owns a host wins."""
        with self._lock:
            self._sites.append(site)
            self._owners.clear()

    def owner(self, host: str) -> Site | None:
        """The site that answers for a host."""
        if host not in self._owners:
            with self._lock:
                found = [site for site in self._sites if any(_matches(host, name) for name in site.hosts)]
                self._owners[host] = found[0] if found else None
        return self._owners[host]

    def _alive(self) -> list[threading.Thread]:
        with self._lock:
            return list(self._threads)

    def _start_thread(self, target: Callable[..., None], name: str, *arguments: object) -> None:
        def run() -> None:
            try:
                target(*arguments)
            finally:
                with self._lock:
                    self._threads.discard(thread)

        thread = threading.Thread(target=run, name=name, daemon=True)
        with self._lock:  # started before anyone sees it: only then can it be waited for
            self._threads.add(thread)
            thread.start()

    def _accept(self) -> None:
        assert self._listener is not None
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            number = next(self._numbers)
            with self._lock:
                self._connections[number] = sock
            if self._stopping.is_set():  # it came too late for `stop` to find it
                _shut(sock)
            self._start_thread(self._serve, f"fakeweb-{number}", sock, number)

    def _serve(self, sock: socket.socket, number: int) -> None:
        connection = _Connection(self, sock, number)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.serve()
        except (OSError, EndOfConnection, BadRequest):
            pass  # the client left, or was meant to lose the connection, or speaks something else
        except Exception:
            if not self._stopping.is_set():
                self.errors.append(traceback.format_exc())
        finally:
            with self._lock:
                self._connections.pop(number, None)
                self._left.notify_all()
            connection.sock.close()

    def upgraded(self, number: int, sock: socket.socket) -> None:
        """Note that a connection's socket was wrapped, so that stopping reaches it."""
        with self._lock:
            self._connections[number] = sock
        if self._stopping.is_set():
            raise EndOfConnection

    def context(self, host: str) -> ssl.SSLContext:
        """The TLS context for a host."""
        assert self._authority is not None
        return self._authority.context(host)

    def pacers(self) -> tuple[Pacer, ...]:
        """The limits that a new connection is under."""
        if self.connection_rate_bytes_per_s is None:
            return (self._pacer,)
        return self._pacer, Pacer(self.connection_rate_bytes_per_s)

    @property
    def stopping(self) -> threading.Event:
        """Set when the server ends; every wait watches it."""
        return self._stopping

    def respond(self, request: Request) -> tuple[Response, str]:
        """The undisturbed answer to a request, and the login path of whoever gave it."""
        site = self.owner(request.host)
        if site is None:
            text = f"<h1>502</h1>nobody owns {request.host}"
            return Response.page(text, status=502), "/login"
        try:
            response = site.handle(request)
        except Exception:
            self.errors.append(traceback.format_exc())
            return Response.page("<h1>500</h1>the simulated site failed", status=500), site.login_path
        return response or Response.page("<h1>404</h1>not found", status=404), site.login_path


class _Connection:
    """One client: reads requests one after the other and has them answered."""

    def __init__(self, web: FakeWeb, sock: socket.socket, number: int) -> None:
        self.web = web
        self.sock: Socket = sock
        self.number = number
        self._buffer = bytearray()
        self._tunnel: tuple[str, str, int] | None = None
        self._sender = Sender(sock, web.log, web.pacers(), web.stopping)

    def serve(self) -> None:
        """Answer until either side has had enough."""
        while (head := self._read_head()) is not None:
            method, target, version, headers = parse_head(head)
            if method == "CONNECT":
                self._open_tunnel(target)
                continue
            if "100-continue" in headers.get("expect", "").lower():
                self.sock.sendall(_CONTINUE)
            body = self._read_exactly(min(int(headers.get("content-length") or 0), _BODY_LIMIT_BYTES))
            tokens = f"{headers.get('connection', '')},{headers.get('proxy-connection', '')}".lower()
            keep = "close" not in tokens and (version == "HTTP/1.1" or "keep-alive" in tokens)
            self._answer(self._request(method, target, headers, body), keep=keep)

    def _request(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
        if target.startswith(("http://", "https://")):
            parts = urlsplit(target)
            host, port = split_authority(
                parts.netloc.rpartition("@")[2], 443 if parts.scheme == "https" else 80
            )
            path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
            return Request(method, parts.scheme, host, port, path, headers, body)
        if self._tunnel is not None:
            scheme, host, port = self._tunnel
        else:
            scheme = "http"
            host, port = split_authority(headers.get("host", ""), 80)
        return Request(method, scheme, host, port, target, headers, body)

    def _answer(self, request: Request, *, keep: bool) -> None:
        web = self.web
        entry = Entry(
            request.method, request.url, request.headers, request.cookies, request.form, self.number
        )
        web.log.add(entry)
        try:
            if web.on_request is not None:
                web.on_request(request)
            if web.latency_s and web.stopping.wait(web.latency_s):
                raise EndOfConnection
            fault = web.faults.match(entry.line)
            if fault is not None:
                entry.fault = fault.label
                web.log.touched()
                if fault.kind is Kind.HANG:
                    self._sender.wait_for_client_to_leave()
                    raise EndOfConnection
            response, login_path = web.respond(request)
            if fault is not None:
                response = spoil(request, response, fault, login_path)
            self._sender.send(request, plan(request, response, fault), fault, entry, keep=keep)
        finally:
            entry.ended_at = time.monotonic()
            web.log.touched()

    def _open_tunnel(self, target: str) -> None:
        host, port = split_authority(target, 443)
        self.sock.sendall(_CONNECTED)
        if port == 80:
            self._tunnel = ("http", host, port)
            return
        wrapped = self.web.context(host).wrap_socket(
            self.sock, server_side=True, do_handshake_on_connect=False
        )
        self.sock = self._sender.sock = wrapped
        self.web.upgraded(self.number, wrapped)
        wrapped.do_handshake()
        self._tunnel = ("https", host, port)

    def _read_head(self) -> bytes | None:
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                head = bytes(self._buffer[:end])
                del self._buffer[: end + 4]
                return head
            if len(self._buffer) > _HEAD_LIMIT_BYTES:
                raise BadRequest("head too long")
            if not (received := self.sock.recv(_HEAD_LIMIT_BYTES)):
                return None
            self._buffer += received

    def _read_exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if not (received := self.sock.recv(_HEAD_LIMIT_BYTES)):
                raise EndOfConnection
            self._buffer += received
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        return body


def _matches(host: str, name: str) -> bool:
    return host == name or (name.startswith("*.") and host.endswith(name[1:]))


def _shut(sock: socket.socket) -> None:
    # The plain method even for a TLS socket: its own would drop the TLS object under a reading thread.
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
