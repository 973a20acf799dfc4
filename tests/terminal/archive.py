"""A history as a person would have it: stored files of every kind on disk, with painted pictures."""

from __future__ import annotations

import hashlib
import math
import random
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from mediadl import logs
from mediadl.models import Download, Identity, MediaKind
from mediadl.service import Services
from mediadl.store import downloads, sites

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Shelf:
    """Files of one source."""

    platform: str
    source: str
    site: str
    titles: tuple[str, ...]
    backend: str
    size: tuple[int, int] = (480, 600)
    kind: MediaKind = MediaKind.IMAGE
    ext: str = "jpg"
    mime: str = "image/jpeg"
    size_bytes: int = 0
    """What the history says; 0: what the file has."""
    duration_s: float | None = None


SHELVES: tuple[Shelf, ...] = (
    Shelf("instagram", "harbour_sketches", "instagram", (
        "Low tide, ink and coffee", "The blue crane", "Rope, knots, morning", "Two gulls arguing", "Fog horn",
        "Slipway in March", "Nets drying", "The last ferry", "Rust study no. 4", "Lantern at the pier",
    ), "gallery-dl"),
    Shelf("instagram", "mountain.huts", "instagram", (
        "Hut 14 — first snow", "Hut 14 — stove", "Ridge path at six", "Sunrise above the clouds", "Hut 9 — bunks",
    ), "gallery-dl", (600, 480)),
    Shelf("generic", "library.example", "library.example", (
        "Map atlas 1904, sheet 1", "Map atlas 1904, sheet 2", "Map atlas 1904, sheet 3", "Map atlas 1904, sheet 4",
        "Map atlas 1904, sheet 5", "Map atlas 1904, sheet 6", "Map atlas 1904, sheet 7", "Map atlas 1904, sheet 8",
    ), "gallery-dl", (600, 450)),
    Shelf("tiktok", "tiny.kiln", "tiktok", (
        "20 glazes in 60 seconds", "First firing", "A cup that leaks", "Cone 6 or cone 10?", "Why kilns hum",
    ), "yt-dlp", (360, 640), MediaKind.VIDEO, "mp4", "video/mp4", 31_400_000, 58.2),
    Shelf("generic", "video.example", "video.example", (
        "Sourdough in a cold kitchen", "How to bind a book without glue", "Night trains of Europe",
    ), "yt-dlp", (640, 360), MediaKind.VIDEO, "mp4", "video/mp4", 388_000_000, 1_934.0),
    Shelf("direct", "files.example", "files.example", (
        "city-noise-map", "openstreet-tiles-2026-10", "tram-timetable-1931",
    ), "transfer", (0, 0), MediaKind.DOCUMENT, "pdf", "application/pdf", 9_400_000),
)  # fmt: skip


def write(services: Services, folder: Path, *, now: float, on_disk: bool = True) -> list[int]:
    """Put everything into `folder` and into the history, the newest just before `now`; returns the ids."""
    rows = [row for n, shelf in enumerate(SHELVES) for row in _rows(shelf, n, folder, now)]
    if on_disk:
        for n, shelf in enumerate(SHELVES):
            rows[_start(n) : _start(n + 1)] = [
                _stored(row, _content(shelf, at)) for at, row in enumerate(rows[_start(n) : _start(n + 1)])
            ]
    rows.sort(key=lambda row: row.stored_at)
    with services.store.write() as tx:
        ids = [downloads.add(tx, row) for row in rows]
        for shelf in SHELVES:
            sites.success(tx, shelf.site, now - _HOUR_S)
        sites.cool_down(tx, "instagram", now + 272, "rate_limited", now - 60)
    return ids


def _start(number: int) -> int:
    return sum(len(shelf.titles) for shelf in SHELVES[:number])


def _rows(shelf: Shelf, number: int, folder: Path, now: float) -> list[Download]:
    rows = []
    for n, title in enumerate(shelf.titles):
        path = folder / shelf.platform / shelf.source / f"{n + 1:02}_{title.replace('/', '-')}.{shelf.ext}"
        digest = hashlib.sha256(f"{shelf.source} {n}".encode()).hexdigest()
        stored_at = now - _HOUR_S * (0.4 + 5.3 * n + 1.7 * number)
        rows.append(
            Download(
                0, None, Identity(shelf.site, f"{shelf.source}-{n}"), shelf.platform, shelf.source, title,
                f"https://{shelf.site}.example/{shelf.source}/{n}", str(path), shelf.size_bytes or 240_000 + 9_000 * n,
                digest, digest, shelf.kind, shelf.mime, shelf.size[0] or None, shelf.size[1] or None,
                shelf.duration_s, shelf.backend, stored_at - 9 * _HOUR_S, stored_at,
            )
        )  # fmt: skip
    return rows


def _stored(row: Download, content: bytes) -> Download:
    path = Path(row.path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return replace(row, sha256=digest, received_sha256=digest)


def _content(shelf: Shelf, n: int) -> bytes:
    if shelf.kind is MediaKind.DOCUMENT:
        return b"%PDF-1.4\n" + shelf.titles[n].encode()
    picture = landscape(f"{shelf.source}-{n}", shelf.size)
    if shelf.kind is MediaKind.VIDEO:
        return _film(picture)
    from io import BytesIO

    out = BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def landscape(name: str, size: tuple[int, int]) -> Image.Image:
    """Hills under a sky, the same for the same name."""
    chance = random.Random(name)
    width, height = size
    hue = chance.randrange(360)
    top, low = _hsl(hue, 55, 38), _hsl((hue + 40) % 360, 70, 76)
    picture = Image.new("RGB", size)
    draw = ImageDraw.Draw(picture)
    for y in range(height):
        part = y / height
        draw.line([(0, y), (width, y)], tuple(int(a + (b - a) * part) for a, b in zip(top, low, strict=True)))
    radius = min(size) // chance.randint(7, 12)
    x, y = chance.randint(radius, width - radius), chance.randint(radius, height // 2)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), _hsl((hue + 30) % 360, 80, 90))
    for hill in range(4):
        base = height * (0.48 + 0.13 * hill)
        waves = [
            (chance.uniform(0.5, 2.5), chance.uniform(0, 6.3), chance.uniform(0.02, 0.08)) for _ in range(3)
        ]
        line = [
            (px, base - sum(math.sin(px / width * 6.3 * f + p) * height * a for f, p, a in waves))
            for px in range(0, width + 8, 8)
        ]
        draw.polygon([*line, (width, height), (0, height)], _hsl((hue + 160) % 360, 35, 52 - 11 * hill))
    return picture.filter(ImageFilter.GaussianBlur(0.6))


def _hsl(hue: int, saturation: int, light: int) -> tuple[int, int, int]:
    from PIL import ImageColor

    red, green, blue = ImageColor.getrgb(f"hsl({hue},{saturation}%,{light}%)")[:3]
    return red, green, blue


def _film(picture: Image.Image) -> bytes:
    """A short film of one picture."""
    from io import BytesIO

    import av

    out = BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, "yuv420p"
        for _ in range(10):
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))  # type: ignore[no-untyped-call]
        container.mux(stream.encode())
    return out.getvalue()


def log(services: Services) -> None:
    """A day in the log."""
    writer = logs.LogWriter(services.home.logs)
    for level, module, message, job in LINES:
        writer.write(level, module, message, job)
    writer.close()


LINES: tuple[tuple[str, str, str, int | None], ...] = (
    ("info", "daemon", "started", None),
    ("info", "supervisor", "job 16 completed: 58 files, 2 already there", 16),
    ("info", "supervisor", "job 1 started", 1),
    ("debug", "runner", "[generic] canal3h: downloading webpage", 1),
    ("debug", "runner", "[info] canal3h: downloading 1 format: 137+140", 1),
    ("info", "supervisor", "job 2 started", 2),
    ("debug", "runner", "[instagram][info] harbour_sketches: 120 posts", 2),
    ("info", "supervisor", "job 17 completed", 17),
    ("warning", "runner", "[instagram] HTTP 429 for www.instagram.com, Retry-After 300", 11),
    ("info", "supervisor", "instagram rests for 5 min: rate limited", 11),
    ("warning", "supervisor", "job 10 waits: stories need a logged-in session", 10),
    ("info", "transfer", "openstreet-tiles-2026-11.tar: 4 connections, 38 MB/s", 4),
    ("error", "runner", "[generic] lighthouse: HTTP 404 for video.example/watch", 15),
    ("error", "supervisor", "job 15 failed: not found", 15),
    ("error", "supervisor", "job 14 failed: the account is private and this session does not follow it", 14),
    ("info", "transfer", "city-noise-map.geojson: stored, 9.4 MB, verified", 19),
    ("info", "supervisor", "job 19 completed", 19),
    ("info", "supervisor", "job 3 started", 3),
    ("debug", "runner", "[tiktok] 7301112223334445556: solving the proof of work", 3),
    ("info", "transfer", "7301112223334445556.mp4: 44 of 48 MB", 3),
)
