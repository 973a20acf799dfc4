"""Addresses under which forums keep uploaded files: whose id they carry, and the full file behind a thumbnail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from mediadl.modules.forum.links import parameter, without


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was uploaded to a forum."""

    id: str
    """Empty: the program gives none, the address is the identity."""
    url: str
    """Of the full file, as far as the address tells."""
    thumbnail: bool = False
    """The address leads to a smaller picture, and the full one's is not known from it."""
    name: str = ""
    """As far as the address tells."""


_SMALL = frozenset({"thumb", "thumbnail", "stc", "d", "t", "mode", "image", "type", "cb"})
_XENFORO = re.compile(r"(?:/|\?)attachments/(?:(?P<slug>[^/?&]*)\.)?(?P<id>\d+)/?$")
_XENFORO_DATA = re.compile(
    r"/data/(?P<kind>attachments|video|audio)/\d+/(?P<id>\d+)-[^/]+\.\w+$", re.IGNORECASE
)
"""Numbered by the stored bytes, not by the attachment: other numbers than in addresses of attachments."""
_FLASKBB = re.compile(r"/attachments/(?P<id>[0-9A-Za-z_-]{16,64})/(?P<name>[^/]+)$")
_DISCOURSE_SMALL = re.compile(r"/optimized/(.+?)_\d+_\d+x\d+(\.\w+)$")
_FOLDERS = re.compile(
    r"/media/spirit/(?:images|files)/|/assets/uploads/files/|/assets/files/|/uploads/[\w-]+/(?:original|optimized)/"
    r"|/uploads/(?:short-url|default)/|/uploads/monthly_|/api/fof/download/"
)


def attachment(url: str) -> Attachment | None:
    """What an absolute address says when it is one of an upload; None when it is not."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path, query = parts.path, parts.query
    script = path.rpartition("/")[2].lower()
    if script == "attachment.php":
        return _script(url, query)
    if script == "file.php" and path.endswith("/download/file.php"):
        found = parameter(query, "id")
        return Attachment(found, without(url, _SMALL)) if found.isdigit() else None
    if path.endswith("/filedata/fetch"):
        kept = without(url, frozenset({"type", "d", "thumb"}))
        for name in ("id", "photoid", "filedataid"):
            if (found := parameter(query, name)).isdigit():
                return Attachment(found if name == "id" else f"{name}-{found}", kept)
        return None
    if parameter(query, "action") == "dlattach" and (found := parameter(query, "attach")).isdigit():
        return Attachment(found, without(url, frozenset({"image", "thumb", "preview"})))
    if data := _XENFORO_DATA.search(path):
        return Attachment(f"data-{data['id']}", url, thumbnail=data["kind"].lower() == "attachments")
    routed = f"{path}?{query.partition('&')[0]}" if script == "index.php" else path
    if full := _XENFORO.search(routed):
        return Attachment(full["id"], _without_hash(url), name=_slug_name(full["slug"] or ""))
    if stored := _FLASKBB.search(path):
        return Attachment(stored["id"], url, name=unquote(stored["name"]))
    if small := _DISCOURSE_SMALL.search(path):
        return Attachment("", url.replace(small[0], f"/original/{small[1]}{small[2]}"))
    if not _FOLDERS.search(path):
        return None
    # NodeBB shows a smaller picture, the full one lies beside it
    return Attachment("", re.sub(r"-resized(\.\w+)$", r"\1", url) if "/assets/uploads/" in path else url)


def _script(url: str, query: str) -> Attachment | None:
    """vBulletin, Invision and MyBB name the script alike and the parameter each in its way."""
    if (small := parameter(query, "thumbnail")).isdigit():
        return Attachment(small, url, thumbnail=True)
    for name in ("attachmentid", "aid", "id"):
        if (found := parameter(query, name)).isdigit():
            return Attachment(found, without(url, _SMALL))
    return None


def _without_hash(url: str) -> str:
    return without(url, frozenset({"temp_hash"}))


def _slug_name(slug: str) -> str:
    """`holiday-2-jpg` of such addresses is `holiday-2.jpg`."""
    before, dash, ext = unquote(slug).rpartition("-")
    return f"{before}.{ext}" if dash and before and re.fullmatch(r"[A-Za-z0-9]{2,5}", ext) else ""
