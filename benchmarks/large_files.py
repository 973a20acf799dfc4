"""Figures 2 and 3: one file from a server that throttles each connection, and one at full speed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import Cost, Server, Unfit, flush_disk, run, scratch
from benchmarks.program import Mediadl
from benchmarks.report import Goal, Group
from benchmarks.trial import Contest, Once

THROTTLED_BYTES = 256_000_000
RATE_BYTES_PER_S = 4_000_000
WHOLE_BYTES = 1_000_000_000

Command = Callable[[str], list[str | Path]]


def throttled() -> Group:
    """Figure 2."""
    group = Group("2 · one file of 256 MB, 4 MB/s per connection")
    with (
        Server("server.py", "--rate", RATE_BYTES_PER_S, "--film", THROTTLED_BYTES) as server,
        scratch("throttled") as folder,
        Mediadl(folder) as mediadl,
    ):
        film = _Film(server, THROTTLED_BYTES)
        contest = Contest(group, "(2)", film.ours(mediadl), times=2)
        contest.against(
            "aria2c -x16",
            film.theirs(lambda url: peers.aria2c("-x16", "-s16", "-k1M", url)),
            times=2,
            wall=Goal(least_ratio=1),
        )
        contest.against("yt-dlp", film.theirs(lambda url: peers.yt_dlp("-o", "film.mp4", url)), times=1)
        contest.run()
    group.notes.append("Every file was compared with the server's SHA-256, outside the measurement.")
    return group


def unthrottled() -> Group:
    """Figure 3."""
    group = Group("3 · one file of 1 GB at full speed")
    with (
        Server("server.py", "--film", WHOLE_BYTES) as server,
        scratch("unthrottled") as folder,
        Mediadl(folder) as mediadl,
    ):
        film = _Film(server, WHOLE_BYTES)
        contest = Contest(group, "(3)", film.ours(mediadl))
        contest.against(
            "curl", film.theirs(lambda url: peers.curl("-O", url)), wall=Goal(least_ratio=1 / 1.5)
        )
        contest.against("curl, then sync", film.theirs(_curl_and_sync))
        contest.against("aria2c", film.theirs(lambda url: peers.aria2c(url)), cpu=Goal(least_ratio=1))
        contest.run()
    group.notes.append(
        "mediadl hashes, probes and brings the file safely to the disk before it counts; the others leave the last "
        "step to the kernel, except in the row that says so."
    )
    return group


class _Film:
    """The file on the server, and how each program gets it."""

    def __init__(self, server: Server, size_bytes: int) -> None:
        self._server = server
        self._size_bytes = size_bytes
        self._sha256: str = server.card["sha256"][str(size_bytes)]

    def ours(self, mediadl: Mediadl) -> Once:
        """mediadl."""

        def once(number: int) -> Cost:
            cost = mediadl.run("add", self._url(f"o{number}"), "--wait")
            self._check(mediadl.downloads)
            mediadl.settle()
            return cost

        return once

    def theirs(self, command: Command) -> Once:
        """A peer, in a folder of its own each time."""

        def once(number: int) -> Cost:
            with scratch("peer") as folder:
                target = folder / "files"
                cost = run(command(self._url(f"p{number}")), target)
                self._check(target)
            return cost

        return once

    def _url(self, name: str) -> str:
        return f"{self._server.url}/{name}/film/{self._size_bytes}.mp4"

    def _check(self, folder: Path) -> None:
        """Refuse a run whose only film differs; then free the room and let the disk come to rest."""
        films = [path for path in folder.rglob("*.mp4") if path.is_file()]
        if len(films) != 1:
            raise Unfit(f"{len(films)} files instead of one")
        with films[0].open("rb") as film:
            digest = hashlib.file_digest(film, "sha256").hexdigest()
        films[0].unlink()
        if digest != self._sha256:
            raise Unfit("the file differs from the server's")
        flush_disk()


def _curl_and_sync(url: str) -> list[str | Path]:
    curl = " ".join(f"'{part}'" for part in peers.curl("-o", "film.mp4", url))
    return ["sh", "-c", f"{curl} && sync film.mp4"]
