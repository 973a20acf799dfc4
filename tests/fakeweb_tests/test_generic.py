"""The unmodified engines read ordinary pages, files and a forum."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from fakeweb import Fault
from fakeweb.engines import Engine
from fakeweb.expected import digests
from fakeweb.world import World

pytestmark = pytest.mark.engines


@pytest.mark.parametrize("page", ["html5", "og"])
def test_ytdlp_finds_the_video_of_a_page(world: World, ytdlp: Engine, page: str) -> None:
    run = ytdlp(f"{world.generic.base_url}/watch/{page}")
    assert run.digests() == digests(world.generic.expected_page(page)), run.output


@pytest.mark.parametrize("path", ["/watch/hls", "/hls/main/master.m3u8"])
def test_ytdlp_joins_an_hls_stream(world: World, ytdlp: Engine, path: str) -> None:
    run = ytdlp(world.generic.base_url + path)
    assert run.digests() == digests(world.generic.expected_page("hls")), run.output


def test_ytdlp_follows_a_redirect_to_a_file(world: World, ytdlp: Engine) -> None:
    run = ytdlp(f"{world.generic.base_url}/go?to=https://files.example.com/files/clip.mp4")
    assert run.digests() == digests([world.generic.expected("/files/clip.mp4")]), run.output


@pytest.mark.parametrize(
    "make_fault", [Fault.reset, Fault.close, Fault.stall], ids=lambda make: make.__name__
)
def test_ytdlp_resumes_a_file(world: World, ytdlp: Engine, make_fault: Callable[..., Fault]) -> None:
    # The first request only looks at what the file is.
    fault = world.web.faults.add(make_fault("GET .*clip-8mb", after=3_000_000, skip=1, times=1))
    run = ytdlp("--socket-timeout", "1.5", "https://files.example.com/files/clip-8mb.mp4")
    assert run.digests() == digests([world.generic.expected("/files/clip-8mb.mp4")]), run.output
    assert fault.hits == 1
    assert world.web.log.search("GET .*clip-8mb")[-1].status == 206


def test_ytdlp_finds_nothing_on_a_page_without_media(world: World, ytdlp: Engine) -> None:
    run = ytdlp(f"{world.generic.base_url}/nothing")
    assert run.code == 1
    assert run.files == []


def test_gallery_dl_gets_the_pictures_of_a_page(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl(f"generic:{world.generic.base_url}/album")
    assert run.digests() == digests(world.generic.expected_page("album")), run.output


def test_gallery_dl_gets_a_gallery_without_tls(world: World, gallery_dl: Engine) -> None:
    # By the proxy and not by 127.0.0.1:PORT: its generic pattern cuts the port off.
    run = gallery_dl("generic:http://media.example.com/gallery/5")
    assert run.digests() == digests(world.generic.expected_gallery(5)), run.output


def test_gallery_dl_does_not_store_a_login_page_as_a_picture(world: World, gallery_dl: Engine) -> None:
    world.web.faults.add(Fault.login("GET .*photo.jpg"))
    run = gallery_dl("https://files.example.com/files/photo.jpg")
    assert run.files == []
    assert world.web.log.count("GET .*/login$") > 0


def test_gallery_dl_gets_a_forum_thread(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl("xenforo:" + world.forum.thread_url(77))
    assert run.code == 0, run.output
    assert run.digests() == digests(world.forum.expected(77))
    assert world.web.log.count("GET .*/page-9999") == 1


def test_gallery_dl_goes_up_a_thread(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl("-o", "order-posts=asc", "xenforo:" + world.forum.thread_url(77))
    assert run.digests() == digests(world.forum.expected(77)), run.output


def test_guests_are_refused_and_members_are_not(world: World, gallery_dl: Engine) -> None:
    url = world.forum.thread_url(78)
    run = gallery_dl("xenforo:" + url)
    assert run.code == 20, run.output
    cookie = next(iter(world.forum.members))
    run = gallery_dl("-o", f'cookies={{"xf_user": "{cookie}"}}', "xenforo:" + url)
    assert run.digests() == digests(world.forum.expected(78)), run.output


def test_the_list_of_a_gallery_names_its_pictures(world: World, client: requests.Session) -> None:
    text = client.get(f"{world.generic.base_url}/gallery/7.txt").text
    assert text.split() == [file.url for file in world.generic.expected_gallery(7)]
