"""The transport that a runner hands to modules: paced requests with the job's cookies, and never a secret in a log."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.cookies import get_cookie_header
from requests.models import Request

from mediadl.errors import (
    AddressRefused,
    BadContent,
    DownloadError,
    MediadlError,
    NetworkFailed,
    ProxyFailed,
    TlsFailed,
)
from mediadl.modules.base import Network, site_of
from mediadl.modules.engines import network as trusted
from mediadl.modules.engines.jar import JarFile
from mediadl.modules.web import USER_AGENT, Answer, NoPace, Pace
from mediadl.security.redact import redact, redact_url
from mediadl.security.urls import clean_url, refuse_led_astray

MAX_BODY_BYTES = 32 * 1024 * 1024
_MAX_HOPS = 10
_CHUNK_BYTES = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class RunnerWeb:
    """Implements `mediadl.modules.web.Web` for one job, in the runner's main thread."""

    def __init__(
        self,
        network: Network,
        *,
        work: Path,
        cookies_file: str = "",
        user_agent: str = "",
        pace: Pace | None = None,
    ) -> None:
        self._network = network
        self._pace: Pace = pace or NoPace()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = user_agent or USER_AGENT
        self._session.headers["Accept-Language"] = "en;q=0.9,*;q=0.5"
        self._session.verify = trusted.trust(network, work) or network.verify_tls
        if not network.verify_tls:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        if network.proxy:
            self._session.proxies = {"http": network.proxy, "https": network.proxy}
        self._jar = JarFile(cookies_file) if cookies_file else None
        if self._jar is not None:
            self._jar.load(self._session.cookies)

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for an address, redirects followed; any status is an answer."""
        return self._ask("GET", url, headers)

    def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a form or a JSON value."""
        return self._ask("POST", url, headers, data=dict(form) if form is not None else None, json=json)

    def cookie(self, name: str, url: str) -> str:
        """The value of the cookie that would be sent to this address; empty when there is none."""
        sent = urllib.request.Request(url)  # noqa: S310 - never opened, only matched against the jar
        self._session.cookies.add_cookie_header(sent)
        for pair in (sent.get_header("Cookie") or "").split("; "):
            key, _, value = pair.partition("=")
            if key == name:
                return value
        return ""

    def header_for(self, url: str) -> str:
        """The `Cookie` header that a later request for this address needs; empty: none."""
        header: str | None = get_cookie_header(  # type: ignore[no-untyped-call]
            self._session.cookies, Request("GET", url).prepare()
        )
        return header or ""

    def close(self) -> None:
        """Close connections; the job's copy of the jar gets the newer cookies."""
        if self._jar is not None:
            self._jar.save(self._session.cookies)
        self._session.close()

    def _ask(self, method: str, url: str, headers: Mapping[str, str] | None, **sent: Any) -> Answer:
        hops: list[str] = []
        while True:
            answer = self._once(method, _checked(url), headers, **sent)
            target = answer.headers.get("location", "") if answer.status in _REDIRECTS else ""
            if not target:
                return Answer(answer.url, answer.status, answer.headers, answer.body, tuple(hops))
            if len(hops) >= _MAX_HOPS:
                raise BadContent(f"more than {_MAX_HOPS} redirects from {redact_url(hops[0])}")
            hops.append(url)
            url = urljoin(url, target)
            if answer.status == 303 or (method == "POST" and answer.status in {301, 302}):
                method, sent = "GET", {}
            elif method == "POST" and not _is_as_safe(hops[-1], url):
                # It may hold a password
                raise BadContent(f"the answer leads a form to {redact_url(url)}: not sent")

    def _once(self, method: str, url: str, headers: Mapping[str, str] | None, **sent: Any) -> Answer:
        refuse_led_astray(urlsplit(url).hostname or "", self._network.home)
        self._pace.wait(url)
        timeout_s = self._network.timeout_s
        try:
            with self._session.request(
                method, url, headers=dict(headers or {}), timeout=(timeout_s, timeout_s), allow_redirects=False,
                stream=True, **sent,
            ) as response:  # fmt: skip
                names = {name.lower(): value for name, value in response.headers.items()}
                return Answer(url, response.status_code, names, _body(response, url))
        except requests.RequestException as error:
            raise _explained(error, url) from error
        except AddressRefused as error:
            raise AddressRefused(f"{redact_url(url)}: {error.message}") from error


def _is_as_safe(before: str, url: str) -> bool:
    """Whether an address is of the same host as the one before, and not less protected."""
    was, now = urlsplit(before).scheme.lower(), urlsplit(url).scheme.lower()
    return site_of(before) == site_of(url) and now in {was, "https"}


def _checked(url: str) -> str:
    try:
        return clean_url(url)
    except DownloadError:
        raise
    except MediadlError as error:
        raise BadContent(f"the site leads to no address: {error.message}") from error


def _body(response: requests.Response, url: str) -> bytes:
    parts: list[bytes] = []
    size_bytes = 0
    for chunk in response.iter_content(_CHUNK_BYTES):
        parts.append(chunk)
        size_bytes += len(chunk)
        if size_bytes > MAX_BODY_BYTES:
            raise BadContent(f"{redact_url(url)} is larger than a page may be")
    return b"".join(parts)


def _explained(error: requests.RequestException, url: str) -> DownloadError:
    shown = redact_url(url)
    if isinstance(error, requests.exceptions.ProxyError):
        return ProxyFailed(f"the proxy did not let us through to {shown}")
    if isinstance(error, requests.exceptions.SSLError):
        return TlsFailed(f"the certificate of {shown} is not trusted")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return AddressRefused(f"{shown}: {cause.message}")
        cause = cause.__cause__ or cause.__context__
    return NetworkFailed(f"no answer from {shown}: {redact(str(error))[:160]}")
