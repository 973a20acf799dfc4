"""What makes an Instagram file the same one, whichever way it came: media id, place in its post, name at the CDN.

Order of strength: the file's own id, then post and slide, then the name of the asset in the path of its address. The
query of an address is a signature and differs every time; the path does not. Pure.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
import string
from urllib.parse import parse_qs, unquote, urlsplit

from mediadl.models import Identity

SITE = "instagram"
_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_DIGITS = {char: number for number, char in enumerate(_ALPHABET)}
_PRIVATE_TAIL = 28
"""Codes of private posts have so many characters more than the id needs."""
_EPOCH_MS = 1_314_220_021_721
_TIME_SHIFT = 23
_MAX_ID = 1 << 64
_PICTURE = re.compile(r"\d{3,20}(?:_\d{1,20}){1,3}_[a-z]\Z")
_OPAQUE = re.compile(r"(?=.*\d)[A-Za-z0-9_-]{16,220}\Z")
"""Names of videos."""


def media_pk(code: str) -> str:
    """The media id that a shortcode spells in base 64; the text itself when it is none."""
    short = code[:-_PRIVATE_TAIL] if len(code) > _PRIVATE_TAIL else code
    number = 0
    for char in short:
        digit = _DIGITS.get(char)
        if digit is None:
            return code
        number = number * 64 + digit
    return str(number)


def shortcode(pk: str | int) -> str:
    """The code in a post's address that spells its media id; empty when there is none."""
    try:
        number = int(pk)
    except ValueError:
        return ""
    code = ""
    while number > 0:
        number, rest = divmod(number, 64)
        code = _ALPHABET[rest] + code
    return code


def uploaded_at(pk: str) -> float | None:
    """When the upload began, as the id tells (epoch seconds): up to 90 s early, far off for scheduled posts."""
    if not _is_id(pk):
        return None
    return ((int(pk) >> _TIME_SHIFT) + _EPOCH_MS) / 1000


def cdn_stem(url: str) -> str:
    """The name of the asset behind an address, the same on every site that shows it; empty when it has none."""
    try:
        name = posixpath.basename(unquote(urlsplit(url).path))
    except ValueError:
        return ""
    stem, dot, ext = name.rpartition(".")
    if not dot or not ext.isalnum() or len(ext) > 5:
        return ""
    shape = _OPAQUE if ext.lower() in {"mp4", "mov", "webm"} else _PICTURE
    return stem if shape.match(stem) else ""


def cache_key_pk(url: str) -> str:
    """The media id (of a slide, its own) in `ig_cache_key`; empty when there is none."""
    try:
        key = parse_qs(urlsplit(url).query).get("ig_cache_key", [""])[0]
    except ValueError:
        return ""
    encoded = unquote(key).partition(".")[0]
    try:
        text = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return text if _is_id(text) else ""


def expires_at(url: str) -> float | None:
    """When a CDN address stops working (epoch seconds); None: it does not say."""
    try:
        value = parse_qs(urlsplit(url).query).get("oe", [""])[0]
    except ValueError:
        return None
    return float(int(value, 16)) if re.fullmatch(r"[0-9A-Fa-f]{8}", value) else None


def names(
    *, pk: str = "", post: str = "", slide: int = 0, urls: tuple[str, ...] = ()
) -> tuple[Identity, ...]:
    """Every identity of one file, the strongest first; empty when nothing tells it from others.

    `post` is the post's media id, `slide` counts the files of a carousel from 1 and is 0 for a file that is alone.
    """
    found: list[Identity] = []
    own = pk if _is_id(pk) else next(filter(None, map(cache_key_pk, urls)), "")
    if not own and not slide and _is_id(post):
        own = post
    if own and (own != post or not slide):
        found.append(Identity(SITE, own))
    if slide and _is_id(post):
        found.append(Identity(SITE, post, slide))
    found += [Identity(SITE, stem) for stem in map(cdn_stem, urls) if stem]
    return tuple(dict.fromkeys(found))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 20 and 0 < int(text) < _MAX_ID
