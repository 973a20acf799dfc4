"""The whole server of the browser view on a port of its own, and people who speak to it without a browser."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, web

from mediadl.models import Download, Identity, MediaKind
from mediadl.paths import Home
from mediadl.security import totp
from mediadl.security.permissions import Role
from mediadl.service import Services
from mediadl.settings.web import Web
from mediadl.store import downloads
from mediadl.web.listening import reach_of
from mediadl.web.server import TERMINALS, make_app
from mediadl.web.terminals import Patience, Terminals

PASSWORD = "seven green horses"
DEADLINE_S = 30.0
CONTENT = bytes(range(256)) * 40
"""Of a stored file, unless told otherwise."""
ACCOUNTS = {"anna": Role.ADMIN, "bert": Role.USER, "carl": Role.USER, "vera": Role.VIEWER}


async def until(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait for what something else makes true."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, f"not within {deadline_s} s: {what}"
        await asyncio.sleep(0.02)


def code_of(seed: str, step: int = 0) -> str:
    """What an authenticator app shows for a seed, so many half-minutes from now."""
    words = seed.replace(" ", "").upper()
    raw = base64.b32decode(words + "=" * (-len(words) % 8))
    return totp.code_at(raw, int(time.time() // 30) + step)


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass
class Client:
    """A browser without a screen: keeps cookies, says where its pages come from."""

    http: ClientSession
    url: str

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask for something; redirects are not followed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.get(self.url + path, headers=named, allow_redirects=False) as answer:
            return Answer(answer.status, await answer.read(), dict(answer.headers))

    async def word(self, path: str = "/login") -> str:
        """The word that forms of this browser carry."""
        found = re.search(rb'name="form_word" value="([^"]+)"', (await self.get(path)).body)
        assert found is not None
        return found[1].decode()

    async def post(
        self, path: str, *, origin: str | None = "", word: str | None = None, **fields: str
    ) -> Answer:
        """Send a form as our own pages do, unless told otherwise."""
        headers = {} if origin is None else {"Origin": origin or self.url}
        fields["form_word"] = (
            await self.word("/account" if self.signed_in else "/login") if word is None else word
        )
        async with self.http.post(
            self.url + path, data=fields, headers=headers, allow_redirects=False
        ) as answer:
            return Answer(answer.status, await answer.read(), dict(answer.headers))

    @property
    def signed_in(self) -> bool:
        """Whether it has a login's cookie."""
        return any(re.fullmatch(r"(__Host-)?mediadl(-\d+)?", cookie.key) for cookie in self.http.cookie_jar)

    async def sign_in(self, name: str, password: str = PASSWORD, **fields: str) -> Answer:
        """Send the login's form."""
        return await self.post("/login", name=name, password=password, **fields)

    async def terminal(self, size: str = "width=80&height=24", **headers: str) -> ClientWebSocketResponse:
        """Open one."""
        named = {"Origin": self.url} | headers
        return await self.http.ws_connect(f"{self.url}/ws?{size}", headers=named)


@dataclass
class Answer:
    """What the server said."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass
class Stage:
    """A server, with an administrator `anna`, users `bert` and `carl`, and a viewer `vera`."""

    services: Services
    url: str
    terminals: Terminals
    _clients: contextlib.AsyncExitStack

    async def client(self, name: str = "") -> Client:
        """Somebody new, signed in if named."""
        jar = CookieJar(unsafe=True)
        http = await self._clients.enter_async_context(ClientSession(cookie_jar=jar))
        made = Client(http, self.url)
        if name:
            answer = await made.sign_in(name)
            assert answer.status == 302, answer.text
        return made


def keep(stage: Stage, path: Path, owner: str = "bert", content: bytes = CONTENT) -> int:
    """Store a file of somebody's; returns its number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    row = Download(
        id=0, job_id=None, identity=Identity("test", path.name), platform="direct", source="example.com",
        title="Sunset", url="https://example.com/a", path=str(path), size_bytes=len(content), sha256="a" * 64,
        received_sha256="a" * 64, kind=MediaKind.IMAGE, mime="image/jpeg", width=None, height=None,
        duration_s=None, backend="direct", posted_at=None, stored_at=1.0,
        owner_id=stage.services.users.get(owner).id,
    )  # fmt: skip
    with stage.services.store.write() as tx:
        return downloads.add(tx, row)


@contextlib.asynccontextmanager
async def served(
    home: Home, patience: Patience | None = None, *, accounts: bool = True, **settings: Any
) -> AsyncIterator[Stage]:
    """The server, until it is stopped like `mediadl serve` stops it."""
    options = Web(**{"sessions_per_user": 3, "sessions_total": 4, **settings})
    with Services(home.create()) as services:
        for name, role in ACCOUNTS.items() if accounts else ():
            services.users.add(name, role, PASSWORD)
        app = make_app(services, options, reach_of(options), patience)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            async with contextlib.AsyncExitStack() as clients:
                yield Stage(services, f"http://127.0.0.1:{port}", app[TERMINALS], clients)
        finally:
            await runner.cleanup()


async def shown(socket: ClientWebSocketResponse, wanted: bytes, deadline_s: float = DEADLINE_S) -> bytes:
    """Read what a terminal shows until it has shown something."""
    seen = b""
    async with asyncio.timeout(deadline_s):
        while wanted not in seen:
            message = await socket.receive()
            assert message.type.name in {"BINARY", "TEXT"}, f"{message} after {seen[-200:]!r}"
            if isinstance(message.data, bytes):
                seen += message.data
    return seen


async def close_code(socket: ClientWebSocketResponse, deadline_s: float = DEADLINE_S) -> int | None:
    """Read until the server closes; the code it says."""
    async with asyncio.timeout(deadline_s):
        async for _ in socket:
            pass
    return socket.close_code
