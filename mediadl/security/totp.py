"""Codes of an authenticator app: RFC 6238 with what every app takes, SHA-1, six digits, 30 seconds.

A code is good in its own 30 seconds and in those before and after: phones and servers differ by seconds, and people
type slowly. It works once: whoever checks one stores the step it was of, and no code of that step or before is taken
again.
"""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from urllib.parse import quote

STEP_S = 30
DIGITS = 6
SEED_BYTES = 20
"""As long as the hash, as RFC 4226 advises."""

_STEPS_EITHER_WAY = 1


def new_seed() -> bytes:
    """160 random bits."""
    return secrets.token_bytes(SEED_BYTES)


def code_at(seed: bytes, step: int) -> str:
    """The code of a step (epoch seconds // 30)."""
    mac = hmac.digest(seed, struct.pack(">Q", step), "sha1")
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def tidy(text: str) -> str:
    """The digits of what somebody typed, without spaces between them; empty when it cannot be a code."""
    code = "".join(text[:64].split())
    return code if len(code) == DIGITS and code.isascii() and code.isdigit() else ""


def matching_step(seed: bytes, text: str, now: float, after: int = -1) -> int | None:
    """The step a typed code is of; None when it is wrong, too old, or not after the step `after` that was used."""
    code = tidy(text)
    if not code:
        return None
    here = int(now // STEP_S)
    found = None
    # All of them each time: the time taken says nothing of which it was
    for step in range(max(0, here - _STEPS_EITHER_WAY), here + _STEPS_EITHER_WAY + 1):
        if hmac.compare_digest(code_at(seed, step), code) and step > after:
            found = step
    return found


def to_words(seed: bytes) -> str:
    """The seed as it is typed into an app: base32 in groups of four."""
    text = base64.b32encode(seed).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def uri(seed: bytes, account: str, issuer: str = "mediadl") -> str:
    """The address an app reads from a QR code."""
    text = base64.b32encode(seed).decode().rstrip("=")
    return (
        f"otpauth://totp/{quote(issuer)}:{quote(account, safe='')}?secret={text}&issuer={quote(issuer)}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_S}"
    )
