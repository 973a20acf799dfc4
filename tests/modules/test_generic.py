"""Any page: the engine that knows the site, then the page itself; the job shows who gave up."""

from __future__ import annotations

import re
from pathlib import Path

import imageio_ffmpeg
import pytest

from fakeweb import Fault
from fakeweb.blobs import BytesBlob
from fakeweb.expected import sha256_of
from fakeweb.sites.generic import PlainFile
from mediadl.modules import registry
from mediadl.modules.base import Task
from mediadl.modules.generic import GALLERYDL_PAGE, YTDLP_PAGE
from runner_driver import Asked, Bench, Found, Made, Trouble

pytestmark = pytest.mark.engines


@pytest.mark.parametrize(
    ("url", "chain"),
    [
        ("https://www.youtube.com/watch?v=aaaaaaaaaaa", ("yt-dlp",)),
        ("https://imgur.com/gallery/abc123", ("gallery-dl", "yt-dlp")),
        ("https://x.com/someone/status/123456", ("gallery-dl", "yt-dlp")),
        ("https://danbooru.donmai.us/posts/1", ("gallery-dl",)),
        ("https://www.bilibili.com/video/BV1xx411c7mD", ("yt-dlp",)),
        ("https://unknown.example.org/page", ()),
    ],
)
def test_who_is_asked_first(url: str, chain: tuple[str, ...], tmp_path: Path) -> None:
    module = registry.module("generic")
    target = module.match(url)
    assert target is not None

    found = module.chain(Task(target=target, work=tmp_path))

    # A known site's page is never searched for pictures: they would be its logos
    assert found == ((*chain, YTDLP_PAGE) if chain else (YTDLP_PAGE, GALLERYDL_PAGE))
    assert set(found) <= set(module.backends(target))


@pytest.mark.parametrize("page", ["html5", "og"])
def test_a_video_in_a_page_is_handed_to_the_fetcher(bench: Bench, page: str) -> None:
    base = bench.world.generic.base_url

    talk = bench.run(f"{base}/watch/{page}")

    (item,) = talk.items
    assert item.url == f"{base}/video/{page}.mp4"
    assert item.title == f"Example {page}"
    assert item.source == "media.example.com"
    assert item.headers["Referer"].startswith(base)
    assert talk.ended.backend == "yt-dlp page"
    assert talk.of(Trouble) == []


def test_a_stream_is_downloaded_by_the_engine_and_put_together(bench: Bench) -> None:
    talk = bench.run(f"{bench.world.generic.base_url}/watch/hls")

    (asked,), (made,) = talk.of(Asked), talk.of(Made)
    assert made.n == asked.item.n
    assert made.merged
    assert Path(made.path).parent == bench.folder / "work"
    assert Path(made.path).stat().st_size > 1000
    assert asked.item.title == "Example hls"


def test_ffmpeg_may_open_nothing_but_files(bench: Bench) -> None:
    """A playlist hidden in a downloaded file must not make it connect anywhere."""
    log, program = bench.folder / "ffmpeg.log", bench.folder / "ffmpeg"
    real = imageio_ffmpeg.get_ffmpeg_exe()
    program.write_text(f'#!/bin/sh\necho "$@" >> "{log}"\nexec "{real}" "$@"\n')
    program.chmod(0o755)

    talk = bench.run(f"{bench.world.generic.base_url}/watch/hls", ffmpeg=str(program))

    calls = [line for line in log.read_text().splitlines() if " -i " in line]
    assert talk.of(Made)
    assert calls
    assert all("-protocol_whitelist file,pipe,crypto,data -i" in call for call in calls)


def test_without_ffmpeg_the_stream_is_what_the_server_sent(bench: Bench) -> None:
    (expected,) = bench.world.generic.expected_page("hls")

    talk = bench.run(f"{bench.world.generic.base_url}/watch/hls", ffmpeg="")

    (made,) = talk.of(Made)
    assert not made.merged
    assert sha256_of(Path(made.path)) == expected.sha256


def test_an_item_that_nobody_wants_is_not_downloaded(bench: Bench) -> None:
    talk = bench.run(f"{bench.world.generic.base_url}/watch/hls", answer=lambda _: False)

    assert len(talk.of(Asked)) == 1
    assert talk.of(Made) == []
    assert talk.kind == ""
    assert bench.world.web.log.count(r"\.ts") == 0


def test_pictures_are_the_last_resort_and_the_job_shows_the_way(bench: Bench) -> None:
    talk = bench.run(f"{bench.world.generic.base_url}/album")

    urls = [file.url for file in bench.world.generic.expected_page("album")]
    assert [item.url for item in talk.items] == urls
    assert talk.ended.backend == "gallery-dl page"
    assert talk.ended.tried == ("yt-dlp page: unsupported url",)
    (gave_up,) = talk.of(Trouble)
    assert (gave_up.n, gave_up.backend) == (0, "yt-dlp page")


def test_a_page_without_media_is_unsupported(bench: Bench) -> None:
    talk = bench.run(f"{bench.world.generic.base_url}/nothing")

    assert talk.items == []
    assert talk.kind == "unsupported"
    assert len(talk.ended.tried) == 2


def test_a_file_without_an_extension_is_found_by_its_type(bench: Bench) -> None:
    generic = bench.world.generic
    generic.put("/get", PlainFile(BytesBlob(b"%PDF-1.4 tiny"), "application/pdf"))

    named_by_header = bench.run(f"{generic.base_url}/download")
    document = bench.run(f"{generic.base_url}/get", job_id=8)

    assert [item.url for item in named_by_header.items] == [f"{generic.base_url}/download"]
    assert named_by_header.items[0].size_bytes == generic.blob("/download").size
    assert [(item.ext, item.kind.value) for item in document.items] == [("pdf", "document")]


def test_a_direct_address_that_is_a_page_goes_on_as_a_page(bench: Bench) -> None:
    """What the daemon does after the transfer said `NotMedia`: the job comes back without `direct`."""
    base = bench.world.generic.base_url
    job = bench.job(f"{base}/go.mp4?to=/watch/html5")
    assert job.module == "direct"

    first = bench.run(f"{base}/files/clip.mp4")
    page = bench.run(f"{base}/watch/html5", module="direct", skip_backends=("direct",), job_id=8)

    assert [(item.url, item.identity.site) for item in first.items] == [
        (f"{base}/files/clip.mp4", "media.example.com")
    ]
    assert [item.url for item in page.items] == [f"{base}/video/html5.mp4"]


@pytest.mark.parametrize("path", ["watch/html5", "no-such-page", "album", "files/clip.mp4"])
def test_an_address_is_asked_for_once(bench: Bench, path: str) -> None:
    """Whether it is a file or a page; gallery-dl gets the page in which yt-dlp saw no video."""
    url = f"{bench.world.generic.base_url}/{path}"

    bench.run(url, module="generic", skip_backends=("gallery-dl", "yt-dlp"))

    assert bench.world.web.log.count(re.escape(url) + "$") == 1


def test_a_page_that_was_handed_on_keeps_its_letters(bench: Bench) -> None:
    generic = bench.world.generic
    page = "<title>Caf\xe9</title><img src='/album/1.jpg'>".encode("latin-1")
    generic.put("/latin", PlainFile(BytesBlob(page), "text/html; charset=iso-8859-1"))

    talk = bench.run(f"{generic.base_url}/latin")

    assert [item.title for item in talk.items] == ["Caf\xe9"]
    assert bench.world.web.log.count(r"/latin$") == 1


def test_a_missing_page_and_a_dead_host_have_their_classes(bench: Bench) -> None:
    base = bench.world.generic.base_url

    missing = bench.run(f"{base}/no-such-page")
    bench.world.web.faults.add(Fault.reset(f"(GET|HEAD) {base}/watch/og"))
    dead = bench.run(f"{base}/watch/og", job_id=8)

    assert missing.kind == "not_found"
    assert dead.kind == "network"
    assert dead.items == []


def test_a_dead_proxy_is_told_as_such(bench: Bench) -> None:
    talk = bench.run("https://media.example.com/watch/og", network={"proxy": "http://127.0.0.1:9"})

    assert talk.kind == "proxy"


def test_an_unknown_authority_is_refused(bench: Bench) -> None:
    for url in ("https://media.example.com/watch/og", bench.world.tiktok.post_url("alice", 1)):
        talk = bench.run(url, network={"ca_file": ""})

        assert talk.kind == "tls", url
        assert talk.items == []


def test_unverified_connections_only_when_asked_for(bench: Bench) -> None:
    network = {"ca_file": "", "verify_tls": False}

    page = bench.run(f"{bench.world.generic.base_url}/watch/og", network=network)
    photo = bench.run(bench.world.tiktok.post_url("alice", 7), network=network, job_id=8)

    assert len(page.of(Found)) == 1
    assert len(photo.of(Found)) == 3
