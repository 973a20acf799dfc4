"""A throw-away certificate authority and one cached server context per host."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path

import trustme


class _Socket(ssl.SSLSocket):
    """One that is closed also when its making failed: of a client that has left by then, Python keeps it open."""

    def __del__(self) -> None:
        self.close()


class Authority:
    """Issues a leaf for any host name; the CA's own certificate lies in `pem_path`.

    A folder that already holds the files of an authority gets the same one back.
    """

    def __init__(self, folder: Path) -> None:
        self.pem_path = folder / "ca.pem"
        key_path = folder / "ca-key.pem"
        if self.pem_path.exists() and key_path.exists():
            self._ca = trustme.CA.from_pem(self.pem_path.read_bytes(), key_path.read_bytes())
        else:
            self._ca = trustme.CA(organization_name="simulated web")
            key_path.touch(mode=0o600)
            self._ca.private_key_pem.write_to_path(key_path)
            self._ca.cert_pem.write_to_path(self.pem_path)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()

    def context(self, host: str) -> ssl.SSLContext:
        """The server side context for that host, HTTP/1.1 only."""
        with self._lock:
            context = self._contexts.get(host)
            if context is None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.sslsocket_class = _Socket
                # curl_cffi would otherwise choose HTTP/2.
                context.set_alpn_protocols(["http/1.1"])
                self._ca.issue_cert(host).configure_cert(context)
                self._contexts[host] = context
            return context
