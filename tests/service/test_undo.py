"""What verbs do to many jobs, and how it is taken back: same numbers, same places, same files."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mediadl.errors import NotFound
from mediadl.models import Identity, Item, ItemState, JobQuery, JobRequest, JobStatus, Move, Priority
from mediadl.pipeline import leftovers, work_folder
from mediadl.service import Services, bulk, open_services
from mediadl.service.queue import QueueService, UndoLog
from mediadl.store import items, jobs

ALL = JobQuery()


def fill(services: Services, number: int = 6, out: Path | None = None) -> list[int]:
    options = {"out": str(out)} if out else {}
    asked = [
        JobRequest(f"https://h.example/{n}", "direct", f"s{n % 3}", options=options) for n in range(number)
    ]
    with services.store.write() as tx:
        return jobs.add(tx, asked, max_attempts=3, now=time.time())


def snapshot(services: Services) -> Any:
    """Everything about the queue that has to come back."""
    read = services.store.read()
    rows = read.execute("SELECT * FROM download_queue ORDER BY id").fetchall()
    return rows, services.queue.ids(ALL), services.queue.counts()


def complete(services: Services, ids: Sequence[int]) -> None:
    with services.store.write() as tx:
        tx.executemany(
            "UPDATE download_queue SET status = 'completed', finished_at = ? WHERE id = ?",
            [(1e9 + n, job_id) for n, job_id in enumerate(ids)],
        )


VERBS: dict[str, Callable[[QueueService, list[int], UndoLog], object]] = {
    "remove": lambda queue, ids, log: queue.remove(ids[1:4], undo=log),
    "clear": lambda queue, ids, log: queue.clear({JobStatus.COMPLETED}, undo=log),
    "cancel": lambda queue, ids, log: queue.cancel(ids[:3], undo=log),
    "pause all": lambda queue, ids, log: queue.pause_all(undo=log),
    "raise": lambda queue, ids, log: queue.shift_priority(ids, 1, undo=log),
    "set": lambda queue, ids, log: queue.set_priority(ids[2:], Priority.LOW, undo=log),
    "top": lambda queue, ids, log: queue.move_many([ids[3], ids[4]], Move.TOP, undo=log),
    "up": lambda queue, ids, log: queue.move_many([ids[3], ids[4]], Move.UP, undo=log),
    "down": lambda queue, ids, log: queue.move_many([ids[0], ids[1]], Move.DOWN, undo=log),
    "bottom": lambda queue, ids, log: queue.move_many([ids[0], ids[2]], Move.BOTTOM, undo=log),
}


@pytest.mark.parametrize("verb", VERBS)
def test_undo_gives_back_everything_as_it_was(services: Services, verb: str) -> None:
    ids = fill(services)
    complete(services, ids[-1:])
    services.queue.set_priority(ids[1:2], Priority.HIGH)
    before, log = snapshot(services), UndoLog()

    VERBS[verb](services.queue, ids, log)
    changed = snapshot(services)
    back = services.queue.undo(log)

    assert log
    assert changed != before
    assert snapshot(services) == before
    assert back > 0


def test_another_front_end_sees_both_at_once(services: Services) -> None:
    ids = fill(services)
    log = UndoLog()
    with open_services(services.home) as other:
        services.queue.remove(ids[:2], undo=log)
        assert other.queue.ids(ALL) == ids[2:]
        version = other.queue.data_version()
        services.queue.undo(log)

        assert other.queue.data_version() != version
        assert other.queue.ids(ALL) == ids


def test_items_and_partial_files_come_back_with_their_job(services: Services, tmp_path: Path) -> None:
    (job_id,) = fill(services, 1, out=tmp_path)
    part = work_folder.create(tmp_path, job_id) / "film.part"
    part.write_bytes(b"half")
    with services.store.write() as tx:
        found = Item(job_id, 1, Identity("s", "1"), ItemState.FOUND, "film", None, "", "", None)
        items.put(tx, job_id, [found])
    log = UndoLog()

    services.queue.remove([job_id], undo=log)
    leftovers.purge(services.store, str(tmp_path))
    services.queue.undo(log)

    assert part.read_bytes() == b"half"
    assert services.queue.items(job_id) == [found]
    assert services.queue.item_count(job_id) == 1


def test_without_undo_partial_files_go_at_once(services: Services, tmp_path: Path) -> None:
    (job_id,) = fill(services, 1, out=tmp_path)
    folder = work_folder.create(tmp_path, job_id)

    services.queue.remove([job_id])

    assert not folder.exists()
    assert jobs.removed(services.store.read(), [job_id]) == []


def test_after_its_time_a_removed_job_is_forgotten_with_its_files(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job_id,) = fill(services, 1, out=tmp_path)
    folder = work_folder.create(tmp_path, job_id)
    log = UndoLog()
    services.queue.remove([job_id], undo=log)
    now = time.time() + jobs.KEPT_S + 1
    monkeypatch.setattr(time, "time", lambda: now)

    assert leftovers.purge(services.store, str(tmp_path)) == 1
    assert not folder.exists()
    assert services.queue.undo(log) == 0


def test_the_count_of_what_was_cleared_is_told(services: Services) -> None:
    ids = fill(services, 500)
    complete(services, ids[:300])

    assert services.queue.clear({JobStatus.COMPLETED}) == 300
    assert services.queue.clear(set()) == 0


def test_an_unknown_number_changes_nothing(services: Services) -> None:
    ids = fill(services)
    before = snapshot(services)
    for verb in (services.queue.remove, services.queue.cancel, services.queue.retry, services.queue.pause):
        with pytest.raises(NotFound, match="no job 99"):
            verb([*ids, 99])
    with pytest.raises(NotFound, match="no job 99"):
        services.queue.set_priority([99], Priority.HIGH)

    assert snapshot(services) == before


def test_many_jobs_are_changed_in_parts_and_progress_is_told(services: Services) -> None:
    ids = fill(services, 3000)
    told: list[tuple[int, int]] = []

    assert len(services.queue.pause(ids, progress=lambda done, of: told.append((done, of)))) == 3000
    assert len(told) > 2
    assert told[-1] == (3000, 3000)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_others_write_between_two_parts(services: Services) -> None:
    fill(services, 2000)
    waits: list[float] = []
    begun, ended = threading.Event(), threading.Event()

    def other() -> None:
        begun.wait(30)
        while not ended.is_set():
            asked = time.perf_counter()
            with services.store.write(durable=False) as tx:
                waits.append(time.perf_counter() - asked)
                tx.execute("UPDATE sites SET failures = 0")

    thread = threading.Thread(target=other)
    thread.start()
    services.queue.pause_all(progress=lambda _done, _of: begun.set())
    ended.set()
    thread.join(30)

    assert len(waits) > 1


def test_a_part_that_takes_too_long_is_followed_by_a_smaller_one(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "HOLD_S", 0.0)
    sizes: list[int] = []

    def change(_tx: object, part: Sequence[int]) -> Sequence[int]:
        sizes.append(len(part))
        return part

    assert bulk.in_parts(services.store, list(range(300)), change) == list(range(300))
    assert sizes[0] > sizes[1] == sizes[2]
