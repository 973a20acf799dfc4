"""Drives real runner children against the simulated web: start, send a job, collect what comes back."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import imageio_ffmpeg
import pytest

from fakeweb.world import World, default_world
from mediadl.models import FoundItem
from mediadl.modules import registry
from mediadl.pipeline.protocol import (
    Answer,
    Asked,
    Ended,
    Found,
    LogLine,
    Made,
    Message,
    NetworkOptions,
    RunJob,
    Trouble,
    Working,
)
from mediadl.pipeline.wire import decode
from mediadl.workers.runner_link import Nursery, Runner

T = TypeVar("T")
_DEADLINE_S = 40


@dataclass
class Talk:
    """One runner and all it said."""

    runner: Runner
    messages: list[Message] = field(default_factory=list)
    stderr: bytearray = field(default_factory=bytearray)
    code: int | None = None
    first_s: float | None = None
    """Seconds from the RunJob line to the first item."""

    def of(self, kind: type[T]) -> list[T]:
        return [message for message in self.messages if isinstance(message, kind)]

    @property
    def items(self) -> list[FoundItem]:
        return [message.item for message in self.messages if isinstance(message, Found | Asked)]

    @property
    def ended(self) -> Ended:
        return self.of(Ended)[-1]

    @property
    def kind(self) -> str:
        """Kind of the error it ended with; empty when all was well."""
        return str((self.ended.error or {}).get("kind", ""))

    @property
    def troubles(self) -> list[str]:
        return [str(trouble.error["kind"]) for trouble in self.of(Trouble) if trouble.n]

    def send(self, message: Message) -> None:
        self.runner.send(message)

    def read(self, until: Callable[[Message], bool], answer: Callable[[FoundItem], bool | None]) -> None:
        """Collect messages until one satisfies `until` or the pipe ends. `answer` None: leave the question open."""
        begun = time.monotonic()
        for line in self.runner.stdout:
            message = decode(line)
            self.messages.append(message)
            if self.first_s is None and isinstance(message, Found | Asked):
                self.first_s = time.monotonic() - begun
            if isinstance(message, Asked):
                take = answer(message.item)
                if take is not None:
                    self.send(Answer(message.item.n, take))
            if until(message):
                return

    def close(self) -> None:
        """End the runner, if it still lives, and everything it started."""
        self.kill()
        self.wait(30)
        for pipe in (self.runner.stdout, self.runner.stderr):
            with contextlib.suppress(OSError):
                pipe.close()

    def kill(self) -> None:
        self.runner.signal_group(signal.SIGKILL)

    def wait(self, timeout_s: float) -> int:
        """Its exit code."""
        if self.code is None:
            self.code = self.runner.bury(timeout_s)
        return self.code


class Runners:
    """Gives out runners; all are forked from one nursery."""

    def __init__(self) -> None:
        self._nursery = Nursery()
        self._all: list[Talk] = []

    def take(self) -> Talk:
        if not self._nursery.lives:
            self._nursery = Nursery()
        talk = Talk(self._nursery.runner())
        assert talk.runner.wait_born()
        threading.Thread(target=_drain, args=(talk,), daemon=True).start()
        self._all.append(talk)
        return talk

    def close(self) -> None:
        for talk in self._all:
            talk.close()
        self._nursery.kill()


def _drain(talk: Talk) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in talk.runner.stderr:
            talk.stderr += line


@dataclass
class Bench:
    """A world, runners and a folder: everything a test needs to run a URL."""

    world: World
    runners: Runners
    folder: Path

    def job(self, url: str, content_type: str | None = None, **changes: Any) -> RunJob:
        """The RunJob the daemon would send for this URL."""
        target = registry.match(url, None, content_type)
        network = {
            "proxy": self.world.web.url,
            "ca_file": str(self.world.web.ca_pem),
            "timeout_s": 4.0,
            "retries": 1,
            **changes.pop("network", {}),
        }
        fields: dict[str, Any] = {
            "job_id": 7,
            "fence": 1,
            "url": target.url,
            "module": target.module,
            "content_type": target.content_type,
            "options": {},
            "work": str(self.folder / "work"),
            "network": NetworkOptions(**network),
            "locks_file": str(self.folder / "jobs.lock"),
            "ffmpeg": imageio_ffmpeg.get_ffmpeg_exe(),
        }
        return RunJob(**{**fields, **changes})

    def start(self, job: RunJob) -> Talk:
        """Hand the job to a runner."""
        talk = self.runners.take()
        talk.send(job)
        return talk

    def run(
        self,
        url: str,
        content_type: str | None = None,
        *,
        answer: Callable[[FoundItem], bool] = lambda _: True,
        **changes: Any,
    ) -> Talk:
        """Run a URL to the end."""
        talk = self.start(self.job(url, content_type, **changes))
        watchdog = threading.Timer(_DEADLINE_S, talk.kill)
        watchdog.start()
        try:
            talk.read(lambda message: isinstance(message, Ended), answer)
            talk.wait(30)
        finally:
            watchdog.cancel()
        assert talk.of(Ended), talk.stderr.decode()[-2000:]
        return talk

    def run_until(
        self, job: RunJob, stop: Callable[[Message], bool], answer: Callable[[FoundItem], bool | None]
    ) -> Talk:
        """Run a job until a message satisfies `stop`; the runner goes on working."""
        talk = self.start(job)
        watchdog = threading.Timer(_DEADLINE_S, talk.kill)
        watchdog.start()
        try:
            talk.read(stop, answer)
        finally:
            watchdog.cancel()
        return talk

    def cookies(self, session_id: str | None = None) -> str:
        """A cookies.txt of a logged-in Instagram account."""
        path = self.folder / "cookies.txt"
        self.world.instagram.write_cookies(path, session_id)
        return str(path)


@pytest.fixture(scope="session")
def runners() -> Iterator[Runners]:
    """Runners for the whole session."""
    made = Runners()
    yield made
    made.close()


@pytest.fixture
def world() -> Iterator[World]:
    """The standard population."""
    made = default_world()
    with made.web:
        yield made
    assert made.web.errors == []


@pytest.fixture
def bench(world: World, runners: Runners, tmp_path: Path) -> Bench:
    """Everything together."""
    return Bench(world, runners, tmp_path)


__all__ = ["Asked", "Bench", "Ended", "Found", "LogLine", "Made", "Runners", "Talk", "Trouble", "Working"]
