"""Who asks, and where: the client's address, the scheme and host of a request, and which of them are believed.

A browser sends any page's requests to us; only Host and Origin tell ours from the others. Forwarded headers count only
when they come from a proxy that was named.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from multidict import CIMultiDictProxy

_PORTS = {"http": 80, "https": 443}
_LONGEST_HOST = 255

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as its client meant it."""

    address: str
    """Of the client."""
    scheme: str
    host: str
    """As in an address, with the port when it is not the scheme's own."""

    @property
    def origin(self) -> str:
        """What its pages are."""
        return f"{self.scheme}://{self.host}"

    @property
    def secure(self) -> bool:
        """Whether it came through TLS."""
        return self.scheme == "https"


@dataclass(frozen=True, slots=True)
class Reach:
    """How the server is reached."""

    tls: bool
    """It has a certificate of its own."""
    hosts: frozenset[str] = frozenset()
    """Names it answers to, in small letters and without a port; addresses in numbers are added by `any_number`."""
    any_number: bool = False
    """Answers to every address in numbers: it listens on all of them."""
    proxies: tuple[Network, ...] = ()
    """Whose forwarded headers are believed."""
    proxied_scheme: str = ""
    """What a proxy that does not say speaks with its clients."""

    def asked(self, peer: str, host: str, headers: CIMultiDictProxy[str]) -> Asked:
        """What a request is, given who is at the other end of its connection."""
        scheme = "https" if self.tls else "http"
        address = plain_address(peer)
        if self._is_proxy(address):
            told = headers.get("X-Forwarded-Proto", "").strip().lower()
            scheme = told if told in _PORTS else self.proxied_scheme or scheme
            address = self._client(headers.getall("X-Forwarded-For", []), address)
        return Asked(address, scheme, short_host(scheme, host))

    def answers_to(self, host: str) -> bool:
        """Whether a Host header names this server, and not one whose name was bent to it."""
        name = _name(host)
        if name in self.hosts:
            return True
        try:
            number = ipaddress.ip_address(name)
        except ValueError:
            return False
        return self.any_number or (number.is_loopback and "localhost" in self.hosts)

    def _is_proxy(self, address: str) -> bool:
        try:
            number = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(number in network for network in self.proxies)

    def _client(self, forwarded: list[str], peer: str) -> str:
        """The last address that a proxy of ours saw and that is no proxy itself; what came before may be invented."""
        hops = [plain_address(hop) for line in forwarded for hop in line.split(",")]
        for hop in reversed(hops):
            if not is_address(hop):
                return peer
            if not self._is_proxy(hop):
                return hop
        return peer


def networks(words: Iterable[str]) -> tuple[Network, ...]:
    """Networks from their text, such as `10.0.0.0/8` or one address."""
    return tuple(ipaddress.ip_network(word, strict=False) for word in words)


def is_address(text: str) -> bool:
    """Whether it is an address in numbers."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def plain_address(text: str) -> str:
    """An address without brackets, port and zone, and an IPv4 one that is wrapped in IPv6 unwrapped."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    text = text.partition("%")[0]
    try:
        number = ipaddress.ip_address(text)
    except ValueError:
        return text
    mapped = number.ipv4_mapped if isinstance(number, ipaddress.IPv6Address) else None
    return str(mapped or number)


def short_host(scheme: str, host: str) -> str:
    """A Host header in small letters, without the port that goes without saying."""
    host = host.strip().lower()
    return host.removesuffix(f":{_PORTS.get(scheme, 0)}")


def same_origin(origin: str, asked: Asked) -> bool:
    """Whether an Origin header names the server that was asked: scheme, host and port."""
    try:
        parts = urlsplit(origin)
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme not in _PORTS or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return False
    return f"{parts.scheme}://{short_host(parts.scheme, parts.netloc)}" == asked.origin


def _name(host: str) -> str:
    host = host.strip().lower()
    if len(host) > _LONGEST_HOST:
        return ""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")
