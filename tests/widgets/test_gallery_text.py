"""What a tile says."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mediadl.models import Download, Identity, MediaKind
from mediadl.security.text import safe_text
from mediadl.widgets import gallery_text

DOWNLOAD = Download(
    1, 1, Identity("s", "1"), "generic", "ann", "Sunset", "", "/me/sunset.mp4", 4_200_000, "", "", MediaKind.VIDEO,
    "video/mp4", 1920, 1080, 75.0, "", None, 0.0,
)  # fmt: skip


def said(download: Download, width: int) -> str:
    return "".join(text for text, _ in gallery_text.caption(download, width))


def test_a_film_says_how_long_it_is() -> None:
    assert said(DOWNLOAD, 24) == "▶ Sunset            1:15"


def test_a_picture_says_how_large_it_is() -> None:
    assert said(replace(DOWNLOAD, kind=MediaKind.IMAGE), 28).endswith(" 4.2 MB")


def test_a_narrow_tile_has_room_for_the_title_only() -> None:
    assert said(DOWNLOAD, 12) == "▶ Sunset    "


def test_a_file_without_a_title_goes_by_its_name() -> None:
    assert gallery_text.title(replace(DOWNLOAD, title="")) == "sunset.mp4"


@given(st.text(), st.integers(4, 60), st.sampled_from(MediaKind))
def test_every_caption_fills_its_width(title: str, width: int, kind: MediaKind) -> None:
    text = said(replace(DOWNLOAD, title=title, kind=kind), width)

    assert cell_len(text) == width
    assert text == safe_text(text)


def test_facts_tell_kind_origin_and_place() -> None:
    kind, origin, path = gallery_text.facts(DOWNLOAD)

    assert kind == "video · 1920 × 1080 · 1:15 · 4.2 MB"
    assert origin.startswith("generic · ann · stored 19")
    assert path == "/me/sunset.mp4"


def test_a_moment_beyond_the_calendar_is_no_failure() -> None:
    assert "unknown time" in gallery_text.facts(replace(DOWNLOAD, posted_at=1e18))[1]
