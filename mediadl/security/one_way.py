"""Secrets that are handed out once and only recognised afterwards: cookies of logins, API tokens, codes.

They are random and long, so one round of SHA-256 hides them well; passwords, which people choose, are `passwords`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

TOKEN_PREFIX = "mdl_"
"""What every API token begins with, so that scanners find one that leaked."""

_BYTES = 32
_TOKEN = re.compile(r"mdl_[A-Za-z0-9_-]{43}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
# Without letters and digits that look alike
_CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_secret() -> str:
    """256 random bits in 43 characters that a cookie can hold."""
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """An API token: `mdl_` and 256 random bits."""
    return TOKEN_PREFIX + new_secret()


def new_name() -> str:
    """96 random bits that name a login; not secret, but nobody guesses another's."""
    return secrets.token_hex(12)


def new_code(signs: int = 12) -> str:
    """A code for people to type, in groups of four; 12 signs are 59 bits."""
    drawn = "".join(secrets.choice(_CODE_SIGNS) for _ in range(signs))
    return "-".join(drawn[start : start + 4] for start in range(0, signs, 4))


def is_secret(text: str) -> bool:
    """Whether a text has the shape of `new_secret`."""
    return _SECRET.fullmatch(text) is not None


def is_token(text: str) -> bool:
    """Whether a text has the shape of `new_token`."""
    return _TOKEN.fullmatch(text) is not None


def tidy_code(text: str) -> str:
    """A typed code as it was drawn: upper case, no spaces or hyphens; at most 64 signs."""
    return "".join(sign for sign in text[:256].upper() if sign.isalnum())[:64]


def digest(secret: str) -> bytes:
    """What is stored instead of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def same(left: bytes, right: bytes) -> bool:
    """Whether two digests are equal; takes the same time wherever they differ."""
    return hmac.compare_digest(left, right)
