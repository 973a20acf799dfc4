"""The runner child: one job, one lock, a clean end whatever happens, and never a mixed file."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakeweb import Fault, media
from fakeweb.blobs import BytesBlob
from fakeweb.sites.generic import PlainFile
from mediadl.models import FoundItem
from mediadl.pipeline.protocol import EngineProgress, Enough
from mediadl.workers import runner_child
from runner_driver import (
    Asked,
    Bench,
    Ended,
    Found,
    LogLine,
    Made,
    Runners,
    Talk,
    Trouble,
    bench,
    runners,
    world,
)

__all__ = ["bench", "runners", "world"]
pytestmark = pytest.mark.engines
OFD_SETLK = 37


def take(_: FoundItem) -> bool:
    return True


def test_a_runner_that_gets_no_job_ends_quietly(runners: Runners) -> None:
    talk = runners.take()

    talk.runner.stdin.close()

    assert talk.wait(30) == 0
    assert talk.runner.stdout.read() == b""
    assert talk.stderr == b""


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"op":"enough"}\n', b'{"op":"run"}\n'])
def test_a_line_that_is_no_job_is_refused(runners: Runners, line: bytes) -> None:
    talk = runners.take()
    talk.runner.stdin.write(line)
    talk.runner.stdin.flush()

    assert talk.wait(30) == runner_child.EXIT_BAD_INPUT


def test_the_pipe_carries_the_protocol_and_nothing_else(bench: Bench) -> None:
    """Every line decodes (the driver fails on any other), and it ends with `Ended`."""
    talk = bench.run(bench.world.tiktok.post_url("alice", 20))

    assert isinstance(talk.messages[-1], Ended)
    assert talk.code == 0
    assert talk.stderr == b""
    assert sum(isinstance(message, Ended) for message in talk.messages) == 1


def test_the_job_is_locked_while_it_is_worked_on(bench: Bench) -> None:
    job = bench.job(bench.world.tiktok.post_url("alice", 20))
    descriptor = os.open(job.locks_file, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.fcntl(descriptor, OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, job.job_id, 1, 0))

    refused = bench.run(bench.world.tiktok.post_url("alice", 20))
    other = bench.run(bench.world.tiktok.post_url("alice", 20), job_id=job.job_id + 1)
    os.close(descriptor)
    freed = bench.run(bench.world.tiktok.post_url("alice", 20))

    assert refused.kind == "interrupted"
    assert refused.code == runner_child.EXIT_LOCKED
    assert refused.of(Found) == []
    assert len(other.of(Found)) == 1
    assert len(freed.of(Found)) == 1
    assert not (bench.folder / "work").exists() or refused.of(Trouble)


def test_enough_ends_the_listing(bench: Bench) -> None:
    bench.world.web.latency_s = 0.15
    talk = bench.run_until(
        bench.job(bench.world.tiktok.profile_url("alice")), lambda m: isinstance(m, Found), take
    )

    talk.send(Enough())
    talk.read(lambda message: isinstance(message, Ended), take)

    assert talk.kind == ""
    assert len(talk.of(Found)) < 20


@pytest.mark.parametrize("stage", ["idle", "page", "body"])
def test_sigterm_ends_a_stalled_runner_at_once_and_keeps_what_it_has(
    bench: Bench, runners: Runners, stage: str
) -> None:
    base = bench.world.generic.base_url
    if stage == "idle":
        talk = runners.take()
    elif stage == "page":
        url = bench.world.tiktok.post_url("alice", 20)
        bench.world.web.faults.add(Fault.hang(f"GET {url}"))
        talk = bench.start(bench.job(url, network={"timeout_s": 60.0}))
        bench.world.web.log.wait_for(re.escape(url))
    else:
        bench.world.web.faults.add(
            Fault.stall(r"GET .*segment.*\.ts|GET .*/hls/main/.*\.ts", after=500, skip=2)
        )
        talk = bench.run_until(
            bench.job(f"{base}/watch/hls", network={"timeout_s": 60.0}),
            lambda m: isinstance(m, EngineProgress),
            take,
        )
        bench.world.web.log.wait_for(r"/hls/main/.*\.ts", count=3)

    talk.runner.signal_group(signal.SIGTERM)

    assert talk.wait(30) == runner_child.EXIT_TERMINATED
    if stage == "body":
        assert list((bench.folder / "work").glob("*.part"))


def test_sigint_is_for_the_terminal_not_for_the_runner(bench: Bench) -> None:
    bench.world.web.latency_s = 0.1
    talk = bench.run_until(
        bench.job(bench.world.tiktok.profile_url("alice")), lambda m: isinstance(m, Found), take
    )

    talk.runner.signal_group(signal.SIGINT)
    talk.read(lambda message: isinstance(message, Ended), take)

    assert talk.kind == ""


def test_the_runner_and_what_it_started_die_with_the_daemon(bench: Bench) -> None:
    bench.world.web.faults.add(Fault.stall(r"GET .*/hls/main/.*\.ts", after=500, skip=1))
    talk = bench.run_until(
        bench.job(f"{bench.world.generic.base_url}/watch/hls", network={"timeout_s": 60.0}),
        lambda m: isinstance(m, EngineProgress),
        take,
    )

    talk.runner.stdin.close()

    assert talk.wait(30) == -signal.SIGKILL


def test_no_line_holds_a_secret(bench: Bench) -> None:
    site = bench.world.instagram
    talk = bench.run(site.profile_url("bob"), cookies_file=bench.cookies())
    reel = bench.run(
        site.reel_url("bob", 1), skip_backends=("gallery-dl",), cookies_file=bench.cookies(), job_id=8
    )

    for message in [*talk.of(LogLine), *talk.of(Trouble), *reel.of(LogLine), *reel.of(Trouble)]:
        assert site.session_id not in str(message)
        assert "oe=6" not in str(message)
    for item in [*talk.items, *reel.items]:
        assert site.session_id not in str(item.metadata) + item.page_url + item.title


@pytest.mark.parametrize("url", ["tiktok", "photo", "page", "file"])
def test_an_untrusted_caller_reaches_no_private_address(bench: Bench, url: str) -> None:
    port = bench.world.web.url.rpartition(":")[2]
    urls = {
        "tiktok": bench.world.tiktok.post_url("alice", 20),
        "photo": bench.world.tiktok.post_url("alice", 7),
        "page": f"http://127.0.0.1:{port}/watch/html5",
        "file": f"http://127.0.0.1:{port}/download",
    }
    network = {"trusted": False} if url in {"tiktok", "photo"} else {"trusted": False, "proxy": ""}

    talk = bench.run(urls[url], network=network)

    if url in {"tiktok", "photo"}:
        # The proxy itself is exempt, by its exact host and port
        assert talk.kind in {"", "challenge"}
        assert bench.world.web.log.count(r"tiktok\.com") > 0
    else:
        assert talk.items == []
        assert talk.kind == "address_refused"
        assert bench.world.web.log.count(".") == 0


def test_a_name_that_leads_into_the_private_network_is_refused_at_connect(bench: Bench) -> None:
    port = int(bench.world.web.url.rpartition(":")[2])
    script = (
        "import socket, urllib.request\n"
        "from mediadl.workers.runner_guard import guard_connections\n"
        "from mediadl.errors import AddressRefused\n"
        f"guard_connections('http://127.0.0.1:{port}')\n"
        f"socket.create_connection(('127.0.0.1', {port})).close()\n"
        "socket.getaddrinfo = lambda *a, **k: [(socket.AF_INET, socket.SOCK_STREAM, 6, '', ('127.0.0.1', 9))]\n"
        "for target in (('innocent.example.com', 80), ('10.0.0.1', 80), ('169.254.169.254', 80)):\n"
        "    try:\n"
        "        socket.create_connection(target, timeout=1)\n"
        "    except AddressRefused as refused:\n"
        "        print('refused')\n"
        "try:\n"
        "    socket.socket(socket.AF_UNIX).connect('/run/x')\n"
        "except AddressRefused:\n"
        "    print('refused')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True
    )

    assert done.stdout.split() == ["refused"] * 4


def test_progress_of_the_engine_comes_at_most_four_times_a_second(bench: Bench) -> None:
    bench.world.web.faults.add(Fault.slow(r"GET .*/hls/main/.*\.ts", 12_000))

    begun = time.monotonic()
    talk = bench.run(f"{bench.world.generic.base_url}/watch/hls")
    seconds = time.monotonic() - begun

    lines = talk.of(EngineProgress)
    assert lines
    assert len(lines) <= 4 * seconds + 6
    assert all(line.n == talk.of(Asked)[0].item.n for line in lines)


# Resuming what the engine downloads


@contextlib.contextmanager
def killed_in_the_middle(bench: Bench, url: str, pattern: str, **changes: Any) -> Iterator[Talk]:
    """A runner that was killed while the engine had a part of the file."""
    bench.world.web.faults.add(fault := Fault.stall(pattern, after=3000, skip=2))
    talk = bench.run_until(bench.job(url, **changes), lambda m: isinstance(m, EngineProgress), take)
    bench.world.web.log.wait_for(pattern, count=3)
    kill(talk)
    bench.world.web.faults.remove(fault)
    yield talk


@contextlib.contextmanager
def killed_with_two_fragments(bench: Bench, url: str) -> Iterator[tuple[Path, Path]]:
    """A partial file and the engine's word on it, left by a runner that was killed in the third fragment."""
    bench.world.web.faults.add(fault := Fault.stall(r"GET .*/hls/main/seg[2-9]\.ts", after=3000))
    work = bench.folder / "work"
    talk = bench.run_until(bench.job(url, ffmpeg=""), lambda m: isinstance(m, EngineProgress), take)
    while not any('"index": 2' in file.read_text() for file in work.glob("*.ytdl")):
        time.sleep(0.01)
    kill(talk)
    bench.world.web.faults.remove(fault)
    (part,), (word,) = work.glob("*.mp4.part"), work.glob("*.ytdl")
    yield part, word


def test_a_stream_goes_on_where_it_was_killed(bench: Bench) -> None:
    url = f"{bench.world.generic.base_url}/watch/hls"
    whole = bench.run(url, ffmpeg="", job_id=1, work=str(bench.folder / "whole"))
    reference = hashlib.sha256(Path(whole.of(Made)[0].path).read_bytes()).hexdigest()

    with killed_in_the_middle(bench, url, r"GET .*/hls/main/.*\.ts", ffmpeg=""):
        before = bench.world.web.log.count(r"/hls/main/.*\.ts")
        again = bench.run(url, ffmpeg="")

    assert hashlib.sha256(Path(again.of(Made)[0].path).read_bytes()).hexdigest() == reference
    fetched = bench.world.web.log.count(r"GET .*/hls/main/.*\.ts") - before
    assert fetched <= 6


@pytest.mark.parametrize("state", ["ahead", "behind", "torn", "gone", "short"])
def test_a_stream_is_whole_whatever_a_kill_or_a_full_disk_left_of_the_engines_state(
    bench: Bench, state: str
) -> None:
    """The engine writes the fragment first and how far it is afterwards: a kill in between parts the two."""
    url = f"{bench.world.generic.base_url}/watch/hls"
    whole = bench.run(url, ffmpeg="", job_id=1, work=str(bench.folder / "whole"))
    reference = hashlib.sha256(Path(whole.of(Made)[0].path).read_bytes()).hexdigest()

    with killed_with_two_fragments(bench, url) as (part, word):
        if state == "ahead":
            word.write_text(word.read_text().replace('"index": 2', '"index": 3'))
        elif state == "behind":
            with part.open("ab") as file:
                file.write(b"the next fragment" * 50)
        elif state == "torn":
            word.write_text("")
        elif state == "gone":
            word.unlink()
        else:
            os.truncate(part, part.stat().st_size - 100)
        before = bench.world.web.log.count(r"GET .*/hls/main/.*\.ts")
        again = bench.run(url, ffmpeg="")

    assert hashlib.sha256(Path(again.of(Made)[0].path).read_bytes()).hexdigest() == reference
    if state != "short":
        assert bench.world.web.log.count(r"GET .*/hls/main/.*\.ts") - before <= 6


def test_a_stream_that_changed_in_between_is_never_mixed(bench: Bench) -> None:
    generic = bench.world.generic
    url = f"{generic.base_url}/watch/hls"

    with killed_in_the_middle(bench, url, r"GET .*/hls/main/.*\.ts", ffmpeg=""):
        generic._hls["main"] = media.hls("another film")
        (expected,) = generic.expected_page("hls")
        again = bench.run(url, ffmpeg="")

    assert again.of(Made), again.messages[-3:]
    assert hashlib.sha256(Path(again.of(Made)[0].path).read_bytes()).hexdigest() == expected.sha256


def test_half_of_a_pair_is_kept_only_while_the_server_still_has_it(bench: Bench) -> None:
    """Picture and sound are two files: a finished one of the old version must not meet a new one."""
    bench.world.instagram.dash = True
    url, cookies = bench.world.instagram.reel_url("bob", 1), bench.cookies()
    log = bench.world.web.log

    def stop_in_the_sound() -> None:
        fault = bench.world.web.faults.add(Fault.stall(r"GET .*_a\.mp4", after=1000))
        talk = bench.run_until(
            bench.job(url, cookies_file=cookies), lambda m: isinstance(m, EngineProgress), take
        )
        log.wait_for(r"GET .*_a\.mp4", body_bytes=1000)
        kill(talk)
        bench.world.web.faults.remove(fault)
        log.clear()

    stop_in_the_sound()
    unchanged = bench.run(url, cookies_file=cookies)
    assert log.count(r"GET .*_v\.mp4") == 0
    assert len(unchanged.of(Made)) == 1
    shutil.rmtree(bench.folder / "work")

    stop_in_the_sound()
    bench.world.web.faults.add(Fault.swap(r"(GET|HEAD) .*_[av]\.mp4"))
    bench.run(url, cookies_file=cookies)

    for half in "av":
        first = log.search(rf"GET .*_{half}\.mp4")[0]
        assert first.status == 200, "all of it again"


@pytest.mark.parametrize("change", ["none", "swap", "no validator"])
def test_a_single_file_goes_on_only_under_its_validator(bench: Bench, change: str) -> None:
    url, log = f"{bench.world.generic.base_url}/watch/html5", bench.world.web.log
    film = BytesBlob(media.mp4("long film", size_bytes=600_000))
    bench.world.generic.put("/video/html5.mp4", PlainFile(film, "video/mp4"))
    pattern = r"(GET|HEAD) .*/video/html5\.mp4"
    if change == "no validator":
        bench.world.web.faults.add(Fault.no_validator(pattern, times=1))
        bench.world.web.connection_rate_bytes_per_s = 200_000
        fault = bench.world.web.faults.add(Fault.stall("nothing"))
    else:
        fault = bench.world.web.faults.add(Fault.stall(pattern, after=200_000))
    # Only the sound is wanted: the engine must take it out, so it downloads the file itself
    talk = bench.run_until(bench.job(url, quality="audio"), lambda m: isinstance(m, EngineProgress), take)
    log.wait_for(pattern, body_bytes=150_000)
    kill(talk)
    bench.world.web.faults.remove(fault)
    bench.world.web.connection_rate_bytes_per_s = None
    if change == "swap":
        bench.world.web.faults.add(Fault.swap(pattern))
    log.clear()

    bench.run(url, quality="audio")

    asked = log.search(r"GET .*/video/html5\.mp4")
    assert [entry.status for entry in asked] == [206 if change == "none" else 200]
    headers = {name.lower() for name in asked[0].headers}
    assert ("if-range" in headers) == ("range" in headers) == (change != "no validator")


def kill(talk: Talk) -> None:
    """After the bytes sent so far have reached the disk."""
    time.sleep(0.3)
    talk.kill()
    talk.wait(30)


def test_what_the_engine_downloads_itself_is_capped(bench: Bench) -> None:
    talk = bench.run(f"{bench.world.generic.base_url}/watch/hls", max_bytes=20_000)

    assert talk.of(Made) == []
    assert [trouble.error["kind"] for trouble in talk.of(Trouble) if trouble.n] == ["too_large"]
