"""The API on a port of this machine, with accounts of every role; for tests, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
from aiohttp import web
from websockets.sync.client import ClientConnection, connect

from mediadl.paths import Home
from mediadl.security import passwords
from mediadl.security.permissions import Role
from mediadl.service import Services
from mediadl.settings.web import Web
from mediadl.store import users
from mediadl.web import guard
from mediadl.web.api import mount
from mediadl.web.api.limits import Rate, Rates
from mediadl.web.reach import Reach, networks

PASSWORD = "correct horse battery staple 9"
PEOPLE = {"anna": Role.ADMIN, "uwe": Role.USER, "otto": Role.USER, "vera": Role.VIEWER}

ENDLESS = Rates(
    caller=Rate(10**9, 1e9), address=Rate(10**9, 1e9), failures=Rate(10**9, 1e9), sockets_per_caller=1000
)
"""For tests that are about something else."""


@dataclass
class Stage:
    """The API as it is served."""

    services: Services
    port: int = 0
    tokens: dict[str, str] = field(default_factory=dict)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Let the server stop."""
        self.stopping.set()

    def token(self, name: str, *scopes: str) -> str:
        """An API token of an account, made once."""
        key = f"{name} {' '.join(scopes)}"
        if key not in self.tokens:
            secret, _ = self.services.tokens.create("test", scopes or ("all",), user=name)
            self.tokens[key] = secret
        return self.tokens[key]

    def ask(
        self,
        method: str,
        path: str,
        name: str = "",
        *scopes: str,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> requests.Response:
        """Ask as somebody; nobody without a name."""
        told = dict(headers or {})
        if name:
            told["Authorization"] = f"Bearer {self.token(name, *scopes)}"
        more.setdefault("timeout", 30)
        return requests.request(method, self.url + path, headers=told, **more)

    @contextlib.contextmanager
    def listen(self, path: str, name: str = "", *scopes: str, **headers: str) -> Iterator[ClientConnection]:
        """A socket of somebody."""
        told = dict(headers)
        if name:
            told["Authorization"] = f"Bearer {self.token(name, *scopes)}"
        with connect(
            f"ws://127.0.0.1:{self.port}{path}",
            additional_headers=told,
            open_timeout=30,
            close_timeout=5,
            proxy=None,
        ) as socket:
            yield socket


@functools.cache
def _hash() -> str:
    """Of the password; made once, because it is meant to take long."""
    return passwords.hash_of(PASSWORD)


def people(services: Services) -> None:
    """An account of every role."""
    with services.store.write() as tx:
        for name, role in PEOPLE.items():
            users.add(tx, name, role.value, _hash(), time.time())


@contextlib.contextmanager
def staged(home: Home, rates: Rates = ENDLESS, *, proxies: Sequence[str] = ()) -> Iterator[Stage]:
    """Serve the API of a data folder until the end."""
    with Services(home) as services:
        people(services)
        reach = Reach(tls=False, hosts=frozenset({"localhost", "127.0.0.1"}), proxies=networks(proxies))
        app = web.Application()
        guard.install(app, services, reach)
        mount(app, services, Web(), rates)
        stage = Stage(services)
        with served(app, stage.stopping) as port:
            stage.port = port
            yield stage


@contextlib.contextmanager
def served(app: web.Application, stopping: threading.Event | None = None) -> Iterator[int]:
    """Run an application in a thread; yields its port."""
    ready, stopping = threading.Event(), stopping or threading.Event()
    found: list[int] = []
    failed: list[BaseException] = []

    async def run() -> None:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            found.append(runner.addresses[0][1])
            ready.set()
            await asyncio.to_thread(stopping.wait)
        finally:
            await runner.cleanup()

    def work() -> None:
        try:
            asyncio.run(run())
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            ready.set()

    thread = threading.Thread(target=work, name="served")
    thread.start()
    try:
        assert ready.wait(30)
        assert not failed, failed
        yield found[0]
    finally:
        stopping.set()
        thread.join(30)
        assert not thread.is_alive()
