"""Terminals in tabs: who gets one, what ends it, and that nothing of it is left. The rest of the table of outcomes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientError, ClientWebSocketResponse, WSServerHandshakeError

from mediadl.paths import Home
from mediadl.security.permissions import Role
from mediadl.web.terminals import Patience
from mediadl.web.ticket import TicketOffice
from web_stage import Client, Stage, alive, close_code, served, shown, until

READY = b"Ctrl+P"
"""The footer is there: the terminal takes keys."""


@pytest_asyncio.fixture
async def stage(opened_home: Home, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    async with served(opened_home, Patience(look_s=0.2, stuck_s=1.5)) as made:
        yield made


async def ready(client: Client, size: str = "width=80&height=24") -> ClientWebSocketResponse:
    """A terminal that shows its first screen."""
    socket = await client.terminal(size)
    await shown(socket, READY)
    return socket


async def refusal(client: Client, **headers: str) -> int:
    """The status with which a terminal is refused."""
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.terminal(**headers)
    return refused.value.status


# Who gets one


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_page_of_another_site_gets_none_even_with_a_login(stage: Stage, origin: str) -> None:
    client = await stage.client("bert")

    assert await refusal(client, Origin=origin) == 403
    assert stage.terminals.pids == []


async def test_a_request_that_says_no_origin_gets_none(stage: Stage) -> None:
    client = await stage.client("bert")
    headers = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip

    assert (await client.http.get(f"{client.url}/ws", headers=headers)).status == 403


async def test_a_stranger_gets_none(stage: Stage) -> None:
    assert await refusal(await stage.client()) == 401


async def test_a_login_gets_the_same_screens_as_in_a_terminal(stage: Stage) -> None:
    client = await stage.client("bert")

    socket = await client.terminal()
    seen = await shown(socket, READY)

    assert b"mediadl" in seen
    (pid,) = stage.terminals.pids
    await socket.close()
    await until(lambda: not alive(pid), "the child is gone")


async def test_one_user_has_no_more_than_allowed_and_all_together_neither(stage: Stage) -> None:
    bert, carl = await stage.client("bert"), await stage.client("carl")

    for _ in range(3):
        await bert.terminal()
    assert await refusal(bert) == 503
    await carl.terminal()

    assert await refusal(carl) == 503


async def test_many_at_once_are_all_counted(stage: Stage) -> None:
    client = await stage.client("bert")

    answers = await asyncio.gather(*(client.terminal() for _ in range(8)), return_exceptions=True)

    assert sum(isinstance(answer, ClientWebSocketResponse) for answer in answers) == 3


async def test_nothing_of_a_login_is_in_what_processes_show_of_themselves(stage: Stage) -> None:
    client = await stage.client("bert")
    await ready(client)
    (login,) = stage.services.logins.sessions("bert")
    (pid,) = stage.terminals.pids

    told = b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline"))

    assert login.id.encode() not in told
    assert b"LD_" not in told
    assert not list((stage.services.home.run / "tickets").glob("?" * 32))


# What it may send


@pytest.mark.parametrize(
    ("frame", "code"),
    [("{", 1000), ('["quit"]', 1000), ('["stdin", 5]', 1000), ("x" * 70_000, 1009)],
    ids=["no JSON", "unknown", "no text", "too large"],
)
async def test_forged_frames_end_the_terminal(stage: Stage, frame: str, code: int) -> None:
    socket = await ready(await stage.client("bert"))
    (pid,) = stage.terminals.pids

    await socket.send_str(frame)

    assert await close_code(socket) == code
    await until(lambda: not alive(pid), "the child is gone")


async def test_bytes_instead_of_text_end_it(stage: Stage) -> None:
    socket = await ready(await stage.client("bert"))

    await socket.send_bytes(b'["stdin", "q"]')

    assert await close_code(socket) == 1008


async def test_a_flood_ends_it(stage: Stage) -> None:
    socket = await ready(await stage.client("bert"))

    with contextlib.suppress(ConnectionError, ClientError, TimeoutError):
        for _ in range(2000):
            await socket.send_str('["ping", "1"]')

    assert await close_code(socket) == 1008


async def test_pings_are_answered_and_sizes_are_kept_within_bounds(stage: Stage) -> None:
    socket = await ready(await stage.client("bert"))

    await socket.send_str('["ping", "7"]')
    await socket.send_json(["resize", {"width": 100_000, "height": 100_000}])

    await heard(socket, lambda frame: frame == ["pong", "7"])
    await socket.send_json(["resize", {"width": 90, "height": 20}])
    await socket.send_json(["stdin", "?"])
    await shown(socket, b"Keys")


async def heard(socket: ClientWebSocketResponse, wanted: Callable[[Any], bool]) -> None:
    """Read until a frame for the page is the wanted one."""
    async with asyncio.timeout(30):
        async for message in socket:
            if isinstance(message.data, str) and wanted(json.loads(message.data)):
                return
    raise AssertionError(f"closed with {socket.close_code}")


# What ends it


async def test_leaving_the_program_closes_with_1000(stage: Stage) -> None:
    socket = await ready(await stage.client("bert"))
    (pid,) = stage.terminals.pids

    await socket.send_json(["stdin", "q"])

    assert await close_code(socket) == 1000
    await until(lambda: not alive(pid), "the child is gone")


async def test_a_killed_child_leaves_no_frozen_page(stage: Stage) -> None:
    socket = await ready(await stage.client("bert"))
    (pid,) = stage.terminals.pids

    os.kill(pid, signal.SIGKILL)

    assert await close_code(socket, 5) == 1000
    await until(lambda: not stage.terminals.pids, "it is forgotten")


async def test_a_child_that_hangs_is_killed_when_its_page_goes(stage: Stage) -> None:
    socket = await ready(await stage.client("bert"))
    (pid,) = stage.terminals.pids
    os.kill(pid, signal.SIGSTOP)

    await socket.close()

    await until(lambda: not alive(pid), "the child is gone", 10)


async def test_a_killed_nursery_ends_its_terminals_and_the_next_one_starts_all_the_same(stage: Stage) -> None:
    client = await stage.client("bert")
    socket = await ready(client)
    (pid,) = stage.terminals.pids
    assert stage.terminals.nursery_pid is not None

    os.kill(stage.terminals.nursery_pid, signal.SIGKILL)

    await close_code(socket)
    await until(lambda: not alive(pid), "the child is gone")
    await ready(client)


async def test_signing_out_closes_its_terminals_with_4001_and_their_children_are_gone(stage: Stage) -> None:
    client, other = await stage.client("bert"), await stage.client("bert")
    mine, theirs = await ready(client), await ready(other)
    pids = set(stage.terminals.pids)

    closing = asyncio.create_task(close_code(mine))
    answer = await client.post("/logout")

    assert answer.status == 302
    assert sum(alive(pid) for pid in pids) == 1
    assert await closing == 4001
    assert not theirs.closed


async def change(stage: Stage, act: str) -> None:
    users, logins = stage.services.users, stage.services.logins
    if act == "revoked":
        for login in logins.sessions("bert"):
            logins.revoke(login.id)
    elif act == "disabled":
        users.disable("bert")
    elif act == "role":
        users.set_role("bert", Role.VIEWER)
    elif act == "removed":
        users.remove("bert")


@pytest.mark.parametrize("act", ["revoked", "disabled", "role", "removed"])
async def test_what_is_done_to_an_account_ends_its_open_terminals_soon(stage: Stage, act: str) -> None:
    socket = await ready(await stage.client("bert"))
    (pid,) = stage.terminals.pids

    await asyncio.to_thread(asyncio.run, change(stage, act))

    assert await close_code(socket, 5) in {4001, 4002}
    await until(lambda: not alive(pid), "the child is gone", 30)


async def test_a_client_that_stops_reading_is_cut_off_and_holds_nothing_up(stage: Stage) -> None:
    client = await stage.client("bert")
    socket = await ready(client, "width=500&height=200")
    (pid,) = stage.terminals.pids
    connection = socket._conn
    assert connection is not None
    assert connection.transport is not None
    connection.transport.pause_reading()

    async def press() -> None:
        while alive(pid):
            for width in (500, 400):
                await socket.send_json(["resize", {"width": width, "height": 200}])
                await asyncio.sleep(0.05)

    with contextlib.suppress(ConnectionError, ClientError, TimeoutError):
        async with asyncio.timeout(30):
            await press()

    connection.close()
    await until(lambda: not alive(pid) and not stage.terminals.pids, "the child is gone and forgotten")


async def test_one_nobody_uses_is_closed_after_a_warning_that_a_key_takes_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDIADL_NO_DAEMON", "1")
    async with served(home, Patience(look_s=0.1, warn_s=2.0), idle_s=3.0) as stage:
        socket = await (await stage.client("bert")).terminal()

        await heard(socket, lambda frame: frame[0] == "idle" and frame[1] is not None)
        await socket.send_json(["stdin", "j"])
        await heard(socket, lambda frame: frame == ["idle", None])
        await heard(socket, lambda frame: frame[0] == "idle" and frame[1] is not None)

        assert await close_code(socket) == 4000


# Processes of their own


@pytest.mark.parametrize("line", ["", "nonsense\n", "a.b\n"])
def test_a_child_without_a_good_ticket_ends_with_3(home: Home, line: str) -> None:
    TicketOffice(home)

    done = subprocess.run(
        [sys.executable, "-m", "mediadl.web.child"],
        input=line.encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 3
    assert b"ticket" in done.stderr
    assert done.stdout == b""


def test_a_ticket_that_ran_out_opens_nothing(home: Home) -> None:
    ticket = TicketOffice(home).issue("login-7", now=1000.0)

    done = subprocess.run(
        [sys.executable, "-m", "mediadl.web.child"], input=f"{ticket}\n".encode(), capture_output=True, check=False,
        timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (3, b"")


def test_a_ticket_of_a_login_that_ended_opens_nothing(home: Home) -> None:
    ticket = TicketOffice(home).issue("no-such-login")

    done = subprocess.run(
        [sys.executable, "-m", "mediadl.web.child"], input=f"{ticket}\n".encode(), capture_output=True, check=False,
        timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (3, b"")
    assert b"revoked" in done.stderr
