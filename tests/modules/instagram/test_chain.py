"""Which way is asked when: the user's order, what is switched on, and what each failure leads to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mediadl import errors
from mediadl.errors import DownloadError, InvalidInput, Unsupported
from mediadl.modules import registry
from mediadl.modules.base import Task
from mediadl.modules.instagram import Instagram
from mediadl.modules.instagram.options import ADVICE, NOTICE, ORDERS, VIEWERS, order

ALL: dict[str, Any] = {f"use_{name}": True for name in VIEWERS}
EVERYWHERE = ORDERS["posts"]


def task(kind: str = "posts", cookies: str = "", **options: Any) -> Task:
    text = {
        "post": "https://www.instagram.com/p/ChunkAjurw/",
        "reel": "https://www.instagram.com/reel/ChunkAjurw/",
    }
    target = registry.match(text.get(kind, "instagram:bob"), None, None if kind in text else kind)
    return Task(target, Path("/nowhere"), options=options, cookies_file=cookies)


@pytest.mark.parametrize("kind", sorted(ORDERS))
def test_no_viewer_site_is_in_the_chain_until_it_is_switched_on(kind: str) -> None:
    module = Instagram()

    assert not VIEWERS & set(module.chain(task(kind)))
    assert module.chain(task(kind, **ALL)) == ORDERS[kind]
    assert module.backends(task(kind).target) == ORDERS[kind]


def test_the_users_order_is_kept_and_leaves_out_what_it_does_not_name() -> None:
    chain = Instagram().chain(task(**ALL, order_posts="toolzu, Imginn,gallery-dl,imginn"))

    assert chain == ("toolzu", "imginn", "gallery-dl")


def test_a_name_that_is_no_way_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidInput, match="yt-dlp") as caught:
        order("stories", "yt-dlp")

    assert "gallery-dl, imginn, fastdl" in caught.value.next_step


def test_staying_logged_out_leaves_only_the_ways_open_to_visitors() -> None:
    module = Instagram()

    assert module.chain(task(stay_logged_out=True, **ALL)) == EVERYWHERE[1:]
    assert module.chain(task("reels", stay_logged_out=True, use_imginn=True)) == ("imginn",)
    assert not any(module.uses_login(name, task(stay_logged_out=True)) for name in EVERYWHERE)
    with pytest.raises(Unsupported, match="stay_logged_out"):
        module.chain(task("stories", stay_logged_out=True))


def test_viewer_sites_never_get_the_login() -> None:
    module = Instagram()

    assert {name for name in EVERYWHERE if module.uses_login(name, task(cookies="jar"))} == {
        "gallery-dl",
        "instaloader",
    }


def test_gallery_dl_goes_straight_with_the_login() -> None:
    module, target = Instagram(), task().target

    assert not module.open_to_visitors("gallery-dl", target)
    assert module.open_to_visitors("instaloader", target)
    assert not module.open_to_visitors("instaloader", task("reels").target)


VISITABLE = tuple(name for name in EVERYWHERE[1:] if name in VIEWERS)


@pytest.mark.parametrize(
    ("error", "after_instagram", "after_viewer"),
    [
        (errors.MediaNotFound, "one", "one"),
        (errors.Private, "one", "one"),
        (errors.LoginNeeded, "all", "all"),
        (errors.RateLimited, "viewers", "all"),
        (errors.NetworkFailed, "viewers", "all"),
        (errors.ServerError, "viewers", "all"),
        (errors.GeoBlocked, "viewers", "all"),
        (errors.BudgetSpent, "viewers", "all"),
        (errors.BadContent, "viewers", "all"),
        (errors.Unknown, "viewers", "all"),
        (errors.Challenge, "all", "all"),
        (errors.SiteChanged, "all", "all"),
        (errors.Forbidden, "all", "all"),
        (errors.EngineBroken, "all", "all"),
        (errors.NoMedia, "all", "all"),
        (errors.Unsupported, "all", "all"),
        (errors.DiskFull, "none", "none"),
        (errors.ProxyFailed, "none", "none"),
        (errors.TlsFailed, "none", "none"),
        (errors.AddressRefused, "none", "none"),
    ],
)
def test_each_failure_leads_where_it_should(
    error: type[DownloadError], after_instagram: str, after_viewer: str
) -> None:
    module, target = Instagram(), task().target
    rest = ("instaloader", "storynavigation", "fastdl")
    meaning = {"none": (), "one": rest[:1], "viewers": rest[1:], "all": rest}

    assert module.after("gallery-dl", error("x"), rest, target) == meaning[after_instagram]
    assert module.after("imginn", error("x"), rest, target) == meaning[after_viewer]


def test_the_user_reads_what_accounts_and_viewer_sites_risk() -> None:
    helps = {option.name: option.help for option in Instagram.options}

    assert Instagram.advice == ADVICE
    assert all(NOTICE in helps[f"use_{name}"] for name in VIEWERS)
    assert ADVICE in helps["stay_logged_out"]
