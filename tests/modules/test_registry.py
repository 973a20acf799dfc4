"""Finding the module: order, aliases, refusals with a reason, and a light import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.errors import InvalidInput, Unsupported
from mediadl.modules import registry

HOSTS = (
    "www.instagram.com",
    "www.tiktok.com",
    "vm.tiktok.com",
    "example.com",
    "127.0.0.1:8000",
    "[::1]",
    "münchen.de",
)


def test_modules_are_found_in_their_order_without_an_engine() -> None:
    names = [module.name for module in registry.modules()]

    assert names[:2] == ["instagram", "tiktok"]
    assert names[-2:] == ["direct", "generic"]


def test_importing_the_registry_is_light() -> None:
    script = (
        "import sys; from mediadl.modules import registry; registry.match('https://www.tiktok.com/@a');"
        "print([m for m in ('yt_dlp', 'gallery_dl', 'pydantic', 'requests', 'sqlite3') if m in sys.modules])"
    )

    said = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        cwd=Path(__file__).parent.parent.parent,
    ).stdout

    assert said.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "platform", "module"),
    [
        ("https://example.com/a.jpg", None, "direct"),
        ("https://example.com/a.jpg", "generic", "generic"),
        ("https://example.com/a.m3u8", None, "generic"),
        ("example.com/some/page", None, "generic"),
        ("https://www.tiktok.com/@alice/live", None, "generic"),
        ("https://www.instagram.com/explore/tags/cats/", None, "generic"),
        ("alice", "tiktok", "tiktok"),
        ("@bob", "instagram", "instagram"),
        ("  tiktok:@alice  ", None, "tiktok"),
    ],
)  # fmt: skip
def test_each_text_finds_its_module(text: str, platform: str | None, module: str) -> None:
    assert registry.match(text, platform).module == module


@pytest.mark.parametrize(
    "text",
    ["", "   ", "not a url", "ftp://example.com/a", "file:///etc/passwd", "javascript:alert(1)", "mailto:a@b.c",
     "https://", "http://[bad", "tiktok:", "instagram:no/such name", "foo:bar", "localhost:8000", "data:text/plain,hi"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_next_step(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        registry.match(text)

    assert caught.value.next_step
    assert "\n" not in caught.value.message


def test_a_platform_that_does_not_know_the_address_says_so() -> None:
    with pytest.raises(Unsupported) as caught:
        registry.match("https://example.com/x", "tiktok")

    assert caught.value.exit_code == 7
    with pytest.raises(InvalidInput, match="no platform"):
        registry.match("https://example.com/x", "myspace")


def test_the_pacing_key_is_one_per_site() -> None:
    assert registry.match("https://www.tiktok.com/@alice").site == "tiktok"
    assert registry.match("https://vm.tiktok.com/abc/").site == "tiktok"
    assert registry.match("https://www.Example.com/page").site == "example.com"
    assert registry.match("https://example.com/file.zip").site == "example.com"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        target = registry.match(text)
    except (InvalidInput, Unsupported):
        return
    assert target.url.startswith(("http://", "https://"))


@settings(deadline=None)
@given(
    st.sampled_from(HOSTS),
    st.text(max_size=80),
    st.sampled_from(["", "posts", "stories", "video", "file", "page", "nonsense"]),
    st.sampled_from([None, "tiktok", "instagram", "direct", "generic"]),
)
def test_no_address_raises_anything_else(host: str, path: str, kind: str, platform: str | None) -> None:
    try:
        target = registry.match(f"https://{host}/{path}", platform, kind)
    except (InvalidInput, Unsupported):
        return
    assert target.content_type in registry.module(target.module).content_types


@settings(deadline=None)
@given(st.sampled_from(["tiktok", "instagram", "ig", "tt"]), st.text(max_size=60))
def test_no_alias_raises_anything_else(word: str, name: str) -> None:
    try:
        target = registry.match(f"{word}:{name}")
    except (InvalidInput, Unsupported):
        return
    assert target.module in {"tiktok", "instagram"} or "://" in target.url
