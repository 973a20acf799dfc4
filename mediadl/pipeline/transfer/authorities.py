"""The certificate authorities to trust: certifi's, and the user's own file as well."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import certifi

from mediadl.errors import TlsFailed


class Authorities:
    """Makes and caches one PEM file per extra CA file. libcurl parses a file once per process."""

    def __init__(self, folder: Path) -> None:
        """`folder` is private to the user and takes the combined files."""
        self._folder = folder
        self._made: dict[tuple[str, int, int], str] = {}

    def bundle(self, ca_file: str) -> str:
        """Path of the PEM file for this setting; certifi's own when it is empty.

        Raises:
            TlsFailed: the extra file cannot be read or holds no certificate.
        """
        if not ca_file:
            return certifi.where()
        path = Path(ca_file).expanduser()
        try:
            state = path.stat()
            key = (str(path), state.st_mtime_ns, state.st_size)
            if key not in self._made:
                self._made[key] = self._combine(path.read_bytes(), ca_file)
        except OSError as error:
            raise TlsFailed(f"network.ca_file {ca_file}: {error.strerror}") from error
        return self._made[key]

    def _combine(self, extra: bytes, shown: str) -> str:
        if b"-----BEGIN" not in extra:
            raise TlsFailed(f"network.ca_file {shown}: no certificate in it (PEM is needed)")
        content = Path(certifi.where()).read_bytes().rstrip() + b"\n" + extra
        target = self._folder / f"ca-{hashlib.sha256(content).hexdigest()[:16]}.pem"
        if not target.is_file():
            fd, temporary = tempfile.mkstemp(dir=self._folder, prefix="ca-", suffix=".tmp")
            with os.fdopen(fd, "wb") as stream:
                stream.write(content)
            Path(temporary).replace(target)
        return str(target)
