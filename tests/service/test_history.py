from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from mediadl.errors import FolderNotWritable, InvalidInput, NotFound
from mediadl.models import Amount, Download, HistoryQuery, Identity, MediaKind
from mediadl.service import Services, records
from mediadl.service.history import ExportFormat, Stopped
from mediadl.service.queue import AddOptions
from mediadl.store import downloads


def store(services: Services, number: int, *, title: str = "Sunset", job_id: int | None = None) -> int:
    download = Download(
        id=0,
        job_id=job_id,
        identity=Identity("tiktok", str(number)),
        platform="tiktok",
        source="lena",
        title=title,
        url=f"https://www.tiktok.com/@lena/video/{number}",
        path=f"/media/{number}.mp4",
        size_bytes=number * 1000,
        sha256="a" * 64,
        received_sha256="a" * 64,
        kind=MediaKind.VIDEO,
        mime="video/mp4",
        width=1080,
        height=1920,
        duration_s=3.5,
        backend="yt-dlp",
        posted_at=1_779_006_600.0,
        stored_at=1_779_006_600.0 + number,
    )
    with services.store.write() as tx:
        return downloads.add(tx, download)


def test_pages_are_newest_first_and_counted(services: Services) -> None:
    ids = [store(services, n) for n in (1, 2, 3)]

    assert [one.id for one in services.history.page(HistoryQuery(), 0, 2)] == [ids[2], ids[1]]
    assert services.history.count(HistoryQuery(min_size_bytes=2000)) == 2
    assert services.history.get(ids[0]).path == "/media/1.mp4"
    with pytest.raises(NotFound):
        services.history.get(99)


def test_the_files_of_a_job_are_found(services: Services) -> None:
    mine = store(services, 1, job_id=7)
    store(services, 2, job_id=8)

    assert [one.id for one in services.history.of_job(7)] == [mine]


def test_csv_has_a_header_and_no_formulas(services: Services) -> None:
    store(services, 1, title='=HYPERLINK("http://evil")')
    stream = io.StringIO(newline="")

    assert services.history.export(HistoryQuery(), stream, ExportFormat.CSV) == 1

    header, row = csv.reader(io.StringIO(stream.getvalue()))
    told = dict(zip(header, row, strict=True))
    assert told["title"] == '\'=HYPERLINK("http://evil")'
    assert told["size"] == "1000"
    assert told["posted_at"] == "2026-05-17T08:30:00.000Z"


def test_json_lines_are_the_same_records_as_everywhere(services: Services) -> None:
    store(services, 1)
    stream = io.StringIO()

    services.history.export(HistoryQuery(), stream, ExportFormat.JSON)

    (found,) = services.history.page(HistoryQuery(), 0, 1)
    assert json.loads(stream.getvalue()) == records.download(found)


def test_an_exported_file_appears_complete_and_never_in_the_place_of_another(
    services: Services, tmp_path: Path
) -> None:
    store(services, 1)
    target = tmp_path / "history.csv"

    assert services.history.export_file(HistoryQuery(), target, ExportFormat.CSV) == 1

    assert len(target.read_text().splitlines()) == 2
    with pytest.raises(InvalidInput, match="exists already"):
        services.history.export_file(HistoryQuery(), target, ExportFormat.JSON)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InvalidInput, match="exists already"):
        services.history.export_file(HistoryQuery(), tmp_path / "dangling", ExportFormat.JSON)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["history.csv"]


def test_an_export_that_is_stopped_leaves_nothing(services: Services, tmp_path: Path) -> None:
    with services.store.write() as tx:
        tx.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
            " INSERT INTO downloads(title, path, stored_at) SELECT 'x', '/p/' || i, i FROM n"
        )
    told: list[int] = []

    with pytest.raises(Stopped):
        services.history.export_file(
            HistoryQuery(), tmp_path / "out.json", ExportFormat.JSON, told.append, lambda: len(told) == 2
        )

    assert told == [1000, 2000]
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_a_folder_that_takes_no_file_is_told(services: Services, tmp_path: Path) -> None:
    with pytest.raises(FolderNotWritable):
        services.history.export_file(HistoryQuery(), tmp_path / "none" / "x.csv", ExportFormat.CSV)


def test_a_listing_gives_any_page_and_any_place(services: Services) -> None:
    ids = [store(services, n) for n in range(1, 30)]
    query = HistoryQuery(min_size_bytes=11_000)

    listing = services.history.listing(query)

    assert listing is not None
    assert listing.total == 19
    assert listing.stamp == services.history.stamp()
    assert listing.index_of(ids[28]) == 0
    assert listing.index_of(ids[0]) is None
    assert list(listing.ids(0, 2)) == [ids[28], ids[27]]
    assert listing.page(services.store, 17, 9) == services.history.page(query, 17, 9)
    services.history.delete([ids[27]], files=False, record=True)
    assert listing.page(services.store, 0, 9) is None
    assert listing.stamp != services.history.stamp()


def test_menus_of_filters_know_what_there_is(services: Services) -> None:
    store(services, 1)
    store(services, 2)

    assert services.history.platforms() == [("tiktok", 2)]
    assert services.history.sources("tiktok") == [("lena", 2)]
    assert services.history.amount([1, 2, 77]) == Amount(2, 3000)


# Again


def test_fetching_again_makes_one_job_per_page_that_the_archive_does_not_stop(services: Services) -> None:
    url = "https://www.tiktok.com/@lena/video/7301112223334445556"
    with services.store.write() as tx:
        tx.execute(
            "INSERT INTO downloads(url, path, platform) VALUES (?, '/1', 'tiktok'), (?, '/2', 'tiktok'),"
            " ('', '/3', 'tiktok'), ('nonsense', '/4', 'tiktok')",
            (url, url),
        )

    again = services.history.redownload([1, 2, 3, 4, 99])

    (job,) = services.queue.get_many(again.job_ids)
    assert job.url == url
    assert job.options["force"] is True
    assert again.refused == 2
    assert {number for number, _ in again.refusals} == {3, 4}


def test_fetching_again_goes_where_the_first_job_went(services: Services, tmp_path: Path) -> None:
    options = AddOptions(out=str(tmp_path), quality="720p", max_items=3)
    (first,) = services.queue.add(["https://host/1.jpg"], options)
    with services.store.write() as tx:
        tx.execute(
            "INSERT INTO downloads(url, path, job_id) VALUES ('https://host/1.jpg', '/1', ?)", (first.job_id,)
        )

    (job,) = services.queue.get_many(services.history.redownload([1]).job_ids)

    assert job.options == {"out": str(tmp_path), "quality": "720p", "force": True}
