"""The thumbnail child: turns one opened file after the other into a small raster. A screen runs it beside itself.

Media is hostile: this is the only process of a screen that decodes any. It is handed opened descriptors and opens
nothing itself, has bounds on memory, processor time and written bytes, and ends when its socket (stdin) ends.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import struct
import sys
import warnings
import zlib
from collections.abc import Iterator
from enum import IntEnum
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

ORDER = struct.Struct("!BBHH")
"""Medium, form, greatest width and height in pixels; the descriptor travels with it."""

ANSWER = struct.Struct("!BHHI")
"""Verdict, width, height, bytes that follow."""

MAX_SIDE = 4096
"""Pixels; no terminal shows more."""

MAX_DECODED_PIXELS = 64_000_000
"""Larger pictures are refused; 256 MB of memory."""

MEMORY_BYTES = 1536 << 20
CPU_PER_FILE_S = 10
_OPEN_FILES = 64
_PATIENCE = 300
"""Frames read for a first picture."""

_PICTURES = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "ICO", "PPM")
_CONTAINERS = "mov,matroska,webm,avi,flv,asf,mpeg,mpegts,mp3,aac,ogg,flac,wav,aiff,3gp,m4a"
_BEHIND = (40, 40, 40)
"""What shows through transparent pictures: readable on dark and light themes."""

_DECODER_FAILURES = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OverflowError, AttributeError,
    AssertionError, NotImplementedError, ZeroDivisionError, RuntimeError, struct.error, zlib.error,
)  # fmt: skip
"""Everything the decoders let through when the data is broken."""


class Medium(IntEnum):
    """Which decoder a file is for."""

    PICTURE = 0
    STREAM = 1
    """Film or sound."""


class Form(IntEnum):
    """What is answered."""

    RGB = 0
    """Rows of three bytes per pixel."""
    SIXEL = 1
    """The picture as a terminal that knows sixel takes it, without the frame around it."""


class Verdict(IntEnum):
    """How it went."""

    DONE = 0
    BROKEN = 1
    """It is what it claims to be and cannot be decoded."""
    UNKNOWN = 2
    """No decoder for it, or no picture in it."""
    TOO_LARGE = 3
    """Decoding it would take more memory than allowed."""


class _Refused(Exception):
    """The file gives no picture, for this reason."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.name)
        self.verdict = verdict


def main() -> int:
    """Answer orders until the screen is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        os.nice(10)
    warnings.simplefilter("ignore")  # decoders grumble about every odd file
    with socket.socket(fileno=os.dup(0)) as line:
        _load_decoders()
        _confine()
        for medium, form, box, descriptor in _orders(line):
            _allow_processor_time()
            verdict, width, height, payload = _answer(medium, form, box, descriptor)
            line.sendall(ANSWER.pack(verdict, width, height, len(payload)) + payload)
    return 0


def _load_decoders() -> None:
    from PIL import Image

    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # our own limit also knows what a draft costs


def _confine() -> None:
    """From now on: little memory, no file written, no process started, no connection made."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    forbidden = (
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "subprocess.",
        "os.system",
        "os.exec",
        "os.fork",
    )

    def refuse(event: str, _arguments: tuple[Any, ...]) -> None:
        if event.startswith(forbidden):
            raise PermissionError(f"{event} is not for this process")

    sys.addaudithook(refuse)


def _allow_processor_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + CPU_PER_FILE_S + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _orders(line: socket.socket) -> Iterator[tuple[Medium, Form, tuple[int, int], int]]:
    while True:
        data, descriptors, _, _ = socket.recv_fds(line, ORDER.size, 1)
        if len(data) < ORDER.size or not descriptors:
            return
        medium, form, width, height = ORDER.unpack(data)
        box = (max(1, min(width, MAX_SIDE)), max(1, min(height, MAX_SIDE)))
        yield Medium(medium), Form(form), box, descriptors[0]


def _answer(
    medium: Medium, form: Form, box: tuple[int, int], descriptor: int
) -> tuple[Verdict, int, int, bytes]:
    with os.fdopen(descriptor, "rb") as stream:
        try:
            image = _picture(stream, box) if medium is Medium.PICTURE else _frame(stream, box)
            if form is Form.SIXEL:
                from mediadl.workers.thumbnail_sixel import to_sixel

                return Verdict.DONE, *image.size, to_sixel(image)
            return Verdict.DONE, *image.size, image.tobytes()
        except _Refused as refused:
            return refused.verdict, 0, 0, b""
        except MemoryError:
            return Verdict.TOO_LARGE, 0, 0, b""
        except _DECODER_FAILURES:
            return Verdict.BROKEN, 0, 0, b""


def _picture(stream: IO[bytes], box: tuple[int, int]) -> Image:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        image = Image.open(stream, formats=_PICTURES)
    except UnidentifiedImageError as error:
        raise _Refused(Verdict.UNKNOWN) from error
    with image:
        side = max(box)  # it may have to be turned
        image.draft("RGB", (side, side))
        if image.size[0] * image.size[1] > MAX_DECODED_PIXELS:
            raise _Refused(Verdict.TOO_LARGE)
        image.load()
        turned = ImageOps.exif_transpose(_opaque(image))
        return _fit(turned, box)


def _opaque(image: Image) -> Image:
    """The picture in RGB; the EXIF data stays with it."""
    from PIL import Image

    if image.mode == "RGB":
        return image
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        coloured = image.convert("RGBA")
        ground = Image.new("RGB", image.size, _BEHIND)
        ground.paste(coloured, mask=coloured.getchannel("A"))
    elif image.mode.startswith(("I", "F")):
        low, high = image.getextrema()
        assert isinstance(low, int | float)
        assert isinstance(high, int | float)
        spread = (high - low) or 1
        ground = image.convert("F").point(lambda v: (v - low) * (255 / spread)).convert("RGB")
    else:
        ground = image.convert("RGB")
    if "exif" in image.info:
        ground.info["exif"] = image.info["exif"]
    return ground


def _fit(image: Image, box: tuple[int, int]) -> Image:
    """As large as the box allows, never larger than it is."""
    from PIL import Image

    scale = min(box[0] / image.width, box[1] / image.height, 1.0)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _frame(stream: IO[bytes], box: tuple[int, int]) -> Image:
    """A frame at a tenth of a film, else its first; the cover of a sound."""
    import av

    options = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "none"}
    try:
        with av.open(stream, options=options, metadata_errors="ignore") as container:
            return _first_picture(container, box)
    except av.error.InvalidDataError as error:
        raise _Refused(Verdict.BROKEN) from error
    except av.error.FFmpegError as error:
        raise _Refused(Verdict.BROKEN) from error


def _first_picture(container: Any, box: tuple[int, int]) -> Image:
    import av

    if not container.streams.video:
        raise _Refused(Verdict.UNKNOWN)
    film = container.streams.video[0]
    context = film.codec_context
    if context is None or not context.width or not context.height:
        raise _Refused(Verdict.UNKNOWN)
    if context.width * context.height > MAX_DECODED_PIXELS:
        raise _Refused(Verdict.TOO_LARGE)
    film.thread_type = "NONE"
    if container.duration and container.duration > 0 and container.streams.audio != container.streams:
        with contextlib.suppress(av.error.FFmpegError):
            container.seek((container.start_time or 0) + container.duration // 10, backward=True)
            return _scaled(_next_frame(container, film), film, box)
        with contextlib.suppress(av.error.FFmpegError):
            container.seek(container.start_time or 0, backward=True)
    return _scaled(_next_frame(container, film), film, box)


def _next_frame(container: Any, film: Any) -> Any:
    import av

    for number, packet in enumerate(container.demux(film)):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            frames = []  # the next packet may be whole
        if frames:
            return frames[0]
        if number > _PATIENCE:
            break
    raise av.error.EOFError(0, "no frame")


def _scaled(frame: Any, film: Any, box: tuple[int, int]) -> Image:
    """The frame in square pixels, upright, within the box."""
    from PIL import Image

    stretch = float(film.sample_aspect_ratio or 1)
    width, height = max(1.0, frame.width * (stretch if 0.1 < stretch < 10 else 1)), float(frame.height)
    turns = round((getattr(frame, "rotation", 0) or 0) / 90) % 4
    limits = box if turns % 2 == 0 else (box[1], box[0])
    scale = min(limits[0] / width, limits[1] / height, 1.0)
    image: Image.Image = frame.to_image(
        width=max(1, round(width * scale)), height=max(1, round(height * scale))
    )
    turn = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}.get(
        turns
    )
    return (image if turn is None else image.transpose(turn)).convert("RGB")


if __name__ == "__main__":
    sys.exit(main())
