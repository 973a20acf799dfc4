"""Subscribed accounts that are renamed, replaced or gone: still the same ones, and nothing kept is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.program import Program
from e2e.subscribing import check, fetches, rows, source, subscribe, videos
from fakeweb.sites.tiktok import make_user

pytestmark = pytest.mark.engines


@pytest.fixture
def program(program: Program) -> Program:
    """A program whose TikTok has an account of ten short videos."""
    program.world.tiktok.join("eve", make_user(posts=10, bytes_per_video=20_000))
    return program


def test_a_renamed_account_keeps_its_folder_and_fetches_nothing_twice(program: Program) -> None:
    tiktok = program.world.tiktok
    subscribe(program, "tiktok:@eve", "--backfill", "none")
    check(program)
    tiktok.publish("eve", 1)
    check(program)
    tiktok.rename("eve", "evelyn")
    tiktok.publish("evelyn", 2)

    result = check(program)
    again = check(program)

    assert (result.code, again.code) == (0, 0), result.err + again.err + program.log()
    assert {path.parent.name for path in program.files()} == {"eve"}
    assert program.digests() == videos(program, "evelyn", 11, 13)
    assert all(n == 1 for n in fetches(program, "evelyn", 11, 13))
    found = source(program)
    assert (found["url"], found["name"], found["folder"]) == (
        "https://www.tiktok.com/@evelyn",
        "evelyn",
        "eve",
    )
    assert {row["source"] for row in rows(program, "SELECT source FROM downloads")} == {"evelyn"}


def test_a_renamed_instagram_account_is_followed_by_its_number(program: Program, tmp_path: Path) -> None:
    instagram = program.world.instagram
    program.run("session", "import", "instagram", str(instagram.write_cookies(tmp_path / "cookies.txt")))
    subscribe(program, "instagram:carol", "--backfill", "all")
    check(program)
    held = program.digests()
    instagram.rename("carol", "caroline")
    instagram.publish("caroline", 1)

    result = check(program)

    assert result.code == 0, result.err + program.log()
    assert {path.parent.name for path in program.files()} == {"carol"}
    new = [file.sha256 for file in instagram.expected_post("caroline", 4)]
    assert program.digests() == sorted([*held, *new])
    assert source(program)["url"] == "https://www.instagram.com/caroline/posts/"


def test_somebody_else_under_the_old_name_is_not_taken_for_the_account(program: Program) -> None:
    tiktok = program.world.tiktok
    subscribe(program, "tiktok:@eve", "--backfill", "none")
    check(program)
    tiktok.rename("eve", "evelyn")
    tiktok.publish("evelyn", 1)
    tiktok.join("eve", make_user(posts=4, bytes_per_video=20_000))
    tiktok.users["eve"].born = "another eve"

    result = check(program)

    assert result.code == 0, result.err + program.log()
    assert program.digests() == videos(program, "evelyn", 11, 11)
    assert source(program)["name"] == "evelyn"


def test_a_removed_post_leaves_the_only_copy_here(program: Program) -> None:
    tiktok = program.world.tiktok
    eve = tiktok.users["eve"]
    subscribe(program, "tiktok:@eve", "--backfill", "all")
    check(program)
    removed = eve.posts.pop(4)

    check(program)
    check(program)
    marked = rows(program, "SELECT media_id FROM downloads WHERE only_copy_at IS NOT NULL")
    eve.posts.insert(4, removed)
    check(program)

    assert [row["media_id"] for row in marked] == [removed.id]
    assert rows(program, "SELECT 1 FROM downloads WHERE only_copy_at IS NOT NULL") == []


def test_an_account_not_found_twice_is_gone_and_what_is_kept_is_the_only_copy(program: Program) -> None:
    tiktok = program.world.tiktok
    subscribe(program, "tiktok:@eve", "--backfill", "all")
    check(program)
    del tiktok.users["eve"]

    check(program)
    once = source(program)["state"]
    check(program)

    assert once == "ok"
    found = source(program)
    assert found["state"] == "gone", found
    assert found["why"]
    assert len(rows(program, "SELECT 1 FROM downloads WHERE only_copy_at IS NOT NULL")) == 10
