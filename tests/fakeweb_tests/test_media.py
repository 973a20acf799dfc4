"""The made media are real, sized as asked, and the same every time."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import av
import pytest
from PIL import Image

from fakeweb import media


def _streams(data: bytes) -> dict[str, str]:
    with av.open(io.BytesIO(data), "r") as container:
        return {stream.type: stream.codec_context.name for stream in container.streams}


def test_an_mp4_has_picture_and_sound_of_the_asked_length() -> None:
    data = media.mp4("length", width=180, height=320, duration_s=2)
    assert _streams(data) == {"video": "h264", "audio": "aac"}
    with av.open(io.BytesIO(data), "r") as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (180, 320)
        assert sum(1 for _ in container.decode(video=0)) == 20
        assert container.duration is not None
        assert abs(container.duration / av.time_base - 2) < 0.1


def test_an_mp4_starts_fast() -> None:
    data = media.mp4("fast start")
    assert data.index(b"moov") < data.index(b"mdat")


def test_the_halves_of_a_pair_have_one_stream_each() -> None:
    assert _streams(media.mp4("pair", audio=False)) == {"video": "h264"}
    assert _streams(media.m4a("pair")) == {"audio": "aac"}


def test_an_mp3_is_one() -> None:
    with av.open(io.BytesIO(media.mp3("tone")), "r") as container:
        assert container.format.name == "mp3"
        assert sum(1 for _ in container.decode(audio=0)) > 30


def test_a_padded_mp4_has_the_exact_size_and_still_opens() -> None:
    data = media.mp4("padded", size_bytes=123_457)
    assert len(data) == 123_457
    assert _streams(data) == {"video": "h264", "audio": "aac"}


def test_hls_segments_join_to_one_stream() -> None:
    stream = media.hls("joined")
    assert len(stream.segments) == 6
    assert _streams(stream.joined) == {"video": "h264", "audio": "aac"}
    with av.open(io.BytesIO(stream.joined), "r") as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert times == sorted(times)
    assert len(times) == 60


@pytest.mark.parametrize("size", [None, 200_000, 200_001, 150_003])
def test_a_jpeg_decodes_at_any_size(size: int | None) -> None:
    data = media.jpeg("sized", width=320, height=240, size_bytes=size)
    assert size is None or len(data) == size
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert picture.size == (320, 240)


@pytest.mark.parametrize("size", [None, 3000, 10_003, 99_999, 100_001])
def test_a_pdf_has_its_size_and_points_at_its_table(size: int | None) -> None:
    data = media.pdf("Test", size_bytes=size)
    assert size is None or len(data) == size
    offset = int(data.split(b"startxref\n")[1].split(b"\n")[0])
    assert data[offset : offset + 4] == b"xref"


def test_seeds_make_different_files() -> None:
    assert media.mp4("one") != media.mp4("two")
    assert media.jpeg("one") != media.jpeg("two")


def test_another_process_with_an_empty_cache_makes_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys; from fakeweb import media; out = sys.stdout.buffer;"
        "out.write(media.mp4('again') + media.jpeg('again') + media.hls('again').joined)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(media.__file__).parents[1]), "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout == media.mp4("again") + media.jpeg("again") + media.hls("again").joined


def test_the_cache_is_the_users_own() -> None:
    assert media.cache_dir().stat().st_mode & 0o077 == 0
