"""Addresses in posts lose masks and sessions, and stay what they were otherwise."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.modules.forum.links import absolute, cleaned, same_site, unmask, without_session

HOME = "https://forum.example.org/threads/a.1/"
TARGET = "https://host.example/album/x1?b=1&c=2"
SID = "0123456789abcdef0123456789abcdef"

targets = st.builds(
    "https://{}.example/{}{}".format,
    st.from_regex(r"[a-z]{1,10}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_-]{0,20}(\.jpg)?", fullmatch=True),
    st.sampled_from(["", "?v=1", "?a=b&c=d"]),
)
masks = st.sampled_from(
    [
        "/goto/link-confirmation?s=5e1a&url={}", "/redirect/?to={}", "/proxy.php?image={}&hash=5e1a", "/out.php?url={}",
        "https://anonym.example/?u={}", "/linkfilter/?u={}", "/go?link={}", "/community/away.php?to={}",
        "index.php?app=core&module=system&controller=redirect&url={}&key=5e1a",
    ]
)  # fmt: skip


@given(targets, masks, st.integers(1, 2))
def test_percent_encoded_target_is_unmasked(target: str, mask: str, times: int) -> None:
    masked = target
    for _ in range(times):
        masked = quote(masked, safe="")

    assert cleaned(mask.format(masked), HOME) == target


@given(targets, masks, st.booleans())
def test_base64_target_is_unmasked(target: str, mask: str, padded: bool) -> None:
    coded = base64.urlsafe_b64encode(target.encode()).decode()

    assert cleaned(mask.format(quote(coded) if padded else coded.rstrip("=")), HOME) == target


@pytest.mark.parametrize(
    "masked",
    [
        f"/proxy.php?request={TARGET}&hash=5e1a",
        f"/out.php?{TARGET}",
        f"https://anonym.to/?{TARGET}",
        f"https://anonymz.com/?{quote(TARGET, safe='')}",
        f"https://href.li/?{TARGET}",
        f"/go/{TARGET}",
        f"/redirect/?to={quote('/proxy.php?image=', safe='')}",
    ],
)
def test_plain_target_is_unmasked(masked: str) -> None:
    wanted = (
        TARGET
        if TARGET in masked or quote(TARGET, safe="") in masked
        else "https://forum.example.org" + masked
    )

    assert cleaned(masked, HOME) == wanted


def test_masks_over_masks_come_off() -> None:
    inner = f"https://forum.example.org/redirect/?to={quote(TARGET, safe='')}"

    assert unmask(f"https://forum.example.org/proxy.php?link={quote(inner, safe='')}") == TARGET


@pytest.mark.parametrize(
    "url",
    [
        "https://forum.example.org/threads/x.2/?url=https://a.example/",
        "https://host.example/watch?v=aHR0cHM6Ly9hLmV4YW1wbGU",
        "https://host.example/go?page=3",
        "https://host.example/redirect?to=home",
        "https://host.example/goto/post?id=5",
    ],
)
def test_what_is_no_mask_stays(url: str) -> None:
    assert unmask(url) == url


def test_a_mask_over_something_else_than_the_web_stays() -> None:
    coded = base64.urlsafe_b64encode(b"javascript:alert(1)").decode()

    assert cleaned(f"/redirect/?to={coded}", HOME) == f"https://forum.example.org/redirect/?to={coded}"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (f"viewtopic.php?t=7&sid={SID}&start=20", "viewtopic.php?t=7&start=20"),
        (f"viewtopic.php?sid={SID}&t=7", "viewtopic.php?t=7"),
        (f"showthread.php?s={SID}&t=7", "showthread.php?t=7"),
        (f"index.php?PHPSESSID={SID}&topic=7.0;all", "index.php?topic=7.0;all"),
        (f"index.php?topic=7.0;PHPSESSID={SID};all", "index.php?topic=7.0;all"),
        (f"index.php?PHPSESSID={SID}", "index.php"),
        ("page;jsessionid=5E1A.node1?id=3", "page?id=3"),
    ],
)
def test_sessions_are_stripped(url: str, wanted: str) -> None:
    base = "https://forum.example.org/"

    assert without_session(base + url, base) == base + wanted


def test_parameters_of_other_sites_that_look_alike_stay() -> None:
    assert without_session("https://host.example/picture?s=800", HOME) == "https://host.example/picture?s=800"
    assert without_session(f"https://host.example/picture?sid={SID}", HOME) == "https://host.example/picture"


@pytest.mark.parametrize(
    "href",
    ["", "#top", "javascript:void(0)", " JaVaScRiPt:x", "data:image/gif;base64,R0", "blob:https://a/b",
     "mailto:a@b.example", "http://[", "http://", "ftp://a.example/x", "http:///x", "https://a b.example/", "//"],
)  # fmt: skip
def test_what_leads_nowhere_is_no_address(href: str) -> None:
    assert absolute(href, HOME) in {"", HOME} or href == "//"
    assert cleaned(href, HOME) in {"", HOME}


def test_addresses_are_made_plain() -> None:
    assert absolute("./a b.jpg#x", HOME) == "https://forum.example.org/threads/a.1/a%20b.jpg"
    assert absolute("//cdn.example/é.jpg", HOME) == "https://cdn.example/%C3%A9.jpg"
    assert absolute("/a\n.jpg", HOME) == "https://forum.example.org/a.jpg"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://forum.example.org/", "https://www.forum.example.org/", True),
        ("https://forum.example.org/", "https://cdn.example.org/", True),
        ("https://example.org/", "https://cdn.example.org/", True),
        ("https://a.co.uk/", "https://b.co.uk/", False),
        ("https://example.org/", "https://example.net/", False),
        ("http://10.0.0.1/", "http://10.0.0.2/", False),
        ("", "https://example.org/", False),
    ],
)
def test_one_forum_may_have_several_hosts(a: str, b: str, same: bool) -> None:
    assert same_site(a, b) is same


@given(st.text(max_size=80))
def test_any_href_gives_a_web_address_or_nothing(href: str) -> None:
    url = cleaned(href, HOME)

    assert url == "" or url.startswith(("http://", "https://"))
    assert url.isascii()
    assert not any(c.isspace() for c in url)
    assert cleaned(url, HOME) == url
