"""Threads written down beside their files, from what the database holds."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mediadl.models import Job
from mediadl.paths import Home
from mediadl.pipeline import work_folder
from mediadl.pipeline.facts import DocumentsFact
from mediadl.settings.schema import Settings
from mediadl.store import thread_posts
from mediadl.store.database import Database
from mediadl.workers.thread_documents import DocumentsWritten, Order, ThreadDocuments, write_thread
from store.making import NOW
from thread_keeping import SITE, Keeper, file, page, post


@pytest.fixture
def keeper(home: Home) -> Iterator[Keeper]:
    with Database.open(home) as database:
        made = Keeper(database)
        made.check(page(1, post(1, file(10)), post(2, text="Words alone")), stored=[10])
        yield made


def order(keeper: Keeper, root: Path, **options: Any) -> Order:
    from dataclasses import replace

    work_folder.create(root, keeper.job_id)
    job = keeper.job()
    return Order(replace(job, options=job.options | options), Settings(), root)


def names(root: Path) -> set[str]:
    folder = root / SITE / "Walks [77]"
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def test_a_thread_has_a_page_a_record_and_sidecars_of_posts_with_files(
    keeper: Keeper, tmp_path: Path
) -> None:
    posts, folder = write_thread(keeper.database, order(keeper, tmp_path))

    assert posts == ("1", "2")
    assert folder == str(tmp_path / SITE / "Walks [77]")
    day = "2027-01-14"
    assert names(tmp_path) == {"Walks [77].html", "Walks [77].thread.json", f"{day}_1_ann.post.json"}
    sidecar = json.loads((Path(folder) / f"{day}_1_ann.post.json").read_text())
    assert sidecar["files"][0]["sha256"] == "a" * 64


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"post_sidecars": "all"}, 4),
        ({"post_sidecars": "off"}, 2),
        ({"post_sidecars": "off", "thread_page": False}, 0),
    ],
)
def test_people_choose_what_is_written(
    keeper: Keeper, tmp_path: Path, options: dict[str, Any], count: int
) -> None:
    write_thread(keeper.database, order(keeper, tmp_path, **options))

    assert len(names(tmp_path)) == count


def test_only_what_changed_is_written_again(keeper: Keeper, tmp_path: Path) -> None:
    asked = order(keeper, tmp_path)
    posts, folder = write_thread(keeper.database, asked)
    keeper.tell(DocumentsFact(keeper.job(), posts, folder))
    page_file = Path(folder) / "Walks [77].html"
    before = page_file.stat().st_ino

    assert write_thread(keeper.database, asked) == ((), folder)
    assert page_file.stat().st_ino == before

    with keeper.database.write() as tx:
        thread_posts.mark_gone(tx, 1, ["2"], NOW)
    assert write_thread(keeper.database, asked) == (("2",), folder)
    assert "removed from the forum" in page_file.read_text()


def test_a_crash_before_it_was_noted_writes_the_same_again(keeper: Keeper, tmp_path: Path) -> None:
    asked = order(keeper, tmp_path)

    first = write_thread(keeper.database, asked)
    second = write_thread(keeper.database, asked)

    assert first == second
    assert len(names(tmp_path)) == 3


def test_the_supervisor_hears_of_success_and_failure(keeper: Keeper, tmp_path: Path) -> None:
    heard: queue.SimpleQueue[object] = queue.SimpleQueue()
    documents = ThreadDocuments(keeper.database, heard.put)
    documents.write(order(keeper, tmp_path))
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / SITE).write_text("a file where the folder should be")
    documents.write(order(keeper, tmp_path / "second"))

    told = [heard.get(timeout=10), heard.get(timeout=10)]
    documents.close()

    assert all(isinstance(one, DocumentsWritten) for one in told)
    assert [getattr(one, "error", None) is None for one in told] == [True, False]


def test_a_job_whose_thread_is_unknown_writes_nothing(keeper: Keeper, tmp_path: Path) -> None:
    from dataclasses import replace

    asked = order(keeper, tmp_path)
    stranger: Job = replace(asked.job, url="https://forum.example.org/threads/none.1/")

    assert write_thread(keeper.database, replace(asked, job=stranger)) == ((), "")
    assert names(tmp_path) == set()
