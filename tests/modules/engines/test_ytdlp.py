"""yt-dlp's parameters and decisions, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from yt_dlp import YoutubeDL

from mediadl.modules.base import Network, Target, Task
from mediadl.modules.engines import ytdlp, ytdlp_hooks
from mediadl.modules.engines.ytdlp_session import Session
from mediadl.workers.runner_reporter import PipeReporter

PLAIN = {"url": "https://e.com/a.mp4", "protocol": "https", "ext": "mp4", "vcodec": "h264", "acodec": "aac"}


def task(work: Path, **changes: Any) -> Task:
    return Task(target=Target("generic", "https://e.com/p", "page", "e.com"), work=work, **changes)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    made = task(tmp_path)
    return Session(ytdlp.parameters(made), made, PipeReporter(lambda _: None), ytdlp.Hooks())


def test_nothing_is_read_from_or_written_outside_of_the_work_folder(tmp_path: Path) -> None:
    params = ytdlp.parameters(task(tmp_path))

    assert params["cachedir"] is False
    assert params["paths"] == {"home": str(tmp_path), "temp": str(tmp_path)}
    assert "cookiefile" not in params
    assert "config_locations" not in params
    assert params["skip_unavailable_fragments"] is False


def test_the_network_is_what_the_job_says(tmp_path: Path) -> None:
    params = ytdlp.parameters(
        task(tmp_path, network=Network("http://p:1", verify_tls=False, timeout_s=7, retries=2))
    )

    assert params["proxy"] == "http://p:1"
    assert params["nocheckcertificate"] is True
    assert params["socket_timeout"] == 7
    assert params["retries"] == 2
    assert params["fragment_retries"] >= 10


@pytest.mark.parametrize("word", ["best", "1080p", "720p", "480p", "smallest", "audio"])
@pytest.mark.parametrize("has_ffmpeg", [True, False])
def test_every_quality_is_a_valid_selection_without_watermarks(
    session: Session, word: str, has_ffmpeg: bool
) -> None:
    formats = [
        {**PLAIN, "format_id": "download", "format_note": "watermarked", "width": 2000, "height": 3000, "filesize": 1},
        {**PLAIN, "format_id": "hd", "width": 1080, "height": 1920, "filesize": 900},
        {**PLAIN, "format_id": "sd", "width": 480, "height": 854, "filesize": 100},
    ]  # fmt: skip

    chosen = ytdlp.quality(word, has_ffmpeg=has_ffmpeg, hooks=ytdlp.Hooks())
    selector = session.build_format_selector(chosen["format"])
    (found,) = selector({"formats": formats, "has_merged_format": True, "incomplete_formats": False})

    assert found["format_id"] in {"hd", "sd"}


@pytest.mark.parametrize(
    ("changes", "plain"),
    [
        ({}, True),
        ({"protocol": "m3u8_native"}, False),
        ({"protocol": None}, True),
        ({"requested_formats": [{}, {}]}, False),
        ({"fragments": [{}]}, False),
        ({"is_live": True}, False),
        ({"has_drm": True}, False),
        ({"downloader_options": {"http_chunk_size": 1}}, False),
        ({"section_start": 5}, False),
        ({"url": "data:video/mp4;base64,AA", "protocol": None}, False),
        ({"url": "ftp://e.com/a.mp4", "protocol": "ftp"}, False),
    ],
)
def test_only_one_plain_file_goes_to_our_fetcher(
    session: Session, changes: dict[str, Any], plain: bool
) -> None:
    assert session._is_plain({**PLAIN, **changes}) is plain


def test_pages_of_unknown_sites_get_an_identity_from_their_address(session: Session) -> None:
    info = {"extractor_key": "Generic", "id": "video", "webpage_url": "https://e.com/a/video?utm_source=x"}

    alone = ytdlp_hooks.identify(info)
    third = ytdlp_hooks.identify({**info, "playlist_webpage_url": info["webpage_url"], "playlist_index": 3})
    other = ytdlp_hooks.identify({**info, "webpage_url": "https://e.com/b/video"})
    known = ytdlp_hooks.identify({"extractor_key": "Youtube", "id": "abc"})

    assert alone.site == third.site == "e.com"
    assert (alone.index, third.index) == (0, 2)
    assert alone.id == third.id != other.id
    assert str(known) == "youtube:abc:0"


def test_the_generic_extractor_is_nobodys_speciality() -> None:
    assert ytdlp.specific_extractor("https://www.youtube.com/watch?v=aaaaaaaaaaa") == "Youtube"
    assert ytdlp.specific_extractor("https://nobody.example.org/video") == ""


def asked_by(session: YoutubeDL) -> list[tuple[str, type]]:
    return [(key, ie if isinstance(ie, type) else type(ie)) for key, ie in session._ies.items()]


def test_a_session_asks_the_extractors_that_yt_dlp_would_ask(session: Session) -> None:
    with YoutubeDL({"quiet": True}) as plain:
        assert asked_by(session) == asked_by(plain)

    assert all(ie._downloader is session for ie in session._ies_instances.values())
