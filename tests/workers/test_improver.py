"""Better versions are looked for a few at a time, only where one can be had, and never against a site's will."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mediadl.models import (
    Download,
    FoundItem,
    Identity,
    Job,
    Lane,
    MediaFacts,
    MediaKind,
    Priority,
    StoredFile,
)
from mediadl.paths import Home
from mediadl.pipeline.facts import StoredFact
from mediadl.settings.schema import Downloads, QualityUpgrade, Settings
from mediadl.store import archive, downloads, improvements, jobs
from mediadl.store.database import Database
from mediadl.workers import improver
from mediadl.workers.improver import Improver
from mediadl.workers.recorder import record
from store.making import claim, download

CONTENT = b"a small picture"
LATER_S = 1000.0


@pytest.fixture
def database(home: Home) -> Iterator[Database]:
    with Database.open(home) as opened:
        yield opened


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        downloads=Downloads(directory=str(tmp_path / "downloads")),
        quality_upgrade=QualityUpgrade(enabled=True),
    )


def keep(database: Database, settings: Settings, n: int, **fields: Any) -> Download:
    """A small picture of a post of its own, on the disk and in the history."""
    path = Path(settings.downloads.directory) / f"{n}.jpg"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(CONTENT)
    values: dict[str, Any] = {
        "platform": "instagram", "identity": Identity("instagram", f"pk{n}"), "path": str(path), "job_id": None,
        "url": f"https://www.instagram.com/p/CODE{n}/", "width": 640, "height": 480, "size_bytes": len(CONTENT),
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
    } | fields  # fmt: skip
    row = download(n, **values)
    with database.write() as tx:
        number = downloads.add(tx, row)
        archive.add(tx, row.identity, number, 1.0)
        archive.add(tx, Identity("instagram", f"stem{n}"), number, 1.0)
    return replace(row, id=number)


def queued(database: Database) -> list[Job]:
    with database.write() as tx:
        return claim(tx, limit=50, lane=Lane.RUNNER, now=time.time())


def why_left(database: Database, settings: Settings, row: Download) -> str:
    order = improver.plan(database.read(), settings, [row.id])
    assert order.requests == ()
    return order.left[0].why


def test_files_of_one_post_are_one_job_that_picks_them_by_all_their_names(
    database: Database, settings: Settings
) -> None:
    url = "https://www.instagram.com/p/CODE9/"
    first, second = (keep(database, settings, n, url=url) for n in (1, 2))
    other = keep(database, settings, 3)

    order = improver.plan(database.read(), settings, [first.id, second.id, other.id])

    assert len(order.requests) == 2
    one = order.requests[0]
    assert (one.priority, one.options["force"]) == (Priority.LOW, True)
    assert one.options["improve"] == [first.id, second.id]
    assert [sorted(name[1] for name in names) for names in one.options["pick"]] == [
        ["pk1", "stem1"],
        ["pk2", "stem2"],
    ]


def test_what_could_not_be_replaced_is_left_out_with_the_reason(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    changed, missing = keep(database, settings, 1), keep(database, settings, 2)
    Path(changed.path).write_bytes(b"painted over")
    Path(missing.path).unlink()
    elsewhere = keep(database, settings, 3, path=str(tmp_path / "elsewhere.jpg"))
    story = keep(database, settings, 4, url="https://www.instagram.com/stories/bob/")
    other = keep(database, settings, 5, platform="tiktok", url="https://www.tiktok.com/@a/video/7")

    assert "changed since" in why_left(database, settings, changed)
    assert "missing" in why_left(database, settings, missing)
    assert "outside the download folders" in why_left(database, settings, elsewhere)
    assert "not come from a single post" in why_left(database, settings, story)
    assert "best version at once" in why_left(database, settings, other)


def test_it_stays_quiet_when_off_when_busy_and_between_two_groups(
    database: Database, settings: Settings
) -> None:
    for n in range(1, 10):
        keep(database, settings, n)
    off = settings.model_copy(update={"quality_upgrade": QualityUpgrade()})
    ours = Improver(database)

    assert ours.tick(off, idle_s=LATER_S) == []
    assert ours.tick(settings, idle_s=1.0) == []
    assert len(ours.tick(settings, idle_s=LATER_S)) == improver.GROUP
    assert ours.tick(settings, idle_s=LATER_S) == []


def test_a_day_has_its_limit(database: Database, settings: Settings) -> None:
    few = settings.model_copy(update={"quality_upgrade": QualityUpgrade(enabled=True, daily_limit=2)})
    for n in range(1, 5):
        keep(database, settings, n)

    assert len(Improver(database).tick(few, idle_s=LATER_S)) == 2
    end_all(database, "")
    assert Improver(database).tick(few, idle_s=LATER_S) == []


@pytest.mark.parametrize(("reason", "goes_on"), [("challenge", False), ("login_needed", False), ("", True)])
def test_after_a_refusal_it_is_over_for_today(
    database: Database, settings: Settings, reason: str, *, goes_on: bool
) -> None:
    for n in range(1, 10):
        keep(database, settings, n)
    assert Improver(database).tick(settings, idle_s=LATER_S)
    assert Improver(database).tick(settings, idle_s=LATER_S) == [], "the first are not done yet"

    end_all(database, reason)

    assert bool(Improver(database).tick(settings, idle_s=LATER_S)) is goes_on


def end_all(database: Database, reason: str) -> None:
    with database.write() as tx:
        tx.execute("UPDATE download_queue SET status = 'completed', reason = ?", (reason,))


def test_what_took_a_files_place_is_written_into_its_row_once_however_often_it_is_told(
    database: Database, settings: Settings
) -> None:
    row = keep(database, settings, 1)
    improver.queue(database, improver.plan(database.read(), settings, [row.id]), settings, time.time())
    (job,) = queued(database)
    media = MediaFacts(MediaKind.IMAGE, "image/jpeg", "jpg", 1080, 1350)
    file = StoredFile(row.path, 5000, "b" * 64, "b" * 64, media)
    fact = StoredFact(job, FoundItem(1, Identity("instagram", "new name")), file, "gallery-dl")

    record(database, [fact, fact], [], time.time())

    read = database.read()
    (now,) = downloads.get_many(read, range(1, 10))
    assert (now.id, now.width, now.backend) == (row.id, 1080, "gallery-dl")
    before = improvements.before(read, row.id)
    assert before is not None
    assert (before.width, before.sha256) == (640, row.sha256)
    assert archive.known(read, [Identity("instagram", "new name")])
    assert jobs.get(read, job.id).priority is Priority.LOW
