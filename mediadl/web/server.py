"""One application on one port: pages, terminals, stored files, and the API."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from mediadl import logs
from mediadl.errors import InvalidInput
from mediadl.service import Services
from mediadl.settings.web import Web
from mediadl.store.locks import ProcessLock
from mediadl.web import api, guard, listening
from mediadl.web.account import Account
from mediadl.web.media import Media
from mediadl.web.pages import Pages
from mediadl.web.quick_add import QuickAdd
from mediadl.web.reach import Reach
from mediadl.web.rendering import FOLDER
from mediadl.web.terminals import Patience, Terminals

TERMINALS = web.AppKey("terminals", Terminals)

_STOP_S = 5.0
"""How long answers that are on their way may take when the server stops."""


def make_app(
    services: Services, settings: Web, reach: Reach, patience: Patience | None = None
) -> web.Application:
    """The application; it starts and stops the terminals with itself."""
    app = web.Application()
    guard.install(app, services, reach)
    terminals = Terminals(services, settings, patience)
    app[TERMINALS] = terminals
    app.router.add_get("/ws", terminals.handle, name="websocket")
    for part in (
        Pages(services, terminals),
        Account(services, terminals),
        Media(services, terminals.deliveries),
        QuickAdd(services),
    ):
        app.router.add_routes(part.routes())
    api.mount(app, services, settings)
    app.router.add_static("/static/textual", _textual_statics(), show_index=False)
    app.router.add_static("/static", FOLDER / "static", show_index=False)

    async def while_running(_app: web.Application) -> AsyncIterator[None]:
        await terminals.start()
        yield

    async def close_terminals(_app: web.Application) -> None:
        # Before the connections are waited for: open sockets would never end by themselves
        await terminals.stop()

    app.cleanup_ctx.append(while_running)
    app.on_shutdown.append(close_terminals)
    return app


def run(services: Services, settings: Web, tell: Callable[[str], object]) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code. `tell` is given the address and, once, the first code.

    Raises:
        DatabaseUnusable: there is no queue to show.
        InvalidInput: it cannot listen there.
    """
    handler = logs.start(services.home.create().logs)
    try:
        _ = services.store
        context = listening.tls_of(settings)
        with _alone(services), listening.listen(settings) as listener:
            return asyncio.run(_serve(services, settings, listener, context, tell))
    finally:
        logs.stop(handler)


@contextlib.contextmanager
def _alone(services: Services) -> Iterator[None]:
    """Be the only server of the data folder: a second one would make the first one's tickets worthless."""
    lock = ProcessLock(services.home.serve_lock)
    if not lock.try_acquire():
        holder = lock.holder()
        who = f" (process {holder.pid})" if holder else ""
        raise InvalidInput(
            f"mediadl serve runs already for this data folder{who}", next_step="Use it, or stop it first."
        )
    try:
        yield
    finally:
        lock.release()


async def _serve(
    services: Services,
    settings: Web,
    listener: socket.socket,
    context: ssl.SSLContext | None,
    tell: Callable[[str], object],
) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopping.set)
    runner = web.AppRunner(
        make_app(services, settings, listening.reach_of(settings)),
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_STOP_S,
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listener, ssl_context=context).start()
        tell(f"mediadl is at {listening.address_of(settings, listener)}")
        code = await asyncio.to_thread(services.logins.first_code)  # a fresh one
        if code is not None:
            tell(f"Nobody can sign in yet. Code for the first administrator: {code}")
        tell("Stop it with Ctrl+C; downloads go on.")
        gc.freeze()
        await stopping.wait()
        tell("stopping")
    finally:
        await runner.cleanup()
    return 0


def _textual_statics() -> Path:
    return Path(str(files("textual_serve"))) / "static"
