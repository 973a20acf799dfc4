"""Every request that an engine sends with an account was granted before, and none is sent that was not."""

from __future__ import annotations

import threading

import pytest

from fakeweb import Fault
from mediadl.pipeline.protocol import Answer as Taken
from mediadl.pipeline.protocol import Asked, Ended, Grant, RunJob, Spend
from mediadl.pipeline.wire import decode
from runner_driver import Bench, Talk, bench, runners, world

__all__ = ["bench", "runners", "world"]
pytestmark = pytest.mark.engines
SITE = r"https://(?:www|i)\.instagram\.com/"


def run(bench: Bench, job: RunJob, budget: int) -> Talk:
    """Play a daemon that grants so many requests and then says: not today."""
    talk = bench.start(job)
    watchdog = threading.Timer(60, talk.kill)
    watchdog.start()
    try:
        for line in talk.runner.stdout:
            message = decode(line)
            talk.messages.append(message)
            if isinstance(message, Spend):
                wait_s = 0.0 if len(talk.of(Spend)) <= budget else 86_000.0
                talk.send(Grant(message.n, wait_s, "used up" if wait_s else ""))
            if isinstance(message, Asked):
                talk.send(Taken(message.item.n, take=False))
            if isinstance(message, Ended):
                break
    finally:
        watchdog.cancel()
    return talk


def job(bench: Bench) -> RunJob:
    url = bench.world.instagram.profile_url("bob")
    return bench.job(url, cookies_file=bench.cookies(), account="default", budgeted=True)


def test_gallery_dl_asks_for_every_request_of_a_listing(bench: Bench) -> None:
    talk = run(bench, job(bench), budget=1000)

    assert talk.kind == "", talk.ended
    assert len(talk.of(Spend)) == len(bench.world.web.log.entries())
    assert {spend.account for spend in talk.of(Spend)} == {"default"}


@pytest.mark.parametrize("budget", [0, 1, 2])
def test_nothing_is_sent_that_was_not_granted(bench: Bench, budget: int) -> None:
    talk = run(bench, job(bench), budget)

    assert bench.world.web.log.count(SITE) <= budget
    assert talk.kind == "budget"
    assert talk.ended.error is not None
    assert talk.ended.error["retry_after_s"] == 86_000.0


def test_nothing_is_sent_after_a_refusal(bench: Bench) -> None:
    bench.world.web.faults.add(Fault.status(SITE, 429, skip=1))

    talk = run(bench, job(bench), budget=1000)

    assert talk.kind == "rate_limited"
    assert bench.world.web.log.count(SITE) == 2


def test_yt_dlp_sends_nothing_after_a_refusal_either(bench: Bench) -> None:
    bench.world.web.faults.add(Fault.status(r"tiktok\.com/", 429))

    talk = bench.run(bench.world.tiktok.post_url("alice", 20))

    assert talk.kind == "rate_limited"
    assert bench.world.web.log.count(r"tiktok\.com/") == 1
