"""Guards URLs: what may be asked for at all, and which addresses a name may lead to."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from mediadl.errors import AddressRefused, InvalidInput

MAX_URL_CHARS = 4096

_IPV6_REFUSED = tuple(
    ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_IPV6_GLOBAL = ipaddress.IPv6Network("2000::/3")
_IPV4_REFUSED = tuple(ipaddress.IPv4Network(net) for net in ("192.0.0.0/24", "192.88.99.0/24"))


def clean_url(text: str) -> str:
    """The URL a person meant, checked: http or https, a host, no blanks or controls.

    Raises:
        InvalidInput: with what is wrong and what to do.
    """
    url = text.strip()
    shown = url if len(url) <= 80 else url[:77] + "…"
    if not url:
        raise InvalidInput("no URL given", next_step="Give an address such as https://example.com/page.")
    if len(url) > MAX_URL_CHARS:
        raise InvalidInput(f"URL longer than {MAX_URL_CHARS} characters", next_step="Give a shorter address.")
    if any(c.isspace() or not c.isprintable() for c in url):
        raise InvalidInput(f"not a URL: {shown!r}", next_step="Remove blanks and control characters.")
    if "://" not in url and "." in url.split("/", 1)[0] and not url.startswith(("/", ".", "-")):
        url = "https://" + url
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput(f"not a URL: {shown} ({error})", next_step="Check the address.") from error
    if "://" not in url or not parts.scheme:
        raise InvalidInput(
            f"not a URL: {shown}", next_step="Give an address such as https://example.com/page."
        )
    if parts.scheme.lower() not in {"http", "https"}:
        raise InvalidInput(
            f"unsupported scheme {parts.scheme!r} in {shown}",
            next_step="Only http and https can be downloaded.",
        )
    if not host:
        raise InvalidInput(f"no host in {shown}", next_step="Check the address.")
    return url


def is_public_address(address: str) -> bool:
    """Whether a numeric IP address is on the public internet; anything unreadable is not."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public_address(str(ip.ipv4_mapped))
        return ip in _IPV6_GLOBAL and not any(ip in net for net in _IPV6_REFUSED)
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _IPV4_REFUSED)


def is_private_host(host: str) -> bool:
    """Whether a host is a private address in any spelling, or a name that is only known at home."""
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith((".localhost", ".local", ".internal")):
        return True
    numeric = _numeric(bare)
    return numeric is not None and not is_public_address(numeric)


def refuse_private_host(host: str) -> None:
    """Refuse a host that is a private address in any spelling; names are checked when they are resolved.

    Raises:
        AddressRefused: the host is private.
    """
    if is_private_host(host):
        raise AddressRefused(f"{host} is a private address")


def refuse_led_astray(host: str, home: str) -> None:
    """Refuse a private host that a page of another, public one leads to: whoever wrote that page is a stranger.

    Args:
        host: where a request would go.
        home: what the job was asked for by its owner, who may use private addresses; empty: anything.

    Raises:
        AddressRefused: the host is private, the home is not.
    """
    if not home or host == home or not is_private_host(host) or is_private_host(home):
        return
    raise AddressRefused(
        f"{home} leads to the private address {host}", next_step="Add that address itself if you mean it."
    )


def _numeric(host: str) -> str | None:
    """The dotted form of any numeric spelling (decimal, hex, octal, short), or None for a name."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    import socket  # needed for odd spellings only

    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None
