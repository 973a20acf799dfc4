"""Files that are not what they claim to be, for whatever has to look into stored files."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

from PIL import Image

SIDE = 30_000


def bomb() -> bytes:
    """A picture of a few megabytes that is 2.7 gigabytes when decoded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    # The same rows over and over: packed once, up to a full flush, the result repeats as well
    packer = zlib.compressobj(9, wbits=-15)
    rows = packer.compress(b"\0" * (SIDE * 3 + 1) * 100) + packer.flush(zlib.Z_FULL_FLUSH)
    data = b"\x78\xda" + rows * (SIDE // 100) + packer.flush()
    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def cut_jpeg() -> bytes:
    """The first half of a picture."""
    stream = io.BytesIO()
    Image.effect_noise((800, 600), 90).convert("RGB").save(stream, "JPEG")
    return stream.getvalue()[: stream.tell() // 2]


def lay_out(folder: Path) -> dict[str, str]:
    """Make one of each; answers the word for each name."""
    (folder / "bomb.png").write_bytes(bomb())
    (folder / "cut.jpg").write_bytes(cut_jpeg())
    (folder / "noise.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + os.urandom(5000))
    (folder / "list.mp4").write_bytes(b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n")
    (folder / "text.jpg").write_bytes(b"hello")
    (folder / "empty.jpg").write_bytes(b"")
    os.mkfifo(folder / "pipe.jpg")
    (folder / "real.jpg").write_bytes(b"x")
    (folder / "link.jpg").symlink_to(folder / "real.jpg")
    (folder / "folder.jpg").mkdir()
    return {
        "bomb.png": "too large", "cut.jpg": "broken", "noise.mp4": "broken", "list.mp4": "broken",
        "text.jpg": "no preview", "empty.jpg": "empty file", "pipe.jpg": "not a file", "link.jpg": "not a file",
        "folder.jpg": "not a file", "gone.jpg": "missing",
    }  # fmt: skip
