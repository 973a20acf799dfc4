"""Whether a version of an engine fits: it loads, knows its sites, and our adapters can drive it.

For a process of its own, in which that version leads the import path. The adapters list pages of our own, served on the
loopback, so that no site is asked.
"""

from __future__ import annotations

import contextlib
import http.server
import importlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mediadl.errors import DownloadError, MediaNotFound
from mediadl.modules.base import Network, Reporter, Target, Task
from mediadl.modules.engines.first_item import first_item

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


@dataclass(frozen=True, slots=True)
class Subject:
    """The version that is looked at."""

    engine: str
    """Its name at the package index."""
    module: str
    """What is imported."""
    version: str
    """What it must call itself."""
    folder: str
    """Where it must be loaded from; empty: anywhere."""
    work: Path
    """For what an engine writes while it works."""


def parts(subject: Subject) -> list[tuple[str, Callable[[Subject], str]]]:
    """What to try, in this order, by name; each gives words about what it found, or raises whatever it likes."""
    found: list[tuple[str, Callable[[Subject], str]]] = [("import", _imports), ("version", _version)]
    if subject.engine in _FEWEST_EXTRACTORS:
        return [*found, ("extractors", _extractors), ("adapter", _adapter)]
    return [*found, ("parts", _instaloader_parts)]


def _imports(subject: Subject) -> str:
    module = importlib.import_module(subject.module)
    file = str(module.__file__)
    if subject.folder and not file.startswith(subject.folder + os.sep):
        raise Unfit(f"{subject.module} was loaded from elsewhere")
    return "loads"


def _version(subject: Subject) -> str:
    from packaging.version import InvalidVersion, Version

    module = subject.module
    told = getattr(importlib.import_module(module), "__version__", "")
    if not told:
        told = importlib.import_module(f"{module}.version").__version__
    wanted = subject.version
    try:
        # What a nightly says of itself has no `.dev0`
        same = Version(str(told)).release == Version(wanted).release
    except InvalidVersion:
        same = False
    if not same:
        raise Unfit(f"it says it is version {told}, not {wanted}")
    return str(told)


def _extractors(subject: Subject) -> str:
    name = subject.engine
    if name == "yt-dlp":
        from yt_dlp.extractor import gen_extractor_classes

        count = len(list(gen_extractor_classes()))
    else:
        from gallery_dl import extractor

        count = len(list(extractor.modules))
    if count < _FEWEST_EXTRACTORS[name]:
        raise Unfit(f"it knows {count} sites only")
    return f"{count} extractors"


def _adapter(subject: Subject) -> str:
    """Our adapter drives it over pages of our own: patterns, listing, and the words of a failure."""
    with _pages() as address:
        if subject.engine == "yt-dlp":
            _ytdlp_fits(subject, address)
        else:
            _gallerydl_fits(subject, address)
    return "lists our own pages"


def _ytdlp_fits(subject: Subject, address: str) -> None:
    from mediadl.modules.engines import ytdlp

    for _ in ytdlp.warming():
        pass
    for url, key in ((_YOUNG, "TikTok"), (_REEL, "Instagram"), (_TUBE, "Youtube")):
        found = ytdlp.specific_extractor(url)
        if found != key:
            raise Unfit(f"it gives {found or 'nobody'} for {url}")
    _lists(subject, address, ytdlp.run_page)


def _gallerydl_fits(subject: Subject, address: str) -> None:
    from mediadl.modules.engines import gallerydl

    for _ in gallerydl.warming():
        pass
    for url, category in ((_YOUNG, "tiktok"), (_REEL, "instagram")):
        found = gallerydl.category_of(url)
        if found != category:
            raise Unfit(f"it gives {found or 'nobody'} for {url}")
    _lists(
        subject, address, lambda task, reporter: gallerydl.run(task, f"recursive:{task.target.url}", reporter)
    )


def _lists(subject: Subject, address: str, run: Callable[[Task, Reporter], None]) -> None:
    def task(url: str) -> Task:
        target = Target("generic", url, "page", "127.0.0.1")
        return Task(target, subject.work, Network(timeout_s=10.0, retries=0))

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


def _instaloader_parts(subject: Subject) -> str:
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
