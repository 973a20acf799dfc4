"""Instagram through instaloader: visitors get posts and pictures, sessions also reels; its limits are shown."""

from __future__ import annotations

from typing import Any

import pytest

from fakeweb import Fault
from mediadl.modules.instagram.identity import cdn_stem
from runner_driver import Bench, Talk, Working

pytest.importorskip("instaloader", reason="the optional extra is not installed")
pytestmark = pytest.mark.engines


def run(bench: Bench, kind: str = "posts", user: str = "bob", **changes: Any) -> Talk:
    options = {f"order_{kind}": "instaloader"}
    return bench.run(f"instagram:{user}", kind, options=options, **changes)


def stems(talk: Talk) -> list[str]:
    return sorted(cdn_stem(item.url) for item in talk.items)


@pytest.mark.parametrize("with_session", [False, True])
@pytest.mark.parametrize("kind", ["posts", "avatar"])
def test_posts_and_the_picture_come_with_and_without_a_session(
    bench: Bench, kind: str, with_session: bool
) -> None:
    site = bench.world.instagram
    site.open_to_visitors = True
    wanted = getattr(site, f"expected_{kind}")("bob")
    wanted = wanted if isinstance(wanted, list) else [wanted]

    talk = run(bench, kind, cookies_file=bench.cookies() if with_session else "", login="always")

    assert talk.kind == ""
    assert stems(talk) == sorted(cdn_stem(file.url) for file in wanted)
    assert {item.source for item in talk.items} == {"bob"}
    sent = bench.world.web.log.search(r"POST https://www\.instagram\.com/")
    assert all(
        ("sessionid" in entry.cookies and bool(entry.cookies["sessionid"])) == with_session for entry in sent
    )


def test_reels_need_a_session_and_are_not_even_asked_for_without(bench: Bench) -> None:
    bench.world.instagram.open_to_visitors = True

    without = run(bench, "reels")
    asked = bench.world.web.log.count("instagram.com")
    with_session = run(bench, "reels", cookies_file=bench.cookies())

    assert (without.kind, asked) == ("login_needed", 0)
    assert stems(with_session) == sorted(
        cdn_stem(file.url) for file in bench.world.instagram.expected_reels("bob")
    )


def test_single_posts_come_to_visitors_with_the_ids_of_their_slides(bench: Bench) -> None:
    site = bench.world.instagram
    site.open_to_visitors = True

    talk = bench.run(site.post_url("bob", 2), options={"order_post": "instaloader"})

    assert stems(talk) == sorted(cdn_stem(file.url) for file in site.expected_post("bob", 2))
    media = site.profiles["bob"].posts[1].media
    assert [item.identity.id for item in talk.items] == [part.pk for part in media]


def test_every_file_has_the_names_that_gallery_dl_gives_it(bench: Bench) -> None:
    bench.world.instagram.open_to_visitors = True

    by_instaloader = run(bench)
    by_gallery_dl = bench.run("instagram:bob", cookies_file=bench.cookies())

    assert {item.identity for item in by_instaloader.items} == {item.identity for item in by_gallery_dl.items}


def test_a_profile_that_visitors_are_not_shown_proves_nothing(bench: Bench) -> None:
    assert run(bench).kind == "forbidden"


def test_a_missing_page_is_an_account_that_is_not_there(bench: Bench) -> None:
    bench.world.instagram.unknown_status = 404

    assert run(bench, user="nobodyatall").kind == "not_found"


def test_a_private_account_is_private_with_a_session(bench: Bench) -> None:
    bench.world.instagram.open_to_visitors = True

    assert run(bench, user="shy", cookies_file=bench.cookies(), login="always").kind == "private"
    assert run(bench, user="shy").kind == "login_needed"


@pytest.mark.parametrize(("status", "kind"), [(429, "rate_limited"), (404, "not_found"), (400, "forbidden")])
def test_a_refused_query_has_its_class_and_is_not_repeated(bench: Bench, status: int, kind: str) -> None:
    bench.world.instagram.open_to_visitors = True
    bench.world.web.faults.add(Fault.status(r"POST https://www\.instagram\.com/api/graphql", status))

    talk = run(bench)

    assert talk.kind == kind
    assert bench.world.web.log.count(r"POST https://www\.instagram\.com/api/graphql") == 1


def test_a_checkpoint_is_the_owners_business(bench: Bench) -> None:
    bench.world.instagram.open_to_visitors = True
    body = b'{"message": "checkpoint_required", "status": "fail"}'
    fault = Fault.answer(r"POST https://www\.instagram\.com/", body=body, status=400)
    bench.world.web.faults.add(fault)

    talk = run(bench, cookies_file=bench.cookies(), login="always")

    assert talk.kind == "login_needed"
    assert "checkpoint" in str(talk.ended.error)


def test_a_login_that_was_refused_is_not_shown_a_second_time(bench: Bench) -> None:
    bench.world.instagram.open_to_visitors = True

    talk = bench.run("instagram:bob", cookies_file=bench.cookies("long-dead"))

    assert talk.kind == ""
    assert talk.ended.backend == "instaloader"
    log = bench.world.web.log.search(r"https://www\.instagram\.com/")
    with_login = [entry.cookies.get("sessionid") == "long-dead" for entry in log]
    assert with_login == sorted(with_login, reverse=True)
    assert sum(with_login) < len(with_login)


def test_its_pauses_are_told(bench: Bench) -> None:
    bench.world.instagram.open_to_visitors = True

    talk = run(bench, "avatar", request_delay_s=1.6)
    single = bench.run(
        bench.world.instagram.post_url("bob", 1),
        options={"order_post": "instaloader"},
        request_delay_s=1.6,
    )

    assert talk.kind == single.kind == ""
    assert [working.waiting_s for working in single.of(Working) if working.waiting_s]
