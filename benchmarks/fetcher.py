"""Figures 1 to 3 at the transfer child alone: `.venv/bin/python benchmarks/fetcher.py [1] [2] [3]`.

What the whole program adds (command, daemon, archive, history) is left out; verifying, hashing, sidecars and fsync are
not. The peers, the server and the way of measuring are those of `run.py`.
"""

from __future__ import annotations

import queue
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import time

from benchmarks import peers
from benchmarks.measure import Cost, Server, Unfit, expect_files, flush_disk, run, scratch, tree_cpu_s
from benchmarks.report import Goal, Group
from benchmarks.trial import Contest, Once
from mediadl.models import FoundItem, Identity
from mediadl.paths import Home
from mediadl.pipeline.protocol import Fetch, NetworkOptions, Stored, Target, TransferFailed
from mediadl.workers.transfer_link import TransferLink

COUNT, IMAGE_BYTES = 300, 200_000
THROTTLED_BYTES, WHOLE_BYTES = 256_000_000, 1_000_000_000


class Child:
    """A warm transfer child and what it says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.link = TransferLink(Home(folder / "home").create(), self._said.put)
        self.link.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.link.stop()

    def fetch(self, name: str, urls: list[str]) -> Cost:
        """Download the addresses as one job into a folder of its own."""
        root = self._folder / name
        pid = self.link.pid
        assert pid is not None
        cpu_s, began = tree_cpu_s(pid), time.monotonic()
        for n, url in enumerate(urls, 1):
            item = FoundItem(n, Identity("bench", url), url=url, ext=url.rpartition(".")[2])
            target = Target(
                str(root), str(root / ".mediadl" / "job-1"), "files", (f"{n:05}",), sidecar={"url": url}
            )
            self.link.send(Fetch(f"{name}-{n}", 1, item, target, NetworkOptions(min_speed_bytes_per_s=0)))
        missing = len(urls)
        while missing:
            answer = self._said.get(timeout=120)
            if isinstance(answer, TransferFailed):
                raise Unfit(str(answer.error))
            missing -= isinstance(answer, Stored)
        return Cost(time.monotonic() - began, tree_cpu_s(pid) - cpu_s)


def images() -> Group:
    """Figure 1."""
    group = Group("1 · 300 pictures of 200 kB, 60 ms latency, transfer child alone")
    with (
        Server("server.py", "--latency", 0.06, "--images", COUNT) as server,
        scratch("images") as folder,
        Child(folder) as child,
    ):

        def ours(number: int) -> Cost:
            cost = child.fetch(
                f"o{number}",
                [f"{server.url}/o{number}/gallery/{COUNT}/{n:05}.jpg" for n in range(1, COUNT + 1)],
            )
            expect_files(folder / f"o{number}", COUNT, COUNT * IMAGE_BYTES, ".jpg")
            return cost

        def theirs(number: int) -> Cost:
            addresses = folder / f"p{number}.txt"
            lines = (f"{server.url}/p{number}/gallery/{COUNT}/{n:05}.jpg" for n in range(1, COUNT + 1))
            addresses.write_text("\n".join(lines))
            target = folder / f"p{number}"
            cost = run(peers.aria2c("-j16", "-i", addresses), target)
            expect_files(target, COUNT, COUNT * IMAGE_BYTES, ".jpg")
            return cost

        contest = Contest(group, "(1)", ours)
        contest.against("aria2c -j16", theirs, wall=Goal(least_ratio=1))
        contest.run()
    return group


def throttled() -> Group:
    """Figure 2."""
    group = Group("2 · one file of 256 MB, 4 MB/s per connection, transfer child alone")
    with (
        Server("server.py", "--rate", 4_000_000, "--film", THROTTLED_BYTES) as server,
        scratch("throttled") as folder,
        Child(folder) as child,
    ):
        contest = Contest(group, "(2)", _film(child, server, folder, THROTTLED_BYTES))
        peer = _peer(server, folder, THROTTLED_BYTES, lambda url: peers.aria2c("-x16", "-s16", "-k1M", url))
        contest.against("aria2c -x16", peer, wall=Goal(least_ratio=1))
        contest.run()
    return group


def unthrottled() -> Group:
    """Figure 3."""
    group = Group("3 · one file of 1 GB at full speed, transfer child alone")
    with (
        Server("server.py", "--film", WHOLE_BYTES) as server,
        scratch("whole") as folder,
        Child(folder) as child,
    ):
        contest = Contest(group, "(3)", _film(child, server, folder, WHOLE_BYTES))
        curl = _peer(server, folder, WHOLE_BYTES, lambda url: peers.curl("-O", url))
        aria2c = _peer(server, folder, WHOLE_BYTES, lambda url: peers.aria2c(url))
        contest.against("curl", curl, wall=Goal(least_ratio=1 / 1.5))
        contest.against("aria2c", aria2c, cpu=Goal(least_ratio=1))
        contest.run()
    return group


def _film(child: Child, server: Server, folder: Path, size: int) -> Once:
    def once(number: int) -> Cost:
        cost = child.fetch(f"o{number}", [f"{server.url}/o{number}/film/{size}.mp4"])
        _free(folder / f"o{number}", size)
        return cost

    return once


def _peer(server: Server, folder: Path, size: int, command: object) -> Once:
    def once(number: int) -> Cost:
        target = folder / f"p{number}"
        cost = run(command(f"{server.url}/p{number}/film/{size}.mp4"), target)  # type: ignore[operator]
        _free(target, size)
        return cost

    return once


def _free(folder: Path, size: int) -> None:
    """Count the file and make room for the next."""
    expect_files(folder, 1, size, ".mp4")
    for film in folder.rglob("*.mp4"):
        film.unlink()
    flush_disk()


def main() -> None:
    """Measure what is named on the command line, or all."""
    figures = {"1": images, "2": throttled, "3": unthrottled}
    for name in sys.argv[1:] or figures:
        group = figures[name]()
        print(group.title)
        for row in group.rows:
            print("  " + " · ".join(cell for cell in row.cells() if cell))


if __name__ == "__main__":
    main()
