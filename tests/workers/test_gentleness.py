"""One refusal holds a whole site, one job shows whether it is over, and an account spends what it has."""

from __future__ import annotations

import time

import pytest

from mediadl.errors import ExpiredLink, RateLimited
from mediadl.models import Breaker, FoundItem, Identity, JobRequest, JobStatus, Lane
from mediadl.pipeline.protocol import (
    Ended,
    Found,
    Grant,
    Message,
    Reopen,
    Spend,
    TransferFailed,
    Tried,
    Working,
)
from mediadl.settings import files as settings_files
from mediadl.store import job_holding, sites, spending, tries
from supervisor_stage import Stage, engine_job, stage

__all__ = ["stage"]
SITE = "site.example"


def plain(n: int, site: str = SITE) -> JobRequest:
    return JobRequest(f"https://{site}/{n}.jpg", "direct", site, lane=Lane.TRANSFER)


def refuse(stage: Stage, index: int = 0) -> None:
    fetch = stage.link.fetches[index]
    error = RateLimited("HTTP 429", status=429)
    stage.link.put(TransferFailed(fetch.key, fetch.job_id, error.to_dict(), SITE))
    stage.turn(4)


def rest_is_over(stage: Stage) -> None:
    with stage.database.write() as tx:
        tx.execute("UPDATE sites SET cooldown_until = ? WHERE site = ?", (time.time() - 1, SITE))
        tx.execute("UPDATE download_queue SET not_before = ? WHERE status = 'waiting'", (time.time() - 1,))


def test_all_jobs_of_a_site_wait_when_one_is_refused_and_only_its_jobs(stage: Stage) -> None:
    engine, *direct = stage.add(engine_job(1), *(plain(n) for n in range(4)))
    (other,) = stage.add(plain(1, "other.example"))
    stage.turn()

    refuse(stage)

    state = sites.get(stage.database.read(), SITE)
    assert state.failures == 1
    for job_id in (engine, *direct):
        job = stage.job(job_id)
        assert (job.status, job.attempts) == (JobStatus.WAITING, 0), job
        assert job.not_before is not None
        assert job.not_before >= time.time() + 30
    assert stage.pool.stopped == [engine]
    assert stage.job(other).status is JobStatus.ACTIVE


def test_two_refusals_at_the_same_time_are_one_failure(stage: Stage) -> None:
    stage.add(*(plain(n) for n in range(3)))
    stage.turn()
    for fetch in stage.link.fetches[:2]:
        error = RateLimited("HTTP 429", status=429)
        stage.link.put(TransferFailed(fetch.key, fetch.job_id, error.to_dict(), SITE))

    stage.turn(4)

    assert sites.get(stage.database.read(), SITE).failures == 1


def test_after_the_rest_one_job_goes_first_and_its_success_lets_the_others_go(stage: Stage) -> None:
    sent: list[Message] = []
    send = stage.link.send

    def heard(message: Message) -> bool:
        sent.append(message)
        return bool(send(message))

    stage.link.send = heard
    stage.add(engine_job(1), *(plain(n) for n in range(4)))
    stage.turn()
    refuse(stage)
    before = len(stage.link.fetches), len(stage.pool.started)
    rest_is_over(stage)
    stage.supervisor._next_second = 0.0
    stage.turn(4)

    assert len(stage.link.fetches) - before[0] + len(stage.pool.started) - before[1] == 1
    probe = stage.pool.started[-1]
    assert any(isinstance(message, Reopen) for message in sent)
    stage.pool.said(probe, Found(FoundItem(1, Identity(SITE, "1"), url="https://cdn.example/1.jpg")))
    stage.turn()
    stage.link.store(stage.link.fetches[-1])
    stage.pool.ended(probe)
    stage.turn(5)
    assert sites.get(stage.database.read(), SITE).failures == 0
    assert len(stage.link.fetches) == before[0] + 1 + 4


def account(stage: Stage, per_hour: int) -> None:
    settings_files.write(stage.home.settings_file, "platforms.account_requests_per_hour", str(per_hour))
    stage.supervisor._live_settings.refresh()


def test_requests_are_counted_before_they_are_granted(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Message] = []
    monkeypatch.setattr(type(stage.pool), "send", lambda _pool, _job, message: answers.append(message))
    account(stage, 3)
    stage.add(engine_job(1))
    stage.turn()
    job = stage.pool.started[0]

    for n in range(1, 6):
        stage.pool.said(job, Spend(n, "me"))
        stage.turn()

    grants = [answer for answer in answers if isinstance(answer, Grant)]
    assert [grant.wait_s == 0 for grant in grants] == [True, True, True, False, False]
    assert grants[3].wait_s == pytest.approx(3600, abs=30)
    assert grants[3].why == "3 requests per hour are used up"
    assert len(spending.sent(stage.database.read(), SITE, "me", 0)) == 3


def test_a_new_daemon_knows_what_was_spent_before(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Message] = []
    monkeypatch.setattr(type(stage.pool), "send", lambda _pool, _job, message: answers.append(message))
    with stage.database.write() as tx:
        for n in range(3):
            spending.note(tx, SITE, "me", time.time() - 10 + n)
    stage.restart()
    account(stage, 3)
    stage.add(engine_job(1))
    stage.turn()

    stage.pool.said(stage.pool.started[0], Spend(1, "me"))
    stage.turn()

    (grant,) = [answer for answer in answers if isinstance(answer, Grant)]
    assert grant.wait_s > 3000


def test_what_was_spent_before_the_clock_was_set_back_is_over_a_day_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Message] = []
    monkeypatch.setattr(type(stage.pool), "send", lambda _pool, _job, message: answers.append(message))
    with stage.database.write() as tx:
        for n in range(3):
            spending.note(tx, SITE, "me", time.time() + 365 * 86_400 + n)
    account(stage, 3)
    stage.add(engine_job(1))
    stage.turn()

    stage.pool.said(stage.pool.started[0], Spend(1, "me"))
    stage.turn()

    (grant,) = [answer for answer in answers if isinstance(answer, Grant)]
    assert grant.wait_s > 3000
    assert max(spending.sent(stage.database.read(), SITE, "me", 0)) <= time.time()


def test_a_job_that_waits_for_long_gives_its_place_to_another(stage: Stage) -> None:
    settings_files.write(stage.home.settings_file, "downloads.concurrent", "1")
    stage.supervisor._live_settings.refresh()
    stage.add(engine_job(1), engine_job(2, "other.example"))
    stage.turn()
    assert len(stage.pool.started) == 1

    stage.pool.said(stage.pool.started[0], Working(waiting_s=1800, note="used up"))
    stage.add(engine_job(3, "third.example"))
    stage.turn()

    assert len(stage.pool.started) == 2


def test_how_backends_did_is_written_down_and_closes_them(stage: Stage) -> None:
    stage.add(JobRequest("https://tiktok.example/1", "tiktok", "tiktok"))
    stage.turn()
    job = stage.pool.started[0]
    for _ in range(3):
        stage.pool.said(job, Tried("yt-dlp", error={"kind": "challenge", "message": "prove it"}))
    stage.pool.said(job, Tried("gallery-dl", answer_s=0.5, took_s=1.0, items=2))
    stage.turn()

    read = stage.database.read()
    assert [one.kind for one in tries.last(read, "tiktok", "yt-dlp")] == ["challenge"] * 3
    assert tries.last(read, "tiktok", "gallery-dl")[0].items == 2
    ((backend, account_, breaker),) = tries.all_breakers(read, "tiktok")
    assert (backend, account_, breaker.reason) == ("yt-dlp", "", "challenge")
    stage.pool.ended(job)
    stage.turn()
    stage.add(JobRequest("https://tiktok.example/2", "tiktok", "tiktok"))
    stage.turn()
    assert [way.backend for way in stage.pool.started[-1].resting] == ["yt-dlp"]


def test_links_that_ran_out_are_listed_again_at_once_then_by_the_next_backend(stage: Stage) -> None:
    (job_id,) = stage.add(engine_job(1))
    stage.turn()
    skips = []
    for n in range(3):
        order = stage.pool.started[n]
        skips.append(order.skip_backends)
        stage.pool.said(order, Working("one"))
        stage.pool.said(
            order, Found(FoundItem(1, Identity(SITE, "1"), url="https://cdn.example/1.jpg?sig=x"))
        )
        stage.turn()
        stage.pool.said(order, Ended("one"))
        fetch = stage.link.fetches[n]
        stage.link.put(TransferFailed(fetch.key, fetch.job_id, ExpiredLink("HTTP 403").to_dict()))
        stage.turn(5)

    assert skips == [(), (), ("one",)]
    job = stage.job(job_id)
    assert (job.status, job.reason, job.attempts) == (JobStatus.WAITING, "expired_link", 1)
    assert job.tried == "one: link expired; one: link expired again"


def test_a_way_whose_rest_is_over_is_tried_by_one_job_and_its_success_wakes_the_others(stage: Stage) -> None:
    gone = time.time() - 1
    with stage.database.write() as tx:
        tries.put_breaker(tx, "generic", "a.example", "one", "", Breaker(5, 0, 1, gone, None, "network"))
    stage.add(engine_job(1, "a.example"))
    stage.turn()
    probe = stage.pool.started[-1]
    assert probe.resting == ()
    (_, _, breaker), *_ = tries.all_breakers(stage.database.read(), "a.example")
    assert breaker.probe_until is not None
    (waiting,) = stage.add(engine_job(2, "a.example"))
    with stage.database.write() as tx:
        sites_until = time.time() + 900
        job_holding.hold(tx, "a.example", sites_until, reason="site_rests", message="x", now=time.time())

    stage.pool.said(probe, Tried("one", items=1))
    stage.turn()

    assert tries.all_breakers(stage.database.read(), "a.example") == []
    assert stage.job(waiting).status is JobStatus.PENDING
