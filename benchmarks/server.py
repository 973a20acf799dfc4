"""The file server of the benchmarks, a process of its own: `python benchmarks/server.py --latency 0.06`.

Faster than the simulated web of the tests, so that it measures programs and not itself: one thread per connection,
pictures from memory, films by sendfile from memory. One JSON line on standard output says where it is; it ends with
its standard input. It is also a proxy that plays every http host, because gallery-dl's `generic:` cannot see a page on
a port. The first part of every path is free, so that each repetition has addresses of its own:

    /RUN/gallery/300            a page with 300 pictures of 200 kB       /RUN/gallery/300.txt    their addresses
    /RUN/gallery/300/00001.jpg  one of them                              /RUN/film/SIZE.mp4      a film of SIZE bytes

`/-/requests` tells what was asked since it was last read: how often each method asked for each kind of path.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import re
import signal
import socket
import struct
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from PIL import Image

from fakeweb import media

IMAGE_BYTES = 200_000
# As people post them; the picture itself fills nearly all of the bytes, so decoding it is real work
IMAGE_SIZE = (1080, 1350)
BLOCK_BYTES = 1 << 20
MODIFIED = "Tue, 14 Nov 2023 22:13:20 GMT"

_GALLERY = re.compile(r"/[\w.-]+/gallery/(\d{1,6})(?:(\.txt)|/(\d{1,6})\.jpg)?$")
_FILM = re.compile(r"/[\w.-]+/film/(\d{1,12})\.mp4$")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: byte strings laid end to end, or a file in memory."""

    content_type: str
    size: int
    etag: str
    parts: tuple[bytes, ...] = ()
    descriptor: int = -1


@lru_cache(maxsize=8)
def _picture(number: int) -> bytes:
    """Soft shapes under just as much grain as the size allows."""
    chance = random.Random(f"photo {number}")

    def layer(width: int, height: int) -> Image.Image:
        noise = Image.frombytes("L", (width, height), chance.randbytes(width * height))
        return noise.resize(IMAGE_SIZE, Image.Resampling.BICUBIC)

    shapes = [Image.blend(layer(6, 8), layer(90, 110), 0.3) for _ in range(3)]
    grain = layer(*IMAGE_SIZE)
    least, most, best = 0.0, 0.5, b""
    for _ in range(7):
        amount = (least + most) / 2
        made = io.BytesIO()
        Image.merge("RGB", [Image.blend(shape, grain, amount) for shape in shapes]).save(
            made, "JPEG", quality=80
        )
        if made.tell() < IMAGE_BYTES - 1000:
            least, best = amount, made.getvalue()
        else:
            most = amount
    return best


@lru_cache(maxsize=1024)
def image(number: int) -> Body:
    """A JPEG of exactly 200 kB, different for every number: a stamped comment and one of eight pictures."""
    base = _picture(number % 8)
    room = IMAGE_BYTES - len(base)
    comments = []
    while room:
        take = min(room, 60_000)
        take -= 16 if 0 < room - take < 16 else 0
        comments.append(b"\xff\xfe" + struct.pack(">H", take - 2) + b"%012d" % number + bytes(take - 16))
        room -= take
    return Body("image/jpeg", IMAGE_BYTES, f'"image-{number}"', (base[:2], b"".join(comments), base[2:]))


_films = threading.Lock()
_asked: Counter[str] = Counter()


@lru_cache(maxsize=4)
def film(size: int) -> Body:
    """A playable MP4 padded with a `free` box of stamped random blocks; lies in memory, so no disk is measured."""
    head = media.mp4("bench film", duration_s=2.0)
    head += struct.pack(">I4s", size - len(head), b"free")
    descriptor = os.memfd_create("film")
    os.write(descriptor, head)
    block = os.urandom(BLOCK_BYTES)
    left = size - len(head)
    number = 0
    while left:
        piece = (b"%015d\n" % number + block[16:])[:left]
        left -= os.write(descriptor, piece)
        number += 1
    return Body("video/mp4", size, f'"film-{size}"', descriptor=descriptor)


def film_sha256(size: int) -> str:
    """The digest of a film as it is served; needs the whole of it to be read once."""
    digest = hashlib.sha256()
    body = film(size)
    for offset in range(0, size, BLOCK_BYTES):
        digest.update(os.pread(body.descriptor, BLOCK_BYTES, offset))
    return digest.hexdigest()


def find(path: str, base: str) -> Body | None:
    """What lies at a path."""
    if path == "/-/requests":
        data = json.dumps(_asked).encode()
        _asked.clear()
        return Body("application/json", len(data), '"requests"', (data,))
    if match := _FILM.match(path):
        with _films:
            return film(int(match[1]))
    match = _GALLERY.match(path)
    if match is None:
        return None
    if match[3]:
        return image(int(match[3]))
    count = int(match[1])
    addresses = [f"{base}{path.removesuffix('.txt')}/{number:05d}.jpg" for number in range(1, count + 1)]
    if match[2]:
        text, kind = "".join(f"{address}\n" for address in addresses), "text/plain"
    else:
        pictures = "\n".join(f'<img src="{address}" alt="">' for address in addresses)
        head = f"<title>{count} pictures</title>"
        text = f"<!doctype html><html><head>{head}</head><body>{pictures}</body></html>"
        kind = "text/html; charset=utf-8"
    data = text.encode()
    return Body(kind, len(data), f'"page-{count}"', (data,))


def _kind(path: str) -> str:
    if match := _GALLERY.match(path):
        return "picture" if match[3] else "page"
    return "film" if _FILM.match(path) else path


class Connection:
    """One client, answered request by request."""

    def __init__(self, sock: socket.socket, latency_s: float, rate_bytes_per_s: float) -> None:
        self._sock = sock
        self._latency_s = latency_s
        self._rate = rate_bytes_per_s
        self._buffer = bytearray()

    def serve(self) -> None:
        """Answer until the client leaves."""
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (head := self._head()) is not None:
            method, path, headers = head
            if self._latency_s:
                time.sleep(self._latency_s)
            self._answer(method, path, headers)
            if headers.get("connection", "").lower() == "close":
                return

    def _head(self) -> tuple[str, str, dict[str, str]] | None:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            received = self._sock.recv(1 << 16)
            if not received:
                return None
            self._buffer += received
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        method, target, _ = lines[0].split(" ", 2)
        pairs = (line.partition(":") for line in lines[1:])
        return method, target, {name.lower(): value.strip() for name, _, value in pairs}

    def _answer(self, method: str, path: str, headers: dict[str, str]) -> None:
        host = headers.get("host", "127.0.0.1")
        if path.startswith("http://"):
            host, _, path = path.removeprefix("http://").partition("/")
            path = f"/{path}"
        if not path.startswith("/-/"):
            _asked[f"{method} {_kind(path)}"] += 1
        body = find(path, f"http://{host}")
        if body is None:
            self._sock.sendall(
                b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"
            )
            return
        start, stop, status = 0, body.size, "200 OK"
        extra = ""
        wanted = _RANGE.match(headers.get("range", ""))
        if wanted and headers.get("if-range", body.etag) in {body.etag, MODIFIED}:
            start = int(wanted[1])
            stop = min(body.size, int(wanted[2]) + 1) if wanted[2] else body.size
            if start >= stop:
                lines = f"Content-Range: bytes */{body.size}\r\nContent-Length: 0"
                self._sock.sendall(f"HTTP/1.1 416 Range Not Satisfiable\r\n{lines}\r\n\r\n".encode())
                return
            status = "206 Partial Content"
            extra = f"Content-Range: bytes {start}-{stop - 1}/{body.size}\r\n"
        answer = (
            f"HTTP/1.1 {status}\r\nContent-Type: {body.content_type}\r\nContent-Length: {stop - start}\r\n"
            f"Accept-Ranges: bytes\r\nETag: {body.etag}\r\nLast-Modified: {MODIFIED}\r\n{extra}\r\n"
        ).encode()
        if method == "HEAD":
            self._sock.sendall(answer)
        elif body.descriptor >= 0:
            self._sock.sendall(answer)
            self._send_file(body, start, stop)
        else:
            self._sock.sendall(b"".join((answer, b"".join(body.parts)[start:stop])))

    def _send_file(self, body: Body, start: int, stop: int) -> None:
        step = int(self._rate / 50) if self._rate else stop - start
        free_at = time.monotonic()
        while start < stop:
            # The kernel sends at most 2 GB in one call
            sent = os.sendfile(self._sock.fileno(), body.descriptor, start, min(step, stop - start))
            if not sent:
                return
            start += sent
            if self._rate:
                free_at = max(free_at, time.monotonic() - 0.1) + sent / self._rate
                time.sleep(max(0.0, free_at - time.monotonic()))


def _serve(sock: socket.socket, latency_s: float, rate_bytes_per_s: float) -> None:
    with sock, suppress(ConnectionError):
        Connection(sock, latency_s, rate_bytes_per_s).serve()


def _accept(listener: socket.socket, latency_s: float, rate_bytes_per_s: float) -> None:
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=_serve, args=(sock, latency_s, rate_bytes_per_s), daemon=True).start()


def main() -> int:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="server", description="A fast file server on loopback.")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument(
        "--rate", type=float, default=0.0, help="bytes per second of each connection, films only"
    )
    parser.add_argument("--film", type=int, action="append", default=[], help="make a film of that size now")
    parser.add_argument("--images", type=int, default=0, help="make that many pictures now")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    for number in range(1, options.images + 1):
        image(number)
    digests = {str(size): film_sha256(size) for size in options.film}
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    threading.Thread(target=_accept, args=(listener, options.latency, options.rate), daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}", "sha256": digests}), flush=True)
    while os.read(sys.stdin.fileno(), 1 << 12):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
