"""An ordinary site: plain files, pages with players and pictures, redirects and a login form.

The same paths answer on all its hosts, also on 127.0.0.1 without a proxy.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from pathlib import PurePosixPath

from fakeweb import media
from fakeweb.blobs import Blob, BytesBlob, SyntheticBlob
from fakeweb.expected import ExpectedFile
from fakeweb.messages import Request, Response

MODIFIED_AT = 1_700_000_000
GALLERY_IMAGE_BYTES = 200_000
_GALLERY_BASES = 8
_BYTES = re.compile(r"/bytes/(\d{1,12})/([^/]+)$")
_GALLERY = re.compile(r"/gallery/(\d{1,5})(\.txt)?$")
_IMAGE = re.compile(r"/gallery/\d{1,5}/(\d{1,5})\.jpg$")
_SUFFIX_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".m4a": "audio/mp4",
    ".zip": "application/zip",
}


@dataclass(frozen=True)
class PlainFile:
    """A file at a path; `ranges=False` is a server that cannot resume."""

    blob: Blob
    content_type: str
    disposition: str | None = None
    ranges: bool = True
    modified_at: int | None = MODIFIED_AT


@lru_cache(maxsize=4096)
def gallery_image(number: int) -> BytesBlob:
    """A real JPEG of exactly 200 kB, different for every number; the parts that are alike are shared."""
    head, padding, rest = _gallery_base(number % _GALLERY_BASES)
    return BytesBlob(head, media.jpeg_comment(b"%012d" % number), padding, rest)


@lru_cache(maxsize=_GALLERY_BASES)
def _gallery_base(number: int) -> tuple[bytes, bytes, bytes]:
    base = media.jpeg(f"gallery {number}", width=640, height=480)
    room = GALLERY_IMAGE_BYTES - len(media.jpeg_comment(bytes(12)))
    return media.sized_jpeg(base, f"gallery {number}", room)


def standard_files() -> dict[str, PlainFile]:
    """The plain files that every generic site has."""
    small = BytesBlob(media.mp4("plain small"))
    return {
        "/files/clip.mp4": PlainFile(small, "video/mp4"),
        "/files/clip-8mb.mp4": PlainFile(BytesBlob(media.mp4("plain 8", size_bytes=8_000_000)), "video/mp4"),
        "/files/report.pdf": PlainFile(BytesBlob(media.pdf("Report", size_bytes=20_000)), "application/pdf"),
        "/files/photo.jpg": PlainFile(BytesBlob(media.jpeg("plain photo")), "image/jpeg"),
        "/files/photo-200k.jpg": PlainFile(gallery_image(0), "image/jpeg"),
        "/files/sound.m4a": PlainFile(BytesBlob(media.m4a("plain sound")), "audio/mp4"),
        "/files/icon.png": PlainFile(BytesBlob(media.png("plain icon")), "image/png"),
        "/files/no-ranges.mp4": PlainFile(small, "video/mp4", ranges=False),
        "/files/archive-200mb.zip": PlainFile(SyntheticBlob(200_000_000, "archive"), "application/zip"),
        "/download": PlainFile(
            BytesBlob(media.mp4("named by header")), "video/mp4", 'attachment; filename="Holiday film.mp4"'
        ),
    }


class Generic:
    """Pages and files of a site that no engine has a module for.

    `/bytes/N/NAME` is a file of N synthetic bytes, and `/gallery/N` a page with N pictures of 200 kB
    (`/gallery/N.txt`: their URLs, one a line).
    """

    login_path = "/login"

    def __init__(
        self,
        hosts: tuple[str, ...] = ("media.example.com", "files.example.com", "127.0.0.1", "localhost"),
        files: Mapping[str, PlainFile] | None = None,
    ) -> None:
        self.hosts = hosts
        self._lock = threading.Lock()
        self._files = dict(standard_files() if files is None else files)
        self._videos = {name: BytesBlob(media.mp4(f"generic {name}")) for name in ("html5", "og")}
        self._hls = {"main": media.hls("generic hls")}
        self._album = {f"/album/{n}.jpg": BytesBlob(media.jpeg(f"album {n}")) for n in range(1, 5)}

    @property
    def base_url(self) -> str:
        """Where tests find the site through the proxy."""
        return f"https://{self.hosts[0]}"

    def put(self, path: str, file: PlainFile) -> None:
        """Add a file or replace one (other content, other ETag)."""
        with self._lock:
            self._files[path] = file

    def remove(self, path: str) -> None:
        """Take a file away: 404 from now on."""
        with self._lock:
            self._files.pop(path, None)

    def blob(self, path: str) -> Blob:
        """The body of a plain file."""
        file = self._file(path)
        if file is None:
            raise KeyError(path)
        return file.blob

    def expected(self, path: str, base_url: str | None = None) -> ExpectedFile:
        """What a plain file's path serves."""
        file = self._file(path)
        if file is None:
            raise KeyError(path)
        return ExpectedFile.of((base_url or self.base_url) + path, file.blob, file.content_type)

    def expected_page(self, page: str) -> list[ExpectedFile]:
        """The media behind a page: html5, og, hls (the joined segments), album."""
        if page == "hls":
            joined = BytesBlob(self._hls["main"].joined)
            return [ExpectedFile.of(f"{self.base_url}/hls/main/master.m3u8", joined, "video/mp2t")]
        if page == "album":
            return [self.expected(path) for path in self._album]
        return [self.expected(f"/video/{page}.mp4")]

    def expected_gallery(self, count: int, base_url: str | None = None) -> list[ExpectedFile]:
        """The pictures of `/gallery/COUNT`."""
        return [self.expected(path, base_url) for path in _gallery_paths(count)]

    def _file(self, path: str) -> PlainFile | None:
        with self._lock:
            if path in self._files:
                return self._files[path]
        if path in self._album:
            return PlainFile(self._album[path], "image/jpeg")
        if match := _IMAGE.match(path):
            return PlainFile(gallery_image(int(match[1])), "image/jpeg")
        if match := _BYTES.match(path):
            kind = _SUFFIX_TYPES.get(PurePosixPath(match[2]).suffix, "application/octet-stream")
            return PlainFile(SyntheticBlob(int(match[1]), match[2]), kind)
        folder, _, name = path.rpartition("/")
        video = self._videos.get(name.removesuffix(".mp4"))
        return PlainFile(video, "video/mp4") if folder == "/video" and video else None

    def handle(self, request: Request) -> Response | None:
        """Answer a page, a file, a redirect or the form."""
        path = request.path
        file = self._file(path)
        if file is not None:
            return _served(file)
        if path.startswith("/hls/"):
            return self._stream(path)
        if match := _GALLERY.match(path):
            return _gallery(int(match[1]), request.base_url, as_text=match[2] is not None)
        if path == "/go":
            return Response.redirect(request.query.get("to", "/"))
        if path == "/login":
            return _page(
                "Log in",
                '<form method="post"><input name="user"><input name="password" type="password"></form>',
            )
        return self._page(path, request.base_url)

    def _page(self, path: str, base: str) -> Response | None:
        pages = {
            "/watch/html5": '<video controls><source src="/video/html5.mp4" type="video/mp4"></video>',
            "/watch/og": "<p>The film is in the head of this page.</p>",
            "/watch/hls": '<video src="/hls/main/master.m3u8"></video>',
            "/album": "".join(f'<img src="{path}" alt="picture">' for path in self._album),
            "/nothing": "<p>Only words here.</p>",
            "/": '<p><a href="/watch/html5">film</a> <a href="/album">pictures</a></p>',
        }
        if path not in pages:
            return None
        title = {"/": "Example"}.get(path, f"Example {path.rpartition('/')[2]}")
        head = ""
        if path == "/watch/og":
            head = (
                f'<meta property="og:title" content="{title}">'
                f'<meta property="og:video" content="{base}/video/og.mp4">'
                '<meta property="og:video:type" content="video/mp4">'
            )
        return _page(title, pages[path], head)

    def _stream(self, path: str) -> Response | None:
        _, _, name, part = path.split("/", 3)
        stream = self._hls.get(name)
        if stream is None:
            return None
        if part in {"master.m3u8", "media.m3u8"}:
            text = stream.master if part == "master.m3u8" else stream.playlist
            return Response.text(text, "application/vnd.apple.mpegurl")
        segment = stream.segments.get(part)
        return Response.media(BytesBlob(segment), "video/mp2t") if segment else None


def _served(file: PlainFile) -> Response:
    modified = None if file.modified_at is None else formatdate(file.modified_at, usegmt=True)
    response = Response.media(file.blob, file.content_type, last_modified=modified, ranges=file.ranges)
    if file.disposition:
        response.headers.append(("Content-Disposition", file.disposition))
    return response


def _page(title: str, body: str, head: str = "") -> Response:
    head = f"<title>{html.escape(title)}</title>{head}"
    return Response.page(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>")


def _gallery_paths(count: int) -> list[str]:
    return [f"/gallery/{count}/{number:05d}.jpg" for number in range(1, count + 1)]


def _gallery(count: int, base: str, *, as_text: bool) -> Response:
    paths = _gallery_paths(count)
    if as_text:
        return Response.text("".join(f"{base}{path}\n" for path in paths))
    return _page(f"{count} pictures", "\n".join(f'<img src="{base}{path}" alt="">' for path in paths))
