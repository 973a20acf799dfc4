"""What gallery-dl yields for one file: its own names for it, and whose, called what, from where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gallery_dl import formatter

from mediadl.models import Identity
from mediadl.modules import files
from mediadl.modules.base import site_of
from mediadl.security.text import safe_text

NO_SITES = frozenset({"generic", "directlink", "recursive", "ytdl", "noop", "oauth", "urlshortener"})
"""Extractors that stand for no site."""

_LISTED = re.compile(
    r"^[A-Za-z]{1,2}_(?:\{(?:search|pool|favorite|favgroup|playlist|ranking|gallery|collection|[aA]lbum|group|folder"
    r"|community|user|username|blog)\w*(?:\[[^{}]*\])?\}_)+(?P<post>\{(?:\w*id|index|asset\[id\]|Image\[ImageKey\])\}.*)$"
)
"""A template that names a file by the list it was found in, then by itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that an extractor yielded."""

    url: str
    data: dict[str, Any]
    category: str
    subcategory: str
    archive_id: str
    """The engine's own stable id of the file within its category."""
    post_id: str = ""
    """The same without the list it was found in, where the engine names one."""


def identify(data: dict[str, Any], entry: Entry) -> Identity:
    """The file by the engine's own id; without one, by its address."""
    if entry.category in NO_SITES:
        return Identity(site_of(entry.url) or entry.category, files.stable_id(entry.url), 0)
    return Identity(entry.category, entry.post_id or entry.archive_id or files.stable_id(entry.url), 0)


_PEOPLE = ("username", "user", "author", "artist", "creator", "uploader", "owner", "blog_name", "channel")
_NAMES = ("username", "name", "nick", "screen_name")


def source(data: dict[str, Any]) -> str:
    """Whose it is; empty when the engine does not say."""
    for key in _PEOPLE:
        value = data.get(key)
        if isinstance(value, Mapping):
            value = next(filter(None, map(value.get, _NAMES)), "")
        if isinstance(value, str) and value:
            return value
    return ""


def page_url(data: dict[str, Any]) -> str:
    """The page it is shown on; empty when the engine does not say."""
    for key in ("post_url", "page_url", "webpage_url", "permalink", "url"):
        value = data.get(key)
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            return value
    return ""


def title(data: dict[str, Any]) -> str:
    """What it is called; empty when the engine does not say."""
    for key in ("title", "description", "content", "caption", "text", "filename"):
        value = data.get(key)
        if isinstance(value, str) and value.strip():
            return value
    return ""


def archive_id(extr: Any, data: dict[str, Any]) -> str:
    """The engine's own id of a file; empty when it has none."""
    return _filled(extr.config("archive-format") or extr.archive_fmt, data)


def post_id(extr: Any, data: dict[str, Any]) -> str:
    """The same without the list it was found in: a file of two tags is one file. Empty when it names no list."""
    listed = _LISTED.match(extr.archive_fmt or "")
    return _filled(listed["post"], data) if listed else ""


def other_names(identity: Identity, entry: Entry) -> tuple[Identity, ...]:
    """What the engine calls the file besides, so that archives of its own fit."""
    if not entry.post_id or identity.id != entry.post_id:
        return ()
    return (Identity(entry.category, entry.archive_id),)


def _filled(template: str, data: dict[str, Any]) -> str:
    if not template:
        return ""
    try:
        return safe_text(formatter.parse(template).format_map(data), limit=200)
    except Exception:  # noqa: BLE001 - templates run the engine's code on the site's data
        return ""
