"""The transport of a runner: redirects, cookies, pace, limits, and errors of the one taxonomy."""

from __future__ import annotations

import http.cookiejar
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from mediadl.errors import (
    LONGEST_WAIT_S,
    AddressRefused,
    BadContent,
    Challenge,
    NetworkFailed,
    RateLimited,
    SiteChanged,
)
from mediadl.modules.base import Network
from mediadl.modules.web import Answer
from mediadl.workers import runner_web
from mediadl.workers.runner_web import RunnerWeb


class _Handler(BaseHTTPRequestHandler):
    pages: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {}
    seen: ClassVar[list[tuple[str, str, str, bytes]]] = []
    """(method, path, cookies, body) of every request."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, self.headers.get("Cookie", ""), body))
        status, headers, content = self.pages.get(self.path, (404, {}, b"nothing here"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = _serve

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""


@pytest.fixture
def site() -> Iterator[str]:
    _Handler.pages, _Handler.seen = {}, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[RunnerWeb]:
    made = RunnerWeb(Network(timeout_s=5), work=tmp_path)
    yield made
    made.close()


def html(text: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "text/html; charset=utf-8", **headers}, text.encode()


def test_any_status_is_an_answer(site: str, web: RunnerWeb) -> None:
    answer = web.get(f"{site}/missing")

    assert (answer.status, answer.text()) == (404, "nothing here")
    assert answer.trouble() is not None


def test_redirects_are_followed_and_told(site: str, web: RunnerWeb) -> None:
    _Handler.pages = {
        "/a": (302, {"Location": "/b"}, b""),
        "/b": (301, {"Location": f"{site}/c"}, b""),
        "/c": html("here"),
    }

    answer = web.get(f"{site}/a")

    assert (answer.text(), answer.url) == ("here", f"{site}/c")
    assert answer.hops == (f"{site}/a", f"{site}/b")


def test_a_form_that_is_redirected_is_not_sent_twice(site: str, web: RunnerWeb) -> None:
    _Handler.pages = {"/login": (303, {"Location": "/home"}, b""), "/home": html("hello")}

    answer = web.post(f"{site}/login", form={"user": "anna", "hidden": "1"})

    assert answer.text() == "hello"
    assert [(method, path) for method, path, _, _ in _Handler.seen] == [("POST", "/login"), ("GET", "/home")]
    assert _Handler.seen[0][3] == b"user=anna&hidden=1"


def test_a_ring_of_redirects_ends(site: str, web: RunnerWeb) -> None:
    _Handler.pages = {"/ring": (302, {"Location": "/ring"}, b"")}

    with pytest.raises(BadContent, match="redirects"):
        web.get(f"{site}/ring")


def test_a_redirect_to_another_scheme_is_refused(site: str, web: RunnerWeb) -> None:
    _Handler.pages = {"/x": (302, {"Location": "file:///etc/passwd"}, b"")}

    with pytest.raises(BadContent, match="leads to no address"):
        web.get(f"{site}/x")


def test_cookies_of_the_jar_are_sent_and_newer_values_come_back_to_it(site: str, tmp_path: Path) -> None:
    jar_file = tmp_path / "cookies.txt"
    host = urlsplit(site).hostname
    jar_file.write_text(f"# Netscape HTTP Cookie File\n{host}\tFALSE\t/\tFALSE\t0\tsid\told\n", "utf-8")
    _Handler.pages = {"/": html("hi", **{"Set-Cookie": "sid=new; Path=/"})}
    web = RunnerWeb(Network(timeout_s=5), work=tmp_path, cookies_file=str(jar_file))

    web.get(f"{site}/")
    web.get(f"{site}/")
    assert web.cookie("sid", f"{site}/") == "new"
    web.close()

    assert [cookies for _, _, cookies, _ in _Handler.seen] == ["sid=old", "sid=new"]
    jar = http.cookiejar.MozillaCookieJar(str(jar_file))
    jar.load(ignore_discard=True)
    assert [(cookie.name, cookie.value) for cookie in jar] == [("sid", "new")]
    assert jar_file.stat().st_mode & 0o777 == 0o600


def test_a_jar_that_was_never_used_stays_untouched(tmp_path: Path) -> None:
    jar_file = tmp_path / "cookies.txt"
    text = "# Netscape HTTP Cookie File\n# a word of the user\na.example\tFALSE\t/\tFALSE\t0\tsid\told\n"
    jar_file.write_text(text, "utf-8")

    RunnerWeb(Network(), work=tmp_path, cookies_file=str(jar_file)).close()

    assert jar_file.read_text("utf-8") == text


def test_every_hop_waits_for_its_turn(site: str, tmp_path: Path) -> None:
    asked: list[str] = []

    class Pace:
        def wait(self, url: str) -> None:
            asked.append(url)

    _Handler.pages = {"/a": (302, {"Location": "/b"}, b""), "/b": html("here")}
    web = RunnerWeb(Network(timeout_s=5), work=tmp_path, pace=Pace())

    web.get(f"{site}/a")
    web.close()

    assert asked == [f"{site}/a", f"{site}/b"]


def test_a_page_without_end_is_given_up(site: str, web: RunnerWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_web, "MAX_BODY_BYTES", 1000)
    _Handler.pages = {"/": html("x" * 2000)}

    with pytest.raises(BadContent, match="larger than a page"):
        web.get(f"{site}/")


def test_nobody_there_is_a_failed_network(web: RunnerWeb) -> None:
    with pytest.raises(NetworkFailed):
        web.get("http://127.0.0.1:9/")


def test_a_bot_check_is_told_from_an_answer(site: str, web: RunnerWeb) -> None:
    _Handler.pages = {
        "/cf": (403, {"cf-mitigated": "challenge"}, b"<html>Just a moment</html>"),
        "/old": (503, {}, b"<script>window._cf_chl_opt={}</script>"),
        "/plain": (403, {}, b"no"),
        "/slow": (429, {"Retry-After": "17"}, b""),
    }

    assert isinstance(web.get(f"{site}/cf").trouble(), Challenge)
    assert isinstance(web.get(f"{site}/old").trouble(), Challenge)
    assert not isinstance(web.get(f"{site}/plain").trouble(), Challenge)
    limited = web.get(f"{site}/slow").trouble()
    assert isinstance(limited, RateLimited)
    assert limited.retry_after_s == 17


def test_text_follows_the_charset_and_json_says_when_it_is_none(site: str, web: RunnerWeb) -> None:
    _Handler.pages = {
        "/latin": (200, {"Content-Type": "text/html; charset=iso-8859-1"}, b"caf\xe9"),
        "/meta": (200, {"Content-Type": "text/html"}, b'<meta charset="windows-1251">\xcf\xf0'),
        "/odd": (200, {"Content-Type": "text/html; charset=nonsense"}, b"\xff ok"),
        "/json": (200, {"Content-Type": "application/json"}, b'{"a": 1}'),
    }

    assert web.get(f"{site}/latin").text() == "café"
    assert web.get(f"{site}/meta").text().endswith("Пр")
    assert web.get(f"{site}/odd").text().endswith(" ok")
    assert web.get(f"{site}/json").json() == {"a": 1}
    with pytest.raises(SiteChanged):
        web.get(f"{site}/latin").json()


def test_a_public_site_does_not_redirect_into_the_owners_network(site: str, tmp_path: Path) -> None:
    _Handler.pages = {"/secret": html("of the router")}
    web = RunnerWeb(Network(timeout_s=5, home="forum.example"), work=tmp_path)

    with pytest.raises(AddressRefused):
        web.get(f"{site}/secret")

    web.close()
    assert _Handler.seen == []


@pytest.mark.parametrize("status", [307, 308])
def test_a_form_is_not_carried_to_another_host(site: str, web: RunnerWeb, status: int) -> None:
    elsewhere = site.replace("127.0.0.1", "localhost")
    _Handler.pages = {"/login": (status, {"Location": f"{elsewhere}/take"}, b"")}

    with pytest.raises(BadContent, match="not sent"):
        web.post(f"{site}/login", form={"password": "secret"})

    assert [path for _, path, _, _ in _Handler.seen] == ["/login"]


def test_a_form_goes_on_within_its_host(site: str, web: RunnerWeb) -> None:
    _Handler.pages = {"/login": (307, {"Location": "/in"}, b""), "/in": html("hello")}

    web.post(f"{site}/login", form={"user": "anna"})

    assert [(path, body) for _, path, _, body in _Handler.seen] == [
        ("/login", b"user=anna"),
        ("/in", b"user=anna"),
    ]


@pytest.mark.parametrize("value", ["²", "9" * 400, "soon", "Wed, 99 Nov 2026 10:00:00 GMT"])
def test_a_wait_that_is_none_is_told_as_none_or_bounded(value: str) -> None:
    answer = Answer("https://site.example/", 429, {"retry-after": value}, b"")

    problem = answer.trouble()

    assert problem is not None
    assert problem.retry_after_s is None or problem.retry_after_s <= LONGEST_WAIT_S
