"""Each class of failure at each place of a chain of three: who is asked, what rests, which light, which words."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from mediadl.errors import KINDS, Action, DownloadError, from_dict
from mediadl.models import BackendTry, Breaker, FoundItem, Identity, JobStatus, Light
from mediadl.modules import registry
from mediadl.modules.base import Module, Reporter, Target, Task
from mediadl.pipeline import breakers, lights
from mediadl.pipeline.outcome import decide
from mediadl.pipeline.protocol import Ended, Message, NetworkOptions, Resting, RunJob, Tried
from mediadl.workers.runner_chain import Runner
from mediadl.workers.runner_login import RunnerLogin
from mediadl.workers.runner_pace import RunnerPace
from mediadl.workers.runner_reporter import PipeReporter

CHAIN = ("one", "two", "three")
NOW = 1_800_000_000.0


class StandIn(Module):
    """A platform whose backends fail as they are told."""

    name = "standin"
    title = "Stand-in"
    content_types: ClassVar[dict[str, str]] = {"posts": "posts"}
    examples = (("https://standin.example/a", "posts"),)

    def __init__(self) -> None:
        self.fails: dict[str, str] = {}
        self.asked: list[str] = []

    def match(self, url: str, content_type: str = "") -> Target | None:
        return Target(self.name, url, "posts", self.name)

    def backends(self, target: Target) -> tuple[str, ...]:
        return CHAIN

    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        self.asked.append(backend)
        if backend in self.fails:
            raise KINDS[self.fails[backend]](f"{backend} failed")
        reporter.found(FoundItem(0, Identity(self.name, "1"), url="https://cdn.example/1.jpg"))


@dataclass
class Stage:
    """A real runner's chain over the stand-in."""

    module: StandIn
    folder: Path

    def run(self, fails: dict[str, str], resting: tuple[Resting, ...] = ()) -> list[Message]:
        self.module.fails = fails
        said: list[Message] = []
        job = RunJob(
            1, 1, "https://standin.example/a", "standin", "posts", {}, str(self.folder), NetworkOptions(), "",
            resting=resting,
        )  # fmt: skip
        reporter = PipeReporter(said.append)
        Runner(
            job, said.append, reporter, RunnerLogin(job, said.append), RunnerPace(said.append, reporter)
        ).run()
        return said


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    module = StandIn()
    known = registry.module
    monkeypatch.setattr(registry, "module", lambda name: module if name == "standin" else known(name))
    return Stage(module, tmp_path)


def _ended(said: list[Message]) -> Ended:
    return next(message for message in said if isinstance(message, Ended))


def _goes_on(kind: str) -> bool:
    return KINDS[kind].action is Action.NEXT_BACKEND


def _outcome(error: DownloadError) -> JobStatus:
    return decide(
        error, attempts=1, max_attempts=3, site_failures=0, cooldown_s=60, now=NOW, jitter=random.Random(1)
    ).status


def _breaker_after(kind: str, times: int) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker = breakers.failed(
            breaker, KINDS[kind]("x"), logged_in=False, made_for_site=True, now=NOW, jitter=random.Random(1)
        )
    return breaker


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_class_alone_decides_who_is_asked_next(stage: Stage, kind: str, place: int) -> None:
    # Those before the one in question failed in a way that asks for the next one
    fails = dict.fromkeys(CHAIN[:place], "site_changed") | {CHAIN[place]: kind}

    said = stage.run(fails)

    ended = _ended(said)
    goes_on = _goes_on(kind) and place < 2
    asked = CHAIN[: place + 2] if goes_on else CHAIN[: place + 1]
    assert stage.module.asked == list(asked)
    assert ended.backend == asked[-1]
    tried = [message for message in said if isinstance(message, Tried)]
    assert [(one.backend, one.error is None) for one in tried] == [
        (name, name not in fails) for name in asked
    ]
    if goes_on:
        assert ended.error is None
        assert f"{CHAIN[place]}: {KINDS[kind].title.lower()}" in ended.tried
        return
    assert ended.error is not None
    error = from_dict(ended.error)
    first = "site_changed" if place and _goes_on(kind) else kind
    assert error.kind == first
    assert "failed" in error.message
    assert error.next_step


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("not_found", JobStatus.FAILED),
        ("private", JobStatus.FAILED),
        ("geo", JobStatus.FAILED),
        ("no_media", JobStatus.FAILED),
        ("unsupported", JobStatus.FAILED),
        ("login_needed", JobStatus.WAITING),
        ("rate_limited", JobStatus.WAITING),
        ("challenge", JobStatus.WAITING),
        ("site_changed", JobStatus.WAITING),
        ("network", JobStatus.WAITING),
        ("budget", JobStatus.WAITING),
        ("site_rests", JobStatus.WAITING),
    ],
)
def test_what_becomes_of_a_job_whose_chain_ended_so(kind: str, status: JobStatus) -> None:
    assert _outcome(KINDS[kind]("x")) is status


@pytest.mark.parametrize(
    ("kind", "times", "state", "light"),
    [
        ("challenge", 2, breakers.State.CLOSED, Light.RED),
        ("challenge", 3, breakers.State.OPEN, Light.RED),
        ("forbidden", 4, breakers.State.CLOSED, Light.RED),
        ("forbidden", 5, breakers.State.OPEN, Light.RED),
        ("network", 5, breakers.State.OPEN, Light.RED),
        ("server_error", 5, breakers.State.OPEN, Light.RED),
        ("site_changed", 5, breakers.State.OPEN, Light.RED),
        ("engine_broken", 5, breakers.State.OPEN, Light.RED),
        ("rate_limited", 1, breakers.State.OPEN, Light.RED),
        ("not_found", 20, breakers.State.CLOSED, Light.GREY),
        ("private", 20, breakers.State.CLOSED, Light.GREY),
        ("geo", 20, breakers.State.CLOSED, Light.GREY),
        ("disk_full", 20, breakers.State.CLOSED, Light.GREY),
        ("login_needed", 20, breakers.State.CLOSED, Light.RED),
    ],
)
def test_failures_in_a_row_open_a_breaker_and_change_the_light(
    kind: str, times: int, state: breakers.State, light: Light
) -> None:
    breaker = _breaker_after(kind, times)
    tries = [BackendTry(NOW - 60 + n, kind, "x") for n in range(times)]

    verdict = lights.judge(tries, NOW, rests_until=breakers.rests_until(breaker, NOW))

    assert breakers.state(breaker, NOW) is state
    assert verdict.light is light
    assert verdict.why


@pytest.mark.parametrize(("opened", "hours"), [(1, 1), (2, 4), (3, 12), (4, 24), (5, 24)])
def test_each_failed_probe_makes_the_rest_longer(opened: int, hours: int) -> None:
    now, breaker = NOW, Breaker()
    for n in range(breakers.CHALLENGES + opened - 1):
        if n >= breakers.CHALLENGES:
            assert breaker.open_until is not None
            now = breaker.open_until + 1
            assert breakers.state(breaker, now) is breakers.State.HALF_OPEN
            assert breakers.state(breakers.probing(breaker, now), now) is breakers.State.OPEN
        breaker = breakers.failed(
            breaker,
            KINDS["challenge"]("x"),
            logged_in=False,
            made_for_site=True,
            now=now,
            jitter=random.Random(n),
        )

    assert breaker.open_until is not None
    assert hours * 3600 <= breaker.open_until - now <= hours * 3600 * 1.1


def test_a_rest_from_before_the_clock_was_set_back_is_no_rest_for_years() -> None:
    asleep = Breaker(3, 3, 1, NOW + 365 * 86_400, None, "challenge")
    probed = Breaker(3, 3, 1, NOW - 1, NOW + 365 * 86_400, "challenge")

    assert breakers.state(asleep, NOW) is breakers.State.HALF_OPEN
    assert breakers.state(probed, NOW) is breakers.State.HALF_OPEN
    assert breakers.state(breakers.probing(asleep, NOW), NOW) is breakers.State.OPEN
    assert breakers.rests_until(breakers.probing(asleep, NOW), NOW) == NOW + breakers.PROBE_S
    again = breakers.failed(
        asleep, KINDS["challenge"]("x"), logged_in=False, made_for_site=True, now=NOW, jitter=random.Random(1)
    )
    assert again.open_until is not None
    assert again.open_until - NOW <= 5 * 3600


def test_a_refused_login_closes_the_account_s_way_only_and_for_half_a_day() -> None:
    refused = KINDS["login_needed"]("x")

    account = breakers.failed(
        Breaker(), refused, logged_in=True, made_for_site=True, now=NOW, jitter=random.Random(1)
    )

    assert account.open_until == NOW + 12 * 3600
    assert breakers.succeeded() == Breaker()


def test_a_way_that_rests_is_left_out_and_said_so(stage: Stage) -> None:
    said = stage.run({}, (Resting("one", NOW * 2),))

    assert stage.module.asked == ["two"]
    assert _ended(said).error is None
    assert any(line.startswith("one: rests until ") for line in _ended(said).tried)


def test_when_every_way_rests_the_job_waits_for_the_first_one(stage: Stage) -> None:
    import time

    until = time.time() + 600

    said = stage.run({}, tuple(Resting(name, until + n * 600) for n, name in enumerate(CHAIN)))

    error = from_dict(_ended(said).error or {})
    assert stage.module.asked == []
    assert error.kind == "site_rests"
    assert error.retry_after_s == pytest.approx(600, abs=5)
    assert _outcome(error) is JobStatus.WAITING
