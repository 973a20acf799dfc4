"""Whatever happens in between: kills, pauses, changed content, dying children. Nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from e2e.program import Program, processes_of, wait_until
from fakeweb.blobs import SyntheticBlob
from fakeweb.expected import sha256_of
from fakeweb.faults import Fault
from fakeweb.sites.generic import PlainFile

pytestmark = pytest.mark.kill

KILLS = int(os.environ.get("MEDIADL_TEST_KILLS", "100"))
DOWNLOADS = 50


def test_a_hundred_kills_lose_nothing_and_repeat_nothing(program: Program) -> None:
    generic, web = program.world.generic, program.world.web
    base = "https://files.example.com"
    plain = [f"{base}/bytes/{400_000 + n * 1000}/file-{n}.zip" for n in range(40)]
    videos = [program.world.tiktok.post_url("alice", n) for n in (20, 19, 18, 17, 16, 15, 14, 13, 12, 11)]
    urls = [url for pair in zip(plain[:10], videos, strict=True) for url in pair] + plain[10:]
    assert len(urls) == DOWNLOADS
    web.rate_bytes_per_s = 600_000
    dice = random.Random(20261122)
    listing = program.home.parent / "urls.txt"
    listing.write_text("\n".join(urls))
    added = program.run("add", "--file", str(listing), "--json")
    assert added.code == 0, added.err
    order = [job["id"] for job in added.json_lines()]
    assert len(order) == DOWNLOADS

    kills = 0
    while kills < KILLS:
        waiter = (
            program.start("add", "--wait", "--json", urls[0]) if kills % 10 == 0 else program.start("watch")
        )
        time.sleep(dice.uniform(0.05, 0.5))
        victims = processes_of(program.home)
        if victims:
            os.kill(dice.choice(victims), signal.SIGKILL)
            kills += 1
        if dice.random() < 0.5 and waiter.poll() is None:
            os.killpg(waiter.pid, signal.SIGKILL)
            kills += 1
        if waiter.poll() is None:
            waiter.kill()
        waiter.communicate()
        if dice.random() < 0.6:
            program.run("daemon", "start")
    web.rate_bytes_per_s = None
    program.run("daemon", "start")

    def all_done() -> bool:
        jobs = program.jobs()
        return all(job["status"] in {"completed", "failed", "cancelled"} for job in jobs)

    wait_until(all_done, "all jobs ended " + program.log(), 120)
    jobs = {job["id"]: job for job in program.jobs()}
    assert [jobs[i]["url"] for i in order] == urls
    assert {job["status"] for job in jobs.values()} == {"completed"}, [
        (j["id"], j["status"], j["message"]) for j in jobs.values() if j["status"] != "completed"
    ]
    expected = sorted(
        [generic.expected(url.removeprefix(base), base).sha256 for url in plain]
        + [program.world.tiktok.expected_video("alice", n).sha256 for n in range(11, 21)]
    )
    assert program.digests() == expected
    wait_until(lambda: program.partial_files() == [], "no partial file is left", 10)


def test_pause_keeps_the_bytes_and_resume_continues_them(program: Program) -> None:
    web = program.world.web
    path = "/bytes/6000000/slow.zip"
    web.rate_bytes_per_s = 1_500_000
    added = program.run("add", f"https://files.example.com{path}", "--json").json_lines()
    job_id = added[0]["id"]
    wait_until(lambda: web.log.body_bytes(path) > 0 or program.partial_files() != [], "the download began")
    wait_until(lambda: program.job(job_id)["bytes_done"] > 1_000_000, "a megabyte arrived")

    assert program.run("queue", "pause", str(job_id)).code == 0
    wait_until(lambda: program.job(job_id)["status"] == "paused", "paused")
    kept = program.partial_files()
    web.rate_bytes_per_s = None
    assert program.run("queue", "resume", str(job_id)).code == 0
    wait_until(lambda: program.job(job_id)["status"] == "completed", "completed")

    assert any(p.suffix == ".part" for p in kept)
    assert program.digests() == [program.world.generic.expected(path, "https://files.example.com").sha256]
    resumed = [e for e in web.log.search(path) if "range" in {k.lower() for k in e.headers}]
    assert resumed, "the second request asked for the rest only"
    assert all("if-range" in {k.lower() for k in e.headers} for e in resumed)


def test_content_that_changes_between_pause_and_resume_is_never_mixed(program: Program) -> None:
    web, generic = program.world.web, program.world.generic
    path = "/files/changing.zip"
    generic.put(path, PlainFile(SyntheticBlob(6_000_000, "old"), "application/zip"))
    web.rate_bytes_per_s = 1_500_000
    job_id = program.run("add", f"https://files.example.com{path}", "--json").json_lines()[0]["id"]
    wait_until(lambda: program.job(job_id)["bytes_done"] > 1_000_000, "a megabyte arrived")
    program.run("queue", "pause", str(job_id))
    wait_until(lambda: program.job(job_id)["status"] == "paused", "paused")

    new = SyntheticBlob(6_000_000, "new")
    generic.put(path, PlainFile(new, "application/zip"))
    web.rate_bytes_per_s = None
    program.run("queue", "resume", str(job_id))
    wait_until(lambda: program.job(job_id)["status"] == "completed", "completed")

    assert program.digests() == [new.sha256()]


def test_a_dead_runner_or_transfer_child_is_replaced_and_the_job_goes_on(program: Program) -> None:
    web = program.world.web
    web.rate_bytes_per_s = 1_500_000
    path = "/bytes/6000000/slow.zip"
    job_id = program.run("add", f"https://files.example.com{path}", "--json").json_lines()[0]["id"]
    wait_until(lambda: program.job(job_id)["bytes_done"] > 500_000, "half a megabyte arrived")

    for pid in processes_of(program.home):
        if "transfer_child" in Path(f"/proc/{pid}/cmdline").read_text():
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: program.job(job_id)["status"] == "completed", "completed")

    assert program.digests() == [program.world.generic.expected(path, "https://files.example.com").sha256]


def test_cancel_leaves_no_part_file(program: Program) -> None:
    web = program.world.web
    web.rate_bytes_per_s = 1_000_000
    job_id = program.run("add", "https://files.example.com/bytes/6000000/slow.zip", "--json").json_lines()[0][
        "id"
    ]
    wait_until(lambda: program.partial_files() != [], "the download began")

    program.run("queue", "cancel", str(job_id))
    wait_until(lambda: program.job(job_id)["status"] == "cancelled", "cancelled")
    wait_until(lambda: program.partial_files() == [], "no partial file", 30)

    assert program.files() == []


def test_a_rate_limited_site_cools_down_while_another_goes_on(program: Program) -> None:
    web = program.world.web
    program.extra["MEDIADL_PLATFORMS__COOLDOWN_S"] = "2"
    web.faults.add(Fault.status(r"tiktok\.com/@alice/video", 429, retry_after=2, times=1))

    limited = program.run("add", program.world.tiktok.post_url("alice", 20), "--json").json_lines()[0]["id"]
    other = program.run("add", "https://files.example.com/files/report.pdf", "--json").json_lines()[0]["id"]
    wait_until(lambda: program.job(other)["status"] == "completed", "the other site's job")
    wait_until(lambda: program.job(limited)["status"] == "completed", "the limited job went on by itself")

    assert [sha256_of(p) for p in program.files() if p.suffix == ".mp4"] == [
        program.world.tiktok.expected_video("alice", 20).sha256
    ]
