"""Who asks and where: only our own Host and Origin, forwarded headers only from named proxies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from mediadl.web.reach import Asked, Reach, networks, plain_address, same_origin

LOCAL = Reach(False, frozenset({"localhost", "127.0.0.1"}))
PROXIED = Reach(
    False, frozenset({"media.example.org"}), proxies=networks(["10.0.0.1", "::1"]), proxied_scheme="https"
)


def headers(*pairs: tuple[str, str]) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict(pairs))


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8765", "LOCALHOST:8765", "127.0.0.1:1", "[::1]:8765"]
)
def test_a_server_of_this_machine_answers_to_its_names(host: str) -> None:
    assert LOCAL.answers_to(host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example", "192.168.1.5", "127.0.0.1.evil.example", "a" * 300]
)
def test_a_name_that_was_bent_to_this_machine_is_refused(host: str) -> None:
    assert not LOCAL.answers_to(host)


def test_listening_everywhere_answers_to_numbers_and_to_no_name_but_its_own() -> None:
    everywhere = Reach(True, frozenset({"localhost", "box"}), any_number=True)

    assert everywhere.answers_to("192.168.1.5:8765")
    assert everywhere.answers_to("box:8765")
    assert not everywhere.answers_to("evil.example:8765")


def test_forwarded_headers_of_a_stranger_count_for_nothing() -> None:
    asked = PROXIED.asked(
        "203.0.113.9",
        "media.example.org",
        headers(("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "https")),
    )

    assert asked == Asked("203.0.113.9", "http", "media.example.org")


def test_a_proxy_says_who_asked_and_how() -> None:
    asked = PROXIED.asked(
        "10.0.0.1",
        "media.example.org",
        headers(("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https")),
    )

    assert asked == Asked("203.0.113.9", "https", "media.example.org")


def test_what_a_client_invents_before_the_proxy_is_not_believed() -> None:
    asked = PROXIED.asked(
        "10.0.0.1", "media.example.org", headers(("X-Forwarded-For", "127.0.0.1, 10.0.0.1, 203.0.113.9, ::1"))
    )

    assert asked.address == "203.0.113.9"


def test_nonsense_from_a_proxy_leaves_the_proxy() -> None:
    asked = PROXIED.asked(
        "10.0.0.1",
        "media.example.org",
        headers(("X-Forwarded-For", "<script>"), ("X-Forwarded-Proto", "gopher")),
    )

    assert asked == Asked("10.0.0.1", "https", "media.example.org")


@pytest.mark.parametrize(
    ("scheme", "host", "origin"),
    [
        ("http", "localhost:8765", "http://localhost:8765"),
        ("https", "media.example.org", "https://media.example.org"),
        ("https", "media.example.org", "https://media.example.org:443"),
        ("http", "[::1]:8765", "http://[::1]:8765"),
    ],
)
def test_our_own_origin_is_ours(scheme: str, host: str, origin: str) -> None:
    assert same_origin(origin, Asked("127.0.0.1", scheme, host))


@pytest.mark.parametrize(
    "origin",
    [
        "null", "", "http://localhost", "http://localhost:8766", "https://localhost:8765", "http://localhost:8765/",
        "http://evil.example:8765", "http://a@localhost:8765", "http://localhost:8765.evil.example", "file://",
        "http://[", "http://localhost:99999999", "HTTP//localhost:8765",
    ],
)  # fmt: skip
def test_any_other_origin_is_foreign(origin: str) -> None:
    assert not same_origin(origin, Asked("127.0.0.1", "http", "localhost:8765"))


@given(st.text(max_size=40))
def test_no_header_breaks_the_reading(text: str) -> None:
    plain_address(text)
    same_origin(text, Asked("127.0.0.1", "http", "localhost:8765"))
    LOCAL.answers_to(text)
    PROXIED.asked("10.0.0.1", text, headers(("X-Forwarded-For", text), ("X-Forwarded-Proto", text)))
