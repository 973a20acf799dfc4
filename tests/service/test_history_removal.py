"""Deleting from the history: what goes, what stays, what is refused, and what a crash in the middle leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from mediadl.errors import FolderNotWritable, InvalidInput
from mediadl.events import EventKind
from mediadl.models import Download, HistoryQuery
from mediadl.paths import WORK_FOLDER, Home
from mediadl.service import Services, open_services
from mediadl.service.stored_files import StoredFiles, Verdict
from mediadl.store import archive, downloads
from service.history_stage import make


@pytest.fixture
def folder(tmp_path: Path, services: Services) -> Path:
    """The download folder."""
    made = tmp_path / "media"
    made.mkdir()
    services.settings.set("downloads.directory", str(made))
    return made


def known(services: Services, one: Download) -> bool:
    return bool(archive.known(services.store.read(), [one.identity]))


def there(services: Services, one: Download) -> bool:
    return bool(services.history.get_many([one.id]))


def test_file_and_record_go_together_and_are_not_fetched_again(services: Services, folder: Path) -> None:
    gone, stays = make(services, 1, folder / "a" / "1.mp4"), make(services, 2, folder / "a" / "2.mp4")

    done = services.history.delete([gone.id], files=True, record=True)

    assert (done.files, done.records, done.size_bytes) == (1, 1, 1)
    assert (done.missing, done.refused, done.kept) == (0, 0, [])
    assert sorted(p.name for p in (folder / "a").iterdir()) == ["2.mp4", "2.mp4.json"]
    assert not there(services, gone)
    assert there(services, stays)
    assert known(services, gone)
    assert services.store.check() == []


def test_a_record_goes_alone_and_comes_back_as_it_was(services: Services, folder: Path) -> None:
    made = [make(services, n, folder / f"{n}.mp4") for n in (1, 2, 3)]

    done = services.history.delete([made[0].id, made[2].id], files=False, record=True, forget=True)
    assert done.records == 2
    assert (folder / "1.mp4").exists()
    assert not known(services, made[0])
    assert services.history.count(HistoryQuery(search="sunset")) == 1

    assert services.history.restore(done.kept) == 2
    assert services.history.get_many([one.id for one in made]) == made
    assert all(known(services, one) for one in made)
    assert services.history.count(HistoryQuery(search="sunset")) == 3
    assert services.store.check() == []


def test_what_was_fetched_again_meanwhile_is_not_put_back_twice(services: Services, folder: Path) -> None:
    made = make(services, 1, folder / "1.mp4")
    done = services.history.delete([made.id], files=False, record=True)
    newer = make(services, 1, folder / "1.mp4")

    assert services.history.restore(done.kept) == 0
    assert [one.id for one in services.history.page(HistoryQuery(), 0, 9)] == [newer.id]


def test_the_file_alone_goes_and_its_record_says_so(services: Services, folder: Path) -> None:
    made = make(services, 1, folder / "1.mp4")

    done = services.history.delete([made.id], files=True, record=False)

    assert (done.files, done.records) == (1, 0)
    assert not (folder / "1.mp4").exists()
    assert there(services, made)


def test_forgetting_lets_it_be_fetched_again(services: Services, folder: Path) -> None:
    made = make(services, 1, folder / "1.mp4")

    services.history.delete([made.id], files=True, record=True, forget=True)

    assert not known(services, made)


def test_a_missing_file_is_no_failure_and_is_named(services: Services, folder: Path) -> None:
    missing = make(services, 1, folder / "gone" / "1.mp4", write=False)

    done = services.history.delete([missing.id], files=True, record=True)

    assert (done.missing, done.records, done.refused) == (1, 1, 0)
    assert done.missing_paths == [missing.path]


@pytest.mark.parametrize(
    "name", ["link", "link in a folder", "outside", "work", "folder", "dots", "relative"]
)
def test_what_is_not_a_file_of_ours_stays_with_its_record(
    services: Services, folder: Path, tmp_path: Path, name: str
) -> None:
    precious = tmp_path / "precious" / "letter.txt"
    precious.parent.mkdir()
    precious.write_text("dear")
    (folder / "link.mp4").symlink_to(precious)
    (folder / "elsewhere").symlink_to(precious.parent)
    (folder / "sub").mkdir()
    (folder / WORK_FOLDER / "job-1").mkdir(parents=True)
    (folder / WORK_FOLDER / "job-1" / "x.part").write_text("half")
    path = {
        "link": folder / "link.mp4",
        "link in a folder": folder / "elsewhere" / "letter.txt",
        "outside": precious,
        "work": folder / WORK_FOLDER / "job-1" / "x.part",
        "folder": folder / "sub",
        "dots": folder / ".." / "precious" / "letter.txt",
        "relative": Path("letter.txt"),
    }[name]
    made = make(services, 1, path, write=False)

    done = services.history.delete([made.id], files=True, record=True, forget=True)

    assert (done.refused, done.files, done.records, done.missing) == (1, 0, 0, 0)
    assert done.refusals[0].path == str(path)
    assert done.refusals[0].reason
    assert precious.read_text() == "dear"
    assert (folder / "link.mp4").is_symlink()
    assert (folder / WORK_FOLDER / "job-1" / "x.part").exists()
    assert there(services, made)
    assert known(services, made)


def test_a_disk_that_is_not_there_keeps_the_records(services: Services, folder: Path) -> None:
    made = make(services, 1, folder / "1.mp4")
    folder.rename(folder.with_name("unplugged"))

    done = services.history.delete([made.id], files=True, record=True)

    assert (done.refused, done.missing) == (1, 0)
    assert "no folder" in done.refusals[0].reason
    assert there(services, made)


def test_the_folder_a_job_was_given_counts_as_a_download_folder(
    services: Services, folder: Path, tmp_path: Path
) -> None:
    from mediadl.service.queue import AddOptions

    other = tmp_path / "other"
    (job,) = services.queue.add(["https://host/1.jpg"], AddOptions(out=str(other)))
    made = make(services, 1, other / "1.mp4", job_id=job.job_id)

    done = services.history.delete([made.id], files=True, record=True)

    assert (done.files, done.refused) == (1, 0)
    assert not (other / "1.mp4").exists()


def test_a_file_that_only_looks_like_metadata_stays(services: Services, folder: Path) -> None:
    picture = make(services, 1, folder / "map.geo")
    data = make(services, 2, folder / "map.geo.json")

    services.history.delete([picture.id], files=True, record=True)

    assert Path(data.path).exists()


def test_nothing_to_delete_is_refused(services: Services) -> None:
    with pytest.raises(InvalidInput):
        services.history.delete([1], files=False, record=False)


def test_it_can_be_stopped_and_tells_how_far_it_is(services: Services, folder: Path) -> None:
    made = [make(services, n, folder / f"{n}.mp4", write=False) for n in range(1, 451)]
    told: list[tuple[int, int]] = []

    done = services.history.delete(
        [one.id for one in made], files=False, record=True,
        progress=lambda at, of: told.append((at, of)), stop=lambda: len(told) == 4,
    )  # fmt: skip

    assert told == [(100, 450), (200, 450), (300, 450), (400, 450)]
    assert done.records == 400
    assert services.history.count(HistoryQuery()) == 50
    assert services.history.restore(done.kept) == 400


def test_everyone_hears_of_it(services: Services, folder: Path) -> None:
    made = make(services, 1, folder / "1.mp4")
    before = services.queue.last_event_id()

    services.history.restore(services.history.delete([made.id], files=False, record=True).kept)
    services.history.delete([made.id], files=True, record=False)

    events = services.queue.events_since(before)
    assert {event.kind for event in events} == {EventKind.HISTORY_CHANGED}
    assert [event.payload for event in events] == [
        {"removed": 1, "ids": [made.id]},
        {"restored": 1, "ids": [made.id]},
        {"files_deleted": 1, "ids": [made.id]},
    ]


def test_a_disk_that_fails_keeps_the_records(
    services: Services, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(services, 1, folder / "1.mp4")

    def fail(_self: StoredFiles) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(StoredFiles, "sync", fail)
    with pytest.raises(FolderNotWritable):
        services.history.delete([made.id], files=True, record=True)

    assert there(services, made)


def test_a_folder_that_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "1.mp4").write_text("x")
    monkeypatch.setattr(os, "unlink", refuse)
    with StoredFiles([tmp_path]) as remover:
        removal = remover.remove(str(tmp_path / "1.mp4"))

    assert (removal.verdict, removal.reason) == (Verdict.REFUSED, "Permission denied")


_KILLED = """
    import os, signal, sys
    from pathlib import Path
    from mediadl.paths import Home
    from mediadl.service import open_services
    from mediadl.service.stored_files import StoredFiles
    from mediadl.store import downloads
    services = open_services(Home(Path(sys.argv[1])))
    where, after = sys.argv[2], int(sys.argv[3])
    calls = 0
    def dies(real):
        def wrapped(*given, **named):
            global calls
            calls += 1
            if calls == after:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)
        return wrapped
    if where == "unlink":
        os.unlink = dies(os.unlink)
    elif where == "sync":
        StoredFiles.sync = dies(StoredFiles.sync)
    else:
        setattr(downloads, where, dies(getattr(downloads, where)))
    ids = [one.id for one in services.history.page(downloads.HistoryQuery(), 0, 1000)]
    services.history.delete(ids, files=True, record=True, forget=True)
"""


@pytest.mark.parametrize(
    ("where", "after"),
    [("unlink", 1), ("unlink", 101), ("sync", 1), ("sync", 2), ("forget", 1), ("remove", 2)],
)
def test_killed_in_the_middle_no_file_is_left_without_its_record(
    services: Services, folder: Path, home: Home, where: str, after: int
) -> None:
    made = [make(services, n, folder / f"{n}.mp4") for n in range(1, 251)]
    services.close()

    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_KILLED), str(home.root), where, str(after)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
    )  # fmt: skip

    assert child.returncode == -signal.SIGKILL, child.stderr.decode()
    with open_services(home) as opened:
        rows = {one.path for one in opened.history.page(HistoryQuery(), 0, 1000)}
        files = {str(path) for path in folder.glob("*.mp4")}
        assert files <= rows, "a file that nobody knows of"
        for one in made:
            # Forgotten and gone go together: no row of which the archive knows nothing
            assert known(opened, one) == there(opened, one)
        ids = [one.id for one in opened.history.page(HistoryQuery(), 0, 1000)]
        done = opened.history.delete(ids, files=True, record=True)
        assert (done.files, done.missing) == (len(files), len(rows) - len(files))
        assert opened.history.count(HistoryQuery()) == 0
        assert opened.store.check() == []
    assert not list(folder.glob("*"))


def test_the_small_picture_of_a_deleted_file_goes_too(services: Services, folder: Path) -> None:
    from mediadl.workers.thumbnail_cache import Raster, ThumbnailFolder

    made = make(services, 1, folder / "1.mp4")
    pictures = ThumbnailFolder(services.home.thumbnails)
    pictures.put(made.sha256, 96, Raster(1, 1, b"rgb"))

    services.history.delete([made.id], files=False, record=True)
    assert pictures.get(made.sha256, 96) is not None
    again = make(services, 1, folder / "1.mp4")
    services.history.delete([again.id], files=True, record=True)

    assert pictures.get(made.sha256, 96) is None


def test_rows_that_are_not_there_are_passed_over(services: Services, folder: Path) -> None:
    made = make(services, 1, folder / "1.mp4")

    done = services.history.delete([made.id, 99], files=True, record=True)

    assert (done.records, done.files, done.missing) == (1, 1, 0)


def test_a_parcel_keeps_every_field(services: Services, folder: Path) -> None:
    made = make(services, 1, folder / "1.mp4", title="漢字 \x1f “quotes”")
    with services.store.write() as tx:
        tx.execute("UPDATE downloads SET width = NULL, posted_at = 1.25 WHERE id = ?", (made.id,))
    before = services.history.get(made.id)

    services.history.restore(services.history.delete([made.id], files=False, record=True).kept)

    assert services.history.get(made.id) == before == replace(made, width=None, posted_at=1.25)
    assert downloads.by_path(services.store.read(), made.path) == before
