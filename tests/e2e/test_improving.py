"""A picture that was only to be had small: the larger one takes its place later, and nothing else is fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from e2e.program import Program, wait_until
from fakeweb.expected import sha256_of
from fakeweb.media import jpeg
from mediadl.paths import Home
from mediadl.store.database import Database

pytestmark = pytest.mark.engines

WIDTH, HEIGHT = 320, 240
IMGINN = tuple(
    word
    for option in ("use_imginn=true", "pause_imginn_s=0", "order_posts=imginn", "use_instaloader=false")
    for word in ("--option", option)
)


@pytest.fixture
def session(program: Program, tmp_path: Path) -> Program:
    """The program with the cookies of an account."""
    cookies = program.world.instagram.write_cookies(tmp_path / "cookies.txt")
    imported = program.run("session", "import", "instagram", str(cookies))
    assert imported.code == 0, imported.err
    return program


def history(program: Program) -> list[dict[str, Any]]:
    return program.run("history", "list", "--json").json_lines()


def make_small(program: Program, row: dict[str, Any]) -> None:
    """Leave a file as a viewer site would have given it: smaller, and so noted."""
    path = Path(row["path"])
    path.write_bytes(jpeg("small", width=WIDTH, height=HEIGHT))
    with Database.open(Home(program.home)) as database, database.write() as tx:
        tx.execute(
            "UPDATE downloads SET size_bytes = ?, sha256 = ?, received_sha256 = ?, width = ?, height = ?,"
            " backend = 'imginn' WHERE id = ?",
            (path.stat().st_size, sha256_of(path), sha256_of(path), WIDTH, HEIGHT, row["id"]),
        )


def wait_for_jobs(program: Program, job_ids: list[int]) -> list[dict[str, Any]]:
    """The jobs when all have ended."""
    assert job_ids, program.log()
    ended = {"completed", "failed", "cancelled"}
    wait_until(lambda: all(program.job(one)["status"] in ended for one in job_ids), "the jobs ended")
    return [program.job(job_id) for job_id in job_ids]


def media_requests(program: Program) -> int:
    return program.world.web.log.count(r"GET https://(?:s7\.imginn\.com|scontent[^/]*)/")


@pytest.mark.parametrize("first", [(), IMGINN], ids=["gallery-dl", "imginn"])
def test_a_small_picture_gives_way_to_the_large_one_under_its_name_and_number(
    session: Program, first: tuple[str, ...]
) -> None:
    result, _ = session.fetch("instagram:bob", options=first)
    assert result.code == 0, result.err + session.log()
    before = session.digests()
    (row, *_) = [one for one in history(session) if one["kind"] == "image"]
    make_small(session, row)
    names = session.files()
    session.world.web.log.clear()

    looked = session.run("history", "improve", "--dry-run").out
    (told,) = session.run("history", "improve", str(row["id"]), "--json").json_lines()
    (job,) = wait_for_jobs(session, told["job_ids"])

    assert f"{WIDTH}x{HEIGHT}" in looked
    assert job["status"] == "completed", session.log()
    assert session.files() == names
    assert session.digests() == before
    assert media_requests(session) == 1
    (now,) = session.run("history", "show", str(row["id"]), "--json").json_lines()
    assert (now["sha256"], now["width"], now["path"]) == (row["sha256"], row["width"], row["path"])
    assert now["improved_from"]["width"] == WIDTH
    assert f"from {WIDTH}x{HEIGHT}" in session.run("history", "show", str(row["id"])).out

    (again,) = session.run("history", "improve", str(row["id"]), "--json").json_lines()
    (second,) = wait_for_jobs(session, again["job_ids"])

    assert (second["status"], second["message"]) == ("completed", "no better version")
    assert session.digests() == before
    assert len(history(session)) == len(names)
