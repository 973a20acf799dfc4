"""The event sockets, as clients have them."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from api_stage import ENDLESS, PASSWORD, Stage, staged
from mediadl import logs
from mediadl.models import Job, JobStatus, Lane
from mediadl.paths import Home
from mediadl.security.permissions import Role
from mediadl.store import job_runs, journal
from mediadl.web.api.routes import sockets

LONG_S = 30.0


def add(stage: Stage, name: str, *urls: str) -> list[int]:
    answer = stage.ask("POST", "/api/v1/queue", name, json={"urls": list(urls)})
    return [one["job_id"] for one in answer.json()["jobs"]]


def hear(client: ClientConnection, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """What is told, up to what was waited for."""
    heard: list[dict[str, Any]] = []
    deadline = time.monotonic() + LONG_S
    while not heard or not until(heard[-1]):
        heard.append(json.loads(client.recv(max(0.1, deadline - time.monotonic()))))
    return heard


def ready(message: dict[str, Any]) -> bool:
    return str(message["event"]) == "ready"


def about(job_id: int) -> Callable[[dict[str, Any]], bool]:
    return lambda message: message.get("id") == job_id


def closed(client: ClientConnection) -> int:
    """The code a socket is closed with."""
    deadline = time.monotonic() + LONG_S
    with pytest.raises(ConnectionClosed) as end:
        while True:
            client.recv(max(0.1, deadline - time.monotonic()))
    assert end.value.rcvd is not None
    return end.value.rcvd.code


def claimed(stage: Stage) -> Job:
    """A job of the transfer lane, at work."""
    now = time.time()
    with stage.services.store.write() as tx:
        found = job_runs.claim(
            tx, lane=Lane.TRANSFER, limit=1, per_site=9, worker="w", boot="b", lease_until=now + 600, now=now
        )
    return found[0]


def refusal(stage: Stage, path: str, name: str = "", *scopes: str, **headers: str) -> int:
    with pytest.raises(InvalidStatus) as refused, stage.listen(path, name, *scopes, **headers):
        pass
    assert refused.value.response.headers["Content-Type"].startswith(("application/problem", "text/plain"))
    return refused.value.response.status_code


@pytest.mark.parametrize("path", ["downloads", "queue", "logs"])
def test_nobody_is_refused_before_the_upgrade(stage: Stage, path: str) -> None:
    assert refusal(stage, f"/api/ws/{path}") == 401


@pytest.mark.parametrize(
    ("path", "name", "scope", "status"),
    [("queue", "uwe", "add", 403), ("downloads", "uwe", "schedules", 403), ("logs", "uwe", "all", 403),
     ("logs", "anna", "read", 403)],
)  # fmt: skip
def test_who_may_not_hear_it_is_refused(stage: Stage, path: str, name: str, scope: str, status: int) -> None:
    assert refusal(stage, f"/api/ws/{path}", name, scope) == status


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1"]
)
def test_a_foreign_page_with_the_browsers_login_is_refused(stage: Stage, origin: str | None) -> None:
    made = stage.services.logins.sign_in("uwe", PASSWORD, address="127.0.0.1", agent="test")
    headers = {"Cookie": f"mediadl-{stage.port}={made.secret}"}
    if origin is not None:
        headers["Origin"] = origin

    assert refusal(stage, "/api/ws/queue", **headers) == 403


def test_our_own_page_with_the_browsers_login_listens(stage: Stage) -> None:
    made = stage.services.logins.sign_in("uwe", PASSWORD, address="127.0.0.1", agent="test")
    headers = {"Cookie": f"mediadl-{stage.port}={made.secret}", "Origin": stage.url}

    with stage.listen("/api/ws/queue", **headers) as client:
        assert ready(json.loads(client.recv(LONG_S)))


def test_a_change_is_told_with_every_field(stage: Stage) -> None:
    with stage.listen("/api/ws/queue", "uwe") as client:
        hear(client, ready)
        [number] = add(stage, "uwe", "https://example.com/a.jpg")

        told = hear(client, about(number))[-1]

    assert (told["event"], told["status"], told["platform"]) == ("queue_updated", "pending", "direct")
    assert told.keys() >= {"url", "source", "progress", "speed", "eta", "file_size", "title", "seq"}


def test_progress_is_told_while_a_job_is_at_work(stage: Stage) -> None:
    [number] = add(stage, "uwe", "https://example.com/a.jpg")
    job = claimed(stage)
    with stage.listen("/api/ws/downloads", "uwe") as client:
        hear(client, ready)
        for done in (250, 750):
            with stage.services.store.write() as tx:
                row = job_runs.ProgressRow(number, job.fence, done / 10, done, 1000, 99.0)
                job_runs.progress(tx, [row])

            told = hear(client, lambda message, done=done: message.get("downloaded") == done)[-1]  # type: ignore[misc]

            assert (told["event"], told["progress"], told["file_size"], told["speed"]) == (
                "download_progress", done / 10, 1000, 99,
            )  # fmt: skip


def test_a_job_that_failed_is_worth_a_notification(stage: Stage) -> None:
    [number] = add(stage, "uwe", "https://example.com/a.jpg")
    job = claimed(stage)
    with stage.listen("/api/ws/downloads", "uwe") as client:
        hear(client, ready)
        with stage.services.store.write() as tx:
            job_runs.settle(tx, number, job.fence, JobStatus.FAILED, now=time.time(), reason="not_found")

        told = hear(client, lambda message: message["event"] == "notification")[-1]

    assert (told["level"], told["id"], told["message"]) == ("error", number, "Not found")


def test_everybody_hears_of_their_own_jobs_only(stage: Stage) -> None:
    with (
        stage.listen("/api/ws/queue", "uwe") as uwe,
        stage.listen("/api/ws/queue", "vera") as vera,
        stage.listen("/api/ws/queue", "anna") as anna,
    ):
        for client in (uwe, vera, anna):
            hear(client, ready)
        [hers] = add(stage, "otto", "https://example.com/otto.jpg")
        [his] = add(stage, "uwe", "https://example.com/uwe.jpg")

        heard = {
            name: {message["id"] for message in hear(client, about(his))}
            for name, client in (("uwe", uwe), ("vera", vera), ("anna", anna))
        }

    assert heard == {"uwe": {his}, "vera": {hers, his}, "anna": {hers, his}}


def test_a_job_that_left_the_list_is_told_to_its_owner(stage: Stage) -> None:
    with stage.listen("/api/ws/queue", "uwe") as client:
        hear(client, ready)
        [number] = add(stage, "uwe", "https://example.com/a.jpg")
        hear(client, about(number))

        stage.ask("DELETE", f"/api/v1/queue/{number}", "uwe")

        assert hear(client, lambda message: message.get("status") == "removed")[-1]["id"] == number


def test_who_comes_back_hears_what_they_missed_once_per_job(stage: Stage) -> None:
    with stage.listen("/api/ws/queue", "uwe") as client:
        hear(client, ready)
        [known] = add(stage, "uwe", "https://example.com/known.jpg")
        last = hear(client, about(known))[-1]["seq"]
    first, second = add(stage, "uwe", "https://example.com/1.jpg", "https://example.com/2.jpg")
    for wanted in ("pause", "run", "pause"):
        stage.ask("PATCH", f"/api/v1/queue/{first}", "uwe", json={"wanted": wanted})

    with stage.listen(f"/api/ws/queue?since={last}", "uwe") as client:
        heard = hear(client, about(first))[1:]
    with stage.listen("/api/ws/queue", "uwe", **{"Last-Event-ID": str(last)}) as client:
        by_header = hear(client, about(first))[1:]

    assert [(message["id"], message["status"]) for message in heard] == [
        (second, "pending"),
        (first, "paused"),
    ]
    assert [message["seq"] for message in heard] == sorted(message["seq"] for message in heard)
    assert by_header == heard


@pytest.mark.parametrize("since", [10**9, 1])
def test_who_was_away_too_long_is_told_to_read_anew(stage: Stage, since: int) -> None:
    add(stage, "uwe", *(f"https://example.com/{number}.jpg" for number in range(20)))
    with stage.services.store.write() as tx:
        journal.prune(tx, keep=5)

    with stage.listen(f"/api/ws/queue?since={since}", "uwe") as client:
        assert json.loads(client.recv(LONG_S))["event"] == "reset"


@pytest.mark.parametrize("since", ["x", "-1", "1.5", "9" * 30])
def test_a_number_that_is_none_is_refused(stage: Stage, since: str) -> None:
    assert refusal(stage, f"/api/ws/queue?since={since}", "uwe") == 422


def test_a_token_that_was_taken_back_closes_its_socket(stage: Stage) -> None:
    with stage.listen("/api/ws/queue", "uwe") as client:
        hear(client, ready)

        for token in stage.services.tokens.list():
            stage.services.tokens.revoke(token.id)

        assert closed(client) == 4401


def test_a_login_that_ended_closes_its_socket(stage: Stage) -> None:
    told = stage.ask("POST", "/api/v1/auth/login", json={"name": "uwe", "password": PASSWORD}).json()
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    with stage.listen("/api/ws/downloads", **bearer) as client:
        hear(client, ready)

        stage.ask("POST", "/api/v1/auth/logout", headers=bearer)

        assert closed(client) == 4401


def test_who_lost_the_right_hears_no_more(stage: Stage) -> None:
    with stage.listen("/api/ws/logs", "anna") as client:
        client.recv(LONG_S)
        stage.services.users.add("second", Role.ADMIN, PASSWORD)

        stage.services.users.set_role("anna", Role.USER)

        assert closed(client) in {4401, 4403}


def test_a_listener_that_talks_without_end_is_sent_away(stage: Stage) -> None:
    with stage.listen("/api/ws/queue", "uwe") as client:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(150):
                client.send("hello")

        assert closed(client) == 4429


def test_a_login_has_so_many_sockets_and_no_more(home: Home) -> None:
    from dataclasses import replace

    with (
        staged(home, replace(ENDLESS, sockets_per_caller=2)) as stage,
        stage.listen("/api/ws/queue", "uwe") as first,
        stage.listen("/api/ws/logs", "anna"),
        stage.listen("/api/ws/downloads", "uwe"),
    ):
        assert refusal(stage, "/api/ws/queue", "uwe") == 429

        first.close()

        deadline = time.monotonic() + LONG_S
        while time.monotonic() < deadline:
            try:
                with stage.listen("/api/ws/queue", "uwe") as again:
                    assert ready(json.loads(again.recv(LONG_S)))
                    return
            except InvalidStatus:
                continue
        pytest.fail("the place was not free again")


def test_a_client_that_stops_reading_is_cut_off_and_holds_up_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "STALLED_S", 0.5)
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    with stuck, stage.listen("/api/ws/queue", "uwe") as other:
        stuck.settimeout(LONG_S)
        stuck.connect(("127.0.0.1", stage.port))
        stuck.sendall(
            f"GET /api/ws/queue HTTP/1.1\r\nHost: 127.0.0.1:{stage.port}\r\n"
            f"Authorization: Bearer {stage.token('uwe')}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        assert stuck.recv(100).startswith(b"HTTP/1.1 101")
        hear(other, ready)

        urls = [f"https://example.com/{number}/{'x' * 3000}.jpg" for number in range(1000)]
        numbers = [number for _ in range(2) for number in add(stage, "uwe", *urls)]
        heard = hear(other, about(numbers[-1]))

        assert len({message["id"] for message in heard if message["event"] == "queue_updated"}) == len(
            numbers
        )
        # The server ends it, however much lies unread
        deadline = time.monotonic() + LONG_S
        with pytest.raises((ConnectionError, StopIteration)):
            while time.monotonic() < deadline:
                if not stuck.recv(65_536):
                    raise StopIteration


def test_sockets_end_with_the_server(home: Home) -> None:
    with staged(home) as stage, stage.listen("/api/ws/queue", "uwe") as client:
        hear(client, ready)
        stage.stop()

        assert closed(client) == 1001


# Logs


def test_new_lines_are_told_with_the_place_to_read_on_from(stage: Stage) -> None:
    writer = logs.LogWriter(stage.services.home.logs)
    with stage.listen("/api/ws/logs?level=warning", "anna") as client:
        client.recv(LONG_S)
        writer.write("info", "test", "not asked for")
        writer.write("warning", "test", "the first")

        told = hear(client, lambda message: bool(message["lines"]))[-1]
    writer.write("error", "test", "the second")
    with stage.listen(f"/api/ws/logs?since={told['place']}", "anna") as client:
        missed = json.loads(client.recv(LONG_S))

    assert [line["message"] for line in told["lines"]] == ["the first"]
    assert [line["message"] for line in missed["lines"]] == ["the second"]


def test_the_last_lines_come_first_when_asked_for(stage: Stage) -> None:
    writer = logs.LogWriter(stage.services.home.logs)
    for number in range(5):
        writer.write("info", "test", str(number))

    with stage.listen("/api/ws/logs?tail=2", "anna") as client:
        told = json.loads(client.recv(LONG_S))

    assert [line["message"] for line in told["lines"]] == ["3", "4"]


@pytest.mark.parametrize("query", ["level=loud", "since=nowhere", "job=x", "tail=99999", "since=../x:1"])
def test_wishes_that_make_no_sense_are_refused(stage: Stage, query: str) -> None:
    assert refusal(stage, f"/api/ws/logs?{query}", "anna") == 422
