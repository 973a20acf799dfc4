"""What an index or a folder offers, and that nothing unchecked is taken."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mediadl.errors import BadContent, DownloadError, InvalidInput, MediaNotFound, TooLarge
from mediadl.modules.base import Network
from mediadl.workers import engine_sources
from mediadl.workers.engine_sources import FolderSource, IndexSource, best, exactly, runs_here
from wheelhouse import Index, index, wheel

FILES = {"gallery_dl/__init__.py": b""}


@pytest.fixture
def shop() -> Iterator[Index]:
    with index() as made:
        yield made


@pytest.fixture
def source(shop: Index, tmp_path: Path) -> IndexSource:
    return IndexSource(shop.url, Network(timeout_s=5.0), tmp_path)


def stock(shop: Index, folder: Path, *versions: str) -> None:
    shop.wheels += [wheel(folder, "gallery-dl", version, FILES) for version in versions]


def test_an_index_gives_the_newest_release_and_with_nightly_the_newest_of_all(
    shop: Index, source: IndexSource, tmp_path: Path
) -> None:
    stock(shop, tmp_path, "1.9.0", "1.10.0", "1.10.1.dev20260101")

    offers = source.offers("gallery-dl")

    stable, nightly = best(offers, "stable"), best(offers, "nightly")
    assert stable is not None
    assert nightly is not None
    assert (stable.version, nightly.version) == ("1.10.0", "1.10.1.dev20260101")
    assert exactly(offers, "1.9.0") == next(offer for offer in offers if offer.version == "1.9.0")
    assert stable.released_at == 1793534400.0


def test_what_is_fetched_is_the_file(shop: Index, source: IndexSource, tmp_path: Path) -> None:
    stock(shop, tmp_path, "1.9.0")
    (offer,) = source.offers("gallery-dl")

    source.fetch(offer, tmp_path / "got.whl")

    assert (tmp_path / "got.whl").read_bytes() == shop.wheels[0].read_bytes()


def test_a_file_that_is_not_the_promised_one_is_refused(
    shop: Index, source: IndexSource, tmp_path: Path
) -> None:
    stock(shop, tmp_path, "1.9.0")
    (offer,) = source.offers("gallery-dl")
    damaged = bytearray(shop.wheels[0].read_bytes())
    damaged[50] ^= 1
    shop.wheels[0].write_bytes(damaged)

    with pytest.raises(BadContent, match="SHA-256"):
        source.fetch(offer, tmp_path / "got.whl")

    assert not (tmp_path / "got.whl").exists()


def test_a_file_larger_than_told_is_refused(shop: Index, source: IndexSource, tmp_path: Path) -> None:
    stock(shop, tmp_path, "1.9.0")
    shop.entry = lambda made: {**made, "size": 10}
    (offer,) = source.offers("gallery-dl")

    with pytest.raises(TooLarge):
        source.fetch(offer, tmp_path / "got.whl")


@pytest.mark.parametrize(
    "change",
    [
        {"hashes": {}}, {"hashes": {"sha256": "short"}}, {"yanked": True}, {"yanked": "broken"},
        {"filename": "gallery_dl-1.9.0.tar.gz"}, {"filename": "gallery_dl-1.9.0-cp311-cp311-linux_x86_64.whl"},
        {"filename": "other-1.9.0-py3-none-any.whl"}, {"filename": "gallery_dl-new-py3-none-any.whl"},
    ],
)  # fmt: skip
def test_what_cannot_be_checked_or_does_not_fit_is_not_offered(
    shop: Index, source: IndexSource, tmp_path: Path, change: dict[str, Any]
) -> None:
    stock(shop, tmp_path, "1.9.0")
    shop.entry = lambda made: {**made, **change}

    assert source.offers("gallery-dl") == []


@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b"{}", b'{"files": [1]}', b'{"files": 3}', b"[" * 100_000]
)
def test_an_answer_in_another_language_is_told(shop: Index, source: IndexSource, body: bytes) -> None:
    shop.body = body

    with pytest.raises(BadContent, match="no list of files"):
        source.offers("gallery-dl")


def test_an_unknown_package_is_not_found(source: IndexSource) -> None:
    with pytest.raises(MediaNotFound):
        source.offers("gallery-dl")


def test_an_index_that_cannot_be_reached_says_what_to_do(tmp_path: Path) -> None:
    with contextlib.closing(__import__("socket").create_server(("127.0.0.1", 0))) as closed:
        port = closed.getsockname()[1]
    source = IndexSource(f"http://127.0.0.1:{port}/", Network(timeout_s=2.0), tmp_path)

    with pytest.raises(DownloadError) as caught:
        source.offers("gallery-dl")

    assert caught.value.kind == "network"
    assert "--from FOLDER" in caught.value.next_step


def test_a_listing_without_end_is_cut_off(
    shop: Index, source: IndexSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_sources, "MAX_LISTING_BYTES", 1000)
    shop.body = bytes(2000)

    with pytest.raises(TooLarge):
        source.offers("gallery-dl")


def test_a_folder_offers_its_wheels_and_copies_them(tmp_path: Path) -> None:
    made = wheel(tmp_path / "w", "gallery-dl", "1.9.0", FILES)
    (tmp_path / "w" / "notes.txt").write_text("no wheel")
    source = FolderSource(tmp_path / "w")

    (offer,) = source.offers("gallery-dl")
    source.fetch(offer, tmp_path / "copy.whl")

    assert (tmp_path / "copy.whl").read_bytes() == made.read_bytes()
    assert source.offers("yt-dlp") == []


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        FolderSource(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("asked", "runs"), [("", True), (">=3.8", True), (">=99", False), ("nonsense", False)]
)
def test_the_python_that_is_asked_for_counts(asked: str, runs: bool) -> None:
    assert runs_here(asked) == runs
