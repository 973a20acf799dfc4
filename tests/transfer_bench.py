"""A desk with its threads, a folder and a simulated web: what the tests of the transfer room work at."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fakeweb import Blob, BytesBlob, FakeWeb, Request, Response
from mediadl.models import FoundItem, Identity
from mediadl.pipeline.protocol import (
    Cancel,
    Fetch,
    Ingest,
    Message,
    NetworkOptions,
    Stored,
    Target,
    TransferFailed,
    TransferProgress,
    TransfersCancelled,
)
from mediadl.pipeline.transfer import ledger
from mediadl.pipeline.transfer.desk import Desk

DEADLINE_S = 40.0


class Files:
    """A site that serves whatever it is given, by path, on every host."""

    hosts = ("127.0.0.1", "localhost", "*.test")
    login_path = "/login"

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[Request], Response]] = {}

    def put(self, path: str, content: bytes | Blob, content_type: str = "application/octet-stream") -> str:
        """Serve this content with a strong validator; returns the SHA-256."""
        blob = BytesBlob(content) if isinstance(content, bytes) else content
        self.answers[path] = lambda _: Response.media(blob, content_type)
        return blob.sha256()

    def answer(self, path: str, make: Callable[[Request], Response]) -> None:
        """Answer a path by a function."""
        self.answers[path] = make

    def handle(self, request: Request) -> Response | None:
        make = self.answers.get(request.path)
        return make(request) if make is not None else None


class Bench:
    """Takes orders as the daemon would give them; use inside a running event loop."""

    def __init__(self, folder: Path, web: FakeWeb, files: Files) -> None:
        self.web = web
        self.files = files
        self.root = folder / "downloads"
        self.root.mkdir(exist_ok=True)
        self.work = self.root / ".mediadl" / "job-1"
        self.network = NetworkOptions(timeout_s=5, retries=2)
        self.said: list[Message] = []
        self._changed = asyncio.Event()
        self._workers = ThreadPoolExecutor(2)
        self._disk = ThreadPoolExecutor(4)
        (folder / "run").mkdir(exist_ok=True)
        self.desk = Desk(self._hear, self._workers, self._disk, folder / "run")
        self._numbers = 0

    async def close(self) -> None:
        await self.desk.stop()
        self._workers.shutdown()
        self._disk.shutdown()

    def _hear(self, message: Message) -> None:
        self.said.append(message)
        self._changed.set()

    async def heard(self, kind: type[Any], test: Callable[[Any], bool] = lambda _: True) -> Any:
        """The first message of this kind that passes the test, waited for."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                for message in self.said:
                    if isinstance(message, kind) and test(message):
                        return message
                self._changed.clear()
                await self._changed.wait()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.web.port}{path}"

    def order(self, path: str, **changes: Any) -> Fetch:
        """An order for a path of the web (or a whole URL); `item_…` and `target_…` reach the inner parts."""
        self._numbers += 1
        url = path if "://" in path else self.url(path)
        name = changes.pop("name", path.rpartition("/")[2].partition(".")[0].partition("?")[0] or "file")
        item: dict[str, Any] = {
            "n": self._numbers,
            "identity": Identity("test", url.partition("?")[0]),
            "url": url,
            "ext": url.partition("?")[0].rpartition(".")[2],
        }
        target: dict[str, Any] = {
            "root": str(self.root),
            "work": str(self.work),
            "folder": "site/user",
            "names": (name,),
        }
        for key in list(changes):
            part, _, field = key.partition("_")
            if part in {"item", "target"} and field:
                {"item": item, "target": target}[part][field] = changes.pop(key)
        values: dict[str, Any] = {"job_id": 1, "network": self.network, **changes}
        return Fetch(
            key=f"key-{self._numbers}",
            item=FoundItem(**item),
            target=Target(**target),
            **values,
        )

    async def answer_to(self, order: Fetch | Ingest) -> Stored | TransferFailed:
        """Give the order and wait for what becomes of it."""
        self.desk.take(order)
        answer = await self.heard(Stored | TransferFailed, lambda message: message.key == order.key)  # type: ignore[arg-type]
        assert isinstance(answer, Stored | TransferFailed)
        return answer

    async def stored(self, order: Fetch | Ingest) -> Stored:
        answer = await self.answer_to(order)
        assert isinstance(answer, Stored), answer
        return answer

    async def failed(self, order: Fetch | Ingest) -> dict[str, Any]:
        answer = await self.answer_to(order)
        assert isinstance(answer, TransferFailed), answer
        return answer.error

    async def fetch(self, path: str, **changes: Any) -> Stored:
        return await self.stored(self.order(path, **changes))

    async def pause_at(self, order: Fetch, done_bytes: int) -> None:
        """Give the order, cancel its job once so much is there, and wait for the end."""
        self.desk.take(order)
        await self.heard(TransferProgress, lambda m: m.key == order.key and m.done_bytes >= done_bytes)
        self.desk.take(Cancel(order.job_id))
        await self.heard(TransfersCancelled)
        self.said.clear()

    def partials(self) -> list[str]:
        """Names of everything in the job's private folder but the ledger."""
        names = (path.name for path in self.work.glob("*")) if self.work.exists() else ()
        return sorted(name for name in names if name != ledger.NAME)

    def visible(self) -> list[str]:
        """Every file that a person would see in the download folder."""
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        return sorted(str(path) for path in found if path.parts[0] != ".mediadl")

    def record(self) -> dict[str, Any]:
        """The one record in the private folder."""
        (path,) = self.work.glob("*.json")
        loaded: dict[str, Any] = json.loads(path.read_text())
        return loaded


def with_network(order: Fetch, **changes: Any) -> Fetch:
    """The same order over another network."""
    return dataclasses.replace(order, network=dataclasses.replace(order.network, **changes))


def text_of(path: str | Path) -> str:
    """The words in a file."""
    return Path(path).read_text("utf-8")


def modified_at(path: str | Path) -> float:
    """A file's modification time."""
    return Path(path).stat().st_mtime


def size_of(path: str | Path) -> int:
    """A file's length; fails when there is none."""
    return Path(path).stat().st_size
