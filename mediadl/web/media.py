"""Stored files and small exports, for whoever may see them. Nothing served here can run in a page."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter

from mediadl.errors import NotFound, PermissionDenied
from mediadl.service import Services
from mediadl.web.guard import require_caller

if TYPE_CHECKING:
    from mediadl.web.deliveries import Deliveries
    from mediadl.workers.thumbnail_cache import Raster

_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
_SHOWN = ("image/", "video/", "audio/")
_SAVED = frozenset(
    {"application/pdf", "application/zip", "application/json", "application/epub+zip", "text/plain"}
)
"""Said to be what they are, and always saved; whatever is missing here too is only bytes."""
_PLAIN = "application/octet-stream"

_JPEG_QUALITY = 85


class _Stored(web.FileResponse):
    """Sends the file itself: aiohttp's own would send one beside it that is named like its compressed form."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        headers = request.headers.copy()
        headers.popall(hdrs.ACCEPT_ENCODING, None)
        return await super().prepare(request.clone(headers=headers))


class Media:
    """Handlers, on the server's loop."""

    def __init__(self, services: Services, deliveries: Deliveries) -> None:
        self._services = services
        self._deliveries = deliveries

    def routes(self) -> list[web.RouteDef]:
        """Where they are."""
        return [
            web.get(r"/media/{id:[0-9]{1,18}}", self.stored, name="media"),
            web.get(r"/thumbnail/{id:[0-9]{1,18}}", self.thumbnail, name="thumbnail"),
            web.get(r"/download/{key:[0-9a-f]{1,64}}", self.delivered, name="download"),
        ]

    async def stored(self, request: web.Request) -> web.StreamResponse:
        """A stored file, or the part of it that is asked for."""
        caller = require_caller(request)
        download_id = int(request.match_info["id"])

        def find() -> Path:
            path = Path(self._services.acting_as(caller).history.get(download_id).path)
            if not self._may_serve(path):
                raise NotFound("the file is not there any more")
            return path

        try:
            path = await asyncio.to_thread(find)
        except PermissionDenied:
            raise web.HTTPForbidden(text="You may not see this file.") from None
        except NotFound:
            raise web.HTTPNotFound(text="There is no such file.") from None
        kind, shown = kind_of(path.name)
        response = _Stored(path, headers=_headers(kind, path.name, shown=shown))
        response.headers[hdrs.CACHE_CONTROL] = "private, no-cache"
        return response

    async def thumbnail(self, request: web.Request) -> web.StreamResponse:
        """The small picture of a stored file, if one was made: the same that the gallery shows in cells."""
        caller = require_caller(request)
        thumbnails = self._services.acting_as(caller).thumbnails
        try:
            kept = await asyncio.to_thread(thumbnails.kept, int(request.match_info["id"]))
        except PermissionDenied:
            raise web.HTTPForbidden(text="You may not see this file.") from None
        except NotFound:
            raise web.HTTPNotFound(text="There is no such picture.") from None
        headers: dict[str, str] = {hdrs.CACHE_CONTROL: "private, no-cache", hdrs.ETAG: f'"{kept.name}"'}
        if any(tag.value == kept.name for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        body = await asyncio.to_thread(_as_jpeg, kept.raster)
        headers |= _headers("image/jpeg", f"{request.match_info['id']}.jpg", shown=True)
        return web.Response(body=body, headers=headers)

    async def delivered(self, request: web.Request) -> web.StreamResponse:
        """A small file that a terminal of this user hands over, once."""
        caller = require_caller(request)
        key = request.match_info["key"]
        found = await self._deliveries.owned_by(key)
        if found is None:
            raise web.HTTPNotFound(text="There is no such file, or it was fetched already.")
        download, user_id = found
        if user_id != caller.user_id:
            raise web.HTTPForbidden(text="This file is for somebody else.")
        kind, _ = kind_of(download.file_name)
        response = web.StreamResponse(headers=_headers(kind, download.file_name, shown=False))
        await response.prepare(request)
        async for chunk in self._deliveries.download(key):
            await response.write(chunk)
        await response.write_eof()
        return response

    def _may_serve(self, path: Path) -> bool:
        """Whether it is a plain file, and none of the program's own."""
        if path.is_symlink() or not path.is_file():
            return False
        return not path.resolve().is_relative_to(self._services.home.root.resolve())


def _as_jpeg(raster: Raster) -> bytes:
    """Encode plain pixels: nothing from outside is decoded in this process."""
    from PIL import Image

    out = BytesIO()
    image = Image.frombytes("RGB", (raster.width, raster.height), raster.rgb)
    image.save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()


def kind_of(name: str) -> tuple[str, bool]:
    """The media type of a file by its name, and whether a browser may show it instead of saving it."""
    guessed = mimetypes.guess_type(name, strict=False)[0] or _PLAIN
    # A picture of this kind can hold scripts
    if guessed.startswith(_SHOWN) and not guessed.startswith("image/svg"):
        return guessed, True
    return (guessed if guessed in _SAVED else _PLAIN), False


def _headers(kind: str, name: str, *, shown: bool) -> dict[str, str]:
    return {
        hdrs.CONTENT_TYPE: kind,
        hdrs.CONTENT_DISPOSITION: _disposition("inline" if shown else "attachment", name),
        "Content-Security-Policy": _POLICY,
    }


def _disposition(what: str, name: str) -> str:
    """The header that names a file: plainly for old clients, exactly for all others (RFC 6266)."""
    plain = re.sub(r"[^ !#-\[\]-~]", "_", name)
    return f"{what}; filename=\"{plain}\"; filename*=utf-8''{quote(name, safe='', errors='replace')}"
