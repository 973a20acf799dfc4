"""Hostile and broken media; hashes that follow a growing file; tags."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fakeweb.media import jpeg, m4a, mp3, mp4, png
from mediadl.errors import BadContent, PostprocessFailed
from mediadl.models import FoundItem, Identity, MediaFacts, MediaKind
from mediadl.pipeline.protocol import Ingest, Target
from mediadl.pipeline.transfer import embed as embedding
from mediadl.pipeline.transfer.digest import FollowingDigest, sha256_of
from mediadl.pipeline.transfer.names import facts_from
from mediadl.pipeline.transfer.sniff import sniff
from mediadl.pipeline.transfer.verify import verify
from transfer_bench import Bench

MIB = 1 << 20


def checked(folder: Path, content: bytes, ext: str = "", *, announced_s: float | None = None) -> MediaFacts:
    path = folder / "file"
    path.write_bytes(content)
    facts = facts_from(sniff(content[:4096]), ext, MediaKind.OTHER, media_only=True, name="file")
    fd = os.open(path, os.O_RDONLY)
    try:
        return verify(str(path), fd, len(content), facts, announced_s)
    finally:
        os.close(fd)


@cache
def picture(kind: str, *, size: tuple[int, int] = (300, 200), frames: int = 1) -> bytes:
    made = io.BytesIO()
    images = [Image.effect_noise(size, 50 + n).convert("RGB") for n in range(frames)]
    extra = {"save_all": True, "append_images": images[1:]} if frames > 1 else {}
    images[0].save(made, kind, **extra)
    return made.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_whole_pictures_pass_and_cut_ones_do_not(tmp_path: Path, kind: str) -> None:
    content = picture(kind)

    facts = checked(tmp_path, content)

    assert (facts.kind, facts.width, facts.height, facts.note) == (MediaKind.IMAGE, 300, 200, "")
    with pytest.raises(BadContent):
        checked(tmp_path, content[: len(content) * 2 // 3])


def test_a_progressive_jpeg_cut_in_its_last_scan_is_refused(tmp_path: Path) -> None:
    made = io.BytesIO()
    Image.effect_noise((400, 400), 60).convert("RGB").save(made, "JPEG", progressive=True)
    content = made.getvalue()

    checked(tmp_path, content)
    with pytest.raises(BadContent):
        checked(tmp_path, content[:-400])


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_every_frame_of_an_animation_is_looked_at(tmp_path: Path, kind: str) -> None:
    content = picture(kind, frames=4)

    assert checked(tmp_path, content).note == ""
    with pytest.raises(BadContent):
        checked(tmp_path, content[: len(content) * 3 // 4])


def test_a_picture_too_large_to_decode_is_kept_with_a_note(tmp_path: Path) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(b"\0" * (60_000 // 8 + 1) * 1000)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0))
    facts = checked(tmp_path, bomb + chunk(b"IDAT", rows) + chunk(b"IEND", b""))

    assert (facts.width, facts.height) == (60_000, 60_000)
    assert "too large to decode" in facts.note


def test_a_photo_of_many_pixels_is_decoded_small(tmp_path: Path) -> None:
    made = io.BytesIO()
    Image.new("L", (12_000, 9_000), 90).save(made, "JPEG", quality=30)

    assert checked(tmp_path, made.getvalue()).note == ""


SAMPLES: dict[str, Callable[[], bytes]] = {
    "png": lambda: png("a"),
    "mp4": lambda: mp4("a"),
    "mp3": lambda: mp3("a"),
    **{kind: partial(picture, kind) for kind in ("GIF", "WEBP", "TIFF", "JPEG")},
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.filterwarnings("ignore")  # decoders grumble; the child does not listen either
@given(st.data())
def test_damaged_media_is_refused_or_passes_but_never_crashes(tmp_path: Path, data: st.DataObject) -> None:
    whole = SAMPLES[data.draw(st.sampled_from(sorted(SAMPLES)))]()
    at = data.draw(st.integers(4, len(whole) - 1))
    junk = data.draw(st.binary(min_size=1, max_size=12))
    broken = whole[:at] + junk + whole[at + len(junk) :]

    try:
        checked(tmp_path, broken, "bin")
    except BadContent:
        return


@pytest.mark.parametrize(
    ("content", "ext", "kind"),
    [
        (mp4("a"), "mp4", MediaKind.VIDEO),
        (mp3("a"), "mp3", MediaKind.AUDIO),
        (m4a("a"), "m4a", MediaKind.AUDIO),
    ],
)
def test_films_and_sounds_have_a_length(tmp_path: Path, content: bytes, ext: str, kind: MediaKind) -> None:
    facts = checked(tmp_path, content)

    assert (facts.ext, facts.kind) == (ext, kind)
    assert facts.mime.startswith(("video/", "audio/"))
    assert facts.duration_s is not None
    assert 0.5 < facts.duration_s < 2


def test_a_film_much_shorter_than_announced_is_refused(tmp_path: Path) -> None:
    assert checked(tmp_path, mp4("a"), announced_s=2.5).duration_s
    with pytest.raises(BadContent, match="announced"):
        checked(tmp_path, mp4("a"), announced_s=60)


def test_a_film_whose_data_ends_before_its_index_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.mkv"
    with av.open(str(path), "w", format="matroska") as out:
        stream = out.add_stream("mpeg4", rate=5)
        stream.width, stream.height = 64, 48
        for n in range(300):
            noise = Image.effect_noise((64, 48), 20 + n % 50).convert("RGB")
            frame = av.VideoFrame.from_image(noise)  # type: ignore[no-untyped-call]
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    content = path.read_bytes()

    assert checked(tmp_path, content).duration_s == pytest.approx(60, abs=1)
    with pytest.raises(BadContent):
        checked(tmp_path, content[: len(content) // 3])


def test_a_container_without_picture_or_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadContent):
        checked(tmp_path, b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0\0\0\x08free")


def test_formats_without_a_decoder_are_kept_with_a_note(tmp_path: Path) -> None:
    content = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0\0\0\x10mdat" + b"x" * 8

    assert "no decoder" in checked(tmp_path, content).note


# Hashes


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 12 * MIB), max_size=5))
def test_a_hash_that_follows_is_the_hash_of_the_whole(tmp_path: Path, stops: list[int]) -> None:
    content = bytes(range(256)) * (12 * MIB // 256) + b"tail"
    path = tmp_path / "file"
    if not path.exists():
        path.write_bytes(content)
    fd = os.open(path, os.O_RDWR)
    digest = FollowingDigest(fd)

    for stop in sorted(stops):
        digest.follow(stop)
    digest.advance(len(content))

    assert digest.hexdigest() == hashlib.sha256(content).hexdigest() == sha256_of(fd, len(content))
    os.close(fd)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 3000)), max_size=8))
def test_a_hash_that_is_fed_takes_each_byte_once(tmp_path: Path, pieces: list[tuple[int, int]]) -> None:
    content = bytes(range(250)) * 40
    path = tmp_path / "fed"
    path.write_bytes(content)
    fd = os.open(path, os.O_RDONLY)
    digest = FollowingDigest(fd)

    for offset, size in pieces:
        digest.feed(offset, memoryview(content)[offset : offset + size])
    digest.advance(len(content))

    assert digest.hexdigest() == hashlib.sha256(content).hexdigest()
    os.close(fd)


def test_a_file_that_shrank_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"short")
    fd = os.open(path, os.O_RDONLY)
    with pytest.raises(OSError, match="shorter"):
        FollowingDigest(fd).advance(10)
    os.close(fd)


# Tags


def tags_of(path: str) -> dict[str, str]:
    with av.open(path) as container:
        return {key.lower(): value for key, value in container.metadata.items()}


@pytest.mark.parametrize(
    ("name", "content"), [("film.mp4", mp4("a")), ("sound.mp3", mp3("a")), ("sound.m4a", m4a("a"))]
)
async def test_tags_are_written_when_asked_for_and_both_hashes_kept(
    bench: Bench, name: str, content: bytes
) -> None:
    served = bench.files.put(f"/{name}", content)
    tags = {"title": "Ein Titel", "artist": "alice", "date": "2024-01-02", "url": "https://x.test/1"}

    file = (await bench.fetch(f"/{name}", target_embed=tags)).file

    assert file.received_sha256 == served
    assert file.sha256 != served
    written = tags_of(file.path)
    assert (written["title"], written["artist"]) == ("Ein Titel", "alice")
    assert "https://x.test/1" in written["comment"]
    assert bench.partials() == []


async def test_a_picture_is_left_as_it_is(bench: Bench) -> None:
    served = bench.files.put("/cat.jpg", jpeg("cat"))

    file = (await bench.fetch("/cat.jpg", target_embed={"title": "x"})).file

    assert file.sha256 == file.received_sha256 == served


async def test_failed_tagging_keeps_the_file_for_the_next_try(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.files.put("/film.mp4", mp4("film", size_bytes=3 * MIB))
    order = bench.order("/film.mp4", target_embed={"title": "x"})
    monkeypatch.setattr(embedding, "find_ffmpeg", lambda: "/bin/false")

    error = await bench.failed(order)

    assert error["kind"] == "postprocess"
    assert bench.visible() == []
    monkeypatch.undo()
    bench.web.log.clear()
    await bench.stored(replace(order, key="again"))
    assert bench.web.log.entries() == []


async def test_a_missing_ffmpeg_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise PostprocessFailed("no ffmpeg was found")

    monkeypatch.setattr(embedding, "find_ffmpeg", none)
    bench.files.put("/film.mp4", mp4("film"))

    error = await bench.failed(bench.order("/film.mp4", target_embed={"title": "x"}))

    assert error["kind"] == "postprocess"


# What engines make


def made(bench: Bench, name: str, content: bytes, **changes: object) -> Ingest:
    bench.work.mkdir(parents=True, exist_ok=True)
    path = bench.work / "engine" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    item = FoundItem(3, Identity("test", name), ext=name.rpartition(".")[2])
    target = Target(str(bench.root), str(bench.work), "site", ("made",), sidecar={"id": 1})
    return Ingest("made", 1, item, target, str(path), merged=True)


async def test_a_file_made_by_an_engine_is_verified_and_moved(bench: Bench) -> None:
    answer = await bench.stored(made(bench, "film.mp4", mp4("film")))

    assert bench.visible() == ["site/made.mp4", "site/made.mp4.json"]
    assert answer.file.sha256 == hashlib.sha256(mp4("film")).hexdigest()
    assert not (bench.work / "engine" / "film.mp4").exists()


async def test_a_cut_file_made_by_an_engine_is_refused_and_kept(bench: Bench) -> None:
    error = await bench.failed(made(bench, "film.mp4", mp4("film")[:-2000]))

    assert error["kind"] == "bad_content"
    assert (bench.work / "engine" / "film.mp4").exists()


async def test_an_ingest_outside_of_the_work_folder_is_refused(bench: Bench, tmp_path: Path) -> None:
    order = made(bench, "film.mp4", mp4("film"))
    outside = tmp_path / "film.mp4"
    await asyncio.to_thread(outside.write_bytes, mp4("film"))

    error = await bench.failed(Ingest("out", 1, order.item, order.target, str(outside)))

    assert error["kind"] == "not_writable"


async def test_an_ingest_that_is_not_there_is_an_error(bench: Bench) -> None:
    order = made(bench, "film.mp4", mp4("film"))

    error = await bench.failed(Ingest("gone", 1, order.item, order.target, str(bench.work / "none.mp4")))

    assert error["kind"] == "not_writable"
