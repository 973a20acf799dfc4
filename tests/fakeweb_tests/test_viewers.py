"""The stand-ins of the sites that show Instagram: the same bytes everywhere, and an API for its own page only."""

from __future__ import annotations

import re

import pytest
import requests

from fakeweb.expected import ExpectedFile
from fakeweb.world import World


def bytes_of(client: requests.Session, url: str, referer: str = "") -> bytes:
    answer = client.get(url, headers={"Referer": referer})
    assert answer.status_code == 200, url
    return answer.content


def test_a_copy_at_imginn_has_the_bytes_of_the_cdn(world: World, client: requests.Session) -> None:
    site = world.instagram
    page = client.get(f"https://imginn.com/p/{site.profiles['bob'].posts[1].code}/").text
    copies = [url.replace("&amp;", "&") for url in re.findall(r'<(?:img|video) data-src="([^"]+)"', page)]

    wanted = site.expected_post("bob", 2)

    assert len(copies) == len(wanted)
    for url, file in zip(copies, wanted, strict=True):
        assert isinstance(file, ExpectedFile)
        assert bytes_of(client, url) == bytes_of(client, file.url)


def test_a_wrapped_link_at_storynavigation_wants_its_page_as_referer(
    world: World, client: requests.Session
) -> None:
    root = "https://storynavigation.com"
    client.get(f"{root}/user/bob")
    refused = client.post(f"{root}/get-user-profile", json={"userName": "bob"})
    token = {"X-XSRF-TOKEN": "simulated+token/with=signs"}
    profile = client.post(f"{root}/get-user-profile", json={"userName": "bob"}, headers=token).json()

    picture = profile["user"]["profilePicUrl"]

    assert refused.status_code == 403
    assert client.get(picture).status_code == 403
    assert bytes_of(client, picture, f"{root}/") == bytes_of(
        client, world.instagram.expected_avatar("bob").url
    )


@pytest.mark.parametrize("call", ["api/v1/instagram/userInfo", "api/convert"])
def test_the_hubs_api_answers_nobody_but_its_own_page(
    world: World, client: requests.Session, call: str
) -> None:
    answer = client.post(f"https://api-wh.fastdl.app/{call}", json={"username": "bob", "ts": 1, "_s": 2})

    assert answer.status_code == 401
    assert answer.json()["code"].startswith("REQUEST_SIGNATURE_")
    assert world.hub.refused == [f"/{call}"]
