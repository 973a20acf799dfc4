"""The unmodified engines read the simulated Instagram."""

from __future__ import annotations

import io
from pathlib import Path

import av
import imageio_ffmpeg
import pytest

from fakeweb.engines import Engine
from fakeweb.expected import digests
from fakeweb.sites.instagram_posts import video
from fakeweb.world import World

pytestmark = pytest.mark.engines


@pytest.mark.parametrize("kind", ["posts", "reels", "highlights", "tagged", "avatar"])
def test_gallery_dl_gets_what_a_profile_shows(world: World, gallery_dl: Engine, kind: str) -> None:
    site = world.instagram
    run = gallery_dl(f"{site.profile_url('bob')}{kind}/", logged_in=True)
    wanted = [site.expected_avatar("bob")] if kind == "avatar" else getattr(site, f"expected_{kind}")("bob")
    assert run.code == 0, run.output
    assert run.digests() == digests(wanted)


def test_gallery_dl_pages_through_posts(world: World, gallery_dl: Engine) -> None:
    gallery_dl(world.instagram.profile_url("bob"), logged_in=True)
    asked = [
        entry.form.get("fb_api_req_friendly_name", "") for entry in world.web.log.search("/graphql/query")
    ]
    assert asked.count("PolarisProfilePostsTabContentQuery_connection") == 2


def test_gallery_dl_gets_stories(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl(world.instagram.stories_url("bob"), logged_in=True)
    assert run.digests() == digests(world.instagram.expected_stories("bob")), run.output


def test_gallery_dl_gets_one_carousel(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl(world.instagram.post_url("bob", 2), logged_in=True)
    assert run.digests() == digests(world.instagram.expected_post("bob", 2)), run.output


def test_gallery_dl_without_a_session_is_sent_to_the_login_page(world: World, gallery_dl: Engine) -> None:
    run = gallery_dl(world.instagram.profile_url("bob"))
    assert run.code != 0
    assert "redirect to login page" in run.output


def test_an_expired_session_is_sent_to_the_login_page(world: World, gallery_dl: Engine) -> None:
    site = world.instagram
    expired = site.session_id
    site.sessions = {"8000000001%3Aother%3A1": "viewer"}
    run = gallery_dl(
        "-C", str(site.write_cookies(world.web.ca_pem.parent / "old.txt", expired)), site.profile_url("bob")
    )
    assert "redirect to login page" in run.output


def test_a_private_profile_shows_nothing_unless_followed(world: World, gallery_dl: Engine) -> None:
    site = world.instagram
    run = gallery_dl(site.profile_url("shy"), logged_in=True)
    assert run.code == 0
    assert "private" in run.output
    assert run.files == []
    site.profiles["shy"].followers = frozenset(["viewer"])
    assert gallery_dl(site.profile_url("shy"), logged_in=True).digests() == digests(
        site.expected_posts("shy")
    )


@pytest.mark.parametrize("status", [200, 404])
def test_an_unknown_profile_is_an_error(world: World, gallery_dl: Engine, status: int) -> None:
    world.instagram.unknown_status = status
    assert gallery_dl(world.instagram.profile_url("nobody"), logged_in=True).code != 0


def test_gallery_dl_merges_a_dash_pair(world: World, gallery_dl: Engine) -> None:
    world.instagram.dash = True
    options = {"ffmpeg_location": imageio_ffmpeg.get_ffmpeg_exe()}
    run = gallery_dl(
        world.instagram.reel_url("bob", 1), logged_in=True, downloader__ytdl__raw_options=options
    )
    assert len(run.files) == 1, run.output
    with av.open(io.BytesIO(run.files[0].read_bytes())) as made:
        assert {stream.type for stream in made.streams} == {"video", "audio"}
    assert world.web.log.count("_v.mp4") > 0
    assert world.web.log.count("_a.mp4") > 0
    assert world.web.log.count("_n.mp4") == 0


def test_ytdlp_gets_a_reel_logged_in_and_logged_out(world: World, ytdlp: Engine, tmp_path: Path) -> None:
    wanted = digests(world.instagram.expected_reels("bob")[-1:])
    assert ytdlp(world.instagram.reel_url("bob", 1)).digests() == wanted
    cookies = str(world.instagram.write_cookies(tmp_path / "cookies.txt"))
    run = ytdlp("--force-overwrites", "--cookies", cookies, world.instagram.reel_url("bob", 1))
    assert run.digests() == wanted, run.output


def test_ytdlp_gets_one_half_of_a_dash_pair(world: World, ytdlp: Engine) -> None:
    world.instagram.dash = True
    part = world.instagram.profiles["bob"].reels[0].media[0]
    run = ytdlp("-f", f"dash-{part.pk}v", world.instagram.reel_url("bob", 1))
    assert run.digests() == [video(part, "v").sha256()], run.output


def test_ytdlp_gets_story_videos(world: World, ytdlp: Engine, tmp_path: Path) -> None:
    cookies = str(world.instagram.write_cookies(tmp_path / "cookies.txt"))
    run = ytdlp("--cookies", cookies, world.instagram.stories_url("bob"))
    wanted = [file for file in world.instagram.expected_stories("bob") if file.content_type == "video/mp4"]
    assert run.digests() == digests(wanted), run.output


def test_ytdlp_names_the_login_wall(world: World, ytdlp: Engine) -> None:
    from fakeweb import Fault

    world.instagram.wall = True
    world.web.faults.add(
        Fault.answer("POST .*/api/graphql", b'{"data": {}}', content_type="application/json")
    )
    run = ytdlp(world.instagram.reel_url("bob", 1))
    assert "redirected to the login page" in run.output
