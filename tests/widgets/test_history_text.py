"""Stored files in words: cells, filters, details; nothing from outside gets through unclean."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.models import Download, HistoryQuery, HistorySort, MediaKind
from mediadl.widgets import gallery_text, history_details, history_text
from mediadl.widgets.columns import fit
from mediadl.widgets.history_columns import HISTORY_COLUMNS
from store.making import NOW, download

FILE = download(
    7, title="Harbour at dawn", path="/media/tiktok/harbour.mp4", kind=MediaKind.VIDEO, mime="video/mp4", width=1080,
    height=1920, duration_s=83.0, size_bytes=4_200_000, posted_at=NOW - 86_400, stored_at=NOW, backend="yt-dlp",
)  # fmt: skip


def _cells(one: Download, width: int) -> dict[str, str]:
    return {
        fitted.column.name: "".join(text for text, _ in fitted.column.parts(one, NOW, fitted.width))
        for fitted in fit(HISTORY_COLUMNS, width)
    }


def test_a_wide_table_says_everything() -> None:
    cells = _cells(FILE, 160)

    assert cells["stored"] == history_text.moment(NOW)
    assert cells["kind"] == "▶ video"
    assert (cells["size"], cells["title"], cells["name"]) == ("4.2 MB", "Harbour at dawn", "harbour.mp4")


def test_an_only_copy_says_so_wherever_it_is_shown() -> None:
    rare = replace(FILE, only_copy_at=NOW, former_names=("eve",), source="evelyn")

    said = history_details.facts(rare, None, rare.size_bytes).plain
    assert "◈ only copy here" in said
    assert "evelyn (formerly eve)" in said
    assert _cells(rare, 160)["title"] == "◈ only copy · Harbour at dawn"
    assert _cells(rare, 58)["title"].startswith("◈ ")
    assert gallery_text.caption(rare, 40)[0][0].startswith("◈")
    assert "◈ only copy" in gallery_text.facts(rare)[0]
    assert "◈ only copy" in history_text.measures(rare)
    assert "only copy" not in history_details.facts(FILE, None, FILE.size_bytes).plain


def test_a_narrow_table_leaves_out_what_is_said_elsewhere() -> None:
    cells = _cells(FILE, 58)

    assert set(cells) == {"stored", "source", "kind", "size", "title"}
    assert cells["kind"] == "▶"
    assert cells["stored"] == history_text.moment(NOW, "%Y-%m-%d")


@pytest.mark.parametrize("width", range(38, 200, 7))
def test_columns_never_take_more_than_there_is(width: int) -> None:
    last = fit(HISTORY_COLUMNS, width)[-1]

    assert last.x + last.width <= max(width, 50)


def test_a_file_without_title_goes_by_its_name() -> None:
    assert history_text.title(replace(FILE, title="")) == "harbour.mp4"


def test_measures_and_origin_are_one_line_each() -> None:
    assert history_text.measures(FILE) == "▶ video · 1080 × 1920 · 1:23 · 4.2 MB"
    assert history_text.origin(FILE).startswith("direct · someone · posted ")


@pytest.mark.parametrize("at", [1e30, -1e30, float("inf")])
def test_a_time_no_calendar_has_breaks_nothing(at: float) -> None:
    assert history_text.moment(at) == "?"
    assert history_text.moment(None) == ""


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (HistoryQuery(), []),
        (HistoryQuery(kind=MediaKind.AUDIO), ["♪ audio"]),
        (HistoryQuery(platform="tiktok", source="lena"), ["on tiktok", "from lena"]),
        (HistoryQuery(min_size_bytes=10_000_000), ["at least 10 MB"]),
        (HistoryQuery(max_size_bytes=10_000_000), ["at most 10 MB"]),
        (HistoryQuery(min_size_bytes=1000, max_size_bytes=2000), ["1.0 kB to 2.0 kB"]),
        (HistoryQuery(since=NOW), ["the last week"]),
        (HistoryQuery(search=" two words "), ["with “two words”"]),
    ],
)
def test_filters_are_told_in_words(query: HistoryQuery, words: list[str]) -> None:
    assert [text for _, text in history_text.narrowed(query, "the last week")] == words


def test_a_span_without_words_is_told_by_its_days() -> None:
    (since,) = history_text.narrowed(HistoryQuery(since=NOW))
    (both,) = history_text.narrowed(HistoryQuery(since=NOW, until=NOW + 60))
    (until,) = history_text.narrowed(HistoryQuery(until=NOW))

    assert since[1].startswith("since ")
    assert " to " in both[1]
    assert until[1].startswith("until ")


def test_every_order_and_kind_has_words() -> None:
    assert set(history_text.SORT_WORDS) == set(history_text.FIRST_DOWN) == set(HistorySort)
    assert set(history_text.GLYPHS) == set(history_text.KIND_WORDS) == set(MediaKind)


@pytest.mark.parametrize(
    ("on_disk", "said"),
    [(4_200_000, "✓ there"), (None, "⚠ the file is missing"), (12, "⚠ changed since: 12 B now")],
)
def test_details_say_whether_the_file_is_there(on_disk: int | None, said: str) -> None:
    assert said in history_details.facts(FILE, None, on_disk).plain


def test_details_tell_both_hashes_only_when_they_differ() -> None:
    same = history_details.facts(FILE, None, 1).plain
    other = history_details.facts(replace(FILE, received_sha256="b" * 64), None, 1).plain

    assert "aaaaaaaaaaaaaaaa…" in same
    assert "As received" not in same
    assert "bbbbbbbbbbbbbbbb…" in other


def test_a_job_that_is_gone_is_told_so() -> None:
    assert "#1, no longer listed" in history_details.facts(FILE, None, 1).plain
    assert "Job" not in history_details.facts(replace(FILE, job_id=None), None, 1).plain


_hostile = st.text(st.characters() | st.sampled_from("\x1b\x9b\u202e\u200b[]/\n\r\t@=")).map(
    lambda text: text + "\x1b]52;c;AA\x07[@click=app.quit]"
)


@given(_hostile, _hostile, _hostile)
def test_nothing_from_outside_gets_through_unclean(title: str, source: str, path: str) -> None:
    one = replace(FILE, title=title, source=source, path=f"/m/{path}", url=title, platform=source)

    said = "".join(_cells(one, 160).values()) + history_text.origin(one)
    said += history_details.facts(one, None, 1).plain.replace("\n", "")
    said += "".join(text for _, text in history_text.narrowed(HistoryQuery(title, source, search=path)))

    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char in "\u202e\u200b" for char in said)
