"""Passwords: what makes one acceptable (NIST SP 800-63B-4), and Argon2id hashes of them.

Length decides, not kinds of characters: 15 where the password is all there is, 8 where a code of an app is asked for
too. Refused are those that everybody tries first: well-known ones, names that have to do with the account, repeated and
running characters. Nothing is ever cut off, and no password is asked to change with time.
"""

from __future__ import annotations

import functools
import gzip
import re
import threading
import unicodedata
from collections.abc import Iterable
from importlib import resources
from typing import TYPE_CHECKING

from mediadl.errors import InvalidInput

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST_ALONE = 15
LEAST_WITH_CODE = 8
MOST = 256
"""Characters; more than any manager makes, few enough that hashing one costs nothing extra."""

_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
)
_SITE_WORDS = ("mediadl", "mediadownloader", "password", "downloader")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_LIST = "common_passwords.txt.gz"

# Each hash takes 46 MiB: a crowd of sign-ins must not take all memory
_at_once = threading.BoundedSemaphore(2)


def check_new(password: str, *, with_code: bool = False, names: Iterable[str] = ()) -> str:
    """A password as it is to be hashed, if it may be used.

    Args:
        password: as typed.
        with_code: whether a code of an app is asked for as well.
        names: of the account and of the place it is for; no password may be made of them.

    Raises:
        InvalidInput: says what is wrong with it.
    """
    text = _normal(password)
    least = LEAST_WITH_CODE if with_code else LEAST_ALONE
    if len(text) < least:
        raise InvalidInput(
            f"too short: a password needs {least} characters",
            next_step="Several words together are easy to remember.",
        )
    if len(text) > MOST:
        raise InvalidInput(f"too long: at most {MOST} characters", next_step="Use a shorter one.")
    if any(unicodedata.category(sign) == "Cc" for sign in text):
        raise InvalidInput("a password cannot have control characters", next_step="Type it on one line.")
    if why := _weakness(text.casefold(), [*_SITE_WORDS, *names]):
        raise InvalidInput(f"too easy to guess: {why}", next_step="Choose another one.")
    return text


def hash_of(password: str) -> str:
    """The Argon2id hash to store, with its parameters; takes about 50 ms and 46 MiB."""
    with _at_once:
        return _hasher().hash(_normal(password))


def matches(stored: str, password: str) -> bool:
    """Whether a password is the one that was hashed. No hash (empty) costs the same and is never matched."""
    from argon2.exceptions import InvalidHashError, VerificationError

    text = _normal(password[: MOST * 4])
    with _at_once:
        try:
            return _hasher().verify(stored or _no_hash(), text) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than those of now."""
    from argon2.exceptions import InvalidHashError

    try:
        return _hasher().check_needs_rehash(stored)
    except InvalidHashError:
        return True


def is_hash(text: str) -> bool:
    """Whether a text is a hash that `matches` understands."""
    return text.startswith("$argon2id$") and text.count("$") == 5


def _normal(password: str) -> str:
    # The same word typed on two systems can be two byte strings; NIST asks for one form
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


@functools.cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher, Type

    # OWASP's first choice: 46 MiB, one pass, one lane
    return PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1, type=Type.ID)


@functools.cache
def _no_hash() -> str:
    """Of nothing anybody knows: verified for accounts that do not exist."""
    import secrets

    return _hasher().hash(secrets.token_urlsafe(32))


@functools.cache
def _common() -> frozenset[str]:
    packed = resources.files("mediadl.security").joinpath(_LIST).read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n"))


def _weakness(text: str, names: list[str]) -> str:
    """Why a password is guessed soon, in words; empty: no reason known."""
    if len(set(text)) < 4:
        return "it repeats a few characters"
    unit = _unit(text)
    core = _EDGES.sub("", text)
    for form in {text, unit, core, _unit(core)}:
        if _is_run(form):
            return "its characters follow each other on the keyboard or in the alphabet"
        if form in _common():
            return "it is on the list of passwords that everybody tries first"
    for name in names:
        word = "".join(name.casefold().split())
        plain = text.replace(" ", "")
        # What is left when the name is taken out must carry the password
        if len(word) >= 3 and word in plain and len(_EDGES.sub("", plain.replace(word, ""))) < 8:
            return "it is made of a name that belongs to it"
    return ""


def _unit(text: str) -> str:
    """What a text is a repetition of; the text itself when it is none."""
    place = (text + text).find(text, 1) if text else 0
    return text[:place] if 0 < place < len(text) else text


def _is_run(text: str) -> bool:
    """Whether a text is made of runs of at least four characters that follow each other."""
    if len(text) < 4:
        return False
    left = text
    while len(left) >= 4:
        length = max((_run_length(left, run) for known in _RUNS for run in (known, known[::-1])), default=0)
        if length < 4:
            return False
        left = left[length:]
    return True


def _run_length(text: str, run: str) -> int:
    doubled = run + run
    length = 0
    while length < len(text) and doubled.find(text[: length + 1]) >= 0:
        length += 1
    return length
