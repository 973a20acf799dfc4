from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import requests
from aiohttp import web
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from api_stage import served
from mediadl.web.api.bridge import MOST_BODY_BYTES, Bridge


async def echo(request: Request) -> Response:
    return Response(await request.body(), headers={"X-Path": request.url.path, "X-Query": request.url.query})


async def cookies(_: Request) -> Response:
    answer = PlainTextResponse("two")
    answer.set_cookie("a", "1")
    answer.set_cookie("b", "2")
    return answer


async def nothing(_: Request) -> Response:
    return Response(status_code=204)


async def stream(_: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(5):
            await asyncio.sleep(0)
            yield b"%d\n" % number

    return StreamingResponse(parts(), media_type="text/plain")


async def talk(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol="mine" if "mine" in websocket.scope["subprotocols"] else None)
    await websocket.send_text(await websocket.receive_text())
    await websocket.close(4401, "enough")


async def refuse(websocket: WebSocket) -> None:
    await websocket.send_denial_response(PlainTextResponse("not you", 401))


async def shut(websocket: WebSocket) -> None:
    await websocket.close()


@pytest.fixture
def port() -> Iterator[int]:
    asgi = Starlette(
        routes=[
            Route("/api/echo", echo, methods=["GET", "POST"]),
            Route("/api/cookies", cookies),
            Route("/api/nothing", nothing),
            Route("/api/stream", stream),
            WebSocketRoute("/api/talk", talk),
            WebSocketRoute("/api/refuse", refuse),
            WebSocketRoute("/api/shut", shut),
        ]
    )
    app = web.Application()
    app.router.register_resource(Bridge(asgi, lambda path: path.startswith("/api/")))
    with served(app) as number:
        yield number


def test_a_body_comes_and_goes_with_path_and_query(port: int) -> None:
    body = bytes(range(256)) * 500

    answer = requests.post(f"http://127.0.0.1:{port}/api/echo?a=%2F&b=1", data=body, timeout=30)

    assert answer.content == body
    assert (answer.headers["X-Path"], answer.headers["X-Query"]) == ("/api/echo", "a=%2F&b=1")


def test_paths_of_others_are_left_alone(port: int) -> None:
    assert requests.get(f"http://127.0.0.1:{port}/apiecho", timeout=30).text == "404: Not Found"


def test_every_header_of_a_name_arrives(port: int) -> None:
    answer = requests.get(f"http://127.0.0.1:{port}/api/cookies", timeout=30)

    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}


def test_an_answer_without_a_body_has_none(port: int) -> None:
    answer = requests.get(f"http://127.0.0.1:{port}/api/nothing", timeout=30)

    assert (answer.status_code, answer.content) == (204, b"")


def test_head_gives_the_headers_only(port: int) -> None:
    answer = requests.head(f"http://127.0.0.1:{port}/api/stream", timeout=30)

    assert (answer.status_code, answer.content) == (200, b"")


def test_a_streamed_answer_arrives_and_the_server_goes_on(port: int) -> None:
    texts = [requests.get(f"http://127.0.0.1:{port}/api/stream", timeout=30).text for _ in range(3)]

    assert texts == ["0\n1\n2\n3\n4\n"] * 3


def test_a_body_that_is_too_long_is_refused(port: int) -> None:
    told = requests.post(f"http://127.0.0.1:{port}/api/echo", data=b"x" * (MOST_BODY_BYTES + 1), timeout=30)
    untold = requests.post(
        f"http://127.0.0.1:{port}/api/echo",
        data=iter([b"x" * 100_000] * (MOST_BODY_BYTES // 100_000 + 1)),
        timeout=30,
    )

    assert (told.status_code, untold.status_code) == (413, 413)
    assert told.headers["Content-Type"].startswith("application/problem+json")


def test_a_socket_talks_and_is_closed_with_the_code_that_was_given(port: int) -> None:
    with connect(f"ws://127.0.0.1:{port}/api/talk", subprotocols=["yours", "mine"], proxy=None) as client:  # type: ignore[list-item]
        client.send("hello")

        assert client.recv(30) == "hello"
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(30)

    assert client.subprotocol == "mine"
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4401, "enough")


@pytest.mark.parametrize(("path", "status"), [("refuse", 401), ("shut", 403)])
def test_a_socket_is_refused_before_the_upgrade(port: int, path: str, status: int) -> None:
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://127.0.0.1:{port}/api/{path}", proxy=None):
        pass

    assert refused.value.response.status_code == status


def test_a_browser_that_wants_to_keep_the_connection_gets_its_socket(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as raw:
        raw.sendall(
            b"GET /api/talk HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )

        assert raw.recv(1000).startswith(b"HTTP/1.1 101 ")
