"""Tries one version of an engine in a process of its own: does it load, do our adapters still fit, do pages still list.

    python -m mediadl.workers.engine_trial_child < request.json

One JSON object on stdin, JSON lines on stdout: `{"check", "ok", "what"}` for each part of the self-test, then
`{"tested": true}` when all parts passed, then `{"url", "ok", "kind", "what"}` for each address that was listed without
downloading. A version whose process dies before it is tested has failed, whatever it said.
"""

from __future__ import annotations

import contextlib
import http.server
import importlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

CANARY_S = 45
"""Longest time for listing one address."""
_YOUNG = "https://www.tiktok.com/@someone/video/7300000000000000001"
_REEL = "https://www.instagram.com/reel/AAAAAAAAAAA/"
_TUBE = "https://www.youtube.com/watch?v=aaaaaaaaaaa"
_FEWEST_EXTRACTORS = {"yt-dlp": 500, "gallery-dl": 100}
_CLIP = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0\0\1\0free" + bytes(248)
_PICTURE = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + bytes(200) + b"\xff\xd9"
_PAGE = (
    b"<html><head><title>trial</title></head><body>"
    b'<video><source src="/clip.mp4" type="video/mp4"></video>'
    b'<a href="http://%s/picture.jpg">a picture</a></body></html>'
)


class Unfit(Exception):
    """The version cannot be used; the text says why."""


class Slow(BaseException):
    """An address took too long; no Exception, so that no engine swallows it."""


def main() -> NoReturn:
    """Do what the request asks and say what came of it."""
    descriptor = os.dup(1)
    os.set_inheritable(descriptor, False)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.readline())
    signal.alarm(int(request["limit_s"]))

    def say(**line: object) -> None:
        os.write(descriptor, json.dumps(line).encode() + b"\n")

    sys.path[:0] = request["paths"]
    if not request["checks"] or _self_test(request, say):
        say(tested=True)
        for url in request["urls"]:
            _canary(request, url, say)
    os._exit(0)


def _self_test(request: dict[str, Any], say: Callable[..., None]) -> bool:
    """Every part in turn; the first that fails ends it."""
    name = request["engine"]
    parts: list[tuple[str, Callable[[dict[str, Any]], str]]] = [("import", _imports), ("version", _version)]
    if name in _FEWEST_EXTRACTORS:
        parts += [("extractors", _extractors), ("adapter", _adapter)]
    else:
        parts += [("parts", _instaloader_parts)]
    for word, part in parts:
        try:
            say(check=word, ok=True, what=part(request))
        except Exception as error:  # noqa: BLE001 - whatever a strange version raises is the answer
            say(check=word, ok=False, what=_words(error))
            return False
    return True


def _words(error: BaseException) -> str:
    from mediadl.security.redact import redact
    from mediadl.security.text import safe_text

    text = str(error) if isinstance(error, Unfit) else f"{type(error).__name__}: {error}"
    return safe_text(redact(text), limit=300)


# The self-test


def _imports(request: dict[str, Any]) -> str:
    module = importlib.import_module(request["module"])
    file = str(module.__file__)
    if request["folder"] and not file.startswith(request["folder"] + os.sep):
        raise Unfit(f"{request['module']} was loaded from elsewhere")
    return "loads"


def _version(request: dict[str, Any]) -> str:
    from packaging.version import InvalidVersion, Version

    module = request["module"]
    told = getattr(importlib.import_module(module), "__version__", "")
    if not told:
        told = importlib.import_module(f"{module}.version").__version__
    wanted = request["version"]
    try:
        # What a nightly says of itself has no `.dev0`
        same = Version(str(told)).release == Version(wanted).release
    except InvalidVersion:
        same = False
    if not same:
        raise Unfit(f"it says it is version {told}, not {wanted}")
    return str(told)


def _extractors(request: dict[str, Any]) -> str:
    name = request["engine"]
    if name == "yt-dlp":
        from yt_dlp.extractor import gen_extractor_classes

        count = len(list(gen_extractor_classes()))
    else:
        from gallery_dl import extractor

        count = len(list(extractor.modules))
    if count < _FEWEST_EXTRACTORS[name]:
        raise Unfit(f"it knows {count} sites only")
    return f"{count} extractors"


def _adapter(request: dict[str, Any]) -> str:
    """Our adapter drives it over pages of our own: patterns, listing, and the words of a failure."""
    with _pages() as address:
        if request["engine"] == "yt-dlp":
            _ytdlp_fits(request, address)
        else:
            _gallerydl_fits(request, address)
    return "lists our own pages"


def _ytdlp_fits(request: dict[str, Any], address: str) -> None:
    from mediadl.modules.engines import ytdlp

    ytdlp.warm()
    for url, key in ((_YOUNG, "TikTok"), (_REEL, "Instagram"), (_TUBE, "Youtube")):
        found = ytdlp.specific_extractor(url)
        if found != key:
            raise Unfit(f"it gives {found or 'nobody'} for {url}")
    _lists(request, address, ytdlp.run_page)


def _gallerydl_fits(request: dict[str, Any], address: str) -> None:
    from mediadl.modules.engines import gallerydl

    gallerydl.warm()
    for url, category in ((_YOUNG, "tiktok"), (_REEL, "instagram")):
        found = gallerydl.category_of(url)
        if found != category:
            raise Unfit(f"it gives {found or 'nobody'} for {url}")
    _lists(
        request, address, lambda task, reporter: gallerydl.run(task, f"recursive:{task.target.url}", reporter)
    )


def _lists(request: dict[str, Any], address: str, run: Callable[[Any, Any], None]) -> None:
    from mediadl.errors import DownloadError, MediaNotFound
    from mediadl.modules.base import Network, Target, Task
    from mediadl.workers.engine_trial_reporter import first_item

    def task(url: str) -> Task:
        target = Target("generic", url, "page", "127.0.0.1")
        return Task(target, Path(request["work"]), Network(timeout_s=10.0, retries=0))

    first = first_item()
    try:
        run(task(f"{address}page"), first)
    except DownloadError as error:
        raise Unfit(f"our own page could not be listed: {error.message}") from error
    if not first.found_any:
        raise Unfit("it found nothing on our own page")
    try:
        run(task(f"{address}missing"), first_item())
    except MediaNotFound:
        return
    except DownloadError as error:
        raise Unfit(f"a page that is missing is told as: {error.message}") from error
    raise Unfit("a page that is missing is no error to it")


def _instaloader_parts(request: dict[str, Any]) -> str:
    module = importlib.import_module("instaloader")
    wanted = ("Instaloader", "Post", "Profile", "Story", "Highlight", "StoryItem", "exceptions")
    missing = [name for name in wanted if not hasattr(module, name)]
    if missing:
        raise Unfit(f"it has no {', '.join(missing)}")
    session = module.Instaloader(quiet=True, max_connection_attempts=1)
    session.close()
    return "parts are there"


@contextlib.contextmanager
def _pages() -> Iterator[str]:
    """A site of our own on the loopback: a page with a video and a picture, and nothing else."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class _Site(http.server.BaseHTTPRequestHandler):
    """Answers for `_pages`."""

    ANSWERS = {  # noqa: RUF012 - never changed
        "/page": ("text/html", _PAGE),
        "/clip.mp4": ("video/mp4", _CLIP),
        "/picture.jpg": ("image/jpeg", _PICTURE),
    }

    def do_GET(self) -> None:
        """One page or file."""
        kind, body = self.ANSWERS.get(self.path, ("text/html", b"<html>nothing here</html>"))
        self.send_response(200 if self.path in self.ANSWERS else 404)
        if kind == "text/html":
            body = body.replace(b"%s", self.headers.get("Host", "").encode())
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nobody reads it."""


# The canary


def _canary(request: dict[str, Any], url: str, say: Callable[..., None]) -> None:
    """List one address up to its first item."""
    from mediadl.errors import DownloadError
    from mediadl.modules.engines import faults

    def too_slow(_number: int, _frame: object) -> None:
        raise Slow

    # The alarm of the whole process gives way to that of one address
    left_s = signal.alarm(0)
    signal.signal(signal.SIGALRM, too_slow)
    signal.alarm(max(1, min(CANARY_S, left_s)))
    kind = what = ""
    try:
        _list(request, url)
    except Slow:
        kind, what = "network", "no answer in time"
    except DownloadError as error:
        kind, what = error.kind, error.message
    except Exception as error:  # noqa: BLE001 - whatever a strange version raises is the answer
        found = faults.from_exception(error, url)
        kind, what = found.kind, found.message
    finally:
        used_s = CANARY_S - signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(max(1, left_s - used_s))
    say(url=url, ok=not kind, kind=kind, what=what)


def _list(request: dict[str, Any], url: str) -> None:
    from mediadl import errors
    from mediadl.modules import registry
    from mediadl.modules.base import Network, Task
    from mediadl.workers.engine_trial_reporter import first_item
    from mediadl.workers.runner_web import RunnerWeb

    network = Network(**request["network"])
    target = registry.match(url)
    work = Path(request["work"])
    web = RunnerWeb(network, work=work)
    task = Task(target, work, network, options={"max_items": 1}, transport=web)
    module = registry.module(target.module)
    first = first_item()
    try:
        for backend in module.chain(task):
            if backend.split()[0] == request["engine"]:
                module.run(backend, task, first)
                break
        else:
            raise errors.Unsupported(f"{request['engine']} is not asked for such addresses")
    finally:
        web.close()
    if first.failure is not None and not first.found_any:
        raise first.failure


if __name__ == "__main__":
    main()
