"""Tiny real media, made in-process and kept on disk under all their parameters: the bytes stay comparable.

MP4 is H.264 with AAC and opens in every player; one second at a small size is 10 to 30 kB.
"""

from __future__ import annotations

import colorsys
import getpass
import hashlib
import io
import math
import os
import random
import struct
import tempfile
import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Literal

import av
from PIL import Image

# Part of every key: raise it when the bytes made for the same parameters change.
_EDITION = 1
_FPS = 10
_SAMPLE_RATE = 44_100
_AAC_FRAME = 1024
_COMMENT_BYTES = 65_533


def cache_dir() -> Path:
    """The per-user folder that keeps made media, readable by its owner only."""
    folder = Path(tempfile.gettempdir()) / f"fakeweb-media-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _kept(make: Callable[[Path], None], kind: str, *parameters: object) -> bytes:
    """The bytes made for these parameters: from disk, or made now; the first maker wins."""
    key = hashlib.sha256(repr((_EDITION, av.__version__, kind, parameters)).encode()).hexdigest()[:32]
    kept = cache_dir() / f"{key}.{kind}"
    if not kept.exists():
        handle, name = tempfile.mkstemp(dir=cache_dir(), suffix=f".{kind}")
        os.close(handle)
        made = Path(name)
        try:
            make(made)
            try:
                kept.hardlink_to(made)
            except FileExistsError:
                pass  # another process made it meanwhile; its bytes stand
            except OSError:
                made.replace(kept)
        finally:
            made.unlink(missing_ok=True)
    return kept.read_bytes()


@dataclass(frozen=True)
class Clip:
    """The parameters of a video or audio file."""

    seed: str = ""
    width: int = 144
    height: int = 256
    duration_s: float = 1.0
    video: bool = True
    audio: bool = True
    sound: Literal["aac", "mp3"] = "aac"


@lru_cache(maxsize=512)
def mp4(
    seed: str = "",
    *,
    width: int = 144,
    height: int = 256,
    duration_s: float = 1.0,
    video: bool = True,
    audio: bool = True,
    size_bytes: int | None = None,
) -> bytes:
    """A fast-start MP4; padded with a trailing `free` box when a size is asked for.

    Without audio or without video it is one half of a DASH pair.
    """
    clip = Clip(seed, width, height, duration_s, video, audio)
    data = _kept(lambda path: _encode(clip, path, "mp4", {"movflags": "faststart"}), "mp4", clip)
    return data if size_bytes is None else _padded_mp4(data, seed, size_bytes)


def _padded_mp4(data: bytes, seed: str, size_bytes: int) -> bytes:
    room = size_bytes - len(data)
    if room < 8:
        raise ValueError(f"{size_bytes} bytes are too few: the clip alone has {len(data)}")
    return data + struct.pack(">I4s", room, b"free") + random.Random(f"pad {seed}").randbytes(room - 8)


@lru_cache(maxsize=64)
def m4a(seed: str = "", *, duration_s: float = 1.0) -> bytes:
    """AAC sound alone in an MP4 container."""
    return mp4(seed, duration_s=duration_s, video=False)


@lru_cache(maxsize=64)
def mp3(seed: str = "", *, duration_s: float = 1.0) -> bytes:
    """An MP3 file."""
    clip = Clip(seed, duration_s=duration_s, video=False, sound="mp3")
    return _kept(lambda path: _encode(clip, path, "mp3", {}), "mp3", clip)


@dataclass(frozen=True)
class Hls:
    """A finished HLS stream: a master with one variant, its playlist, and the segments by name."""

    master: str
    playlist: str
    segments: dict[str, bytes]

    @property
    def joined(self) -> bytes:
        """The segments one after the other, as a plain concatenation stores them."""
        return b"".join(self.segments.values())


@lru_cache(maxsize=16)
def hls(seed: str = "", *, segments: int = 6, width: int = 160, height: int = 90) -> Hls:
    """A VOD stream of one-second transport stream segments."""
    parts = {
        f"seg{number}.ts": _kept(
            lambda path, at=number: _encode(  # type: ignore[misc]
                Clip(seed, width, height), path, "mpegts", {}, start_s=at
            ),
            "ts",
            seed,
            width,
            height,
            number,
        )
        for number in range(segments)
    }
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-TARGETDURATION:1"]
    for name in parts:
        lines += ["#EXTINF:1.000,", name]
    lines.append("#EXT-X-ENDLIST")
    variant = f'#EXT-X-STREAM-INF:BANDWIDTH=300000,RESOLUTION={width}x{height},CODECS="avc1.42c00b,mp4a.40.2"'
    return Hls(f"#EXTM3U\n{variant}\nmedia.m3u8\n", "\n".join(lines) + "\n", parts)


@lru_cache(maxsize=512)
def jpeg(seed: str = "", *, width: int = 640, height: int = 480, size_bytes: int | None = None) -> bytes:
    """A JPEG whose hue and noise come from the seed; brought to an exact size with comments."""
    data = _kept(lambda path: _draw(path, seed, width, height), "jpg", seed, width, height)
    return data if size_bytes is None else b"".join(sized_jpeg(data, seed, size_bytes))


def sized_jpeg(base: bytes, seed: str, size_bytes: int) -> tuple[bytes, bytes, bytes]:
    """A JPEG and comments that differ per seed, as parts to be laid end to end: exactly `size_bytes` long."""
    room = size_bytes - len(base)
    comments = []
    filler = random.Random(f"comment {seed}")
    while room > 0:
        # A comment takes at least four bytes, so never leave one to three over.
        take = min(room, _COMMENT_BYTES + 2)
        take -= 4 if 0 < room - take < 4 else 0
        if take < 4:
            raise ValueError(f"{size_bytes} bytes cannot be reached from {len(base)}")
        comments.append(jpeg_comment(filler.randbytes(take - 4)))
        room -= take
    if room < 0:
        raise ValueError(f"{size_bytes} bytes are too few: the picture alone has {len(base)}")
    return base[:2], b"".join(comments), base[2:]


def jpeg_comment(text: bytes) -> bytes:
    """A comment segment, to be put after a JPEG's first two bytes."""
    return b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text


def _draw(path: Path, seed: str, width: int, height: int) -> None:
    chance = random.Random(f"picture {seed}")
    red, green, blue = (int(255 * part) for part in colorsys.hsv_to_rgb(chance.random(), 0.7, 0.9))
    noise = Image.frombytes("L", (width, height), chance.randbytes(width * height))
    slope = Image.linear_gradient("L").resize((width, height))
    light = Image.blend(slope, noise, 0.25)
    picture = Image.merge(
        "RGB", [light.point(lambda v, top=top: v * top // 255) for top in (red, green, blue)]
    )
    picture.save(path, "JPEG", quality=80)


@lru_cache(maxsize=64)
def png(seed: str = "", *, width: int = 32, height: int = 32) -> bytes:
    """A small one-colour PNG."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "#" + hashlib.sha256(seed.encode()).hexdigest()[:6]).save(buffer, "PNG")
    return buffer.getvalue()


@lru_cache(maxsize=64)
def pdf(title: str = "Report", *, size_bytes: int | None = None) -> bytes:
    """A one-page PDF; a comment before the end brings it to an exact size."""
    text = b"BT /F1 24 Tf 72 720 Td (" + title.encode("ascii", "replace") + b") Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, item in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, item)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%%d\n%%%%%%%%EOF\n"
    tail = tail % (count, rows, count)
    if size_bytes is not None:
        for _ in range(2):  # twice: the offset's own digits change the length
            room = size_bytes - len(out) - len(tail % size_bytes) - 2
        if room < 0:
            raise ValueError(f"{size_bytes} bytes are too few for this PDF")
        out += b"%" + b"x" * room + b"\n"
        short = size_bytes - len(out) - len(tail % len(out))
        out[-1:] = b"x" * short + b"\n"
    return bytes(out) + tail % len(out)


def _encode(clip: Clip, path: Path, container: str, options: dict[str, str], *, start_s: int = 0) -> None:
    """Write the clip; `start_s` moves its clock, for segments of a longer stream."""
    with av.open(str(path), "w", format=container, options=options) as output:
        video = audio = None
        if clip.video:
            video = output.add_stream("libx264", rate=_FPS)
            video.width, video.height, video.pix_fmt = clip.width, clip.height, "yuv420p"
            # One thread and no tuning by load: the same bytes every time.
            video.options = {"preset": "ultrafast", "crf": "40", "threads": "1", "bf": "0"}
        if clip.audio:
            audio = output.add_stream(clip.sound, rate=_SAMPLE_RATE)
            audio.bit_rate = 32_000
            audio.layout = "mono"
        if video is not None:
            for frame in _frames(clip, start_s):
                output.mux(video.encode(frame))
            output.mux(video.encode(None))
        if audio is not None:
            for sound in _tone(clip, start_s):
                output.mux(audio.encode(sound))
            output.mux(audio.encode(None))


def _frames(clip: Clip, start_s: int) -> list[av.VideoFrame]:
    chance = random.Random(f"clip {clip.seed}")
    hue_u, hue_v, speed = chance.randrange(40, 216), chance.randrange(40, 216), chance.randrange(3, 17)
    frames = []
    for number in range(max(1, round(clip.duration_s * _FPS))):
        frame = av.VideoFrame(clip.width, clip.height, "yuv420p")
        shift = (number + start_s * _FPS) * speed
        row = bytes((x * 2 + shift) & 0xFF for x in range(frame.planes[0].line_size))
        frame.planes[0].update(b"".join(row[y % 32 :] + row[: y % 32] for y in range(clip.height)))
        for plane, hue in zip(frame.planes[1:], (hue_u, hue_v), strict=True):
            plane.update(bytes([(hue + shift // 8) & 0xFF]) * plane.buffer_size)
        frame.pts = number + start_s * _FPS
        frame.time_base = Fraction(1, _FPS)
        frames.append(frame)
    return frames


def _tone(clip: Clip, start_s: int) -> list[av.AudioFrame]:
    pitch = 220 + zlib.crc32(clip.seed.encode()) % 660
    total = int(clip.duration_s * _SAMPLE_RATE)
    frames = []
    for at in range(0, total, _AAC_FRAME):
        count = min(_AAC_FRAME, total - at)
        wave = array("f", (math.sin(2 * math.pi * pitch * (at + n) / _SAMPLE_RATE) / 4 for n in range(count)))
        frame = av.AudioFrame("fltp", "mono", count)
        frame.planes[0].update(wave.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate = _SAMPLE_RATE
        frame.pts = at + start_s * _SAMPLE_RATE
        frame.time_base = Fraction(1, _SAMPLE_RATE)
        frames.append(frame)
    return frames
