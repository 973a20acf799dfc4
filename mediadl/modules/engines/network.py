"""Prepares a runner's process for one job's network: trusted certificates, one bundle for every engine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mediadl.errors import TlsFailed
from mediadl.modules.base import Network

BUNDLE = "ca.pem"
_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def trust(network: Network, work: Path) -> str:
    """Path of a bundle with the usual authorities and `network.ca_file`; empty when there is nothing to add.

    Engines have no common setting for it (yt-dlp has none that reaches its impersonating client), so the place where
    all of them look is pointed at the bundle. Affects the whole process: call it in a runner only.

    Raises:
        TlsFailed: the file cannot be read.
    """
    if not network.ca_file or not network.verify_tls:
        return ""
    import certifi

    try:
        extra = Path(network.ca_file).expanduser().read_bytes()
    except OSError as error:
        raise TlsFailed(f"network.ca_file cannot be read: {error.strerror or error}") from error
    if b"-----BEGIN CERTIFICATE-----" not in extra:
        raise TlsFailed(f"{network.ca_file} holds no PEM certificate")
    bundle = work / BUNDLE
    path = str(bundle)
    if certifi.where() == path:
        return path
    bundle.write_bytes(b"\n".join((Path(certifi.where()).read_bytes(), _system_bundle(), extra)))
    os.environ.update(dict.fromkeys(_VARIABLES, path))
    _point(certifi, "where", lambda: path)
    try:
        import curl_cffi.curl
    except ImportError:
        return path
    _point(curl_cffi.curl, "DEFAULT_CACERT", path)
    return path


def _system_bundle() -> bytes:
    """What the environment trusts already."""
    for name in _VARIABLES:
        path = os.environ.get(name)
        if path and Path(path).is_file():
            return Path(path).read_bytes()
    return b""


def _point(module: Any, name: str, value: Any) -> None:
    setattr(module, name, value)
