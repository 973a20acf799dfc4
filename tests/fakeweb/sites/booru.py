"""A picture board in the manner of Gelbooru 0.2: an XML listing of a hundred posts a page, pictures on another host."""

from __future__ import annotations

import hashlib
from xml.sax.saxutils import quoteattr

from fakeweb.expected import ExpectedFile
from fakeweb.messages import Request, Response
from fakeweb.sites.generic import gallery_image

HOST = "safebooru.org"
MEDIA_HOST = "img.safebooru.org"
_PER_PAGE_MOST = 1000


class Booru:
    """Posts `1..posts`, newest first; every tag finds all of them, `nothing` finds none."""

    login_path = "/index.php"

    def __init__(self, posts: int = 12) -> None:
        self.posts = posts
        self.hosts = (HOST, MEDIA_HOST)

    def tag_url(self, tag: str = "cat") -> str:
        """The list of a tag."""
        return f"https://{HOST}/index.php?page=post&s=list&tags={tag}"

    def post_url(self, number: int) -> str:
        """One post."""
        return f"https://{HOST}/index.php?page=post&s=view&id={number}"

    def expected(self, *numbers: int) -> list[ExpectedFile]:
        """The pictures of these posts, of all without any."""
        return [
            ExpectedFile.of(_file_url(n), gallery_image(n), "image/jpeg", item_id=str(n))
            for n in numbers or range(1, self.posts + 1)
        ]

    def handle(self, request: Request) -> Response | None:
        """Answer the listing or a picture."""
        if request.host == MEDIA_HOST:
            number = request.path.rpartition("/")[2].partition(".")[0].rpartition("_")[2]
            known = number.isdigit() and 1 <= int(number) <= self.posts
            return Response.media(gallery_image(int(number)), "image/jpeg") if known else None
        query = request.query
        if query.get("page") != "dapi":
            return Response.page("<!doctype html><title>Board</title><p>Pictures by tag.</p>")
        return Response.text(self._listing(query), "text/xml")

    def _listing(self, query: dict[str, str]) -> str:
        found = list(range(self.posts, 0, -1))
        if wanted := query.get("id"):
            found = [n for n in found if str(n) == wanted]
        if query.get("tags") == "nothing":
            found = []
        per_page = min(_PER_PAGE_MOST, int(query.get("limit") or 100))
        start = int(query.get("pid") or 0) * per_page
        posts = "".join(_post(n) for n in found[start : start + per_page])
        return f'<?xml version="1.0"?><posts count="{len(found)}" offset="{start}">{posts}</posts>'


def _post(number: int) -> str:
    fields = {
        "id": str(number),
        "file_url": _file_url(number),
        "md5": hashlib.md5(f"post {number}".encode(), usedforsecurity=False).hexdigest(),
        "tags": f" cat sky number_{number} ",
        "rating": "g",
        "width": "640",
        "height": "480",
        "created_at": "Thu Nov 05 14:06:10 +0000 2026",
        "source": "",
        "creator_id": "7",
    }
    return "<post " + " ".join(f"{name}={quoteattr(value)}" for name, value in fields.items()) + "/>"


def _file_url(number: int) -> str:
    return f"https://{MEDIA_HOST}/images/{number % 16}/picture_{number}.jpg"
