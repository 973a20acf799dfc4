"""Instagram through gallery-dl: every file of an account, with a session; without one, the job says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakeweb import Fault
from fakeweb.expected import ExpectedFile
from mediadl.models import FoundItem
from mediadl.modules.instagram import media_pk
from runner_driver import Asked, Bench, Made, Working

pytestmark = pytest.mark.engines


def paths(urls: list[str]) -> list[str]:
    return sorted(url.partition("?")[0] for url in urls)


def shortcode(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def same(items: list[FoundItem], files: list[ExpectedFile]) -> bool:
    """Whether the items are exactly these files: the path names an asset, the query is a signature."""
    return paths([item.url for item in items]) == paths([file.url for file in files])


def test_posts_bring_every_slide_of_every_carousel(bench: Bench) -> None:
    site = bench.world.instagram

    talk = bench.run(site.profile_url("bob"), cookies_file=bench.cookies())

    assert talk.kind == ""
    assert same(talk.items, site.expected_posts("bob"))
    assert len({str(item.identity) for item in talk.items}) == len(talk.items)
    assert {item.source for item in talk.items} == {"bob"}
    assert "sessionid" in bench.world.web.log.search("instagram.com/")[-1].cookies
    assert all("Cookie" not in item.headers or "cdninstagram" in item.url for item in talk.items)


@pytest.mark.parametrize("kind", ["reels", "stories", "highlights", "tagged", "avatar"])
def test_each_content_type_brings_its_files(bench: Bench, kind: str) -> None:
    site = bench.world.instagram
    expected = getattr(site, f"expected_{kind}")("bob")

    talk = bench.run(site.profile_url("bob"), kind, cookies_file=bench.cookies())

    assert talk.kind == ""
    assert same(talk.items, [expected] if isinstance(expected, ExpectedFile) else expected)
    assert all(item.identity.site == "instagram" and item.identity.id.isdigit() for item in talk.items)


def test_single_post_reel_and_highlight(bench: Bench) -> None:
    site, cookies = bench.world.instagram, bench.cookies()

    post = bench.run(site.post_url("bob", 2), cookies_file=cookies)
    highlight = bench.run(site.highlight_url("bob"), cookies_file=cookies, job_id=8)

    assert same(post.items, site.expected_post("bob", 2))
    assert post.items[0].title == "bob post 2 #simulated"
    assert len(highlight.items) == 3


def test_metadata_has_no_signed_address_and_no_cookie(bench: Bench) -> None:
    talk = bench.run(bench.world.instagram.post_url("bob", 2), cookies_file=bench.cookies())

    metadata = talk.items[0].metadata
    assert metadata["username"] == "bob"
    assert metadata["description"] == "bob post 2 #simulated"
    assert "cdninstagram" not in str(metadata)
    assert "sessionid" not in str(metadata)
    assert not any(key.startswith("_") for key in metadata)


def test_without_cookies_an_account_waits_for_a_login(bench: Bench) -> None:
    talk = bench.run(bench.world.instagram.profile_url("bob"))

    assert talk.items == []
    assert talk.kind == "login_needed"


def test_a_dead_session_waits_for_a_login(bench: Bench) -> None:
    talk = bench.run(bench.world.instagram.profile_url("bob"), cookies_file=bench.cookies("nobody-any-more"))

    assert talk.kind == "login_needed"


def test_a_reel_without_cookies_comes_through_ytdlp_with_the_same_identity(bench: Bench) -> None:
    url = bench.world.instagram.reel_url("bob", 1)

    anonymous = bench.run(url)
    with_session = bench.run(url, cookies_file=bench.cookies(), job_id=8)

    assert anonymous.ended.backend == "yt-dlp"
    assert anonymous.ended.tried == ("gallery-dl: login needed",)
    assert with_session.ended.backend == "gallery-dl"
    assert anonymous.items[0].identity == with_session.items[0].identity
    assert anonymous.items[0].source == with_session.items[0].source == "bob"


def test_private_and_unknown_accounts_say_so(bench: Bench) -> None:
    site, cookies = bench.world.instagram, bench.cookies()

    private = bench.run(site.profile_url("shy"), cookies_file=cookies)
    unknown = bench.run("instagram:nobodyatall", cookies_file=cookies, job_id=8)

    assert private.kind == "private"
    assert unknown.kind == "not_found"


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "rate_limited"), (404, "not_found"), (503, "server_error")]
)
def test_a_refused_profile_page_has_its_class(bench: Bench, status: int, kind: str) -> None:
    bench.world.web.faults.add(Fault.status(r"GET https://www\.instagram\.com/bob", status, retry_after=None))

    talk = bench.run(bench.world.instagram.profile_url("bob"), cookies_file=bench.cookies())

    assert talk.kind == kind


def test_what_the_site_sets_anew_comes_into_the_copy_of_the_cookies(bench: Bench) -> None:
    jar = bench.cookies()
    before = (bench.folder / "cookies.txt").read_text().splitlines()[-1]

    bench.run(bench.world.instagram.post_url("bob", 1), cookies_file=jar)

    after = (bench.folder / "cookies.txt").read_text()
    assert before in after
    assert "csrftoken" in after
    assert (bench.folder / "cookies.txt").stat().st_mode & 0o777 == 0o600


def test_a_separate_picture_and_sound_are_merged_by_the_engine(bench: Bench) -> None:
    bench.world.instagram.dash = True

    merged = bench.run(bench.world.instagram.reel_url("bob", 1), cookies_file=bench.cookies())
    ready_made = bench.run(
        bench.world.instagram.reel_url("bob", 1), cookies_file=bench.cookies(), ffmpeg="", job_id=8
    )

    (asked,) = merged.of(Asked)
    (made,) = merged.of(Made)
    assert made.merged
    assert made.n == asked.item.n
    assert made.path.startswith(str(bench.folder / "work"))
    assert asked.item.url == ""
    assert ready_made.of(Asked) == []
    assert ready_made.items[0].identity == asked.item.identity


def test_a_merge_that_fails_falls_back_to_the_ready_made_file(bench: Bench) -> None:
    site = bench.world.instagram
    site.dash = True
    (ready,) = [
        file
        for file in site.expected_reels("bob")
        if media_pk(shortcode(site.reel_url("bob", 1))) in file.url
    ]
    bench.world.web.faults.add(Fault.status(r"GET .*_a\.mp4", 404))

    talk = bench.run(site.reel_url("bob", 1), cookies_file=bench.cookies())

    (made,) = talk.of(Made)
    assert talk.kind == ""
    assert not made.merged
    assert ready.matches(Path(made.path))


def test_pauses_are_told(bench: Bench) -> None:
    talk = bench.run(
        bench.world.instagram.profile_url("bob"), cookies_file=bench.cookies(), request_delay_s=1.2
    )

    waits = [working.waiting_s for working in talk.of(Working) if working.waiting_s]
    assert waits
    assert max(waits) <= 2.4


@pytest.mark.parametrize(
    ("code", "pk"),
    [
        ("aye83DjauH", "482584233761418119"),
        ("BkfuX9UB-eK", "1810369531748018058"),
        ("Chunk8-jurw", "2913440072144448240"),
    ],
)
def test_a_shortcode_spells_its_media_id(code: str, pk: str) -> None:
    assert media_pk(code) == pk
    assert media_pk(code + "x" * 28) != code
