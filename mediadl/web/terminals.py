"""All open terminals: how many there may be, whether their logins still hold, when nobody uses them any more."""

from __future__ import annotations

import asyncio
import json
import math
import time
from dataclasses import dataclass, field
from socket import SO_SNDBUF, SOL_SOCKET

from aiohttp import WSCloseCode, WSMsgType, web

from mediadl import logs
from mediadl.errors import MediadlError
from mediadl.security.permissions import Caller
from mediadl.service import Services
from mediadl.settings.web import Web
from mediadl.web import frames
from mediadl.web.deliveries import Deliveries
from mediadl.web.guard import require_caller
from mediadl.web.nursery import NoTerminal, Nursery
from mediadl.web.terminal import QUIT_S, TERM_S, Terminal
from mediadl.web.ticket import TicketOffice

log = logs.get_logger("web")

IDLE = 4000
SIGNED_OUT = 4001
RIGHTS_CHANGED = 4002
"""Close codes of our own; the page says what they mean."""

_LOGIN_MARGIN_S = 45.0
_LEAST_IDLE_S = 15.0
_HEARTBEAT_S = 15.0
_GOODBYE_S = 1.0
_UNDER_WAY_BYTES = 128 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take."""

    look_s: float = 2.0
    """Between two looks whether logins hold and terminals are used."""
    stuck_s: float = 20.0
    """How long a page may take none of what it is sent."""
    warn_s: float = 60.0
    """How long before a terminal is closed because nobody uses it its user is warned."""


@dataclass(eq=False, slots=True)
class _Open:
    """A terminal and its page."""

    caller: Caller
    request: web.Request
    socket: web.WebSocketResponse
    used_at: float
    stuck_s: float
    terminal: Terminal | None = None
    warned: bool = False
    hurried: bool = False
    """Its child gets little time to end."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, data: bytes | str) -> None:
        """Give the page something; one that takes nothing for long is cut off."""
        if self.socket.closed:
            return
        try:
            async with asyncio.timeout(self.stuck_s):
                await (
                    self.socket.send_bytes(data) if isinstance(data, bytes) else self.socket.send_str(data)
                )
        except TimeoutError:
            log.warning("a page takes nothing any more; its terminal is closed")
            self.cut()

    async def close(self, code: int, reason: str) -> None:
        """Close the page's socket with a code; one that does not listen is cut off."""
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await self.socket.close(code=code, message=reason.encode())
        except TimeoutError:
            self.cut()
        except (RuntimeError, ConnectionError):
            log.debug("a page was gone before it was told")

    def cut(self) -> None:
        """End the connection at once."""
        if self.request.transport is not None:
            self.request.transport.abort()


class Terminals:
    """On the server's loop."""

    def __init__(self, services: Services, settings: Web, patience: Patience | None = None) -> None:
        self.deliveries = Deliveries()
        self._services = services
        self._settings = settings
        self._patience = patience or Patience()
        self._office = TicketOffice(services.home)
        self._nursery = Nursery(services.home)
        self._open: set[_Open] = set()
        self._closing = False
        self._looked_at = 0.0
        # A login ends by itself when it is not used: its terminals before it, and not without a warning
        login_idle_s = services.settings.values().security.session_idle_s
        self._idle_s = min(settings.idle_s or math.inf, max(_LEAST_IDLE_S, login_idle_s - _LOGIN_MARGIN_S))
        self._looking: asyncio.Task[None] | None = None

    @property
    def pids(self) -> list[int]:
        """The children's process ids."""
        return [kept.terminal.pid for kept in self._open if kept.terminal and kept.terminal.pid is not None]

    @property
    def nursery_pid(self) -> int | None:
        """The process they are forked from."""
        return self._nursery.pid

    async def start(self) -> None:
        """Begin to look after them."""
        self._nursery.start()
        self._looking = asyncio.create_task(self._look_after())

    async def stop(self) -> None:
        """Close all; when it returns no child is left."""
        self._closing = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._end(set(self._open), WSCloseCode.GOING_AWAY, "the server stops")
        self._office.close()
        self._nursery.stop()

    async def close_login(self, session_id: str) -> None:
        """Close the terminals of a login that ended; when it returns their children are gone."""
        mine = {kept for kept in self._open if kept.caller.session_id == session_id}
        for kept in mine:
            kept.hurried = True
        await self._end(mine, SIGNED_OUT, "signed out")

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """The socket of one page, from its upgrade to its end."""
        caller = require_caller(request)
        same = sum(kept.caller.user_id == caller.user_id for kept in self._open)
        if self._closing or len(self._open) >= self._settings.sessions_total:
            raise web.HTTPServiceUnavailable(text="Too many terminals are open. Close a tab and try again.")
        if same >= self._settings.sessions_per_user:
            raise web.HTTPServiceUnavailable(
                text="You have too many terminals open. Close a tab and try again."
            )
        socket = web.WebSocketResponse(
            heartbeat=_HEARTBEAT_S,
            max_msg_size=frames.LARGEST_FRAME_BYTES,
            timeout=_GOODBYE_S,
            compress=False,
        )
        kept = _Open(caller, request, socket, time.monotonic(), self._patience.stuck_s)
        # Counted before anything waits: two that come at once are both counted
        self._open.add(kept)
        try:
            await socket.prepare(request)
            _keep_little_under_way(request)
            await self._serve(kept, frames.size_asked(request.query))
        finally:
            self._open.discard(kept)
            kept.gone.set()
        return socket

    async def _serve(self, kept: _Open, size: tuple[int, int]) -> None:
        kept.terminal = terminal = Terminal(
            self._nursery,
            lambda: self._office.issue(kept.caller.session_id),
            kept.caller.user_id,
            write_bytes=kept.send,
            write_str=kept.send,
            ended=lambda: kept.close(WSCloseCode.OK, "the program ended"),
            deliveries=self.deliveries,
        )
        try:
            await terminal.start(*size)
            await self._listen(kept, terminal)
        except NoTerminal as error:
            log.error("no terminal: %s", error.message)  # noqa: TRY400 - nobody of us failed
            await kept.close(WSCloseCode.TRY_AGAIN_LATER, "no terminal can be started")
        finally:
            await terminal.stop(*((0.0, TERM_S / 2) if kept.hurried else (QUIT_S, TERM_S)))

    async def _listen(self, kept: _Open, terminal: Terminal) -> None:
        """Do what the page asks until it is gone."""
        allowance = frames.Allowance(time.monotonic())
        async for message in kept.socket:
            now = time.monotonic()
            if message.type is not WSMsgType.TEXT or not allowance.take(len(message.data), now):
                reason = "too much at once" if message.type is WSMsgType.TEXT else "not a frame of ours"
                await kept.close(WSCloseCode.POLICY_VIOLATION, reason)
                return
            try:
                frame = frames.read(message.data)
            except frames.Malformed as error:
                log.warning("a page sent what is no frame: %s", error)
                await kept.close(WSCloseCode.OK, "not a frame of ours")
                return
            match frame:
                case frames.Typed(data):
                    await self._note_use(kept, now)
                    await terminal.send_bytes(data)
                case frames.Resized(width, height):
                    await terminal.set_terminal_size(width, height)
                case frames.Ping(word):
                    await kept.send(json.dumps(["pong", word]))
                case frames.Focused(focused):
                    await (terminal.focus() if focused else terminal.blur())

    async def _note_use(self, kept: _Open, now: float) -> None:
        kept.used_at = now
        if kept.warned:
            kept.warned = False
            await kept.send(json.dumps(["idle", None]))

    # Looking after them

    async def _look_after(self) -> None:
        try:
            while True:
                await asyncio.sleep(self._patience.look_s)
                try:
                    await self._look_at_logins()
                    await self._look_at_use(time.monotonic())
                except (OSError, MediadlError) as error:
                    log.warning("terminals could not be looked after: %s", error)
        finally:
            if not self._closing:
                # Nobody would notice any more that a login ended: no terminal without that
                self._closing = True
                await self._close(set(self._open), WSCloseCode.INTERNAL_ERROR, "logins cannot be looked at")

    async def _look_at_logins(self) -> None:
        used: dict[str, bool] = {}
        for kept in self._open:
            used[kept.caller.session_id] = kept.used_at > self._looked_at or used.get(
                kept.caller.session_id, False
            )
        self._looked_at = time.monotonic()
        for session_id, in_use in used.items():
            if in_use:
                # Keys are no requests: without this a login would end in the hands of its user
                await asyncio.to_thread(self._services.logins.keep, session_id)
            now = await asyncio.to_thread(self._services.logins.still_valid, session_id)
            ended, changed = set(), set()
            for kept in self._open:
                if kept.caller.session_id != session_id:
                    continue
                if now is None:
                    kept.hurried = True
                    ended.add(kept)
                elif (now.role, now.rights, now.name) != (
                    kept.caller.role,
                    kept.caller.rights,
                    kept.caller.name,
                ):
                    changed.add(kept)
            await self._close(ended, SIGNED_OUT, "signed out")
            await self._close(changed, RIGHTS_CHANGED, "rights changed")

    async def _look_at_use(self, now: float) -> None:
        for kept in list(self._open):
            left = kept.used_at + self._idle_s - now
            if left <= 0:
                await self._close({kept}, IDLE, "nobody used it")
            elif left <= min(self._patience.warn_s, self._idle_s / 2) and not kept.warned:
                kept.warned = True
                await kept.send(json.dumps(["idle", round(left)]))

    @staticmethod
    async def _close(which: set[_Open], code: int, reason: str) -> None:
        await asyncio.gather(*(kept.close(code, reason) for kept in which))

    async def _end(self, which: set[_Open], code: int, reason: str) -> None:
        """Close them and wait until nothing of them is left."""
        await self._close(which, code, reason)
        await asyncio.gather(*(kept.gone.wait() for kept in which))


def _keep_little_under_way(request: web.Request) -> None:
    """Let the kernel hold back little: over a slow line the newest picture comes soon, and a stuck page is noticed."""
    plain = request.transport.get_extra_info("socket") if request.transport is not None else None
    if plain is not None:
        plain.setsockopt(SOL_SOCKET, SO_SNDBUF, _UNDER_WAY_BYTES)
