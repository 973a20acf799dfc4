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
    bundle.write_bytes(_usual(certifi.where()) + b"\n" + extra)
    os.environ.update(dict.fromkeys(_VARIABLES, path))
    _point(certifi, "where", lambda: path)
    try:
        import curl_cffi.curl
    except ImportError:
        return path
    _point(curl_cffi.curl, "DEFAULT_CACERT", path)
    return path


def _usual(default: str) -> bytes:
    """What is trusted anyway: the bundle that the environment names, else the one that came with the program."""
    named = (os.environ.get(name, "") for name in _VARIABLES)
    return Path(next((path for path in named if Path(path).is_file()), default)).read_bytes()


def _point(module: Any, name: str, value: Any) -> None:
    setattr(module, name, value)
