"""Drives real runner children against the simulated web: start, send a job, collect what comes back."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
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
from mediadl.pipeline.wire import decode, encode

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
_DEADLINE_S = 40


@dataclass
class Talk:
    """One runner and all it said."""

    process: subprocess.Popen[bytes]
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
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(encode(message))
            self.process.stdin.flush()

    def read(self, until: Callable[[Message], bool], answer: Callable[[FoundItem], bool | None]) -> None:
        """Collect messages until one satisfies `until` or the pipe ends. `answer` None: leave the question open."""
        assert self.process.stdout is not None
        begun = time.monotonic()
        for line in self.process.stdout:
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
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.code = self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class Runners:
    """Gives out warm runners: the next one warms up while the last one works."""

    def __init__(self) -> None:
        self._spare: Talk | None = None
        self._all: list[Talk] = []

    def take(self) -> Talk:
        talk = self._spare or self._start()
        self._spare = self._start()
        return talk

    def _start(self) -> Talk:
        process = subprocess.Popen(
            [sys.executable, "-m", "mediadl.workers.runner_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,
        )
        talk = Talk(process)
        threading.Thread(target=_drain, args=(talk,), daemon=True).start()
        self._all.append(talk)
        return talk

    def close(self) -> None:
        for talk in self._all:
            talk.close()


def _drain(talk: Talk) -> None:
    assert talk.process.stderr is not None
    with contextlib.suppress(ValueError, OSError):
        for line in talk.process.stderr:
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
        """Hand the job to a warm runner."""
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
        watchdog = threading.Timer(_DEADLINE_S, talk.process.kill)
        watchdog.start()
        try:
            talk.read(lambda message: isinstance(message, Ended), answer)
            talk.code = talk.process.wait(10)
        finally:
            watchdog.cancel()
        assert talk.of(Ended), talk.stderr.decode()[-2000:]
        return talk

    def run_until(
        self, job: RunJob, stop: Callable[[Message], bool], answer: Callable[[FoundItem], bool | None]
    ) -> Talk:
        """Run a job until a message satisfies `stop`; the runner goes on working."""
        talk = self.start(job)
        watchdog = threading.Timer(_DEADLINE_S, talk.process.kill)
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
    """Warm runners for the whole session."""
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
