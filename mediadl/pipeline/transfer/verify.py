"""Whether a file is what it claims to be: pictures are decoded, films and sounds are walked to their end.

Blocking and hungry for CPU; runs in the transfer child's verify threads only, because the files are hostile.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import replace
from typing import Any

from mediadl.errors import BadContent
from mediadl.models import MediaFacts, MediaKind
from mediadl.pipeline.transfer.structure import missing_bytes

MAX_DECODED_PIXELS = 64_000_000
"""Larger pictures are not decoded at once; 256 MB of memory."""
MAX_FRAMES = 500
MAX_FRAME_PIXELS = 400_000_000
"""Pixels decoded over all frames of an animation."""

_PILLOW_FORMATS = {
    "jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP", "tif": "TIFF", "avif": "AVIF",
    "ico": "ICO", "psd": "PSD",
}  # fmt: skip
_DECODER_FAILURES = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, AttributeError,
    MemoryError, AssertionError, NotImplementedError, ZeroDivisionError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip
"""Everything Pillow's parsers let through when the data is broken."""

_DEMUXERS = {
    "mp4": "mov", "m4a": "mov", "m4b": "mov", "mov": "mov", "3gp": "mov", "mkv": "matroska", "webm": "matroska",
    "avi": "avi", "flv": "flv", "wmv": "asf", "mpg": "mpeg", "ts": "mpegts", "mp3": "mp3", "aac": "aac", "ogg": "ogg",
    "opus": "ogg", "ogv": "ogg", "flac": "flac", "wav": "wav", "aiff": "aiff",
}  # fmt: skip
_EXACT_DURATION = frozenset({"mp4", "m4a", "m4b", "mov", "3gp", "mkv", "webm", "avi", "flac", "wav"})
"""Containers that know their own length; of the others it is estimated from what is there."""


class NoSound(BadContent):
    """A video is mute although the site announces sound."""


def verify(
    path: str,
    fd: int,
    size: int,
    facts: MediaFacts,
    announced_duration_s: float | None,
    *,
    sound: bool = False,
) -> MediaFacts:
    """What the file really is; `fd` is open on `path`, which only we can write.

    Raises:
        NoSound: a video without sound, where `sound` is announced.
        BadContent: it is cut or cannot be decoded.
    """
    missing = missing_bytes(facts.ext, size, lambda count, offset: os.pread(fd, count, offset))
    if missing:
        raise BadContent(f"the file is cut: {missing} bytes are missing by its own account")
    if facts.ext in _PILLOW_FORMATS:
        return _verify_image(fd, facts)
    if facts.ext in _DEMUXERS and facts.kind in {MediaKind.VIDEO, MediaKind.AUDIO}:
        return _verify_stream(path, facts, announced_duration_s, sound=sound)
    if facts.kind in {MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO}:
        return replace(facts, note=f"no decoder for {facts.ext}: only the length and the hash are known")
    return facts


def warm_up() -> None:
    """Load the decoders, so that the first file does not wait for them."""
    import av  # noqa: F401 - loading it is the point
    from PIL import Image

    Image.preinit()


def _verify_image(fd: int, facts: MediaFacts) -> MediaFacts:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # our own limit below also knows what a draft costs
    with os.fdopen(os.dup(fd), "rb") as stream:
        stream.seek(0)
        try:
            with Image.open(stream, formats=[_PILLOW_FORMATS[facts.ext]]) as image:
                width, height = image.size
                seen = replace(facts, width=width, height=height)
                if facts.ext == "jpg":
                    # An eighth of the size, grey: still every bit of the entropy-coded data is read
                    image.draft("L", (max(1, width // 8), max(1, height // 8)))
                if image.size[0] * image.size[1] > MAX_DECODED_PIXELS:
                    return replace(
                        seen, note=f"{width} x {height} is too large to decode: only its header was read"
                    )
                image.load()
                return _load_frames(image, seen)
        except _DECODER_FAILURES as error:
            raise BadContent(
                f"the picture cannot be decoded: {str(error)[:120] or type(error).__name__}"
            ) from error


def _load_frames(image: object, seen: MediaFacts) -> MediaFacts:
    """Decode the other frames of an animation too, up to a limit."""
    frames = getattr(image, "n_frames", 1)
    if frames <= 1 or seen.ext not in {"gif", "webp", "png", "avif"}:
        return seen
    pixels = (seen.width or 1) * (seen.height or 1)
    limit = min(frames, MAX_FRAMES, max(1, MAX_FRAME_PIXELS // pixels))
    for number in range(1, limit):
        image.seek(number)  # type: ignore[attr-defined]
        image.load()  # type: ignore[attr-defined]
    if limit < frames:
        return replace(seen, note=f"{limit} of {frames} frames were decoded")
    return seen


def _verify_stream(path: str, facts: MediaFacts, announced_s: float | None, *, sound: bool) -> MediaFacts:
    import av

    try:
        with av.open(path, format=_DEMUXERS[facts.ext], options={"protocol_whitelist": "file"}) as container:
            seen = _walk(container, facts, announced_s)
            if sound and not container.streams.audio:
                raise NoSound("the video has no sound, although the site announces it")
            return seen
    except av.error.FFmpegError as error:
        raise BadContent(f"the container cannot be read: {error.strerror or type(error).__name__}") from error
    except (ValueError, OverflowError, IndexError, UnicodeDecodeError) as error:
        raise BadContent(f"the container makes no sense: {str(error)[:120]}") from error


def _walk(container: object, facts: MediaFacts, announced_s: float | None) -> MediaFacts:
    streams = [s for s in container.streams if s.type in {"video", "audio"}]  # type: ignore[attr-defined]
    if not streams:
        raise BadContent("the container holds neither picture nor sound")
    films = [s for s in streams if s.type == "video"]
    kind = MediaKind.VIDEO if films else MediaKind.AUDIO
    if facts.kind is MediaKind.AUDIO:
        kind = MediaKind.AUDIO  # the picture is its cover
    claimed = container.duration  # type: ignore[attr-defined]
    duration_s = claimed / 1_000_000 if claimed and claimed > 0 else None
    seen = replace(
        facts,
        kind=kind,
        mime=facts.mime.replace("video/", "audio/") if kind is MediaKind.AUDIO else facts.mime,
        ext=_audio_ext(facts.ext) if kind is MediaKind.AUDIO else facts.ext,
        width=_side(films, "width") if kind is MediaKind.VIDEO else None,
        height=_side(films, "height") if kind is MediaKind.VIDEO else None,
        duration_s=duration_s,
    )
    last_s = _last_moment(container, duration_s, exact=facts.ext in _EXACT_DURATION)
    if last_s is None:
        raise BadContent("the container holds no data")
    if duration_s is None:
        duration_s = last_s
        seen = replace(seen, duration_s=last_s or None)
    tolerance = max(2.0, duration_s * 0.05)
    if facts.ext in _EXACT_DURATION and last_s < duration_s - tolerance:
        raise BadContent(f"the data ends at {last_s:.0f} s of {duration_s:.0f} s")
    if announced_s and duration_s < announced_s - max(2.0, announced_s * 0.05):
        raise BadContent(f"{duration_s:.0f} s long, the site announced {announced_s:.0f} s")
    return seen


def _side(films: list[Any], name: str) -> int | None:
    """Width or height of the first film; a stream of an unknown codec has none."""
    return getattr(films[0], name, None) or None


def _last_moment(container: object, duration_s: float | None, *, exact: bool) -> float | None:
    """Time of the last packet; only the end of the file is read when its length is known."""
    if duration_s and exact and duration_s > 10:
        start = container.start_time or 0  # type: ignore[attr-defined]
        container.seek(start + int((duration_s - 5) * 1_000_000), backward=True)  # type: ignore[attr-defined]
    origin = (container.start_time or 0) / 1_000_000  # type: ignore[attr-defined]
    last: float | None = None
    for packet in container.demux():  # type: ignore[attr-defined]
        if packet.size == 0:
            continue
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None:
            last = last or 0.0
            continue
        end = float((stamp + (packet.duration or 0)) * packet.time_base) - origin
        last = max(last or 0.0, end)
    return last


def _audio_ext(ext: str) -> str:
    return {"mp4": "m4a", "mkv": "mka"}.get(ext, ext)
