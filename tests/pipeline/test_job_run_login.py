"""A plain file is asked for as a visitor first, and with the account's cookies when visitors do not get it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from job_run_stage import Harness, make_item, make_job
from mediadl.errors import DownloadError, Forbidden, LoginNeeded, MediaNotFound, NotMedia, ServerError
from mediadl.models import FoundItem, JobStatus, Lane

VISITOR = make_item(1)
MEMBER = replace(VISITOR, headers={"Cookie": "session=1"})
STORED = None


def play(
    *answers: DownloadError | None, known: FoundItem | None = MEMBER, account: str = "bob"
) -> tuple[Harness, list[str]]:
    """A direct job whose fetches are answered so; also the cookies each one carried."""
    harness = Harness(make_job(lane=Lane.TRANSFER))
    harness.run.start_direct(VISITOR, known=known, account=account)
    cookies = []
    for answer in answers:
        (fetch,) = harness.fetches()
        cookies.append(fetch.item.headers.get("Cookie", ""))
        if answer is STORED:
            harness.store(fetch)
        else:
            harness.fail(fetch, answer)
    assert harness.fetches() == []
    return harness, cookies


@pytest.mark.parametrize("error", [LoginNeeded("401"), Forbidden("403"), NotMedia("a page")])
def test_what_visitors_do_not_get_is_asked_for_with_the_cookies(error: DownloadError) -> None:
    harness, cookies = play(error, STORED)

    settled = harness.settlement()
    assert cookies == ["", "session=1"]
    assert settled is not None
    assert settled.status is JobStatus.COMPLETED
    assert harness.run.items.login_refused is None


@pytest.mark.parametrize("error", [MediaNotFound("404"), ServerError("500")])
def test_other_failures_are_not_the_logins_business(error: DownloadError) -> None:
    harness, cookies = play(error)

    assert cookies == [""]
    assert harness.run.settled


def test_what_visitors_get_never_sees_the_cookies() -> None:
    _, cookies = play(STORED)

    assert cookies == [""]


def test_a_login_that_is_refused_with_its_cookies_is_noted_and_the_job_waits() -> None:
    harness, cookies = play(LoginNeeded("401"), LoginNeeded("401 again"))

    settled = harness.settlement()
    assert cookies == ["", "session=1"]
    assert harness.run.items.login_refused is not None
    assert settled is not None
    assert settled.status is JobStatus.WAITING


def test_without_an_account_nothing_is_asked_twice_or_blamed() -> None:
    harness, cookies = play(LoginNeeded("401"), known=None, account="")

    assert cookies == [""]
    assert harness.run.items.login_refused is None


def test_a_page_instead_of_a_file_goes_to_the_engines_after_the_login() -> None:
    harness, cookies = play(NotMedia("a page"), NotMedia("a page"))

    settled = harness.settlement()
    assert cookies == ["", "session=1"]
    assert settled is not None
    assert settled.lane is Lane.RUNNER
