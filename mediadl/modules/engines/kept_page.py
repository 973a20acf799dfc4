"""A page that one engine was given and the next one gets: a site is asked for it once."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from mediadl.modules.web import Answer

_OF_THE_WAY = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"}
)
"""Header fields that say how a page came, not what it is."""


def keep(
    answer: Any, headers: dict[str, str], pages: dict[tuple[str, bool], Answer], *, logged_in: bool
) -> None:
    """Put an answer of yt-dlp among the pages (`Task.pages`) once somebody has read it to its end.

    `headers`: its own, names in lower case. From now on `answer.read` is ours.
    """
    named = {name: value for name, value in headers.items() if name not in _OF_THE_WAY}
    parts: list[bytes] = []
    read = answer.read

    def note(count: int | None = None) -> bytes:
        data: bytes = read(count)
        parts.append(data)
        if count is None or not data:
            pages[answer.url, logged_in] = Answer(answer.url, answer.status, named, b"".join(parts))
        return data

    answer.read = note


def as_response(page: Answer, request: Any) -> Any:
    """The page as the answer to a request of gallery-dl."""
    raw = HTTPResponse(BytesIO(page.body), page.headers, page.status, preload_content=False)
    return HTTPAdapter().build_response(request, raw)
