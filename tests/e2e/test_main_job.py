"""Someone types a URL and gets complete, verified, well-named files with metadata."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from e2e.program import Program, wait_until
from fakeweb.expected import digests

pytestmark = pytest.mark.engines


def test_a_plain_file_arrives_whole_named_and_described(program: Program) -> None:
    url = "https://files.example.com/files/report.pdf"

    result, jobs = program.fetch(url, fresh=True)

    assert result.code == 0, result.err + program.log()
    assert program.run("queue", "list", "--json", fresh=True).json_lines() == program.jobs()
    expected = program.world.generic.expected("/files/report.pdf", "https://files.example.com")
    (file,) = jobs[0]["files"]
    path = Path(file["path"])
    assert expected.matches(path)
    assert file["sha256"] == expected.sha256
    assert file["size"] == expected.size_bytes
    sidecar = json.loads(path.with_name(path.name + ".json").read_text())
    assert sidecar["page_url"] == url
    wait_until(lambda: program.partial_files() == [], "no partial file is left", 10)


def test_stored_files_are_as_readable_as_the_user_wants_and_the_data_folder_is_private(
    program: Program,
) -> None:
    mask = os.umask(0)
    os.umask(mask)

    program.fetch("https://files.example.com/files/report.pdf")

    (file,) = program.files()
    assert file.stat().st_mode & 0o777 == 0o666 & ~mask
    assert file.parent.stat().st_mode & 0o777 == 0o777 & ~mask
    assert program.home.stat().st_mode & 0o777 == 0o700
    assert (program.home / "media_downloader.db").stat().st_mode & 0o777 == 0o600


def test_a_tiktok_video_comes_in_its_best_quality_without_the_watermark(program: Program) -> None:
    tiktok = program.world.tiktok

    result, jobs = program.fetch(tiktok.post_url("alice", 20))

    assert result.code == 0, result.err + program.log()
    assert jobs[0]["status"] == "completed"
    assert program.digests() == [tiktok.expected_video("alice", 20).sha256]
    assert program.world.web.log.count(tiktok.watermark_pattern()) == 0


@pytest.mark.parametrize(("quality", "rendition"), [("720p", "h264_720p"), ("smallest", "h264_540p")])
def test_a_chosen_quality_is_taken_and_never_the_watermarked_one(
    program: Program, quality: str, rendition: str
) -> None:
    tiktok = program.world.tiktok

    result, _jobs = program.fetch(tiktok.post_url("alice", 20), options=("--quality", quality))

    assert result.code == 0, result.err + program.log()
    assert program.digests() == [tiktok.expected_video("alice", 20, rendition).sha256]
    assert program.world.web.log.count(tiktok.watermark_pattern()) == 0


def test_a_tiktok_user_of_twenty_posts_comes_with_the_photo_post(program: Program) -> None:
    tiktok = program.world.tiktok

    result, jobs = program.fetch("tiktok:@alice")

    assert result.code == 0, result.err + program.log()
    wanted = set(digests(tiktok.expected_user("alice", music=False)))
    got = set(program.digests())
    music = set(digests(tiktok.expected_user("alice"))) - wanted
    assert wanted <= got <= wanted | music
    assert len(jobs) == 1
    assert tiktok.expected_user("alice")[0].sha256 in got


def test_instagram_posts_reels_stories_and_highlights_come_with_a_session(
    program: Program, tmp_path: Path
) -> None:
    instagram = program.world.instagram
    cookies = instagram.write_cookies(tmp_path / "cookies.txt")
    imported = program.run("session", "import", "instagram", str(cookies))
    assert imported.code == 0, imported.err

    for kind, expected in {
        "posts": instagram.expected_posts("bob"),
        "reels": instagram.expected_reels("bob"),
        "stories": instagram.expected_stories("bob"),
        "highlights": instagram.expected_highlights("bob"),
    }.items():
        result, _jobs = program.fetch("instagram:bob", options=("--type", kind))

        assert result.code == 0, kind + result.err + program.log()
        assert set(digests(expected)) <= set(program.digests()), kind


def test_instagram_without_a_session_says_login_needed(program: Program) -> None:
    result, jobs = program.fetch("instagram:bob")

    assert result.code == 4, result.err + program.log()
    assert jobs[0]["error"]["reason"] == "login_needed"


def test_an_hls_stream_becomes_one_playable_file(program: Program) -> None:
    result, jobs = program.fetch(f"{program.world.generic.base_url}/watch/hls")

    assert result.code == 0, result.err + program.log()
    (file,) = jobs[0]["files"]
    assert file["size"] > 1000
    wait_until(lambda: program.partial_files() == [], "no partial file is left", 10)


def test_a_page_with_an_html5_video_gives_the_video(program: Program) -> None:
    generic = program.world.generic

    result, _jobs = program.fetch(f"{generic.base_url}/watch/html5")

    assert result.code == 0, result.err + program.log()
    assert program.digests() == digests(generic.expected_page("html5"))


def test_a_page_with_pictures_falls_back_from_one_engine_to_the_other(program: Program) -> None:
    generic = program.world.generic

    result, _jobs = program.fetch(f"{generic.base_url}/album")

    assert result.code == 0, result.err + program.log()
    assert set(digests(generic.expected_page("album"))) <= set(program.digests())
    job = program.jobs()[0]
    assert job["backend"].startswith("gallery-dl")
    assert job["tried"]


def test_a_page_without_media_fails_and_says_what_was_tried(program: Program) -> None:
    result, jobs = program.fetch(f"{program.world.generic.base_url}/nothing")

    assert result.code in {1, 7}
    assert jobs[0]["status"] == "failed"
    assert jobs[0]["error"]["reason"] in {"no_media", "unsupported"}
    assert program.files() == []


def test_a_large_plain_file_equals_the_servers(program: Program) -> None:
    result, _jobs = program.fetch("https://files.example.com/files/archive-200mb.zip")

    assert result.code == 0, result.err + program.log()
    expected = program.world.generic.expected("/files/archive-200mb.zip", "https://files.example.com")
    assert program.digests() == [expected.sha256]


def test_what_was_fetched_before_is_not_fetched_again_even_when_renamed(program: Program) -> None:
    url = program.world.tiktok.post_url("alice", 20)
    program.fetch(url)
    (file,) = program.files()
    file.rename(file.with_name("mine.mp4"))
    program.world.web.log.clear()

    result, jobs = program.fetch(url)

    assert result.code == 0
    assert jobs[0]["status"] == "completed"
    assert [p.name for p in program.files()] == ["mine.mp4"]
    assert program.world.web.log.count(r"/video/tos/") == 0
