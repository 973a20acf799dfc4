"""Figures 4 and 5: from the command to the first byte of a TikTok video, and `--version`."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Any

from benchmarks import peers
from benchmarks.measure import Cost, Server, Unfit, run, scratch
from benchmarks.program import Mediadl, mediadl_command
from benchmarks.report import Goal, Group
from benchmarks.trial import Contest, Once

FIRST_BYTE_S = 30.0


def first_byte() -> Group:
    """Figure 4."""
    group = Group("4 · from the command to the request for a TikTok video")
    with Server("tiktok_site.py") as site, scratch("tiktok") as folder:
        watch = _Watch(site)
        posts = iter(site.card["posts"])
        settings = {"network.proxy": site.url, "network.ca_file": site.card["ca_file"]}
        with Mediadl(folder / "mediadl", settings) as mediadl:

            def ours(_: int) -> Cost:
                mediadl.start()
                began = time.monotonic()
                cost = mediadl.run("add", next(posts))
                cost = replace(cost, wall_s=watch.next() - began)
                mediadl.settle()
                return cost

            def theirs(number: int) -> Cost:
                began = time.monotonic()
                cost = run(peers.yt_dlp(next(posts), proxy=site.url), folder / f"peer-{number}")
                return replace(cost, wall_s=watch.next() - began)

            contest = Contest(group, "(4) command to media request", ours, times=5)
            contest.against("yt-dlp", theirs, times=5, wall=Goal(least_ratio=2))
            contest.run(cpu=False)
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
    contest = Contest(group, "(5) --version", _version(mediadl_command()), times=9)
    contest.against(
        "yt-dlp", _version([peers.program("yt-dlp") or "yt-dlp"]), times=9, wall=Goal(least_ratio=1 / 0.35)
    )
    contest.against("gallery-dl", _version([peers.program("gallery-dl") or "gallery-dl"]), times=9)
    contest.run()
    return group


def _version(command: list[str]) -> Once:
    def once(_: int) -> Cost:
        with scratch("version") as folder:
            return run([*command, "--version"], folder / "run")

    return once
