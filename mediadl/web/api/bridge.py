"""Lets the ASGI application of the API live in an aiohttp server: aiohttp-asgi, with its faults mended.

What aiohttp-asgi 0.7 does not do, and the API needs: WebSockets of browsers that send `Connection: keep-alive,
Upgrade`; an answer instead of a broken connection when a WebSocket is refused; close codes; the subprotocol that the
application chose; several headers of one name; a body only as long as allowed; and the word that the client has left,
without which every streamed answer would hold the event loop for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, hdrs, web
from aiohttp_asgi.resource import ASGIContext, ASGIMatchInfo, ASGIResource
from multidict import CIMultiDict
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

MOST_BODY_BYTES = 6_000_000
"""Longer bodies are refused before they are read."""

MOST_FRAME_BYTES = 4096
"""A listener has nothing to say."""

_HEARTBEAT_S = 30.0
_CLOSE_S = 2.0
_CLOSES = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR})

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Any]


class Bridge(ASGIResource):
    """The part of an aiohttp application that an ASGI application answers."""

    def __init__(self, app: App, serves: Callable[[str], bool]) -> None:
        """`serves` says of a path whether it is the application's."""
        super().__init__(app, root_path="/", name="api")
        self._serves = serves

    def raw_match(self, path: str) -> bool:
        """Whether a path is the application's."""
        return self._serves(path)

    async def resolve(self, request: web.Request) -> Any:
        """The handler for a request, whatever its method: the application knows which it takes."""
        if not self.raw_match(request.path):
            return None, set()
        return ASGIMatchInfo(self._handle), {request.method}

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        return await _Exchange(self._asgi_app, request, self._root_path).get_response()


class _Exchange(ASGIContext):
    """One request and its answer."""

    def __init__(self, app: Callable[..., Any], request: web.Request, root_path: str) -> None:
        super().__init__(app, request, root_path)
        self._upgrade = _asks_for_websocket(request)
        self._heard_body = False
        self._answered = asyncio.Event()
        self._read_bytes = 0
        self._closed_by_app = False
        self._ending: tuple[int, str] | None = None
        self.send_type_handler_map = {
            **self.send_type_handler_map,
            "websocket.close": self._close,
            "websocket.http.response.start": self.on_send_response_start,
            "websocket.http.response.body": self.on_send_http_response_body,
        }

    def is_websocket(self) -> bool:
        """Whether the client wants to go over to a WebSocket."""
        return self._upgrade

    @property
    def scope(self) -> Any:
        """What the application is told of the request."""
        told: dict[str, Any] = dict(super().scope)
        told["asgi"] = {"version": "3.0", "spec_version": "2.4"}
        told["http_version"] = f"{self.request.version.major}.{self.request.version.minor}"
        told["raw_path"] = self.request.raw_path.partition("?")[0].encode()
        told["query_string"] = self.request.raw_path.partition("?")[2].encode()
        told["client"] = [self.request.remote or "", 0]
        told["extensions"] = {"websocket.http.response": {}} if self._upgrade else {}
        told["aiohttp.request"] = self.request
        return told

    async def get_response(self) -> web.StreamResponse:
        """Let the application answer."""
        length = self.request.content_length
        if length is not None and length > MOST_BODY_BYTES:
            return _too_long()
        try:
            await self.app(self.scope, self.on_receive, self.on_send)
        except (ClientDisconnect, ConnectionError):
            if self.response is None:
                raise
        finally:
            self._answered.set()
        if self.response is None:
            raise RuntimeError("the application gave no answer")
        if isinstance(self.response, web.WebSocketResponse):
            await self._end_socket(self.response)
        return self.response

    async def on_receive(self) -> dict[str, Any]:
        """What the application hears next."""
        if self._upgrade:
            return await self._receive_frame()
        if self._heard_body:
            # Nothing more comes: the client leaves, or the answer is out
            await self._answered.wait()
            return {"type": "http.disconnect"}
        chunk = await self.request.content.readany()
        self._read_bytes += len(chunk)
        if self._read_bytes > MOST_BODY_BYTES:
            raise HTTPException(413, f"at most {MOST_BODY_BYTES} bytes are taken")
        self._heard_body = self.request.content.at_eof()
        return {"type": "http.request", "body": chunk, "more_body": not self._heard_body}

    async def on_send_response_start(self, payload: dict[str, Any]) -> None:
        """Begin an answer."""
        if self.response is not None:
            raise RuntimeError("an answer was begun twice")
        headers: CIMultiDict[str] = CIMultiDict()
        for name, value in payload.get("headers", ()):
            headers.add(name.decode("latin-1").title(), value.decode("latin-1"))
        self.response = web.StreamResponse(status=payload["status"], headers=headers)
        empty = payload["status"] in {204, 304} or self.request.method == hdrs.METH_HEAD
        if hdrs.CONTENT_LENGTH not in headers and not empty:
            self.response.enable_chunked_encoding()
        self.writer = await self.response.prepare(self.request)
        self.start_response_event.set()

    async def on_send_http_response_body(self, payload: dict[str, Any]) -> None:
        """Go on with it."""
        if self.response is None or self.writer is None:
            raise RuntimeError("a body without a beginning")
        body = payload.get("body", b"")
        if body and self.request.method != hdrs.METH_HEAD:
            await self.response.write(body)
        if not payload.get("more_body", False):
            await self.response.write_eof()
            self._answered.set()

    async def on_send_websocket_accept(self, payload: dict[str, Any]) -> None:
        """Go over to a WebSocket."""
        chosen = payload.get("subprotocol")
        socket = web.WebSocketResponse(
            protocols=(chosen,) if chosen else (), heartbeat=_HEARTBEAT_S, max_msg_size=MOST_FRAME_BYTES
        )
        self.response = socket
        self.writer = await socket.prepare(self.request)

    async def on_send_websocket_send(self, payload: dict[str, Any]) -> None:
        """Send a frame; waits while the client reads too slowly."""
        if not isinstance(self.response, web.WebSocketResponse):
            raise TypeError("a frame before the socket was accepted")
        if (text := payload.get("text")) is not None:
            await self.response.send_str(text)
        else:
            await self.response.send_bytes(payload["bytes"])

    async def _receive_frame(self) -> dict[str, Any]:
        if not self.ws_connect_event.is_set():
            self.ws_connect_event.set()
            return {"type": "websocket.connect"}
        if not isinstance(self.response, web.WebSocketResponse):
            await self._answered.wait()
            return {"type": "websocket.disconnect", "code": int(WSCloseCode.ABNORMAL_CLOSURE)}
        while True:
            frame = await self.response.receive()
            if frame.type is WSMsgType.TEXT:
                return {"type": "websocket.receive", "text": frame.data}
            if frame.type is WSMsgType.BINARY:
                return {"type": "websocket.receive", "bytes": frame.data}
            if frame.type in _CLOSES:
                code = self.response.close_code or int(WSCloseCode.ABNORMAL_CLOSURE)
                return {"type": "websocket.disconnect", "code": code}

    async def _close(self, payload: dict[str, Any]) -> None:
        """End a WebSocket, or refuse it if it was not accepted yet."""
        if self.response is None:
            self.response = web.Response(status=403)
            await self.response.prepare(self.request)
            await self.response.write_eof()
            return
        self._ending = (payload.get("code", 1000), payload.get("reason") or "")

    async def _end_socket(self, socket: web.WebSocketResponse) -> None:
        """Say good-bye; a client that does not read is cut off."""
        code, reason = self._ending or (int(WSCloseCode.OK), "")
        transport = self.request.transport
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(_CLOSE_S):
                await socket.close(code=code, message=reason.encode())
            return
        if transport is not None:
            transport.abort()


def _asks_for_websocket(request: web.Request) -> bool:
    connection = {word.strip().lower() for word in request.headers.get(hdrs.CONNECTION, "").split(",")}
    return "upgrade" in connection and request.headers.get(hdrs.UPGRADE, "").lower() == "websocket"


def _too_long() -> web.Response:
    from mediadl.web.api.problems import Problem, problem_type

    found = Problem(
        type=problem_type("too-long"), title="Body too long", status=413,
        detail=f"at most {MOST_BODY_BYTES} bytes are taken", next_step="Send it in parts.",
    )  # fmt: skip
    return web.Response(
        status=413, body=found.model_dump_json(exclude_none=True), content_type="application/problem+json"
    )
