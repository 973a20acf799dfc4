"""Fixtures: a started world, a plain HTTP client for it, and the engines in fresh processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).parent.parent))

from fakeweb.engines import gallery_dl_command, ytdlp_command
from fakeweb.expected import ExpectedFile, sha256_of
from fakeweb.world import World, default_world


@dataclass(frozen=True)
class Run:
    """What an engine left behind."""

    code: int
    output: str
    folder: Path

    @property
    def files(self) -> list[Path]:
        """All stored files by name."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def digests(self) -> list[str]:
        """The digests of all stored files, sorted."""
        return sorted(sha256_of(path) for path in self.files)


Engine = Callable[..., Run]


def digests(files: Iterable[ExpectedFile]) -> list[str]:
    """The digests that a run should show."""
    return sorted(file.sha256 for file in files)


@pytest.fixture
def world() -> Iterator[World]:
    """The standard population, started; a handler that failed fails the test."""
    made = default_world()
    with made.web:
        yield made
    assert made.web.errors == []


@pytest.fixture
def client(world: World) -> Iterator[requests.Session]:
    """An HTTP client behind the simulated web's proxy, with its CA."""
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": world.web.url, "https": world.web.url}
        session.verify = str(world.web.ca_pem)
        yield session


def _run(command: list[str], folder: Path) -> Run:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        timeout=60,
        check=False,
    )
    return Run(done.returncode, done.stdout, folder)


@pytest.fixture
def ytdlp(world: World, tmp_path: Path) -> Engine:
    """Runs yt-dlp with further arguments in a fresh process and folder."""

    def run(*arguments: str) -> Run:
        name = ["-o", "%(id)s_%(format_id)s.%(ext)s"]
        return _run([*ytdlp_command(world.web), *name, *arguments], tmp_path / "yt-dlp")

    return run


@pytest.fixture
def gallery_dl(world: World, tmp_path: Path) -> Engine:
    """Runs gallery-dl with further arguments in a fresh process and folder."""

    def run(*arguments: str, logged_in: bool = False, **settings: object) -> Run:
        folder = tmp_path / "gallery-dl"
        cookies: list[str] = []
        if logged_in:
            cookies = ["--cookies", str(world.instagram.write_cookies(tmp_path / "cookies.txt"))]
        return _run([*gallery_dl_command(world.web, folder, **settings), *cookies, *arguments], folder)

    return run
