"""Redirects, followed hop by hop: each hop passes the URL guard, and secrets stay with the host they are for."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from mediadl.errors import AddressRefused, BadContent, InvalidInput, NetworkFailed, Unsupported
from mediadl.pipeline.protocol import NetworkOptions
from mediadl.pipeline.transfer.handles import Request
from mediadl.pipeline.transfer.heads import Head
from mediadl.pipeline.transfer.http import Flow, HttpClient
from mediadl.pipeline.transfer.sink import Sink
from mediadl.security.redact import redact_url
from mediadl.security.urls import clean_url, is_public_address, refuse_led_astray, refuse_private_host

MAX_HOPS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SECRET_FIELDS = frozenset({"cookie", "authorization", "proxy-authorization"})
_KEPT = "!#$%&'()*+,/:;=?@[]~|"
"""Characters that stay as they are in an address; the percent sign because what is encoded is encoded."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what a secret header belongs to."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of a checked URL."""
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return cls(scheme, (parts.hostname or "").lower(), parts.port or (443 if scheme == "https" else 80))

    def trusts(self, other: Origin) -> bool:
        """Whether secrets for this origin may go to the other: same host, and not from TLS to plain text."""
        return self.host == other.host and other.scheme in {self.scheme, "https"}


def ascii_url(url: str) -> str:
    """The address as it goes over the wire: host in punycode, everything else percent-encoded.

    Raises:
        Unsupported: it is no usable http or https address.
    """
    try:
        parts = urlsplit(clean_url(url))
        host = parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except (InvalidInput, ValueError) as error:
        raise Unsupported(f"not a usable address: {redact_url(url)}") from error
    authority = f"[{host}]" if ":" in host else host
    if parts.port:
        authority += f":{parts.port}"
    if parts.username is not None:
        secret = f":{quote(parts.password, safe='%')}" if parts.password is not None else ""
        authority = f"{quote(parts.username, safe='%')}{secret}@{authority}"
    return urlunsplit(
        (
            parts.scheme.lower(),
            authority,
            quote(parts.path or "/", safe=_KEPT),
            quote(parts.query, safe=_KEPT),
            "",
        )
    )


async def addresses_for(url: str, network: NetworkOptions) -> tuple[str, ...]:
    """The addresses a hop must be pinned to; empty when the caller is trusted and libcurl may resolve.

    Raises:
        AddressRefused: the name leads into a private network.
        NetworkFailed: the name cannot be resolved.
    """
    origin = Origin.of(url)
    if network.trusted:
        refuse_led_astray(origin.host, network.home)
        return ()
    refuse_private_host(origin.host)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            origin.host, origin.port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as error:
        if network.proxy:
            return ()  # only the proxy can resolve it
        raise NetworkFailed(f"{origin.host}: the name cannot be resolved") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not is_public_address(address):
            raise AddressRefused(f"{origin.host} leads to the private address {address}")
    return () if network.proxy or _is_numeric(origin.host) else addresses


def check_peer(flow: Flow, network: NetworkOptions) -> None:
    """Refuse an answer that came from a private address after all.

    Raises:
        AddressRefused: the connection ended in a private network.
    """
    if not network.trusted and not network.proxy and flow.peer and not is_public_address(flow.peer):
        raise AddressRefused(f"the connection leads to the private address {flow.peer}")


async def follow(client: HttpClient, request: Request, new_flow: Callable[[], Flow]) -> tuple[Head, str]:
    """Run the request and its redirects; the last head, and the address it came from.

    Args:
        client: carries the exchanges out.
        request: the first hop.
        new_flow: makes the flow of each hop; its `on_head` only sees heads that are no redirect.

    Raises:
        DownloadError: see `HttpClient.run` and the guard; too many hops are `BadContent`.
    """
    origin = Origin.of(request.url)
    jar: dict[str, dict[str, str]] = {}
    for _ in range(MAX_HOPS + 1):
        hop = replace(
            request,
            addresses=await addresses_for(request.url, request.network),
            headers=_with_cookies(request, jar),
        )
        flow = new_flow()
        flow.on_head = _filter(flow.on_head, request.network)
        head = await client.run(hop, flow)
        if not _is_redirect(head):
            return head, request.url
        _remember_cookies(jar, Origin.of(request.url).host, head)
        url = ascii_url(urljoin(request.url, head.get("location")))
        headers = request.headers
        if not origin.trusts(Origin.of(url)):
            headers = tuple((name, value) for name, value in headers if name.lower() not in _SECRET_FIELDS)
        request = replace(request, url=url, headers=headers)
    raise BadContent(f"{request.name}: more than {MAX_HOPS} redirects")


def _filter(
    inner: Callable[[Flow, Head], Sink | None], network: NetworkOptions
) -> Callable[[Flow, Head], Sink | None]:
    def on_head(flow: Flow, head: Head) -> Sink | None:
        check_peer(flow, network)
        return None if _is_redirect(head) else inner(flow, head)

    return on_head


def _is_redirect(head: Head) -> bool:
    return head.status in _REDIRECTS and bool(head.get("location"))


def _remember_cookies(jar: dict[str, dict[str, str]], host: str, head: Head) -> None:
    """Keep what a redirect sets, for this host and this chain only."""
    for line in head.cookies:
        name, mark, value = line.partition(";")[0].partition("=")
        if mark and name.strip():
            jar.setdefault(host, {})[name.strip()] = value.strip()


def _with_cookies(request: Request, jar: dict[str, dict[str, str]]) -> tuple[tuple[str, str], ...]:
    own = jar.get(Origin.of(request.url).host)
    if not own:
        return request.headers
    sent = [value for name, value in request.headers if name.lower() == "cookie"]
    kept = [pair.strip() for pair in "; ".join(sent).split(";") if pair.partition("=")[0].strip() not in own]
    pairs = [pair for pair in kept if pair] + [f"{name}={value}" for name, value in own.items()]
    others = tuple(field for field in request.headers if field[0].lower() != "cookie")
    return (*others, ("Cookie", "; ".join(pairs)))


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
