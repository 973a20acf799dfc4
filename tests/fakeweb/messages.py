"""One HTTP request as a site sees it, and the answer it gives back."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from fakeweb.blobs import Blob


class BadRequest(ValueError):
    """The peer sent something that is not an HTTP/1 request."""


@dataclass
class Request:
    """A parsed request, with the URL made absolute from the tunnel, the target or the Host header."""

    method: str
    scheme: str
    host: str
    port: int
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def base_url(self) -> str:
        """Scheme, host and, where it is not the usual one, port."""
        usual = {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{self.host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def url(self) -> str:
        """The absolute URL, as the log and the fault patterns see it."""
        return self.base_url + self.target

    @cached_property
    def path(self) -> str:
        """The decoded path, without the query."""
        return unquote(self.target.partition("?")[0])

    @cached_property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last."""
        return _last(self.target.partition("?")[2])

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of a URL-encoded form body, else nothing."""
        if "urlencoded" not in self.headers.get("content-type", ""):
            return {}
        return _last(self.body.decode("utf-8", "replace"))

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies sent, by name, quotes removed."""
        pairs = (part.partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name.strip(): value.strip().strip('"') for name, mark, value in pairs if mark}


def _last(encoded: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(encoded, keep_blank_values=True).items()}


@dataclass
class Response:
    """What a site answers; `blob` bodies are media: ranges, validators and the rate limit apply to them."""

    status: int = 200
    body: bytes = b""
    blob: Blob | None = None
    content_type: str | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    etag: str | None = None
    last_modified: str | None = None
    ranges: bool = True

    @classmethod
    def media(
        cls, blob: Blob, content_type: str, *, last_modified: str | None = None, ranges: bool = True
    ) -> Response:
        """A file, served with a strong ETag."""
        return cls(
            blob=blob,
            content_type=content_type,
            etag=blob.etag,
            last_modified=last_modified,
            ranges=ranges,
        )

    @classmethod
    def page(cls, text: str, *, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Response:
        """An HTML page."""
        return cls(status, text.encode(), content_type="text/html; charset=utf-8", headers=list(headers))

    @classmethod
    def json(cls, value: Any, *, status: int = 200, headers: Sequence[tuple[str, str]] = ()) -> Response:
        """A JSON document."""
        return cls(status, json.dumps(value).encode(), content_type="application/json", headers=list(headers))

    @classmethod
    def text(cls, text: str, content_type: str = "text/plain; charset=utf-8") -> Response:
        """Any text, with the type it claims to be."""
        return cls(body=text.encode(), content_type=content_type)

    @classmethod
    def redirect(cls, location: str, status: int = 302) -> Response:
        """A redirect with a small page, as browsers get one."""
        link = html.escape(location)
        return cls(
            status,
            f'<a href="{link}">Moved</a>'.encode(),
            content_type="text/html",
            headers=[("Location", location)],
        )


def parse_head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    """Method, target, version and headers (names in lower case) of a request head without its blank line."""
    lines = head.decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequest(lines[0][:80])
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, mark, value = line.partition(":")
        if not mark:
            raise BadRequest(line[:80])
        name = name.strip().lower()
        value = value.strip()
        if name in headers:
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    return words[0], words[1], words[2], headers


def split_authority(authority: str, default_port: int) -> tuple[str, int]:
    """Host in lower case and port of `host`, `host:port` or `[v6]:port`."""
    parts = urlsplit("//" + authority)
    return (parts.hostname or "").lower(), parts.port or default_port


def set_cookie(name: str, value: str, **attributes: str | bool) -> tuple[str, str]:
    """A Set-Cookie header; attributes as in `domain=".tiktok.com", secure=True`."""
    cookie: SimpleCookie = SimpleCookie()
    try:
        cookie[name] = value
    except CookieError as error:
        raise ValueError(name) from error
    cookie[name]["path"] = "/"
    for attribute, setting in attributes.items():
        cookie[name][attribute] = setting
    return "Set-Cookie", cookie[name].OutputString()
