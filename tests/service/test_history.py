from __future__ import annotations

import csv
import io
import json

import pytest

from mediadl.errors import NotFound
from mediadl.models import Download, HistoryQuery, Identity, MediaKind
from mediadl.service import Services, records
from mediadl.service.history import ExportFormat
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
