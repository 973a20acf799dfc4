"""Threads as front ends see them: looked at, watched, let go, forgotten."""

from __future__ import annotations

import pytest

from mediadl.errors import InvalidInput, NotFound
from mediadl.models import JobStatus
from mediadl.service import Services
from store.making import NOW
from thread_keeping import URL, Keeper, file, page, post


def keep(services: Services, *, watch: bool = False) -> Keeper:
    keeper = Keeper(services.store, watch=watch)
    keeper.check(page(1, post(1, file(10)), post(2)), stored=[10])
    return keeper


def test_a_thread_is_found_by_its_number_or_any_form_of_its_address(services: Services) -> None:
    keep(services)

    assert services.threads.find("1").url == URL
    assert services.threads.find(f"{URL}page-3#post-9").id == 1
    with pytest.raises(NotFound):
        services.threads.find("2")
    with pytest.raises(NotFound):
        services.threads.find("https://forum.example.org/threads/other.9/")


def test_details_tell_posts_files_and_job(services: Services) -> None:
    keeper = keep(services)

    found = services.threads.details("1")

    assert [kept.post.id for kept in found.last_posts] == ["1", "2"]
    assert found.job is not None
    assert found.job.id == keeper.job_id
    assert (found.thread.files, found.open_files) == (1, 0)


def test_an_unknown_address_is_added_as_a_watched_thread(services: Services) -> None:
    begun = services.threads.watch("https://any.example.org/whatever/55")

    job = services.queue.get(begun.job_id)
    assert (job.platform, job.content_type, job.options["watch"]) == ("forum", "thread", True)
    assert begun.thread is None


def test_watching_a_known_thread_starts_its_job_again(services: Services) -> None:
    keeper = keep(services)
    assert keeper.job().status is JobStatus.COMPLETED

    begun = services.threads.watch("1")

    assert begun.job_id == keeper.job_id
    assert keeper.job().status is JobStatus.PENDING
    assert keeper.job().options["watch"] is True
    assert services.threads.find("1").state == "watched"


def test_a_thread_without_a_job_gets_a_new_one(services: Services) -> None:
    keeper = keep(services)
    with services.store.write() as tx:
        tx.execute("DELETE FROM download_queue WHERE id = ?", (keeper.job_id,))

    begun = services.threads.watch("1")

    assert begun.job_id != keeper.job_id
    assert services.queue.get(begun.job_id).url == URL


def test_a_thread_that_is_let_go_waits_for_nothing(services: Services) -> None:
    keeper = keep(services, watch=True)
    assert keeper.job().status is JobStatus.SCHEDULED

    found = services.threads.unwatch("1")

    assert (found.state, found.next_check_at, found.expires_at) == ("known", None, None)
    assert (keeper.job().status, keeper.job().message) == (JobStatus.COMPLETED, "no longer watched")


def test_a_check_does_not_wait_for_its_time(services: Services) -> None:
    keeper = keep(services, watch=True)

    services.threads.check("1")

    assert keeper.job().status is JobStatus.PENDING


def test_a_forgotten_thread_is_gone_and_its_job_waits_for_nothing(services: Services) -> None:
    keeper = keep(services, watch=True)

    services.threads.forget("1")

    assert services.threads.list() == []
    assert keeper.job().status is JobStatus.COMPLETED


def test_a_thread_that_is_being_read_is_not_forgotten(services: Services) -> None:
    keeper = keep(services, watch=True)
    keeper.now = NOW
    keeper.begin()

    with pytest.raises(InvalidInput, match="being read"):
        services.threads.forget("1")
