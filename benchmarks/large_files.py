"""Figures 2 and 3: one file from a server that throttles each connection, and one at full speed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import Cost, Server, Unfit, flush_disk, repeat, run, scratch
from benchmarks.program import Mediadl
from benchmarks.report import Goal, Group, Row
from benchmarks.trial import Trial

THROTTLED_BYTES = 256_000_000
RATE_BYTES_PER_S = 4_000_000
WHOLE_BYTES = 1_000_000_000

Command = Callable[[str], list[str | Path]]


def throttled() -> Group:
    """Figure 2."""
    group = Group("2 · one file of 256 MB, 4 MB/s per connection")
    with Server("server.py", "--rate", RATE_BYTES_PER_S, "--film", THROTTLED_BYTES) as server:
        check = Check(server, THROTTLED_BYTES)
        ours = _ours(group, check, times=2, settings={})
        for peer, times, goal, command in (
            ("aria2c -x16", 2, 1.0, lambda url: peers.aria2c("-x16", "-s16", "-k1M", url)),
            ("yt-dlp", 1, None, lambda url: peers.yt_dlp("-o", "film.mp4", url)),
        ):
            theirs = _theirs(group, check, peer, command, times)
            wanted = Goal(least_ratio=goal) if goal else None
            group.rows.append(Row("(2) wall", "s", ours.wall_s, peer, theirs.wall_s, wanted))
            group.rows.append(Row("(2) CPU", "s", ours.cpu_s, peer, theirs.cpu_s, None))
    group.notes.append(
        "The file of every program was compared with the server's SHA-256, outside the measurement."
    )
    return group


def unthrottled() -> Group:
    """Figure 3."""
    group = Group("3 · one file of 1 GB at full speed")
    with Server("server.py", "--film", WHOLE_BYTES) as server:
        check = Check(server, WHOLE_BYTES)
        ours = _ours(group, check, times=3, settings={})
        for peer, command, goals in (
            ("curl", lambda url: peers.curl("-O", url), (Goal(least_ratio=1 / 1.5), None)),
            ("curl, then sync", _curl_and_sync, (None, None)),
            ("aria2c", lambda url: peers.aria2c(url), (None, Goal(least_ratio=1))),
        ):
            theirs = _theirs(group, check, peer, command, 3)
            group.rows.append(Row("(3) wall", "s", ours.wall_s, peer, theirs.wall_s, goals[0]))
            group.rows.append(Row("(3) CPU", "s", ours.cpu_s, peer, theirs.cpu_s, goals[1]))
    group.notes.append(
        "CPU is user and system time of every process involved; for mediadl the command, the daemon and its children."
    )
    group.notes.append(
        "mediadl hashes, probes and brings the file safely to the disk before it counts; the others leave the last "
        "step to the kernel, except in the row that says so."
    )
    return group


class Check:
    """Compares what a program stored with what the server served."""

    def __init__(self, server: Server, size_bytes: int) -> None:
        self.server = server
        self._size_bytes = size_bytes
        self._sha256: str = server.card["sha256"][str(size_bytes)]

    def url(self, name: str) -> str:
        """An address of its own for each repetition."""
        return f"{self.server.url}/{name}/film/{self._size_bytes}.mp4"

    def __call__(self, folder: Path) -> None:
        """Refuse a run whose only film differs; then free the room."""
        films = [path for path in folder.rglob("*.mp4") if path.is_file()]
        if len(films) != 1:
            raise Unfit(f"{len(films)} files instead of one")
        with films[0].open("rb") as film:
            digest = hashlib.file_digest(film, "sha256").hexdigest()
        films[0].unlink()
        if digest != self._sha256:
            raise Unfit("the file differs from the server's")
        flush_disk()


def _ours(group: Group, check: Check, *, times: int, settings: dict[str, object]) -> Trial:
    trial = Trial(group, "mediadl")
    with scratch("large") as folder, trial, Mediadl(folder, settings) as mediadl:

        def once(number: int) -> Cost:
            target = mediadl.downloads / f"n{number}"
            cost = mediadl.run("add", check.url(f"o{number}"), "--out", target, "--wait")
            check(target)
            mediadl.settle()
            return cost

        trial.cost = repeat(times, once)
    return trial


def _theirs(group: Group, check: Check, peer: str, command: Command, times: int) -> Trial:
    trial = Trial(group, peer)

    def once(number: int) -> Cost:
        with scratch("peer") as folder:
            target = folder / "files"
            cost = run(command(check.url(f"p{number}")), target)
            check(target)
            return cost

    with trial:
        trial.cost = repeat(times, once, warm=times > 1)
    return trial


def _curl_and_sync(url: str) -> list[str | Path]:
    curl = " ".join(f"'{part}'" for part in peers.curl("-o", "film.mp4", url))
    return ["sh", "-c", f"{curl} && sync film.mp4"]
