"""A program at the API of a real server: adds an address, hears how it gets on, finds the file; daemon and all."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from websockets.sync.client import connect

from e2e.program import Program
from mediadl.paths import Home
from mediadl.security.permissions import Role
from mediadl.service import Services
from web_serving import Serving, serving

CLIP = "https://files.example.com/files/clip.mp4"
PASSWORD = "correct horse battery staple 9"
LONG_S = 60.0


@pytest.fixture
def tokens(program: Program) -> dict[str, str]:
    """A token of an administrator, and one of a user who is none."""
    with Services(Home(program.home)) as services:
        services.users.add("anna", Role.ADMIN, PASSWORD)
        services.users.add("uwe", Role.USER, PASSWORD)
        return {name: services.tokens.create("test", ["all"], user=name)[0] for name in ("anna", "uwe")}


@pytest.fixture
def server(program: Program, tokens: dict[str, str]) -> Iterator[Serving]:
    with serving(program.environment()) as made:
        yield made


def heard_until(url: str, token: str, status: str) -> list[dict[str, Any]]:
    """What a socket tells, up to a job with this status."""
    told: list[dict[str, Any]] = []
    deadline = time.monotonic() + LONG_S
    address = url.replace("http", "ws", 1)
    with connect(address, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None) as socket:
        while not told or told[-1].get("status") != status or told[-1]["event"] == "notification":
            told.append(json.loads(socket.recv(max(0.1, deadline - time.monotonic()))))
    return told


def test_what_is_added_is_told_of_until_its_file_is_there(
    server: Serving, program: Program, tokens: dict[str, str]
) -> None:
    token = tokens["uwe"]
    bearer = {"Authorization": f"Bearer {token}"}
    url = server.url

    added = requests.post(f"{url}/api/v1/queue", json={"urls": [CLIP]}, headers=bearer, timeout=LONG_S)
    [job] = added.json()["jobs"]
    told = heard_until(f"{url}/api/ws/downloads?since=0", token, "completed")

    files = requests.get(f"{url}/api/v1/downloads", headers=bearer, timeout=LONG_S).json()["items"]
    assert {message["id"] for message in told if message["event"] == "download_progress"} == {job["job_id"]}
    assert [found["sha256"] for found in files] == program.digests()
    # Where on the disk it lies is not a user's to know
    assert not files[0]["path"].startswith("/")
    assert server.stop() == 0
    assert token not in program.log() + "".join(server.said)


def test_who_listened_before_a_restart_of_the_server_misses_nothing(
    program: Program, tokens: dict[str, str]
) -> None:
    with serving(program.environment()) as first:
        last = heard_until_ready(first.url, tokens["anna"])
    assert program.run("add", CLIP).code == 0
    with serving(program.environment()) as second:
        told = heard_until(f"{second.url}/api/ws/queue?since={last}", tokens["anna"], "completed")

    assert told[0] == {"event": "ready", "seq": last}
    assert len(program.files()) == 1


def heard_until_ready(url: str, token: str) -> int:
    address = url.replace("http", "ws", 1) + "/api/ws/queue"
    with connect(address, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None) as socket:
        told = json.loads(socket.recv(LONG_S))
        assert told["event"] == "ready"
        return int(told["seq"])
