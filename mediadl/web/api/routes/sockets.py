"""`/api/ws/…`: what happens, as it happens. Who comes back says what they heard last, and hears what they missed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from mediadl.errors import InvalidInput, MediadlError
from mediadl.logs import LEVELS, LogQuery
from mediadl.security.permissions import Caller, Right
from mediadl.web.api import messages
from mediadl.web.api.bodies import LARGEST
from mediadl.web.api.context import Api
from mediadl.web.api.log_feed import Listener, parse
from mediadl.web.api.mailbox import Mailbox, News
from mediadl.web.api.problems import Refused, answer, of_error

router = APIRouter(prefix="/api/ws", tags=["events"])

STALLED_S = 30.0
"""A listener that takes nothing for so long is cut off."""

TOO_SLOW = 4408
TOO_TALKATIVE = 4429
GONE = 1005

_MOST_SAID = 100
"""Frames a listener may send; none of them means anything."""


@router.websocket("/downloads")
async def downloads(socket: WebSocket) -> None:
    """How far jobs are, and what deserves attention."""
    await _listen(socket, (messages.PROGRESS, messages.NOTIFICATION))


@router.websocket("/queue")
async def queue(socket: WebSocket) -> None:
    """What changes in the queue, and what deserves attention."""
    await _listen(socket, (messages.QUEUE, messages.NOTIFICATION))


@router.websocket("/logs")
async def log_lines(socket: WebSocket) -> None:
    """New lines of the log."""
    api: Api = socket.app.state.api
    asked: _LogWish | None = None
    try:
        asked = _log_wish(socket)
        box = await _enter(socket, api, Right.LOGS, (messages.LOG,))
    except MediadlError as error:
        await socket.send_denial_response(answer(of_error(error)))
        return
    except Refused as refused:
        await socket.send_denial_response(answer(refused))
        return
    listener = Listener(box, asked.query)
    api.log_feed.join(listener)
    try:
        await socket.accept()
        first = await run_in_threadpool(_first_lines, api, asked)
        await socket.send_text(first.text)
        await _pump(socket, box)
    except WebSocketDisconnect:
        pass  # it left while it was greeted
    finally:
        api.log_feed.leave(listener)
        api.hub.leave(box)


async def _listen(socket: WebSocket, events: tuple[str, ...]) -> None:
    api: Api = socket.app.state.api
    try:
        since = _number(socket, "since", socket.headers.get("last-event-id", ""), LARGEST)
        box = await _enter(socket, api, Right.SEE_OWN, events)
    except MediadlError as error:
        await socket.send_denial_response(answer(of_error(error)))
        return
    except Refused as refused:
        await socket.send_denial_response(answer(refused))
        return
    try:
        await socket.accept()
        await _greet(socket, api, box, since)
        await _pump(socket, box)
    except WebSocketDisconnect:
        pass  # it left while it was greeted
    finally:
        api.hub.leave(box)


async def _enter(socket: WebSocket, api: Api, right: Right, events: tuple[str, ...]) -> Mailbox:
    """A mailbox that hears from now on.

    Raises:
        Refused: nobody who is known, a page of another site, or too many.
        PermissionDenied: the caller may not hear this.
    """
    caller: Caller = await run_in_threadpool(api.access.admit, socket)
    caller.require(right, "listen to this")
    rates = api.access.rates
    if api.hub.of(caller.session_id) >= rates.sockets_per_caller or api.hub.listeners >= rates.sockets:
        raise Refused(
            429,
            "too-many-listeners",
            "Too many listeners",
            "no further listener is taken",
            next_step="Close one first.",
            retry_after_s=10,
        )
    box = Mailbox(caller, events, right)
    api.hub.join(box)
    return box


async def _greet(socket: WebSocket, api: Api, box: Mailbox, since: int | None) -> None:
    """Say where the stream stands, and what was missed."""
    if since is None:
        newest = await run_in_threadpool(api.hub.last_id)
        await socket.send_text(json.dumps({"event": "ready", "seq": newest}))
        return
    missed: list[News] | None = await run_in_threadpool(api.hub.missed, since)
    if missed is None:
        newest = await run_in_threadpool(api.hub.last_id)
        await socket.send_text(json.dumps({"event": "reset", "seq": newest}))
        return
    await socket.send_text(json.dumps({"event": "ready", "seq": since}))
    for news in missed:
        box.put(news)


async def _pump(socket: WebSocket, box: Mailbox) -> None:
    """Send what comes until one side has enough."""
    hearing = asyncio.create_task(_hear(socket, box))
    try:
        while texts := await box.take():
            for text in texts:
                async with asyncio.timeout(STALLED_S):
                    await socket.send_text(text)
    except TimeoutError:
        box.close(TOO_SLOW, "too slow")
    except WebSocketDisconnect:
        box.close(GONE, "")
    finally:
        hearing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await hearing
    if box.closed is not None and box.closed[0] != GONE:
        await socket.close(*box.closed)


async def _hear(socket: WebSocket, box: Mailbox) -> None:
    """Notice that the listener leaves, or talks without end."""
    for _ in range(_MOST_SAID):
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            box.close(GONE, "")
            return
    box.close(TOO_TALKATIVE, "listeners only listen")


@dataclass(frozen=True, slots=True)
class _LogWish:
    """Which lines, and from where."""

    query: LogQuery
    since: str
    tail: int


def _log_wish(socket: WebSocket) -> _LogWish:
    given: Callable[[str], str] = lambda name: socket.query_params.get(name, "")[:500]  # noqa: E731
    level = given("level") or "debug"
    if level not in LEVELS:
        raise InvalidInput(f"no level {level[:20]!r}", next_step=f"Levels: {', '.join(LEVELS)}.")
    since = given("since")
    if since and parse(since) is None:
        raise InvalidInput("since is not a place in the log", next_step="Send `place` of the last message.")
    query = LogQuery(level, given("module"), _number(socket, "job", "", LARGEST), text=given("search"))
    return _LogWish(query, since, _number(socket, "tail", "", 5000) or 0)


def _first_lines(api: Api, asked: _LogWish) -> News:
    """What was missed, or the last lines; in a thread."""
    from mediadl.web.api.log_feed import told

    if asked.since and (missed := api.log_feed.missed(asked.query, asked.since)) is not None:
        return missed
    end = api.log_feed.end()
    return told(api.services.logs.tail(asked.query, asked.tail, end), end)


def _number(socket: WebSocket, name: str, otherwise: str, most: int) -> int | None:
    """A number of the query.

    Raises:
        InvalidInput: it is none.
    """
    text: Any = socket.query_params.get(name, otherwise)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > most:
        raise InvalidInput(f"{name} must be a number from 0 to {most}", next_step="Leave it out.")
    return int(text)
