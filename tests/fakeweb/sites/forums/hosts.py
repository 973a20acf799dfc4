"""A host of files that threads link to, as gallery-dl reads it: pixeldrain."""

from __future__ import annotations

import re

from fakeweb.blobs import BytesBlob
from fakeweb.expected import ExpectedFile
from fakeweb.messages import Request, Response
from fakeweb.sites.forums.truth import picture


class FileHost:
    """Pixeldrain; every id is a picture of its own."""

    hosts = ("pixeldrain.com",)
    login_path = "/login"

    def expected(self, link: str) -> ExpectedFile:
        """The file behind a link of a thread."""
        return ExpectedFile.of(link, _blob(link.rpartition("/")[2]), "image/jpeg")

    def handle(self, request: Request) -> Response | None:
        """Answer the page, the API or the file."""
        if found := re.fullmatch(r"/api/file/(\w+)/info", request.path):
            return Response.json(
                {
                    "success": True,
                    "id": found[1],
                    "name": f"shared {found[1]}.jpg",
                    "size": _blob(found[1]).size,
                    "date_upload": "2023-11-14T22:13:20.000Z",
                    "mime_type": "image/jpeg",
                    "availability": "",
                    "availability_message": "",
                }
            )
        if found := re.fullmatch(r"/api/file/(\w+)", request.path):
            return Response.media(_blob(found[1]), "image/jpeg")
        if re.fullmatch(r"/u/\w+", request.path):
            return Response.page("<title>pixeldrain</title>")
        return None


def _blob(word: str) -> BytesBlob:
    return picture(f"pixeldrain {word}")
