"""Fixtures: a started world, a plain HTTP client for it, and the engines in fresh processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from fakeweb.engines import Engine, Run, gallery_dl_command, run_engine, ytdlp_command
from fakeweb.world import World, default_world


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


@pytest.fixture
def ytdlp(world: World, tmp_path: Path) -> Engine:
    """Runs yt-dlp with further arguments in a fresh process and folder."""

    def run(*arguments: str) -> Run:
        name = ["-o", "%(id)s_%(format_id)s.%(ext)s"]
        return run_engine([*ytdlp_command(world.web), *name, *arguments], tmp_path / "yt-dlp")

    return run


@pytest.fixture
def gallery_dl(world: World, tmp_path: Path) -> Engine:
    """Runs gallery-dl with further arguments in a fresh process and folder."""

    def run(*arguments: str, logged_in: bool = False, **settings: object) -> Run:
        folder = tmp_path / "gallery-dl"
        cookies: list[str] = []
        if logged_in:
            cookies = ["--cookies", str(world.instagram.write_cookies(tmp_path / "cookies.txt"))]
        command = gallery_dl_command(world.web, folder, **settings)
        return run_engine([*command, *cookies, *arguments], folder)

    return run
