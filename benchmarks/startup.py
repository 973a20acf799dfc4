"""Figures 4 and 5: from the command to the first byte of a TikTok video, and `--version`."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import median
from typing import Any

from benchmarks import peers
from benchmarks.measure import Cost, Server, Unfit, repeat, run, scratch
from benchmarks.program import Mediadl, mediadl_command
from benchmarks.report import Goal, Group, Row
from benchmarks.trial import Trial

FIRST_BYTE_S = 30.0
VERSIONS = 9


def first_byte() -> Group:
    """Figure 4."""
    group = Group("4 · from the command to the request for a TikTok video")
    with Server("tiktok_site.py") as site:
        watch = _Watch(site)
        posts = iter(site.card["posts"])
        ours = Trial(group, "mediadl add, warm daemon")
        settings = {"network.proxy": site.url, "network.ca_file": site.card["ca_file"]}
        with scratch("tiktok") as folder, ours, Mediadl(folder, settings) as mediadl:
            waits = []
            for _ in range(6):
                began = time.monotonic()
                mediadl.run("add", next(posts))
                waits.append(watch.next() - began)
                mediadl.settle()
            ours.cost = Cost(median(waits[1:]), 0.0)
        theirs = Trial(group, "yt-dlp")
        with scratch("tiktok-peer") as folder, theirs:
            waits = []
            for number in range(4):
                began = time.monotonic()
                run(peers.yt_dlp(next(posts), proxy=site.url), folder / f"p{number}")
                waits.append(watch.next() - began)
            theirs.cost = Cost(median(waits[1:]), 0.0)
    group.rows.append(
        Row(
            "(4) command to media request",
            "s",
            ours.wall_s,
            "yt-dlp",
            theirs.wall_s,
            Goal(least_ratio=2),
        )
    )
    group.notes.append("The simulated site tells the moment at which the request for the video arrives.")
    return group


class _Watch:
    """Collects the site's reports."""

    def __init__(self, site: Server) -> None:
        self._site = site
        self._seen: SimpleQueue[dict[str, Any]] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                self._seen.put(self._site.read_line())
            except ValueError:
                return

    def next(self) -> float:
        """When the first request for a video arrived since the last call; later ones of the same run are dropped."""
        try:
            first = self._seen.get(timeout=FIRST_BYTE_S)
        except Empty:
            raise Unfit("the site was never asked for the video") from None
        time.sleep(1.0)
        while not self._seen.empty():
            self._seen.get()
        return float(first["at"])


def versions() -> Group:
    """Figure 5."""
    group = Group("5 · `--version`")
    ours = _version(group, "mediadl", [*mediadl_command(), "--version"])
    for peer, goal in (("yt-dlp", Goal(least_ratio=1 / 0.35)), ("gallery-dl", None)):
        theirs = _version(group, peer, [peers.program(peer) or peer, "--version"])
        group.rows.append(Row("(5) --version, wall", "s", ours.wall_s, peer, theirs.wall_s, goal))
        group.rows.append(Row("(5) --version, CPU", "s", ours.cpu_s, peer, theirs.cpu_s, None))
    return group


def _version(group: Group, name: str, command: list[str]) -> Trial:
    trial = Trial(group, f"{name} --version")
    with scratch("version") as folder, trial:
        trial.cost = repeat(VERSIONS, lambda n: _once(command, folder / f"v{n}"))
    return trial


def _once(command: list[str], folder: Path) -> Cost:
    return run(command, folder)
