"""Figure 1: 300 pictures of 200 kB from a server that answers after 60 ms, as one gallery job and as 300 jobs."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import Cost, Server, expect_files, run, scratch
from benchmarks.program import Mediadl
from benchmarks.report import Goal, Group
from benchmarks.trial import Contest, Once

COUNT = 300
IMAGE_BYTES = 200_000
LATENCY_S = 0.06
# Not a real host: the server plays it as a proxy, because gallery-dl's `generic:` drops the port of a URL
HOST = "http://photos.example.com"

Command = Callable[[Path, str], list[str | Path]]
"""The command line for a folder and a name that no other run has."""


def measure() -> Group:
    """Both halves."""
    group = Group("1 · 300 pictures of 200 kB, 60 ms latency")
    with Server("server.py", "--latency", LATENCY_S, "--images", COUNT) as server:
        _as_one_job(server, group)
        _as_many_jobs(server, group)
    return group


def _as_one_job(server: Server, group: Group) -> None:
    through = server.url
    with scratch("gallery") as folder, Mediadl(folder / "mediadl", {"network.proxy": through}) as mediadl:

        def ours(number: int) -> Cost:
            _requests(server)
            cost = _ours(mediadl, f"{HOST}/a{number}/gallery/{COUNT}")
            asked.append(_requests(server))
            return cost

        asked: list[str] = []
        contest = Contest(group, "(1a) one gallery job", ours)
        contest.against(
            "gallery-dl",
            _theirs(lambda _, n: peers.gallery_dl(f"generic:{HOST}/{n}/gallery/{COUNT}", proxy=through)),
            times=1,
            wall=Goal(least_ratio=10),
        )
        contest.against(
            "aria2c -j16",
            _theirs(lambda f, n: peers.aria2c("-j16", "-i", _list(f, HOST, n), proxy=through)),
            wall=Goal(least_ratio=1),
        )
        contest.against(
            "curl --parallel",
            _theirs(lambda f, n: peers.curl_parallel(_curl(f, HOST, n), proxy=through)),
        )
        contest.run()
        if asked:
            group.notes.append(f"Requests of mediadl for one gallery job: {asked[-1]}.")


def _as_many_jobs(server: Server, group: Group) -> None:
    base = server.url
    with scratch("jobs") as folder, Mediadl(folder / "mediadl") as mediadl:

        def ours(number: int) -> Cost:
            name = f"b{number}"
            return _ours(mediadl, "--file", _list(folder / name, base, name))

        contest = Contest(group, "(1b) 300 jobs", ours)
        contest.against(
            "gallery-dl -i",
            _theirs(lambda f, n: peers.gallery_dl("-i", _list(f, base, n))),
            times=1,
            wall=Goal(least_ratio=8),
        )
        contest.against(
            "aria2c -j16",
            _theirs(lambda f, n: peers.aria2c("-j16", "-i", _list(f, base, n))),
            wall=Goal(least_ratio=0.7),
        )
        contest.against("curl --parallel", _theirs(lambda f, n: peers.curl_parallel(_curl(f, base, n))))
        contest.run()


def _ours(mediadl: Mediadl, *what: str | Path) -> Cost:
    cost = mediadl.run("add", *what, "--wait", timeout_s=90)
    expect_files(mediadl.downloads, COUNT, COUNT * IMAGE_BYTES, ".jpg")
    mediadl.settle()
    mediadl.forget_files()
    return cost


def _theirs(command: Command) -> Once:
    def once(number: int) -> Cost:
        with scratch("peer") as own:
            target = own / "files"
            cost = run(command(target, f"p{number}"), target, timeout_s=90)
            expect_files(target, COUNT, COUNT * IMAGE_BYTES, ".jpg")
        return cost

    return once


def _urls(base: str, name: str) -> list[str]:
    return [f"{base}/{name}/gallery/{COUNT}/{number:05d}.jpg" for number in range(1, COUNT + 1)]


def _list(folder: Path, base: str, name: str) -> Path:
    return peers.url_list(_urls(base, name), folder.with_name(folder.name + ".txt"))


def _curl(folder: Path, base: str, name: str) -> Path:
    return peers.curl_list(_urls(base, name), folder.with_name(folder.name + ".curl"))


def _requests(server: Server) -> str:
    with urllib.request.urlopen(f"{server.url}/-/requests") as answer:  # loopback
        asked: dict[str, int] = json.load(answer)
    return ", ".join(f"{count} × {line}" for line, count in sorted(asked.items()))
