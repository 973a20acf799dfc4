"""Where the server listens: what may be asked for, what it answers to, its certificate."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from mediadl.errors import InvalidInput
from mediadl.settings.web import Web
from mediadl.web.reach import Reach, networks

_BACKLOG = 128


def with_options(settings: Web, given: dict[str, Any]) -> Web:
    """The settings with what was given on the command line; checked together.

    Raises:
        InvalidInput: a value cannot be used, or they do not go together.
    """
    try:
        made = Web.model_validate(settings.model_dump() | {k: v for k, v in given.items() if v is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise InvalidInput(f"--{name}: {first['msg'].removeprefix('Value error, ')}") from error
    check(made)
    return made


def check(settings: Web) -> None:
    """Refuse what would send passwords in the clear, or answer nobody.

    Raises:
        InvalidInput: it would.
    """
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise InvalidInput("a certificate needs its key", next_step="Give both --tls-cert and --tls-key.")
    if settings.behind_proxy and not settings.public_url:
        raise InvalidInput(
            "behind a proxy the server must know what people type to reach it",
            next_step="Add --public-url https://media.example.org.",
        )
    if not (is_loopback(settings.host) or settings.tls_cert or settings.behind_proxy):
        raise InvalidInput(
            f"{settings.host} can be reached by others, and passwords would travel in the clear",
            next_step="Give --tls-cert and --tls-key, or --behind-proxy with --public-url; see docs/browser.md.",
        )


def reach_of(settings: Web) -> Reach:
    """What the server answers to and whom it believes."""
    hosts = set()
    any_number = False
    if is_loopback(settings.host):
        hosts |= {"localhost", settings.host.lower()}
    elif _is_wildcard(settings.host):
        any_number = True
        hosts |= {"localhost", socket.gethostname().lower()}
    else:
        hosts.add(settings.host.lower())
    public = urlsplit(settings.public_url)
    if public.hostname:
        hosts.add(public.hostname)
    return Reach(
        bool(settings.tls_cert),
        frozenset(hosts),
        any_number,
        networks(settings.trusted_proxies) if settings.behind_proxy else (),
        public.scheme,
    )


def tls_of(settings: Web) -> ssl.SSLContext | None:
    """The certificate, if there is one.

    Raises:
        InvalidInput: it cannot be used.
    """
    if not settings.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    certificate, key = (Path(name).expanduser() for name in (settings.tls_cert, settings.tls_key))
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise InvalidInput(f"the certificate cannot be used: {error.strerror or error}") from error
    return context


def listen(settings: Web) -> socket.socket:
    """A socket that listens there.

    Raises:
        InvalidInput: the address is taken, or is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise InvalidInput(f"no address {settings.host}: {error.strerror or error}") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise InvalidInput(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror or error}",
            next_step="Choose another with --port.",
        ) from error
    listening.setblocking(False)
    return listening


def address_of(settings: Web, listening: socket.socket) -> str:
    """What to type to reach it."""
    if settings.public_url:
        return settings.public_url
    host = "localhost" if is_loopback(settings.host) or _is_wildcard(settings.host) else settings.host
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{listening.getsockname()[1]}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches it."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
