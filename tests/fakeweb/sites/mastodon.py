"""A server in the manner of Mastodon: statuses by a JSON interface, attachments on a host for files."""

from __future__ import annotations

import json
from dataclasses import dataclass

from fakeweb import media
from fakeweb.blobs import BytesBlob
from fakeweb.expected import ExpectedFile
from fakeweb.messages import Request, Response

HOST = "mastodon.social"
MEDIA_HOST = "files.mastodon.social"
_FIRST_ID = 113_400_000_000_000_000


@dataclass(frozen=True)
class _File:
    name: str
    kind: str
    content_type: str
    blob: BytesBlob


class Mastodon:
    """One account, `anna`, with statuses 1..3: two pictures, a picture and a video, words only."""

    login_path = "/auth/sign_in"

    def __init__(self) -> None:
        self.hosts = (HOST, MEDIA_HOST)
        self._files = {
            1: (self._picture("toot-1a"), self._picture("toot-1b")),
            2: (self._picture("toot-2a"), self._video("toot-2b")),
            3: (),
        }

    @property
    def account_url(self) -> str:
        """The profile."""
        return f"https://{HOST}/@anna"

    def status_url(self, number: int) -> str:
        """One status."""
        return f"{self.account_url}/{_FIRST_ID + number}"

    def expected(self, *numbers: int) -> list[ExpectedFile]:
        """The attachments of these statuses, of all without any."""
        return [
            ExpectedFile.of(self._url(file), file.blob, file.content_type, item_id=str(number), index=n)
            for number in numbers or self._files
            for n, file in enumerate(self._files[number], 1)
        ]

    def handle(self, request: Request) -> Response | None:
        """Answer the interface, a page or a file."""
        if request.host == MEDIA_HOST:
            return self._file(request.path.rpartition("/")[2])
        path = request.path.removeprefix("/api/v1")
        if path == "/accounts/lookup" and request.query.get("acct") == "anna":
            return _json(self._account())
        if path == "/accounts/7/statuses":
            return _json([self._status(n) for n in sorted(self._files, reverse=True)])
        number = path.removeprefix("/statuses/")
        if number.isdigit() and int(number) - _FIRST_ID in self._files:
            return _json(self._status(int(number) - _FIRST_ID))
        if request.path.startswith("/api/"):
            return Response(404, b'{"error":"Record not found"}', content_type="application/json")
        return Response.page("<!doctype html><title>Mastodon</title><div id='mastodon'></div>")

    def _file(self, name: str) -> Response | None:
        for files in self._files.values():
            for file in files:
                if file.name == name:
                    return Response.media(file.blob, file.content_type)
        return None

    def _account(self) -> dict[str, object]:
        return {
            "id": "7",
            "username": "anna",
            "acct": "anna",
            "display_name": "Anna",
            "url": self.account_url,
        }

    def _status(self, number: int) -> dict[str, object]:
        return {
            "id": str(_FIRST_ID + number),
            "created_at": f"2026-11-0{number}T10:00:00.000Z",
            "in_reply_to_id": None,
            "reblog": None,
            "content": f"<p>Toot number {number}</p>",
            "spoiler_text": "",
            "visibility": "public",
            "url": self.status_url(number),
            "uri": self.status_url(number),
            "account": self._account(),
            "tags": [{"name": "cats", "url": f"https://{HOST}/tags/cats"}],
            "media_attachments": [
                {
                    "id": f"{number}{n}",
                    "type": file.kind,
                    "url": self._url(file),
                    "preview_url": self._url(file),
                }
                for n, file in enumerate(self._files[number], 1)
            ],
        }

    @staticmethod
    def _picture(name: str) -> _File:
        return _File(f"{name}.jpg", "image", "image/jpeg", BytesBlob(media.jpeg(name)))

    @staticmethod
    def _video(name: str) -> _File:
        return _File(f"{name}.mp4", "video", "video/mp4", BytesBlob(media.mp4(name)))

    @staticmethod
    def _url(file: _File) -> str:
        return f"https://{MEDIA_HOST}/media_attachments/files/{file.name}"


def _json(value: object) -> Response:
    return Response.text(json.dumps(value), "application/json")
