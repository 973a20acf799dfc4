"""Seals what must not lie about in the clear: authenticated encryption with one key of the data folder.

The key is a file of mode 0600: named by `MEDIADL_KEY_FILE`, handed over by systemd (credential `mediadl.key`), or
made in the data folder. A sealed text names the key it was sealed with: a wrong key is told apart from a damaged text.
"""

from __future__ import annotations

import binascii
import contextlib
import hashlib
import os
import secrets
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mediadl.errors import VaultLocked
from mediadl.paths import Home

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

_MAGIC = b"mdl1"
_ID_BYTES = 8
_NONCE_BYTES = 12
_KEY_BYTES = 32
_CREDENTIAL = "mediadl.key"
_MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Key:
    """A key; its `id` tells nothing about it."""

    id: bytes
    _secret: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Key:
        """The key made of 32 bytes."""
        return cls(hashlib.sha256(b"mediadl key id" + secret).digest()[:_ID_BYTES], secret)

    def seal(self, text: bytes, about: str) -> bytes:
        """Encrypt; `about` says what it is (site and account) and is needed again to open it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = _cipher(self._secret).encrypt(nonce, text, about.encode())
        return _MAGIC + self.id + nonce + sealed

    def open(self, sealed: bytes, about: str) -> bytes:
        """Decrypt.

        Raises:
            VaultLocked: sealed with another key, or changed since.
        """
        from cryptography.exceptions import InvalidTag

        if key_id_of(sealed) != self.id:
            raise VaultLocked("the cookies were sealed with another key")
        start = len(_MAGIC) + _ID_BYTES
        nonce, rest = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        try:
            return _cipher(self._secret).decrypt(nonce, rest, about.encode())
        except (InvalidTag, ValueError) as error:
            raise VaultLocked("the sealed cookies are damaged", next_step="Import them again.") from error


def key_id_of(sealed: bytes) -> bytes:
    """Which key a sealed text wants; empty when it is none."""
    return sealed[len(_MAGIC) : len(_MAGIC) + _ID_BYTES] if sealed.startswith(_MAGIC) else b""


def key_file(home: Home) -> tuple[Path, bool]:
    """Where the key lies, and whether it is ours to make."""
    named = os.environ.get("MEDIADL_KEY_FILE")
    if named:
        return Path(named).expanduser(), False
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder and (Path(folder) / _CREDENTIAL).exists():
        return Path(folder) / _CREDENTIAL, False
    return home.session_key, True


def load_key(home: Home) -> Key:
    """The key that is there.

    Raises:
        VaultLocked: there is none, or it cannot be read or used.
    """
    path, ours = key_file(home)
    try:
        with path.open("rb") as file:
            if ours and os.fstat(file.fileno()).st_mode & 0o077:
                os.fchmod(file.fileno(), 0o600)
            raw = file.read(_MOST_BYTES)
    except FileNotFoundError as error:
        raise VaultLocked(f"the key of the sealed cookies is missing: {path}") from error
    except OSError as error:
        raise VaultLocked(
            f"cannot read the key of the sealed cookies: {path}: {error.strerror or error}"
        ) from error
    secret = _decoded(raw)
    if secret is None:
        raise VaultLocked(f"not a key of 32 bytes: {path}")
    return Key.of(secret)


def make_key(home: Home) -> Key:
    """The key that is there, else a fresh one in the data folder; two processes at once get the same one.

    Raises:
        VaultLocked: a key named from outside is not there, or nothing can be written.
    """
    path, ours = key_file(home)
    if not ours or path.exists():
        return load_key(home)
    home.create()
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(_KEY_BYTES) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        # A link, not a rename: the first one stays
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(part)
        part.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        raise VaultLocked(f"cannot make the key {path}: {error.strerror or error}") from error
    return load_key(home)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _decoded(raw: bytes) -> bytes | None:
    """32 bytes as they are, as hexadecimal or as base64."""
    if len(raw) == _KEY_BYTES:
        return raw
    text = raw.strip()
    for decode in (bytes.fromhex, lambda word: b64decode(word, validate=True)):
        try:
            found = decode(text.decode("ascii"))
        except (ValueError, binascii.Error):
            continue
        if len(found) == _KEY_BYTES:
            return found
    return None


def _cipher(secret: bytes) -> ChaCha20Poly1305:
    # 35 ms, and only who opens a vault needs it
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305 as Cipher

    return Cipher(secret)
