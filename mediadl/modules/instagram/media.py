"""One media file as any backend describes it, and the item made of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from mediadl.models import FoundItem, Identity, MediaKind
from mediadl.modules import files
from mediadl.modules.instagram import identity
from mediadl.security.text import safe_text

ROOT = "https://www.instagram.com"
_WRAPPERS = ("uri", "url")
_MAX_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A picture or video; what a backend does not know is empty."""

    urls: tuple[str, ...]
    """Where it can be had, the best first."""
    is_video: bool = False
    pk: str = ""
    """The file's own media id."""
    code: str = ""
    """Short code of the post."""
    post: str = ""
    """Media id of the post."""
    slide: int = 0
    """Number within a carousel, from 1; 0: it is alone, or its place is not known."""
    several: bool = False
    """One of a carousel's files, its place not known: the post's id does not name it."""
    owner: str = ""
    taken_at: float | None = None
    caption: str = ""
    pinned: bool = False
    width: int = 0
    height: int = 0
    duration_s: float | None = None
    part: str = "post"
    """What it is part of: post, story, highlight or avatar."""

    @property
    def names(self) -> tuple[Identity, ...]:
        """Its identities, the strongest first."""
        post = "" if self.several and not self.slide else self.post or _pk_of(self.code)
        return identity.names(pk=self.pk, post=post, slide=self.slide, urls=self.urls)

    @property
    def unit(self) -> str:
        """What tells the posts of a list apart."""
        return self.code or self.post or self.pk or (self.urls[0] if self.urls else "")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    refs: tuple[MediaRef, ...]
    cursor: str = ""
    """Where the next one begins; empty: this was the last."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a page tells about an account."""

    name: str
    pk: str = ""
    private: bool = False
    posts: int | None = None
    picture: str = ""


def item(ref: MediaRef, *, owner: str, headers: Mapping[str, str], backend: str) -> FoundItem:
    """The item to report; an address without any identity stands for itself."""
    names = ref.names or (Identity(identity.SITE, files.stable_id(ref.urls[0])),)
    ext = files.extension(ref.urls[0])
    posted_at = ref.taken_at
    if posted_at is None and ref.part != "avatar":
        posted_at = identity.uploaded_at(names[0].id) if names[0].id.isdigit() else None
    source = safe_text(ref.owner or owner)
    title = safe_text(ref.caption)
    if ref.part == "avatar":
        title = f"{source} profile picture".strip()
    return FoundItem(
        n=0,
        identity=names[0],
        aliases=names[1:],
        url=ref.urls[0],
        fallbacks=ref.urls[1:_MAX_ADDRESSES],
        headers=dict(headers),
        ext=ext if ext in files.KIND_OF else ("mp4" if ref.is_video else "jpg"),
        kind=MediaKind.VIDEO if ref.is_video else MediaKind.IMAGE,
        duration_s=ref.duration_s,
        posted_at=posted_at,
        source=source,
        title=title,
        page_url=page_url(ref, source),
        metadata=_metadata(ref, backend, posted_at),
    )


def page_url(ref: MediaRef, owner: str) -> str:
    """Where people see it."""
    if ref.part == "story" and owner:
        return f"{ROOT}/stories/{owner}/"
    if ref.part in {"avatar", "highlight"} or not (ref.code or ref.post):
        return f"{ROOT}/{owner}/" if owner else ROOT
    return f"{ROOT}/p/{safe_text(ref.code or identity.shortcode(ref.post))}/"


def unwrapped(url: str) -> str:
    """The CDN address inside a viewer's own one (`?uri=`, `?url=`, or base64); else the address itself."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    named = parse_qs(parts.query)
    for key in _WRAPPERS:
        for inner in named.get(key, ()):
            if inner.startswith("https://"):
                return inner
    for encoded in (parts.query, parts.path.lstrip("/")):
        inner = _decoded(unquote(encoded))
        if inner.startswith("https://"):
            return inner
    return url


def addresses(*urls: str) -> tuple[str, ...]:
    """Every way to a file without repeats: the CDN's own addresses first, then the viewers' copies."""
    given = [url for url in urls if url]
    return tuple(dict.fromkeys([*map(unwrapped, given), *given]))


def _decoded(encoded: str) -> str:
    text = encoded.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""


def _pk_of(code: str) -> str:
    pk = identity.media_pk(code)
    return "" if pk == code else pk


def _metadata(ref: MediaRef, backend: str, posted_at: float | None) -> dict[str, Any]:
    known: dict[str, Any] = {
        "username": safe_text(ref.owner),
        "description": safe_text(ref.caption),
        "post_shortcode": safe_text(ref.code),
        "post_id": ref.post,
        "media_id": ref.pk,
        "num": ref.slide,
        "width": ref.width,
        "height": ref.height,
        "pinned": ref.pinned,
        "type": ref.part,
        "via": backend,
        "date_source": "page" if ref.taken_at is not None else ("id" if posted_at is not None else ""),
    }
    return {key: value for key, value in known.items() if value}


__all__ = ["ROOT", "Account", "MediaRef", "Page", "addresses", "item", "page_url", "unwrapped"]
