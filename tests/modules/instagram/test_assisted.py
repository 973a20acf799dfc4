"""FastDL and Toolzu in a browser that a person started: their own pages ask, we read along in one tab."""

from __future__ import annotations

import contextlib
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser_stage import DEADLINE_S, Browser, needs_browser, started
from fakeweb.world import World
from mediadl.errors import AddressRefused, EngineBroken
from mediadl.modules.instagram.cdp import Tab, local_end
from mediadl.modules.instagram.identity import cdn_stem
from runner_driver import Bench, Talk, Working


@pytest.fixture
def browser(world: World, tmp_path: Path) -> Iterator[Browser]:
    """A browser that listens."""
    with started(world.web.url, tmp_path / "profile") as made:
        yield made


def run(
    bench: Bench, browser: Browser, way: str, kind: str, text: str = "instagram:bob", **more: Any
) -> Talk:
    options = {
        f"use_{way}": True,
        f"order_{kind}": way,
        "browser_cdp_url": browser.url,
        "pause_browser_s": 0,
        "browser_wait_s": 8,
        **more,
    }
    return bench.run(text, None if kind in {"post", "reel"} else kind, options=options)


def stems(talk: Talk) -> list[str]:
    return sorted(cdn_stem(item.url) for item in talk.items)


def expected(world: World, kind: str) -> list[str]:
    files = getattr(world.instagram, f"expected_{kind}")("bob")
    return sorted(cdn_stem(file.url) for file in (files if isinstance(files, list) else [files]))


@needs_browser
def test_fastdls_own_page_brings_every_file_and_nobody_else_calls_its_api(
    bench: Bench, browser: Browser
) -> None:
    before = browser.tabs()

    posts = run(bench, browser, "fastdl", "posts")

    assert posts.kind == ""
    assert set(stems(posts)) >= set(expected(bench.world, "posts"))
    assert bench.world.hub.refused == []
    calls = bench.world.web.log.search(r"POST https://api-wh\.fastdl\.app/")
    assert len(calls) >= 3
    assert all("Chrom" in call.headers["user-agent"] for call in calls)
    assert browser.tabs() == before


@needs_browser
@pytest.mark.parametrize("kind", ["reels", "stories", "highlights", "avatar"])
def test_fastdl_brings_each_content_type(bench: Bench, browser: Browser, kind: str) -> None:
    talk = run(bench, browser, "fastdl", kind)

    assert talk.kind == ""
    assert set(stems(talk)) >= set(expected(bench.world, kind))


@needs_browser
def test_the_older_call_of_the_page_is_read_where_the_newer_one_gives_nothing(
    bench: Bench, browser: Browser
) -> None:
    bench.world.hub.only_older = True

    talk = run(bench, browser, "fastdl", "posts")
    blank = run(bench, browser, "fastdl", "posts", "instagram:blank")

    assert talk.kind == ""
    assert set(expected(bench.world, "posts")) & set(stems(talk))
    assert {item.title for item in talk.items} >= {"bob post 15 #simulated"}
    assert (blank.kind, blank.ended.empty) == ("", "blank has no posts")


@needs_browser
def test_both_sites_bring_a_single_post(bench: Bench, browser: Browser) -> None:
    site = bench.world.instagram
    url = site.post_url("bob", 2)
    wanted = sorted(cdn_stem(file.url) for file in site.expected_post("bob", 2))

    assert stems(run(bench, browser, "fastdl", "post", url)) == wanted
    assert stems(run(bench, browser, "toolzu", "post", url)) == wanted


@needs_browser
def test_a_person_ticks_the_box_and_the_page_goes_on(bench: Bench, browser: Browser) -> None:
    bench.world.hub.asks_person = True

    talk = run(bench, browser, "fastdl", "avatar")

    assert talk.kind == ""
    assert stems(talk) == expected(bench.world, "avatar")
    assert any("look at your browser" in working.note for working in talk.of(Working))


@needs_browser
def test_a_box_that_nobody_ticks_is_a_bot_check(bench: Bench, browser: Browser) -> None:
    bench.world.hub.asks_person, bench.world.hub.person_ticks = True, False
    before = browser.tabs()

    talk = run(bench, browser, "fastdl", "avatar", browser_wait_s=5)

    assert talk.kind == "challenge"
    assert browser.tabs() == before


@needs_browser
@pytest.mark.parametrize(
    ("user", "kind"), [("shy", "private"), ("nobodyatall", "not_found")], ids=["private", "unknown"]
)
def test_what_a_page_cannot_show_has_its_class(bench: Bench, browser: Browser, user: str, kind: str) -> None:
    assert run(bench, browser, "fastdl", "posts", f"instagram:{user}").kind == kind
    assert run(bench, browser, "toolzu", "posts", f"instagram:{user}").kind == kind


@needs_browser
def test_a_page_that_signs_wrongly_or_looks_otherwise_is_a_changed_site(
    bench: Bench, browser: Browser
) -> None:
    bench.world.hub.outdated = True
    assert run(bench, browser, "fastdl", "posts").kind == "site_changed"

    bench.world.hub.outdated, bench.world.hub.drifted = False, True
    assert run(bench, browser, "fastdl", "posts", browser_wait_s=5).kind == "site_changed"

    bench.world.toolzu.drifted = True
    assert run(bench, browser, "toolzu", "posts", browser_wait_s=5).kind == "site_changed"


@needs_browser
def test_toolzu_walks_all_batches_once_its_check_has_filled_itself(bench: Bench, browser: Browser) -> None:
    talk = run(bench, browser, "toolzu", "posts")
    picture = run(bench, browser, "toolzu", "avatar")

    assert talk.kind == ""
    assert stems(talk) == expected(bench.world, "posts")
    assert {item.identity.id for item in talk.items} == set(expected(bench.world, "posts"))
    assert stems(picture) == expected(bench.world, "avatar")


@needs_browser
def test_an_unfilled_check_at_toolzu_is_a_bot_check(bench: Bench, browser: Browser) -> None:
    bench.world.toolzu.check_fills = False

    talk = run(bench, browser, "toolzu", "posts", browser_wait_s=5)

    assert talk.kind == "challenge"
    assert any("look at your browser" in working.note for working in talk.of(Working))


@needs_browser
def test_a_tab_that_its_user_closes_ends_the_try(browser: Browser) -> None:
    with Tab(browser.url, "data:text/html,<p>x</p>", lambda _: False) as tab, pytest.raises(EngineBroken):
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            with contextlib.suppress(urllib.error.HTTPError):
                urllib.request.urlopen(f"{browser.url}/json/close/{tab._id}", timeout=10).close()
            tab.listen(0.1)
            tab.evaluate("1")


@needs_browser
def test_a_tab_is_gone_even_when_it_is_closed_while_its_page_loads(browser: Browser) -> None:
    before = browser.tabs()

    for _ in range(5):
        Tab(browser.url, "data:text/html,<p>x</p>", lambda _: False).close()

    assert browser.tabs() == before


@needs_browser
def test_a_job_that_is_stopped_takes_its_tab_with_it(bench: Bench, browser: Browser) -> None:
    bench.world.hub.asks_person, bench.world.hub.person_ticks = True, False
    before = browser.tabs()
    options = {
        "use_fastdl": True,
        "order_posts": "fastdl",
        "browser_cdp_url": browser.url,
        "pause_browser_s": 0,
    }
    job = bench.job("instagram:bob", options=options)

    talk = bench.run_until(
        job, lambda message: isinstance(message, Working) and "your browser" in message.note, lambda _: True
    )
    assert browser.tabs() != before
    talk.runner.signal_group(signal.SIGTERM)
    talk.wait(30)

    end = time.monotonic() + DEADLINE_S
    while browser.tabs() != before:
        assert time.monotonic() < end, browser.tabs()
        time.sleep(0.05)


def test_another_persons_job_does_not_get_the_browser(bench: Bench) -> None:
    options = {"use_fastdl": True, "order_posts": "fastdl"}

    talk = bench.run("instagram:bob", options=options, network={"trusted": False})

    assert talk.kind == "unsupported"


def test_a_browser_that_does_not_listen_is_named_and_the_next_way_asked(bench: Bench) -> None:
    talk = run(bench, Browser("http://127.0.0.1:9"), "fastdl", "posts", order_posts="fastdl,imginn", use_imginn=True,
               pause_imginn_s=0)  # fmt: skip

    assert talk.ended.backend == "imginn"
    assert talk.ended.tried == ("fastdl: engine crashed",)


@pytest.mark.parametrize(
    "url", ["http://192.168.1.5:9222", "http://example.com:9222", "nonsense", "http://[::2]:1"]
)
def test_a_browser_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        local_end(url)


def test_a_browser_on_this_machine_is_taken_under_all_its_names() -> None:
    assert local_end("http://localhost:9333") == ("127.0.0.1", 9333)
    assert local_end("http://127.0.0.1:9222") == ("127.0.0.1", 9222)
    assert local_end("http://[::1]:1") == ("::1", 1)
