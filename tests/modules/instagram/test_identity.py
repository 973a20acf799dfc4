"""Ids of Instagram: the known vectors, there and back, and the same file under the same name whatever the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.models import Identity
from mediadl.modules.instagram import identity
from mediadl.modules.instagram.media import MediaRef, addresses, unwrapped

VECTORS = [
    ("aye83DjauH", "482584233761418119", 1371748545.376),
    ("BkfuX9UB-eK", "1810369531748018058", 1530032887.425),
    ("Chunk8-jurw", "2913440072144448240", 1661529142.870),
]
CDN = "https://scontent-x.cdninstagram.com/v/t51.2885-15/"


@pytest.mark.parametrize(("code", "pk", "at"), VECTORS)
def test_the_known_codes_ids_and_moments_belong_together(code: str, pk: str, at: float) -> None:
    assert identity.media_pk(code) == pk
    assert identity.shortcode(pk) == code
    assert identity.uploaded_at(pk) == pytest.approx(at, abs=0.001)


def test_a_private_code_has_a_tail_that_is_no_part_of_the_id() -> None:
    assert identity.media_pk("BkfuX9UB-eK" + "x" * 28) == "1810369531748018058"


def test_the_cache_key_and_the_end_of_life_are_read_from_the_query() -> None:
    url = f"{CDN}1_2_3_n.jpg?ig_cache_key=MTgxMDM2OTUzMTc0ODAxODA1OA%3D%3D.2-x&oe=6923F2A0"

    assert identity.cache_key_pk(url) == "1810369531748018058"
    assert identity.expires_at(url) == 1763963552.0
    assert identity.expires_at(f"{CDN}a.jpg") is None


@given(st.integers(1, (1 << 64) - 1))
def test_every_id_comes_back_from_its_code(number: int) -> None:
    assert identity.media_pk(identity.shortcode(number)) == str(number)


@given(st.integers(1, (1 << 63) - 1))
def test_later_ids_are_never_earlier_moments(number: int) -> None:
    first, second = identity.uploaded_at(str(number)), identity.uploaded_at(str(number + (1 << 24)))

    assert first is not None
    assert second is not None
    assert first < second


@given(st.text(max_size=80))
def test_any_text_is_taken_for_an_address_without_harm(text: str) -> None:
    identity.cdn_stem(text)
    identity.cache_key_pk(text)
    identity.expires_at(text)
    identity.media_pk(text)
    identity.shortcode(text)
    identity.uploaded_at(text)
    unwrapped(text)


@pytest.mark.parametrize(
    "url",
    [
        f"{CDN}491443_1810369531_8812_n.jpg?stp=dst-jpg_e35_p1080x1080&oe=6923F2A0&_nc_sid=1",
        "https://s7.imginn.com/v/t51/491443_1810369531_8812_n.jpg?k=1",
        "https://cdn-s3.toolzu.com/media/491443_1810369531_8812_n.jpg?url=x&time=1&key=2",
        f"{CDN}491443_1810369531_8812_n.webp",
    ],
)
def test_an_asset_has_one_name_on_every_site(url: str) -> None:
    assert identity.cdn_stem(url) == "491443_1810369531_8812_n"


@pytest.mark.parametrize(
    "url", ["https://x.example/blank.gif", "https://x.example/a_b_n.jpg", "https://x.example/"]
)
def test_what_names_no_asset_gives_no_name(url: str) -> None:
    assert identity.cdn_stem(url) == ""


def test_the_strongest_name_comes_first_and_a_slide_never_takes_its_posts() -> None:
    stem = Identity("instagram", "491443_1810369531_8812_n")
    url = f"{CDN}491443_1810369531_8812_n.jpg"

    assert identity.names(pk="11111111111", post="22222222222", slide=2, urls=(url,)) == (
        Identity("instagram", "11111111111"),
        Identity("instagram", "22222222222", 2),
        stem,
    )
    assert identity.names(post="22222222222", slide=2, urls=(url,))[0] == Identity(
        "instagram", "22222222222", 2
    )
    assert identity.names(post="22222222222", urls=(url,)) == (Identity("instagram", "22222222222"), stem)
    assert identity.names(urls=(url,)) == (stem,)
    assert MediaRef((url,), code="BkfuX9UB-eK", several=True).names == (stem,)


def test_the_cdns_own_address_comes_before_a_sites_copy_of_it() -> None:
    inner = f"{CDN}491443_1810369531_8812_n.jpg?oe=6923F2A0"
    proxy = "https://media.fastdl.app/get?uri=https%3A%2F%2Fscontent-x.cdninstagram.com%2Fv%2Ft51.2885-15%2F"
    proxy += "491443_1810369531_8812_n.jpg%3Foe%3D6923F2A0&filename=x&__sig=a&__expires=9"

    assert addresses(proxy, inner) == (inner, proxy)
    assert unwrapped("https://stories-cdn.fun/aHR0cHM6Ly94LmV4YW1wbGUvYS5qcGc=") == "https://x.example/a.jpg"
    assert (
        unwrapped("https://cdn.storynavigation.com/?aHR0cHM6Ly94LmV4YW1wbGUvYS5qcGc=")
        == "https://x.example/a.jpg"
    )
