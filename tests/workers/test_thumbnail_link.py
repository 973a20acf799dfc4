"""The thumbnail child as a process: what it makes of good files, and that bad ones harm nobody."""

from __future__ import annotations

import io
import os
import resource
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import hostile_media
from fakeweb import media
from mediadl.workers.thumbnail_child import Form, Medium
from mediadl.workers.thumbnail_link import Answer, NoPicture, ThumbnailLink, Trouble, _fits

RED, BLUE = (250, 20, 20), (20, 20, 250)


@pytest.fixture
def link() -> Iterator[ThumbnailLink]:
    made = ThumbnailLink()
    yield made
    made.stop()


def ask(link: ThumbnailLink, path: Path, box: tuple[int, int] = (40, 40), form: Form = Form.RGB) -> Answer:
    film = path.suffix in {".mp4", ".mp3", ".m4a"}
    return link.ask(str(path), Medium.STREAM if film else Medium.PICTURE, form, box)


def word(link: ThumbnailLink, path: Path) -> str:
    try:
        ask(link, path)
    except NoPicture as none:
        return none.trouble.value
    return ""


def pixel(answer: Answer, x: int, y: int) -> tuple[int, ...]:
    at = (y * answer.width + x) * 3
    return tuple(answer.payload[at : at + 3])


def close(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 30 for a, b in zip(one, other, strict=True))


def halves(width: int = 400, height: int = 200) -> Image.Image:
    """Red left, blue right."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height))
    return image


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "gif", "bmp", "tif", "avif"])
def test_a_picture_fits_the_box_and_keeps_its_colours(
    link: ThumbnailLink, tmp_path: Path, suffix: str
) -> None:
    halves().save(tmp_path / f"a.{suffix}")

    answer = ask(link, tmp_path / f"a.{suffix}")

    assert (answer.width, answer.height) == (40, 20)
    assert close(pixel(answer, 4, 10), RED)
    assert close(pixel(answer, 35, 10), BLUE)


def test_a_small_picture_is_not_blown_up(link: ThumbnailLink, tmp_path: Path) -> None:
    halves(10, 6).save(tmp_path / "a.png")

    answer = ask(link, tmp_path / "a.png")

    assert (answer.width, answer.height) == (10, 6)


def test_a_turned_photo_stands_upright(link: ThumbnailLink, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = 6  # turn by a quarter to the right
    halves().save(tmp_path / "a.jpg", exif=exif)

    answer = ask(link, tmp_path / "a.jpg")

    assert (answer.width, answer.height) == (20, 40)
    assert close(pixel(answer, 10, 4), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_every_kind_of_pixels_becomes_colours(link: ThumbnailLink, tmp_path: Path, mode: str) -> None:
    suffix = "tif" if mode in {"CMYK", "F"} else "png"
    Image.new(mode, (50, 50)).save(tmp_path / f"a.{suffix}")

    assert ask(link, tmp_path / f"a.{suffix}").width == 40


def test_a_film_gives_a_frame_from_a_tenth_of_its_length(link: ThumbnailLink, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(media.mp4("a", duration_s=4.0))

    answer = ask(link, tmp_path / "a.mp4")

    assert max(answer.width, answer.height) == 40
    assert len(set(answer.payload)) > 1


def test_a_sound_gives_its_cover(link: ThumbnailLink, tmp_path: Path) -> None:
    from mutagen.id3 import APIC, ID3

    path = tmp_path / "a.mp3"
    path.write_bytes(media.mp3("a"))
    assert word(link, path) == "no preview"
    cover = io.BytesIO()
    halves().save(cover, "JPEG")
    tags = ID3()  # type: ignore[no-untyped-call]
    tags.add(APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=cover.getvalue()))  # type: ignore[no-untyped-call]
    tags.save(path)

    answer = ask(link, path)

    assert close(pixel(answer, 4, 10), RED)


def test_hostile_files_get_a_word_and_the_child_lives(link: ThumbnailLink, tmp_path: Path) -> None:
    words = hostile_media.lay_out(tmp_path)
    halves().save(tmp_path / "good.png")
    ask(link, tmp_path / "good.png")
    pid = link.pid

    found = {name: word(link, tmp_path / name) for name in words}

    assert found == words
    assert link.pid == pid


@pytest.mark.timeout(20)
def test_nobody_waits_for_a_pipe(link: ThumbnailLink, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")

    assert word(link, tmp_path / "pipe.jpg") == "not a file"


def test_a_child_that_dies_is_replaced(link: ThumbnailLink, tmp_path: Path) -> None:
    halves().save(tmp_path / "a.png")
    ask(link, tmp_path / "a.png")
    first = link.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)

    assert word(link, tmp_path / "a.png") == "unreadable"
    assert ask(link, tmp_path / "a.png").width == 40
    assert link.pid not in {None, first}


def test_a_child_that_hangs_is_ended_in_time(tmp_path: Path) -> None:
    halves().save(tmp_path / "a.png")
    link = ThumbnailLink(timeout_s=5.0)
    ask(link, tmp_path / "a.png")
    pid = link.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    link = _with_timeout(link, 0.3)

    with pytest.raises(NoPicture) as caught:
        ask(link, tmp_path / "a.png")

    assert caught.value.trouble is Trouble.TOO_SLOW
    assert not Path(f"/proc/{pid}").exists()


def _with_timeout(link: ThumbnailLink, timeout_s: float) -> ThumbnailLink:
    link._timeout_s = timeout_s
    return link


def test_the_child_is_confined(link: ThumbnailLink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIADL_SECRET", "hunter2")
    halves().save(tmp_path / "a.png")
    ask(link, tmp_path / "a.png")
    assert link.pid is not None

    memory, _ = resource.prlimit(link.pid, resource.RLIMIT_AS)
    written, _ = resource.prlimit(link.pid, resource.RLIMIT_FSIZE)
    seconds, _ = resource.prlimit(link.pid, resource.RLIMIT_CPU)
    environment = Path(f"/proc/{link.pid}/environ").read_bytes()
    streams = [os.readlink(f"/proc/{link.pid}/fd/{n}") for n in range(3)]

    assert memory <= 1536 << 20
    assert written == 0
    assert 0 < seconds < 60
    assert b"hunter2" not in environment
    assert streams[0].startswith("socket:")
    assert streams[1:] == [os.devnull, os.devnull]
    assert os.getpgid(link.pid) == link.pid != os.getpgid(0)


def test_the_child_ends_with_its_screen(tmp_path: Path) -> None:
    halves().save(tmp_path / "a.png")
    link = ThumbnailLink()
    ask(link, tmp_path / "a.png")
    child, line = link._child, link._line
    assert child is not None
    assert line is not None

    line.close()

    assert child.wait(30) == 0


def test_sixels_are_nothing_but_sixels(link: ThumbnailLink, tmp_path: Path) -> None:
    halves(60, 30).save(tmp_path / "a.png")

    answer = ask(link, tmp_path / "a.png", form=Form.SIXEL)

    assert answer.payload.startswith(b'"1;1;40;20#')
    assert answer.payload.count(b"-") == 4  # bands of six rows
    assert b"\x1b" not in answer.payload


def test_a_playlist_reaches_no_network(link: ThumbnailLink, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.ts"
        (tmp_path / "a.mp4").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n")
        (tmp_path / "b.mp4").write_text(f"ffconcat version 1.0\nfile {address}\n")

        assert [word(link, tmp_path / name) for name in ("a.mp4", "b.mp4")] == ["broken", "broken"]
        with pytest.raises(BlockingIOError):
            server.accept()


@given(st.integers(0, 60), st.integers(0, 60), st.binary(max_size=200), st.sampled_from(Form))
def test_an_answer_that_does_not_fit_the_order_is_refused(
    width: int, height: int, data: bytes, form: Form
) -> None:
    if _fits(form, (40, 40), width, height, data):
        assert 0 < width <= 40
        assert 0 < height <= 40
        assert len(data) == width * height * 3 if form is Form.RGB else not set(data) & set(b"\x1b\x9c\x07")


def test_an_answer_that_fits_is_taken() -> None:
    assert _fits(Form.RGB, (40, 40), 2, 3, bytes(18))
    assert _fits(Form.SIXEL, (40, 40), 2, 3, b'"1;1;2;3#0;2;0;0;0#0!2?$-')
    assert not _fits(Form.SIXEL, (40, 40), 2, 3, b"#0\x1b\\evil")
