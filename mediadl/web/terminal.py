"""One terminal in a browser tab: a child process, and the packets between it and the page's socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from textual_serve.app_service import AppService

from mediadl import logs
from mediadl.web import overlay
from mediadl.web.deliveries import Deliveries
from mediadl.web.links import may_open
from mediadl.web.nursery import Child, Nursery

log = logs.get_logger("web")

_LARGEST_PACKET = 16 * 1024 * 1024
_PRELUDE = b"__GANGLION__\n"

QUIT_S = 2.0
TERM_S = 1.0
_KILL_S = 10.0
"""How long a child may take to end after being asked, and after being told."""


class BrokenStream(Exception):
    """The child sent what is no packet."""


class Terminal(AppService):
    """Use it from the server's loop: `start`, the `send_…` and `set_…` methods, `stop`."""

    def __init__(
        self,
        nursery: Nursery,
        ticket: Callable[[], str],
        user_id: int | None,
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        ended: Callable[[], Awaitable[None]],
        deliveries: Deliveries,
    ) -> None:
        """`ticket` makes the one that the child shows; `ended` is called once when the child says no more."""
        super().__init__(
            "",
            write_bytes=write_bytes,
            write_str=write_str,
            close=ended,
            download_manager=deliveries,
        )
        self.user_id = user_id
        self._nursery = nursery
        self._child: Child | None = None
        self._ticket = ticket
        self._deliveries = deliveries
        self._stopping: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id; also that of its process group."""
        return self._child.pid if self._child is not None else None

    async def start(self, width: int, height: int) -> None:
        """Start the child.

        Raises:
            NoTerminal: the machine gives none.
        """
        self._child = child = await self._nursery.child(width, height)
        self._stdin = child.writer
        child.writer.write(f"{self._ticket()}\n".encode("ascii"))
        self._task = asyncio.create_task(self.run())

    async def run(self) -> None:
        """Pass on what the child sends until it says no more."""
        assert self._child is not None
        stream = self._child.reader
        try:
            if await stream.readline() != _PRELUDE:
                raise BrokenStream("it did not start")
            while True:
                await self._pass_on(await stream.readexactly(5), stream)
        except asyncio.IncompleteReadError:
            pass
        except (BrokenStream, ValueError, KeyError, TypeError) as error:
            log.warning("a browser's terminal was ended: %s", error)
        except OSError as error:
            log.info("a browser's terminal lost its page: %s", type(error).__name__)
        finally:
            await self.remote_close()

    async def _pass_on(self, head: bytes, stream: asyncio.StreamReader) -> None:
        size = int.from_bytes(head[1:], "big")
        if head[:1] not in {b"D", b"M", b"P"} or size > _LARGEST_PACKET:
            raise BrokenStream("it sent what is no packet")
        payload = await stream.readexactly(size)
        if head[:1] == b"D":
            await self.on_data(payload)
        elif head[:1] == b"M":
            await self.on_meta(payload)
        else:
            await self.on_packed(payload)

    async def on_meta(self, data: bytes) -> None:
        """Pass on what concerns the page, as far as it may hear it."""
        told: dict[str, Any] = json.loads(data)
        match told:
            case {"type": "title", "title": str(title)}:
                await self.remote_write_str(json.dumps(["title", title]))
            case {"type": "notice", "title": str(title), "text": str(text)}:
                await self.remote_write_str(json.dumps(["notice", {"title": title, "text": text}]))
            case {"type": "account"}:
                await self.remote_write_str(json.dumps(["account", None]))
            case {"type": "overlay"}:
                frame = overlay.frame_of(told)
                if frame is None:
                    log.warning("a terminal told of pictures in no known shape")
                else:
                    await self.remote_write_str(frame)
            case {"type": "open_url", "url": str(url)} if not may_open(url):
                log.warning("a terminal wanted to open an address that is not of the web")
            case {"type": "exit"}:
                pass  # its pipe ends next
            case _:
                await super().on_meta(data)

    async def stop(self, quit_s: float = QUIT_S, term_s: float = TERM_S) -> None:
        """Ask the child to leave, then tell it, then kill its group; when it returns nothing of it is left."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop(quit_s, term_s))
        await asyncio.shield(self._stopping)

    async def _stop(self, quit_s: float, term_s: float) -> None:
        await self._deliveries.forget(self.app_service_id)
        child = self._child
        if child is None:
            return
        if quit_s > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(quit_s):
                    await self.send_meta({"type": "quit"})
                    await child.wait(quit_s)
        for signum, wait_s in ((signal.SIGTERM, term_s), (signal.SIGKILL, _KILL_S)):
            if child.ended:
                break
            child.signal(signum)
            await child.wait(wait_s)
        # Whatever it left behind in its group
        child.signal(signal.SIGKILL)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        child.writer.close()
