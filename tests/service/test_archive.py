from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mediadl.errors import InvalidInput, NotFound
from mediadl.models import Identity
from mediadl.modules.instagram import media_pk
from mediadl.service import Services
from mediadl.service.archive import Imported


def gallerydl(path: Path, entries: list[str], table: str = "archive") -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f'CREATE TABLE "{table}" (entry TEXT PRIMARY KEY) WITHOUT ROWID')
        connection.executemany(f'INSERT INTO "{table}" VALUES (?)', [(entry,) for entry in entries])
        connection.commit()
    return path


def test_an_archive_of_ytdlp_is_taken_over(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "archive.txt"
    file.write_text("Youtube dQw4w9WgXcQ\ntiktok 7300000000000000001\r\n\ninstagram DKx3mPqs7Yw\n")

    made = services.archive.import_file(file)

    assert made == Imported("yt-dlp", 3, 3)
    assert set(services.archive.page()) == {
        Identity("youtube", "dQw4w9WgXcQ"),
        Identity("tiktok", "7300000000000000001"),
        Identity("instagram", media_pk("DKx3mPqs7Yw")),
    }
    assert services.archive.import_file(file).new == 0


def test_an_archive_of_gallerydl_is_taken_over_in_our_identities(services: Services, tmp_path: Path) -> None:
    file = gallerydl(
        tmp_path / "a.sqlite3",
        ["instagram3236881787762519516", "tiktok7304041999614499925_2_abc", "4chang_1700000000", "e621123"],
    )

    made = services.archive.import_file(file)

    assert made == Imported("gallery-dl", 4, 4)
    assert set(services.archive.page()) == {
        Identity("instagram", "3236881787762519516"),
        Identity("tiktok", "7304041999614499925", 1),
        Identity("4chan", "g_1700000000"),
        Identity("e621", "123"),
    }


def test_a_table_per_site_names_the_site(services: Services, tmp_path: Path) -> None:
    services.archive.import_file(gallerydl(tmp_path / "a.db", ["123_p0"], table="pixiv"))

    assert services.archive.page() == [Identity("pixiv", "123_p0")]


def test_the_source_of_an_import_is_not_touched(services: Services, tmp_path: Path) -> None:
    file = gallerydl(tmp_path / "a.db", ["pixiv1_p0"])
    before = file.read_bytes()

    services.archive.import_file(file)

    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("a.db")] == ["a.db"]


def test_an_export_can_be_imported(services: Services, tmp_path: Path) -> None:
    file = tmp_path / "archive.txt"
    file.write_text("youtube a\ntiktok 7\n")
    services.archive.import_file(file)
    stream = io.StringIO()
    assert services.archive.export(stream) == 2

    services.archive.forget(["youtube:a", "tiktok:7:0"])
    file.write_text(stream.getvalue())

    assert services.archive.import_file(file) == Imported("mediadl", 2, 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"youtube\n", "line 1 is not like"),
        (b"youtube a\nhttps://x.y/z some page\nmore words here\n", "line 2 is not like"),
        (b'{"site": "x"}\n', "line 1 has no site and id"),
        (b"\xff\xfe\x00", "not text"),
        (b"SQLite format 3\x00" + b"\x00" * 2000, ""),
    ],
)
def test_a_wrong_file_changes_nothing(services: Services, tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "wrong"
    file.write_bytes(content)

    with pytest.raises(InvalidInput, match="is no archive") as caught:
        services.archive.import_file(file)

    assert words in str(caught.value)
    assert services.archive.count() == 0


def test_a_database_of_something_else_is_no_archive(services: Services, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE notes(text)")

    with pytest.raises(InvalidInput, match="something else"):
        services.archive.import_file(tmp_path / "x.db")
    with pytest.raises(InvalidInput, match="cannot read"):
        services.archive.import_file(tmp_path / "none")


def test_forgetting_takes_one_file_or_a_whole_post_or_nothing(services: Services, tmp_path: Path) -> None:
    file = gallerydl(tmp_path / "a.db", [f"tiktok7_{n}_x" for n in (1, 2, 3)] + ["tiktok8_1_x"])
    services.archive.import_file(file)

    assert services.archive.forget(["tiktok:7:2"]) == 1
    with pytest.raises(NotFound, match="tiktok:9"):
        services.archive.forget(["tiktok:7", "tiktok:9"])
    assert services.archive.count() == 3
    assert services.archive.forget(["tiktok:7"]) == 2
    for word in ("tiktok", ":7", "tiktok:"):
        with pytest.raises(InvalidInput, match="not an identity"):
            services.archive.forget([word])
