"""How a module reaches the outside when no engine does it: a transport that is handed in, and its answers.

Parsers stay pure: they take an `Answer`, or the text in it. Who sends requests, in which pace, through which proxy and
with whose cookies is decided by the process that owns the transport.
"""

from __future__ import annotations

import json as json_text
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mediadl.errors import Challenge, DownloadError, SiteChanged, from_status
from mediadl.security.redact import redact_url

USER_AGENT = "Mozilla/5.0 (compatible; mediadl)"
"""How requests for pages introduce themselves where no login wants a browser's name."""

_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,80}charset=[\"']?([\w-]{1,40})", re.IGNORECASE)
_WALLS = (b"_cf_chl_opt", b"cf-challenge", b"ddos-guard", b"sucuri_cloudproxy")
"""What pages of bot checks have and others do not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, redirects followed."""

    url: str
    """Where it came from in the end."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    hops: tuple[str, ...] = field(default_factory=tuple)
    """Addresses that led here by redirects, the first one first; empty: none."""

    @property
    def mime(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people."""
        return self.mime in {"text/html", "application/xhtml+xml"}

    def text(self) -> str:
        """The body as text, by the charset it names; what fits no character is replaced."""
        named = _CHARSET.search(self.headers.get("content-type", ""))
        found = _META_CHARSET.search(self.body[:2048]) if named is None else None
        charset = named[1] if named else (found[1].decode("ascii") if found else "utf-8")
        try:
            return self.body.decode(charset, "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            SiteChanged: it is none.
        """
        try:
            return json_text.loads(self.body)
        except ValueError as error:
            raise SiteChanged(f"{redact_url(self.url)} gave no JSON", status=self.status) from error

    def trouble(self) -> DownloadError | None:
        """The error that the status and the bot checks known everywhere mean; None when it is an answer."""
        if self.walled:
            return Challenge(f"a bot check at {redact_url(self.url)}", status=self.status)
        if self.status < 400:
            return None
        return from_status(self.status, redact_url(self.url), self.retry_after_s)

    @property
    def walled(self) -> bool:
        """Whether a bot check stands in the way."""
        if "challenge" in self.headers.get("cf-mitigated", ""):
            return True
        return self.status in {403, 429, 503} and any(mark in self.body[:65_536] for mark in _WALLS)

    @property
    def retry_after_s(self) -> float | None:
        """Seconds the server asks us to wait; None: it says nothing."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return float(text)
        if not text:
            return None
        import time
        from email.utils import parsedate_to_datetime

        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
        except (ValueError, OverflowError):
            return None


class Web(Protocol):
    """A transport: one conversation with the outside, with its own cookies. Used by one thread."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for an address, redirects followed; any status is an answer.

        Raises:
            DownloadError: no answer came (network, proxy, TLS, refused address), or the job was stopped.
        """

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a form or a JSON value.

        Raises:
            DownloadError: as `get`.
        """

    def cookie(self, name: str, url: str) -> str:
        """The value of the cookie that would be sent to this address; empty when there is none."""

    def header_for(self, url: str) -> str:
        """The `Cookie` header that a later request for this address needs; empty: none."""


class Pace(Protocol):
    """Keeps requests apart. Asked before every request that counts, from the thread that sends it."""

    def wait(self, url: str) -> None:
        """Return when the next request may be sent; tells the reporter what is waited for.

        Raises:
            DownloadError: it would take longer than a job may hold its place, or the job was stopped.
        """


class NoPace:
    """Lets every request go at once."""

    def wait(self, url: str) -> None:
        """Nothing to wait for."""
