"""`/add`: what a bookmarklet and a phone's share button lead to. Nothing is added before its user says so."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from aiohttp import web

from mediadl.errors import MediadlError, PermissionDenied
from mediadl.service import Services
from mediadl.service.intake import AddOptions
from mediadl.web.guard import require_caller
from mediadl.web.rendering import own_form, page, sentence

_IN_TEXT = re.compile(r"https?://[^\s<>\"']{1,4000}", re.IGNORECASE)
_LONGEST = 4096


def bookmarklet(origin: str) -> str:
    """The address of a bookmark that opens this server's page for the page in front."""
    return f"javascript:void(window.open('{origin}/add?url='+encodeURIComponent(location.href),'_blank','noopener'))"


class QuickAdd:
    """Handlers, on the server's loop."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[web.RouteDef]:
        """Where they are."""
        return [web.get("/add", self.ask, name="add"), web.post("/add", self.add)]

    async def ask(self, request: web.Request) -> web.Response:
        """Show what would be added."""
        url = shared_address(request.query)
        return page(request, "add.html", asks=bool(url), url=url)

    async def add(self, request: web.Request) -> web.Response:
        """Add it."""
        caller = require_caller(request)
        url = (await own_form(request)).get("url", "").strip()[:_LONGEST]

        def work() -> int:
            with self._services.acting_as(caller) as services:
                (added, *_) = services.queue.add([url], AddOptions(trusted=caller.local))
            return added.job_id

        try:
            job_id = await asyncio.to_thread(work)
        except PermissionDenied as error:
            return page(request, "add.html", 403, asks=False, url=url, bad=sentence(error))
        except MediadlError as error:
            return page(request, "add.html", 400, asks=False, url=url, bad=sentence(error))
        return page(request, "add.html", asks=False, url=url, good=f"Job {job_id} is in the queue: {url}")


def shared_address(query: Mapping[str, str]) -> str:
    """The address that was handed over; phones put it among other words."""
    for name in ("url", "text", "title"):
        text = query.get(name, "")[:_LONGEST].strip()
        if name == "url" and text and not text.lower().startswith(("http://", "https://")):
            return text if re.fullmatch(r"[a-z]+:[^\s]+", text) else ""
        found = _IN_TEXT.search(text)
        if found:
            return found[0]
    return ""
