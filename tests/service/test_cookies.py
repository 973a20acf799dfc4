"""Cookies in every form in which people bring them; whatever comes is read or refused in one line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.security.cookies import Cookie, render
from mediadl.service.cookies import MAX_FILE_BYTES, Paste, read_file, read_paste

HOSTS = ("forum.example",)
LATER = 4_000_000_000


def pairs(found: Paste) -> dict[str, str]:
    return {cookie.name: cookie.value for cookie in found.cookies}


@pytest.mark.parametrize(
    "text",
    [
        "Cookie: xf_user=1%2Cabc; theme=dark",
        "cookie:xf_user=1%2Cabc;theme=dark;",
        "xf_user=1%2Cabc; theme=dark",
        "GET / HTTP/2\nHost: forum.example\nUser-Agent: B/1\nCookie: xf_user=1%2Cabc; theme=dark\nAccept: */*",
        "curl 'https://forum.example/' \\\n  -H 'accept: */*' \\\n  -b 'xf_user=1%2Cabc; theme=dark' --compressed",
        'curl.exe "https://forum.example/" -H "Cookie: xf_user=1%2Cabc; theme=dark" -A "B/1"',
        '{"xf_user": "1%2Cabc", "theme": "dark"}',
    ],
)
def test_values_are_taken_as_they_are(text: str) -> None:
    found = read_paste(text, HOSTS)

    assert pairs(found) == {"xf_user": "1%2Cabc", "theme": "dark"}
    assert {cookie.domain for cookie in found.cookies} == {".forum.example"}
    assert all(cookie.secure and cookie.expires_at == 0 for cookie in found.cookies)


@pytest.mark.parametrize(
    "text",
    [
        "Cookie: a=b\nUser-Agent: Browser/1.0 (X)",
        "curl https://x -H 'user-agent: Browser/1.0 (X)' -H 'cookie: a=b'",
        "curl https://x -A 'Browser/1.0 (X)' -b 'a=b'",
    ],
)
def test_the_browsers_name_is_taken_along(text: str) -> None:
    assert read_paste(text, HOSTS).user_agent == "Browser/1.0 (X)"


def test_a_plain_http_site_gets_cookies_that_go_there() -> None:
    assert not read_paste("a=b", HOSTS, secure=False).cookies[0].secure


def test_the_json_of_an_extension_is_read() -> None:
    exported = [
        {"domain": ".forum.example", "name": "xf_user", "value": "1", "expirationDate": LATER + 0.5, "hostOnly": False,
         "httpOnly": True, "path": "/", "secure": True, "session": False, "sameSite": "lax", "storeId": None},
        {"domain": "forum.example", "name": "here", "value": "2", "hostOnly": True, "session": True, "path": "/f"},
    ]  # fmt: skip

    first, second = read_paste(json.dumps(exported), HOSTS).cookies

    assert first == Cookie(".forum.example", True, "/", True, LATER + 0.5, "xf_user", "1", True)
    assert (second.domain, second.subdomains, second.path, second.expires_at) == (
        "forum.example",
        False,
        "/f",
        0,
    )


def test_the_state_of_a_browser_driver_is_read() -> None:
    state = {
        "cookies": [{"name": "a", "value": "b", "domain": "forum.example", "expires": -1}],
        "origins": [],
    }

    assert pairs(read_file(json.dumps(state).encode(), HOSTS)) == {"a": "b"}


def test_lines_whose_tabs_a_terminal_ate_are_read() -> None:
    text = f"# Netscape HTTP Cookie File\n#HttpOnly_.forum.example   TRUE  /  TRUE {LATER} xf_user 1%2Cab"

    (found,) = read_paste(text, HOSTS).cookies

    assert (found.name, found.value, found.http_only, found.expires_at) == ("xf_user", "1%2Cab", True, LATER)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing was pasted"),
        ("  \n ", "nothing was pasted"),
        ("just words", "no Cookie header"),
        ("Cookie: ", "is empty"),
        ("Cookie: ;;", "is empty"),
        ("Cookie: a=b; nonsense", "has no name"),
        ("Accept: */*\nUser-Agent: B", "no Cookie line"),
        ("curl https://forum.example", "sends no cookies"),
        ("[]", "no list"),
        ("{}", "no list"),
        ("[1]", "entry 1 is no cookie"),
        ('[{"name": "a"}]', "no name and value"),
        ('[{"name": "a", "value": "x\\ud800"}]', "what no cookie can"),
        ('[{"name": "a", "value": "x\\ny"}]', "what no cookie can"),
        ('[{"name": "a b", "value": "x"}]', "no proper name"),
        ('[{"name": "a", "value": "x", "domain": "a/../b"}]', "no proper name"),
        ("[" * 100_000, "looks like JSON"),
        ('[{"name":"a","value":' + "9" * 5000 + "}]", "looks like JSON"),
        (".a.example TRUE / TRUE soon a b", "no expiry time"),
    ],
)
def test_what_is_none_is_refused_in_one_line(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_paste(text, HOSTS)

    assert words in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.next_step


def test_too_much_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too large"):
        read_file(b"a" * (MAX_FILE_BYTES + 1), HOSTS)


@given(st.binary(max_size=400))
def test_any_file_is_read_or_refused(raw: bytes) -> None:
    try:
        found = read_file(raw, HOSTS)
    except InvalidInput:
        return
    assert found.cookies


starts = st.sampled_from(
    ["", "Cookie: ", "curl -b '", '[{"name":"a","value":', '{"cookies":[', "#HttpOnly_", "a=b;"]
)


@given(starts, st.text(max_size=300))
def test_any_paste_is_read_or_refused(start: str, text: str) -> None:
    try:
        found = read_paste(start + text, HOSTS)
    except InvalidInput:
        return
    assert found.cookies
    assert read_file(render(found.cookies).encode(), HOSTS).cookies


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "value",
                    "domain",
                    "path",
                    "expires",
                    "expirationDate",
                    "session",
                    "secure",
                    "cookies",
                ]
            ),
            inner,
        )
    ),
)


@given(json_values)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        found = read_paste(json.dumps(value), HOSTS)
    except InvalidInput:
        return
    assert read_file(render(found.cookies).encode(), HOSTS).cookies


tokens = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)


@given(st.dictionaries(tokens, tokens, min_size=1, max_size=5))
def test_each_form_gives_the_same_cookies(made: dict[str, str]) -> None:
    header = "; ".join(f"{name}={value}" for name, value in made.items())
    exported = json.dumps([{"name": name, "value": value} for name, value in made.items()])
    from_header = read_paste(f"Cookie: {header}", HOSTS)

    assert pairs(from_header) == made
    assert read_paste(exported, HOSTS).cookies == from_header.cookies
    assert read_paste(render(from_header.cookies), HOSTS).cookies == from_header.cookies
    assert pairs(read_paste(f"curl https://x -H 'Cookie: {header}'", HOSTS)) == made
