"""Runs that read threads: pages before files, documents before the end, members' files."""

from __future__ import annotations

from dataclasses import replace

from job_run_stage import Harness, make_item, make_job
from mediadl.errors import DiskFull, Forbidden, LoginNeeded, NotWritable
from mediadl.models import JobStatus, LinkedJob, ThreadPage, Wanted
from mediadl.pipeline.facts import LinkedFact, ThreadReadFact, ThreadWalkedFact
from mediadl.pipeline.protocol import Linked, ThreadRead, ThreadWalked

PAGE = ThreadPage("https://forum.example/t/1", 1, "xenforo2")


def reading() -> Harness:
    harness = Harness(make_job(platform="forum"))
    harness.run.start_listing()
    harness.run.on_runner(ThreadRead(PAGE))
    return harness


def test_what_a_runner_reads_is_written_down_in_its_order() -> None:
    harness = reading()
    harness.run.on_runner(Linked(LinkedJob("https://imgur.com/a/1")))
    harness.run.on_runner(ThreadWalked(full=True, last_page=1, gone=("9",)))

    kinds = [type(fact) for fact in harness.out.facts]
    assert kinds == [ThreadReadFact, LinkedFact, ThreadWalkedFact]


def test_the_run_ends_when_the_documents_are_written() -> None:
    harness = reading()
    harness.listing(make_item(1))
    harness.run.on_runner(ThreadWalked(full=True))
    harness.ended()
    assert harness.out.documents == []
    (fetch,) = harness.fetches()
    harness.store(fetch)

    assert [job.id for job in harness.out.documents] == [1]
    assert harness.settlement() is None
    harness.run.on_documents_written(None)

    settled = harness.settlement()
    assert settled is not None
    assert (settled.status, settled.pages, settled.stored, settled.walked) == (
        JobStatus.COMPLETED,
        1,
        1,
        True,
    )


def test_documents_that_cannot_be_written_are_no_success() -> None:
    harness = reading()
    harness.ended()

    harness.run.on_documents_written(NotWritable("read-only"))

    settled = harness.settlement()
    assert settled is not None
    assert settled.error is not None
    assert settled.error.kind == "not_writable"


def test_a_pause_does_not_wait_for_documents() -> None:
    harness = reading()
    harness.ended()
    assert harness.out.documents

    harness.run.want(Wanted.PAUSE)

    settled = harness.settlement()
    assert settled is not None
    assert settled.status is JobStatus.PAUSED
    harness.run.on_documents_written(None)


def test_other_jobs_write_no_documents() -> None:
    harness = Harness().listing(make_item(1))
    harness.ended()
    (fetch,) = harness.fetches()
    harness.store(fetch)

    assert harness.out.documents == []
    assert harness.settlement() is not None


def test_files_for_members_do_not_keep_others_from_coming() -> None:
    harness = reading()
    gated = replace(make_item(1), gate="members only")
    harness.listing(gated, make_item(2), replace(make_item(3), gate="members only"))
    harness.ended()
    first, second, third = harness.fetches()

    harness.fail(first, LoginNeeded("members only"))
    harness.fail(third, Forbidden("HTTP 403"))
    harness.store(second)
    harness.run.on_documents_written(None)

    settled = harness.settlement()
    assert settled is not None
    assert settled.error is not None
    assert (settled.error.kind, settled.message) == ("login_needed", "2 of 3 files: members only")


def test_a_full_disk_still_stops_everything() -> None:
    harness = reading()
    harness.listing(replace(make_item(1), gate="members only"), make_item(2))
    first, _second = harness.fetches()

    harness.fail(first, DiskFull("no space"))

    assert harness.run.stopping
