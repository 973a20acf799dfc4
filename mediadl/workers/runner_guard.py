"""Keeps an untrusted caller's job out of private networks: every connect of this process is checked.

An audit hook sees the address after the name was resolved, so that no second look-up can answer something else. It
cannot be taken off again, which is right for a process that does one job.
"""

from __future__ import annotations

import socket
import sys
from typing import Any
from urllib.parse import urlsplit

from mediadl.errors import AddressRefused
from mediadl.security.urls import is_public_address

_PROXY_PORTS = {"http": 80, "https": 443, "socks4": 1080, "socks5": 1080, "socks5h": 1080}


def guard_connections(proxy: str) -> None:
    """Refuse connects to anything but public addresses and the proxy itself, from now on."""
    exempt = _addresses_of(proxy)

    def check(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            return
        address = arguments[1] if len(arguments) > 1 else None
        if address is None:
            return  # a connected socket: its address was checked
        if not isinstance(address, tuple):
            raise AddressRefused("local sockets are not for this job")
        host, port = str(address[0]), int(address[1])
        if (host, port) in exempt:
            return
        if port == 53 and event != "socket.connect":
            return
        if not is_public_address(host):
            raise AddressRefused(f"{host} is a private address")

    sys.addaudithook(check)


def _addresses_of(proxy: str) -> frozenset[tuple[str, int]]:
    if not proxy:
        return frozenset()
    parts = urlsplit(proxy)
    if not parts.hostname:
        return frozenset()
    port = parts.port or _PROXY_PORTS.get(parts.scheme, 0)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError:
        return frozenset()
    return frozenset((str(info[4][0]), int(info[4][1])) for info in found)
