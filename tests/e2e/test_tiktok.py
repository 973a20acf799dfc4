"""TikTok end to end: accounts whose page is kept from us, renditions without sound, walls and refusals."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from e2e.program import Program
from fakeweb import Fault
from fakeweb.sites.tiktok_posts import make_post

pytestmark = pytest.mark.engines

NO_PAGE = (r"GET https://www\.tiktok\.com/@alice$", r"GET https://www\.tiktok\.com/embed/@alice")


def has_sound(path: Path) -> bool:
    """Whether a film has a sound track."""
    with av.open(str(path)) as container:
        return bool(container.streams.audio)


def test_a_new_post_comes_though_the_page_of_the_account_is_kept_from_us(program: Program) -> None:
    tiktok = program.world.tiktok
    first, _ = program.fetch("tiktok:@alice", options=("--max-items", "2"))
    assert first.code == 0, first.err + program.log()
    tiktok.users["alice"].posts.append(make_post("alice", 21))
    for pattern in NO_PAGE:
        program.world.web.faults.add(Fault.answer(pattern, b"<html><body>Please wait...</body></html>"))

    result, jobs = program.fetch("tiktok:@alice", options=("--max-items", "3"))

    assert result.code == 0, result.err + program.log()
    assert jobs[0]["status"] == "completed"
    assert ["alice post 21" in file["path"] for file in jobs[0]["files"]] == [True]
    assert len(program.files()) == 3


@pytest.mark.parametrize("broken", ["mute", "lost"])
def test_a_rendition_without_sound_or_bytes_is_passed_over_for_the_next(
    program: Program, broken: str
) -> None:
    tiktok = program.world.tiktok
    setattr(tiktok.users["alice"].post(20), broken, ("bytevc1_1080p",))

    result, jobs = program.fetch(tiktok.post_url("alice", 20))

    assert result.code == 0, result.err + program.log()
    assert jobs[0]["status"] == "completed"
    assert program.digests() == [tiktok.expected_video("alice", 20, "h264_720p").sha256]
    assert has_sound(program.files()[0])
    assert program.world.web.log.count(tiktok.watermark_pattern()) == 0


def test_a_video_that_is_mute_by_right_is_kept_in_its_best_quality(program: Program) -> None:
    tiktok = program.world.tiktok
    tiktok.users["alice"].post(20).mute = ("bytevc1_1080p", "h264_720p", "h264_540p")

    result, _jobs = program.fetch(tiktok.post_url("alice", 20))

    assert result.code == 0, result.err + program.log()
    assert program.digests() == [tiktok.expected_video("alice", 20).sha256]


def test_a_codec_set_for_the_platform_holds_until_a_job_says_otherwise(program: Program) -> None:
    tiktok = program.world.tiktok
    program.run("settings", "set", "tiktok.codec", "h264")

    program.fetch(tiktok.post_url("alice", 20))
    program.fetch(tiktok.post_url("alice", 19), options=("--option", "codec=h265"))

    wanted = [tiktok.expected_video("alice", 20, "h264_720p"), tiktok.expected_video("alice", 19)]
    assert program.digests() == sorted(file.sha256 for file in wanted)


def test_an_account_of_posts_that_cannot_be_had_names_each_reason(program: Program) -> None:
    result, jobs = program.fetch("tiktok:@dora")

    assert result.code != 0
    assert jobs[0]["status"] in {"failed", "waiting"}
    assert len(program.files()) == 1
