"""Toolzu: a form whose hidden check fills itself, and cards that tell nothing but where their file is."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote

from fakeweb.messages import Request, Response
from fakeweb.sites.instagram_posts import Medium, avatar_url
from fakeweb.sites.viewer import Viewer, media_url, page_of

_PAGE = """<!doctype html><html><head><title>Downloader</title></head><body>
<form id="downloader-form"><input id="instagramdownloaderform-search" name="search" class="form-control">
<input type="hidden" name="cf-turnstile-response" value=""><button type="submit">Search</button></form>
<div id="ajax-results"></div>
<script>
const form = document.getElementById('downloader-form'), field = form.querySelector('#instagramdownloaderform-search');
const check = form.querySelector('[name=cf-turnstile-response]');
let waiting = null;
if (CHECK_FILLS) setTimeout(() => { check.value = 'simulated'; if (waiting !== null) ask(waiting, ''); }, 500);
async function ask(text, cursor) {
  if (!check.value) { field.classList.add('is-invalid'); waiting = text; return; }
  field.classList.remove('is-invalid'); waiting = null;
  const body = new URLSearchParams({search: text, cursor, tool: location.pathname.split('/')[3]});
  const got = await (await fetch('/ajax/downloader', {method: 'POST', body})).json();
  document.getElementById('ajax-results').insertAdjacentHTML('beforeend', got.html);
  document.getElementById('viewer-next')?.remove();
  if (got.cursor) {
    const more = document.createElement('button'); more.id = 'viewer-next'; more.textContent = 'Next';
    more.addEventListener('click', () => { more.disabled = true; ask(text, got.cursor); });
    document.body.append(more);
  }
}
form.addEventListener('submit', event => { event.preventDefault(); ask(field.value, ''); });
</script></body></html>"""


class Toolzu(Viewer):
    """The site.

    Attributes:
        check_fills: The hidden check fills itself, as in a browser that a person started.
    """

    hosts = ("toolzu.com", "*.toolzu.com")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.check_fills = True

    def handle(self, request: Request) -> Response | None:
        """Answer by host, then by path."""
        if match := re.fullmatch(r"/media/(.+)", request.path):
            folder = "/o1/v/t16/" if match[1].endswith(".mp4") else "/v/t51/"
            return self.instagram.media(folder + match[1])
        if (wall := self.wall()) is not None:
            return wall
        if request.path == "/ajax/downloader":
            return Response.json(self._results(request.form))
        if request.path.startswith("/downloader/instagram/"):
            page = _PAGE.replace("CHECK_FILLS", str(self.check_fills).lower())
            return Response.page(
                page.replace("instagramdownloaderform-search", "x1") if self.drifted else page
            )
        return None

    def _results(self, form: dict[str, str]) -> dict[str, str]:
        text = form.get("search", "")
        if text.startswith("http"):
            code = next((piece for piece in text.split("/")[4:] if piece), "")
            found = self.find(code)
            if found is None:
                return {"html": "<p>Post not found</p>", "cursor": ""}
            return {"html": "".join(_card(part) for part in found[1].media), "cursor": ""}
        profile = self.profile(text)
        if profile is None:
            return {"html": "<p>User not found</p>", "cursor": ""}
        if form.get("tool") == "instadp":
            return {"html": _picture(avatar_url(profile)), "cursor": ""}
        if profile.private:
            return {"html": "<p>This account is private</p>", "cursor": ""}
        parts = [part for post in profile.timeline for part in post.media]
        page, cursor = page_of(parts, form.get("cursor", ""))
        return {"html": "".join(map(_card, page)), "cursor": cursor}


def _card(part: Medium) -> str:
    icon = "fa-play-circle" if part.is_video else "fa-image"
    return f'<div class="download-card"><i class="fa {icon}"></i>{_link(media_url(part))}</div>'


def _picture(url: str) -> str:
    return f'<div class="download-card"><i class="fa fa-image"></i>{_link(url)}</div>'


def _link(url: str) -> str:
    name = url.partition("?")[0].rpartition("/")[2]
    copy = f"https://cdn-s3.toolzu.com/media/{name}?url={quote(url, safe='')}&time=1&key=k"
    return f'<a download href="{html.escape(copy)}">Download</a>'
