from __future__ import annotations

import time
from pathlib import Path

import pytest

from mediadl.errors import FolderNotWritable, InvalidInput, NotFound
from mediadl.events import EventKind
from mediadl.logs import LogWriter
from mediadl.models import JobQuery, JobStatus, Move, Priority
from mediadl.paths import WORK_FOLDER, Home
from mediadl.service import Services
from mediadl.service.queue import AddOptions
from mediadl.store import jobs

EVERYTHING = JobQuery()


def urls(count: int) -> list[str]:
    return [f"https://example.com/{n}.jpg" for n in range(count)]


def add(services: Services, count: int = 1, options: AddOptions | None = None) -> list[int]:
    return [one.job_id for one in services.queue.add(urls(count), options)]


def settle(services: Services, job_id: int, status: JobStatus) -> None:
    """Let a job end as if the daemon had worked on it."""
    with services.store.write() as tx:
        job = next(
            job
            for job in jobs.claim(
                tx,
                lane=jobs.get(tx, job_id).lane,
                limit=100,
                per_site=100,
                worker="w",
                boot="b",
                lease_until=1e12,
                now=time.time(),
            )
            if job.id == job_id
        )
        jobs.settle(tx, job_id, job.fence, status, now=time.time(), reason="network", message="broke")


def test_added_jobs_stand_in_the_queue_in_the_order_given(services: Services) -> None:
    added = services.queue.add(["tiktok:@alice", "https://example.com/a.jpg"])

    page = services.queue.page(EVERYTHING, 0, 10)
    assert [job.id for job in page] == [one.job_id for one in added]
    assert [(one.platform, one.content_type, one.title) for one in added] == [
        ("tiktok", "posts", "@alice"),
        ("direct", "file", "a"),
    ]
    assert page[0].max_attempts == 6
    assert services.queue.counts().by_status[JobStatus.PENDING] == 2


def test_a_bad_line_adds_nothing(services: Services) -> None:
    with pytest.raises(InvalidInput, match="line 2"):
        services.queue.add(["https://example.com/a.jpg", "nonsense"])

    assert services.queue.count(EVERYTHING) == 0


def test_an_unwritable_folder_is_refused_before_anything_is_added(services: Services, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for out in (str(tmp_path / "file"), str(tmp_path / "file" / "below"), "/proc/none"):
        with pytest.raises(FolderNotWritable) as caught:
            add(services, options=AddOptions(out=out))
        assert caught.value.exit_code == 6
    assert services.queue.count(EVERYTHING) == 0


def test_a_start_in_the_future_makes_a_scheduled_job(services: Services) -> None:
    (job_id,) = add(services, options=AddOptions(not_before=time.time() + 3600))

    assert services.queue.get(job_id).status is JobStatus.SCHEDULED


def test_ten_thousand_urls_become_ten_thousand_jobs(services: Services) -> None:
    text = "\n".join(urls(10_000))

    services.queue.add([text])

    assert services.queue.count(EVERYTHING) == 10_000


def test_pause_resume_cancel_and_retry_lead_from_state_to_state(services: Services) -> None:
    (job_id,) = add(services)
    verbs = services.queue

    def status() -> JobStatus:
        return services.queue.get(job_id).status

    assert verbs.pause([job_id]) == [job_id]
    assert status() is JobStatus.PAUSED
    assert verbs.pause([job_id]) == []
    assert verbs.resume([job_id]) == [job_id]
    assert status() is JobStatus.PENDING
    assert verbs.cancel([job_id]) == [job_id]
    assert status() is JobStatus.CANCELLED
    assert verbs.retry([job_id]) == [job_id]
    assert status() is JobStatus.PENDING
    assert verbs.remove([job_id]) == [job_id]
    assert verbs.count(EVERYTHING) == 0


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel", "retry", "remove"])
def test_an_unknown_number_changes_nothing(services: Services, verb: str) -> None:
    (job_id,) = add(services)
    before = services.queue.get(job_id)

    with pytest.raises(NotFound, match="no job 99"):
        getattr(services.queue, verb)([job_id, 99])

    assert services.queue.get(job_id) == before


def test_cancel_and_remove_delete_the_partial_files_of_idle_jobs(services: Services) -> None:
    out = Path.home() / "out"
    own, common, kept = add(services, 3)
    (own_out,) = add(services, options=AddOptions(out=str(out)))
    root = Path(services.settings.brief().directory).expanduser()
    folders = {}
    for job_id, base in ((own, root), (common, root), (kept, root), (own_out, out)):
        folders[job_id] = base / WORK_FOLDER / f"job-{job_id}"
        folders[job_id].mkdir(parents=True)
        (folders[job_id] / "x.part").touch()

    services.queue.cancel([own, own_out])
    services.queue.remove([common])
    services.queue.pause([kept])

    assert {job_id for job_id, folder in folders.items() if folder.exists()} == {kept}


def test_clear_takes_ended_jobs_and_their_leftovers_only(services: Services) -> None:
    failed, waiting = add(services, 2)
    settle(services, failed, JobStatus.FAILED)
    left = Path(services.settings.brief().directory).expanduser() / WORK_FOLDER / f"job-{failed}"
    left.mkdir(parents=True)

    assert services.queue.clear({JobStatus.FAILED, JobStatus.COMPLETED}) == 1

    assert services.queue.ids(EVERYTHING) == [waiting]
    assert not left.exists()


def test_priority_and_moves_change_the_order(services: Services) -> None:
    first, second, third = add(services, 3)

    services.queue.set_priority([third], Priority.HIGH)
    services.queue.move(second, Move.TOP)

    assert services.queue.ids(EVERYTHING) == [third, second, first]
    assert services.queue.index_of(EVERYTHING, first) == 2


def test_events_tell_what_happened_since_a_moment(services: Services) -> None:
    add(services)
    heard = services.queue.last_event_id()

    (job_id,) = add(services)
    services.queue.pause([job_id])

    events = services.queue.events_since(heard)
    assert [(event.kind, event.job_id) for event in events] == [
        (EventKind.JOB_ADDED, job_id),
        (EventKind.JOB_CHANGED, job_id),
    ]


def test_data_version_changes_when_another_process_writes(services: Services, home: Home) -> None:
    from mediadl.service import open_services

    before = services.queue.data_version()
    with open_services(home) as other:
        add(other)

    assert services.queue.data_version() != before


def test_log_lines_of_a_job_are_its_own(services: Services, home: Home) -> None:
    one, other = add(services, 2)
    log = LogWriter(home.logs)
    log.write("info", "pool", "mine", job=one)
    log.write("info", "pool", "not mine", job=other)
    log.close()

    assert [line.message for line in services.queue.log_lines(one)] == ["mine"]
