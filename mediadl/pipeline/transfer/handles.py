"""libcurl handles with our options: what every request shares comes from a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from curl_cffi import Curl, CurlHttpVersion, CurlOpt, ffi, lib
from curl_cffi.requests import impersonate as browsers

from mediadl.errors import Unsupported
from mediadl.pipeline.protocol import NetworkOptions
from mediadl.pipeline.transfer.sink import Sink, nowhere

RECEIVE_BUFFER_BYTES = 256 * 1024


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


class Handle:
    """A libcurl handle for one exchange, with the lists that must outlive it."""

    def __init__(self, curl: Curl, request: Request) -> None:
        self.curl = curl
        self._lists: list[Any] = []
        curl.setopt(CurlOpt.URL, request.url.encode("ascii"))
        self._set_list(CurlOpt.HTTPHEADER, [_field(name, value) for name, value in request.headers])
        if request.addresses:
            self._set_list(CurlOpt.RESOLVE, [_pin(request)])

    def close(self) -> None:
        """Free everything."""
        self.curl.close()
        for slist in self._lists:
            lib.curl_slist_free_all(slist)
        self._lists.clear()

    def _set_list(self, option: CurlOpt, values: list[bytes]) -> None:
        slist = ffi.NULL
        for value in values:
            slist = lib.curl_slist_append(slist, value)
        self._lists.append(slist)
        lib._curl_easy_setopt(self.curl._curl, int(option), slist)  # noqa: SLF001 - copies of a handle share no lists


class Handles:
    """Makes handles; setting twenty options each time would cost more than a small request."""

    def __init__(self) -> None:
        self._templates: dict[tuple[NetworkOptions, str], Curl] = {}

    def make(self, request: Request) -> Handle:
        """A handle that is ready for this request; bodies go nowhere until `write_to`.

        Raises:
            Unsupported: there is no such browser to imitate.
        """
        if request.impersonate:
            curl = Curl(cacert=request.ca_bundle)
            if curl.impersonate(_browser(request.impersonate)) != 0:
                curl.close()
                raise Unsupported(f"unknown browser to imitate: {request.impersonate}")
            _set_common(curl, request)
            return Handle(curl, request)
        key = (request.network, request.ca_bundle)
        if key not in self._templates:
            template = Curl(cacert=request.ca_bundle)
            template.setopt(CurlOpt.HTTP_VERSION, CurlHttpVersion.V2TLS)
            _set_common(template, request)
            self._templates[key] = template
        copied = lib.curl_easy_duphandle(self._templates[key]._curl)  # noqa: SLF001 - its own copy changes options
        return Handle(Curl(cacert=request.ca_bundle, handle=copied), request)


def write_to(curl: Curl, sink: Sink) -> None:
    """Let bodies go into this stream; may be called while the exchange runs."""
    lib._curl_easy_setopt(curl._curl, int(CurlOpt.WRITEDATA), sink.pointer)  # noqa: SLF001 - the wrapper knows only Python


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
    write_to(curl, nowhere())


def _browser(name: str) -> str:
    """The exact target for a browser's bare name."""
    latest = getattr(browsers, f"DEFAULT_{name.upper()}", None)
    return latest if isinstance(latest, str) else name


def _field(name: str, value: str) -> bytes:
    """One header line; nothing in it can begin another."""
    return (
        f"{name}: {value}".replace("\r", " ").replace("\n", " ").replace("\0", "").encode("utf-8", "replace")
    )


def _pin(request: Request) -> bytes:
    parts = urlsplit(request.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = ",".join(f"[{a}]" if ":" in a else a for a in request.addresses)
    return f"+{parts.hostname}:{port}:{addresses}".encode()
