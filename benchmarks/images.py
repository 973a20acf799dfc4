"""Figure 1: 300 pictures of 200 kB from a server that answers after 60 ms, as one gallery job and as 300 jobs."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import Cost, Server, expect_files, repeat, run, scratch
from benchmarks.program import Mediadl
from benchmarks.report import Goal, Group, Row
from benchmarks.trial import Trial

COUNT = 300
IMAGE_BYTES = 200_000
LATENCY_S = 0.06
# Not a real host: the server plays it as a proxy, because gallery-dl's `generic:` drops the port of a URL
HOST = "http://photos.example.com"

Fetch = Callable[[Path, str], list[str | Path]]


def measure() -> Group:
    """Both halves."""
    group = Group("1 · 300 pictures of 200 kB, 60 ms latency")
    with Server("server.py", "--latency", LATENCY_S, "--images", COUNT) as server:
        _as_one_job(server, group)
        _as_many_jobs(server, group)
    return group


def _as_one_job(server: Server, group: Group) -> None:
    through = server.url
    ours = Trial(group, "mediadl, one gallery job")
    with scratch("gallery") as folder, ours, Mediadl(folder, {"network.proxy": through}) as mediadl:
        ours.cost = repeat(3, lambda n: _ours(mediadl, f"a{n}", f"{HOST}/a{n}/gallery/{COUNT}"))
        group.notes.append(f"(1a) requests of mediadl for four galleries: {_requests(server)}.")
    theirs: dict[str, tuple[int, Goal | None, Fetch]] = {
        "gallery-dl": (
            1,
            Goal(least_ratio=10),
            lambda _, name: peers.gallery_dl(f"generic:{HOST}/{name}/gallery/{COUNT}", proxy=through),
        ),
        "aria2c -j16": (
            3,
            Goal(least_ratio=1),
            lambda f, name: peers.aria2c("-j16", "-i", _list(f, HOST, name), proxy=through),
        ),
        "curl --parallel": (
            3,
            None,
            lambda f, name: peers.curl("-Z", "--remote-name-all", "-K", _curl(f, HOST, name), proxy=through),
        ),
    }
    _compare(group, "(1a) one gallery job", ours, theirs)


def _as_many_jobs(server: Server, group: Group) -> None:
    ours = Trial(group, "mediadl, 300 jobs")
    with scratch("jobs") as folder, ours, Mediadl(folder) as mediadl:
        ours.cost = repeat(
            3, lambda n: _ours(mediadl, f"b{n}", "--file", _list(folder / f"b{n}", server.url, f"b{n}"))
        )
        group.notes.append(f"(1b) requests of mediadl for four times 300 jobs: {_requests(server)}.")
    theirs: dict[str, tuple[int, Goal | None, Fetch]] = {
        "gallery-dl -i": (
            1,
            Goal(least_ratio=8),
            lambda f, name: peers.gallery_dl("-i", _list(f, server.url, name)),
        ),
        "aria2c -j16": (
            3,
            Goal(least_ratio=0.7),
            lambda f, name: peers.aria2c("-j16", "-i", _list(f, server.url, name)),
        ),
        "curl --parallel": (
            3,
            None,
            lambda f, name: peers.curl("-Z", "--remote-name-all", "-K", _curl(f, server.url, name)),
        ),
    }
    _compare(group, "(1b) 300 jobs", ours, theirs)


def _ours(mediadl: Mediadl, name: str, *what: str | Path) -> Cost:
    target = mediadl.downloads / name
    cost = mediadl.run("add", *what, "--out", target, "--wait", timeout_s=90)
    expect_files(target, COUNT, COUNT * IMAGE_BYTES, ".jpg")
    mediadl.settle()
    return cost


def _compare(
    group: Group, figure: str, ours: Trial, theirs: dict[str, tuple[int, Goal | None, Fetch]]
) -> None:
    for peer, (times, goal, command) in theirs.items():
        trial = Trial(group, peer)
        with scratch("peer") as folder, trial:
            trial.cost = repeat(times, lambda n: _theirs(folder, command, n), warm=times > 1)  # noqa: B023
        group.rows.append(Row(f"{figure}, wall", "s", ours.wall_s, peer, trial.wall_s, goal))
        group.rows.append(Row(f"{figure}, CPU", "s", ours.cpu_s, peer, trial.cpu_s, None))


def _theirs(folder: Path, command: Fetch, number: int) -> Cost:
    target = folder / f"p{number}"
    cost = run(command(target, f"p{number}"), target, timeout_s=90)
    expect_files(target, COUNT, COUNT * IMAGE_BYTES, ".jpg")
    return cost


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
