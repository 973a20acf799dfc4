"""TikTok through the unmodified engines: every post once, the quality asked for, never the watermark."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakeweb import Fault
from fakeweb.sites.tiktok_posts import make_user, settle
from mediadl.models import MediaKind
from mediadl.pipeline.protocol import Remember
from runner_driver import Bench, Found, Made, Trouble

pytestmark = pytest.mark.engines


@pytest.mark.parametrize(
    ("quality", "rendition"),
    [("best", "bytevc1_1080p"), ("1080p", "bytevc1_1080p"), ("720p", "h264_720p"), ("480p", "h264_540p"),
     ("smallest", "h264_540p")],
)  # fmt: skip
def test_each_quality_picks_its_rendition_and_never_the_watermark(
    bench: Bench, quality: str, rendition: str
) -> None:
    tiktok = bench.world.tiktok

    talk = bench.run(tiktok.post_url("alice", 20), quality=quality)

    (found,) = talk.of(Found)
    assert rendition in found.item.url
    assert found.item.identity.site == "tiktok"
    assert found.item.size_bytes
    assert "tt_chain_token" in found.item.headers["Cookie"]
    assert bench.world.web.log.count(tiktok.watermark_pattern()) == 0
    assert not any("download" in found.item.url for found in talk.of(Found))


def test_only_the_sound_is_that_of_the_video_not_the_music_it_names(bench: Bench) -> None:
    tiktok = bench.world.tiktok

    talk = bench.run(tiktok.post_url("alice", 20), quality="audio")

    (made,) = talk.of(Made)
    assert made.merged
    assert Path(made.path).suffix in {".m4a", ".mp3"}
    assert talk.items[0].kind is MediaKind.AUDIO
    assert bench.world.web.log.count(r"GET .*/video/tos/.*_1080p/") == 1
    assert bench.world.web.log.count(tiktok.watermark_pattern()) == 0


def test_metadata_keeps_what_lasts_and_no_secret(bench: Bench) -> None:
    talk = bench.run(bench.world.tiktok.post_url("alice", 4))

    item = talk.items[0]
    assert item.title == "Sunset \N{SUNRISE} #sea"
    assert item.source == "alice"
    assert item.posted_at is not None
    assert item.page_url.startswith("https://www.tiktok.com/@alice/video/")
    assert item.metadata["description"] == item.title
    text = str(item.metadata)
    assert "expire=" not in text
    assert "tt_chain_token" not in text
    assert "User-Agent" not in text


def test_a_user_of_twenty_posts_gives_every_video_and_every_photo(bench: Bench) -> None:
    tiktok = bench.world.tiktok

    talk = bench.run(tiktok.profile_url("alice"))

    videos = [item for item in talk.items if item.ext == "mp4"]
    photos = [item for item in talk.items if item.ext in {"jpg", "jpeg"}]
    assert talk.kind == ""
    assert len(videos) == 19
    assert [item.identity.index for item in photos] == [0, 1, 2]
    assert len({str(item.identity) for item in talk.items}) == len(talk.items) == 22
    assert [item.n for item in talk.items] == list(range(1, 23))
    assert bench.world.web.log.count(tiktok.watermark_pattern()) == 0


def test_the_other_engine_gives_the_same_identities(bench: Bench) -> None:
    url = bench.world.tiktok.profile_url("alice")

    by_ytdlp = bench.run(url)
    by_gallerydl = bench.run(url, skip_backends=("yt-dlp",), job_id=8)
    in_720p = bench.run(url, skip_backends=("yt-dlp",), quality="720p", job_id=9)

    names = {str(item.identity) for item in by_ytdlp.items}
    assert {str(item.identity) for item in by_gallerydl.items} == names
    assert {str(item.identity) for item in in_720p.items} == names
    assert all("h264_720p" in item.url for item in in_720p.items if item.ext == "mp4")


def test_a_photo_post_gives_its_pictures(bench: Bench) -> None:
    url = bench.world.tiktok.post_url("alice", 7)

    pictures = bench.run(url)
    with_sound = bench.run(url, options={"sound": True}, job_id=8)

    assert [item.ext for item in pictures.items] == ["jpeg"] * 3
    assert [item.ext for item in with_sound.items][:3] == ["jpeg"] * 3
    assert len(with_sound.items) == 4
    assert with_sound.items[3].identity.id.endswith("-sound")


def test_a_photo_post_behind_a_video_address_gives_its_pictures(bench: Bench) -> None:
    url = bench.world.tiktok.post_url("alice", 7).replace("/photo/", "/video/")

    talk = bench.run(url)

    assert [item.ext for item in talk.items] == ["jpeg"] * 3


def test_a_short_link_leads_to_its_post(bench: Bench) -> None:
    talk = bench.run(bench.world.tiktok.short_url("alice", 1))

    assert len(talk.items) == 1
    assert talk.items[0].page_url == bench.world.tiktok.post_url("alice", 1)


def test_the_challenge_page_is_passed(bench: Bench) -> None:
    bench.world.tiktok.waf = True

    post = bench.run(bench.world.tiktok.post_url("alice", 20))
    photo = bench.run(bench.world.tiktok.post_url("alice", 7), job_id=8)
    profile = bench.run(bench.world.tiktok.profile_url("alice"), job_id=9)

    assert len(post.items) == 1
    assert len(photo.items) == 3
    assert len(profile.items) == 22


def test_stories_and_avatar_come_through_gallerydl(bench: Bench) -> None:
    url = bench.world.tiktok.profile_url("alice")

    stories = bench.run(url, "stories")
    avatar = bench.run(url, "avatar", job_id=8)

    assert len(stories.items) == 2
    assert [item.ext for item in avatar.items] == ["jpeg"]


def test_what_cannot_be_had_is_told_post_by_post(bench: Bench) -> None:
    talk = bench.run(bench.world.tiktok.profile_url("dora"))

    assert len(talk.items) == 1
    assert sorted(talk.troubles) == ["geo", "login_needed", "not_found"]
    assert all(trouble.identity.startswith("tiktok:") for trouble in talk.of(Trouble))


def test_gallerydl_loses_no_post_in_silence(bench: Bench) -> None:
    """It logs what cannot be had and ends well; a sensitive post it mentions in passing only."""
    talk = bench.run(bench.world.tiktok.profile_url("dora"), skip_backends=("yt-dlp",))

    assert len(talk.items) == 1
    assert sorted(talk.troubles) == ["geo", "login_needed", "not_found"]


@pytest.mark.parametrize(("number", "kind"), [(1, "not_found"), (2, "geo"), (3, "login_needed")])
def test_a_single_post_that_cannot_be_had_ends_with_its_class(bench: Bench, number: int, kind: str) -> None:
    url = bench.world.tiktok.post_url("dora", number)

    by_ytdlp = bench.run(url)
    by_gallerydl = bench.run(url, skip_backends=("yt-dlp",), job_id=8)

    assert (by_ytdlp.kind, by_gallerydl.kind) == (kind, kind)


@pytest.mark.parametrize(
    ("name", "kind"), [("hidden", "private"), ("nobody.at.all", "not_found")]
)  # fmt: skip
def test_accounts_that_show_nothing_say_why(bench: Bench, name: str, kind: str) -> None:
    talk = bench.run(f"tiktok:@{name}")

    assert talk.items == []
    assert talk.kind == kind


def test_a_post_that_ytdlp_cannot_read_is_tried_with_gallerydl(bench: Bench) -> None:
    post = bench.world.tiktok.post_url("alice", 20)
    bench.world.web.faults.add(Fault.status(f"GET {post}", 403, times=1))

    talk = bench.run(post)

    assert len(talk.items) == 1
    assert talk.ended.backend == "gallery-dl"
    assert talk.ended.tried == ("yt-dlp: refused by the server",)


def test_a_rate_limit_ends_the_job_with_the_wait_that_was_asked_for(bench: Bench) -> None:
    bench.world.web.faults.add(
        Fault.status(r"GET https://www\.tiktok\.com/@alice/video/", 429, retry_after=77, skip=3)
    )

    talk = bench.run(bench.world.tiktok.profile_url("alice"))

    assert len(talk.items) == 3
    assert talk.kind == "rate_limited"
    assert talk.ended.error is not None
    assert talk.ended.error["retry_after_s"] == 77
    assert talk.ended.tried == ()


def test_limits_stop_the_listing(bench: Bench) -> None:
    url = bench.world.tiktok.profile_url("alice")
    newest = bench.run(url, options={"max_items": 4})
    fifth = newest.items[3].posted_at
    assert fifth is not None

    since = bench.run(url, options={"since": fifth}, job_id=8)
    until = bench.run(url, options={"until": fifth, "max_items": 2}, job_id=9)

    assert len(newest.items) == 4
    assert [str(i.identity) for i in since.items] == [str(i.identity) for i in newest.items]
    assert str(until.items[0].identity) == str(newest.items[3].identity)
    assert len(until.items) == 2


def test_empty_lists_and_no_embed_page_are_passed_by_the_other_engine(bench: Bench) -> None:
    tiktok = bench.world.tiktok
    bench.world.web.faults.add(Fault.answer(r"GET .*/api/creator/item_list/", b"", times=1))

    talk = bench.run(tiktok.profile_url("alice"))

    assert len(talk.items) == 22
    assert talk.ended.backend == "gallery-dl"
    assert talk.ended.tried == ("yt-dlp: site changed",)


def test_a_wall_in_the_middle_of_a_list_ends_it_soon(bench: Bench) -> None:
    posts = r"GET https://www\.tiktok\.com/@alice/video/"
    bench.world.web.faults.add(Fault.status(posts, 403, skip=3))

    talk = bench.run(bench.world.tiktok.profile_url("alice"))

    assert len(talk.items) == 3
    assert talk.kind == "forbidden"
    assert len(talk.ended.tried) == 2
    assert bench.world.web.log.count(posts) < 20


def test_one_post_in_a_list_that_only_gallerydl_can_read_is_not_lost(bench: Bench) -> None:
    post = bench.world.tiktok.post_url("alice", 12)
    bench.world.web.faults.add(Fault.status(f"GET {post}$", 403, times=1))

    talk = bench.run(bench.world.tiktok.profile_url("alice"))

    assert len(talk.items) == 22
    assert talk.troubles == []
    assert talk.kind == ""


@pytest.mark.parametrize(
    ("codec", "quality", "rendition"),
    [
        ("any", "best", "bytevc1_1080p"),
        ("h265", "best", "bytevc1_1080p"),
        ("h264", "best", "h264_720p"),
        ("h265", "720p", "h264_720p"),
        ("h264", "smallest", "h264_540p"),
    ],
)
def test_the_codec_asked_for_is_taken_within_the_quality_asked_for(
    bench: Bench, codec: str, quality: str, rendition: str
) -> None:
    post = bench.world.tiktok.post_url("alice", 20)

    by_ytdlp = bench.run(post, quality=quality, options={"codec": codec})
    by_gallerydl = bench.run(
        bench.world.tiktok.profile_url("alice"),
        quality=quality,
        options={"codec": codec, "max_items": 1},
        skip_backends=("yt-dlp",),
        job_id=8,
    )

    assert [rendition in item.url for item in (*by_ytdlp.items, *by_gallerydl.items)] == [True, True]
    assert bench.world.web.log.count(bench.world.tiktok.watermark_pattern()) == 0


def test_a_video_announces_its_sound_and_names_other_renditions_without_the_watermark(bench: Bench) -> None:
    tiktok = bench.world.tiktok

    (item,) = bench.run(tiktok.post_url("alice", 20)).items

    assert item.sound
    assert [("h264_720p" in url, "h264_540p" in url) for url in item.others] == [(True, False), (False, True)]


def test_the_owner_of_an_account_is_remembered_once(bench: Bench) -> None:
    tiktok = bench.world.tiktok
    alice = tiktok.users["alice"]
    owner = {"sec_uid": alice.sec_uid, "user_id": alice.id}

    by_ytdlp = bench.run(tiktok.profile_url("alice"))
    by_gallerydl = bench.run(tiktok.profile_url("alice"), skip_backends=("yt-dlp",), job_id=8)
    stories = bench.run(tiktok.profile_url("alice"), "stories", job_id=9)
    again = bench.run(tiktok.profile_url("alice"), memory={"owner": owner}, job_id=10)

    for talk in (by_ytdlp, by_gallerydl, stories):
        assert [(said.key, said.value) for said in talk.of(Remember)] == [("owner", owner)]
    assert again.of(Remember) == []


NO_PAGE = (r"GET https://www\.tiktok\.com/@alice(/stories)?$", r"GET https://www\.tiktok\.com/embed/@alice")


@pytest.mark.parametrize("skip", [(), ("yt-dlp",)])
def test_an_account_whose_page_is_kept_from_us_is_listed_by_what_was_remembered(
    bench: Bench, skip: tuple[str, ...]
) -> None:
    tiktok = bench.world.tiktok
    owner = {"sec_uid": tiktok.users["alice"].sec_uid, "user_id": tiktok.users["alice"].id}
    for pattern in NO_PAGE:
        bench.world.web.faults.add(Fault.answer(pattern, b"<html><body>Please wait...</body></html>"))

    without = bench.run(tiktok.profile_url("alice"), skip_backends=skip)
    known = bench.run(tiktok.profile_url("alice"), skip_backends=skip, memory={"owner": owner}, job_id=8)

    assert without.items == []
    assert without.kind in {"challenge", "site_changed"}
    assert len(known.items) == 22
    assert known.kind == ""
    assert {item.source for item in known.items} == {"alice"}
    assert not any("MS4wLjABAAAA" in item.page_url for item in known.items)


def test_stories_need_no_page_of_the_account_once_its_number_is_known(bench: Bench) -> None:
    tiktok = bench.world.tiktok
    owner = {"sec_uid": tiktok.users["alice"].sec_uid, "user_id": tiktok.users["alice"].id}
    bench.world.web.faults.add(Fault.answer(NO_PAGE[0], b"<html><body>Please wait...</body></html>"))

    talk = bench.run(tiktok.profile_url("alice"), "stories", memory={"owner": owner})

    assert len(talk.items) == 2


def test_an_account_without_posts_is_a_success_with_nothing(bench: Bench) -> None:
    bench.world.tiktok.users["quiet"] = settle("quiet", make_user(posts=0))

    talk = bench.run("tiktok:@quiet")

    assert talk.items == []
    assert talk.kind == ""
    assert talk.ended.empty == "the account has no posts"


@pytest.mark.parametrize("skip", [(), ("yt-dlp",)])
def test_a_list_whose_second_page_fails_does_not_end_as_whole(bench: Bench, skip: tuple[str, ...]) -> None:
    bench.world.web.faults.add(Fault.answer(r"GET .*/api/creator/item_list/", b"", skip=1))

    talk = bench.run(bench.world.tiktok.profile_url("alice"), skip_backends=skip)

    assert talk.kind in {"rate_limited", "site_changed"}


def test_a_post_that_ytdlp_cannot_read_does_not_end_the_list_of_the_other_engine(bench: Bench) -> None:
    post = bench.world.tiktok.post_url("alice", 12)
    bench.world.web.faults.add(Fault.status(f"GET {post}$", 404, skip=1))

    talk = bench.run(bench.world.tiktok.profile_url("alice"), quality="720p", skip_backends=("yt-dlp",))

    assert len(talk.items) == 21
    assert len(talk.troubles) == 1
