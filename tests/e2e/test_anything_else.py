"""Sites without a module of their own: the engines share them, and what nobody can do is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.program import Program
from fakeweb.expected import digests

pytestmark = pytest.mark.engines


def test_a_picture_board_comes_whole_by_its_tag(program: Program) -> None:
    booru = program.world.booru

    result, jobs = program.fetch(booru.tag_url())

    assert result.code == 0, result.err + program.log()
    assert program.digests() == digests(booru.expected())
    assert [job["status"] for job in jobs] == ["completed"]
    assert program.jobs()[0]["backend"] == "gallery-dl"


def test_a_tag_and_its_posts_name_the_same_files(program: Program) -> None:
    booru = program.world.booru
    program.fetch(booru.post_url(3))
    program.world.web.log.clear()

    result, _jobs = program.fetch(booru.tag_url())

    assert result.code == 0, result.err + program.log()
    assert program.digests() == digests(booru.expected())
    assert program.world.web.log.count(r"picture_3\.jpg") == 0


def test_a_mastodon_post_and_its_account_come_with_every_attachment(program: Program) -> None:
    mastodon = program.world.mastodon

    one, _ = program.fetch(mastodon.status_url(2))
    after_one = program.digests()
    account, _ = program.fetch(mastodon.account_url)

    assert one.code == 0, one.err + program.log()
    assert after_one == digests(mastodon.expected(2))
    assert account.code == 0, account.err + program.log()
    assert program.digests() == digests(mastodon.expected())


def test_a_page_of_words_is_refused_at_once_with_all_that_was_tried(program: Program) -> None:
    result, jobs = program.fetch(f"{program.world.generic.base_url}/nothing")

    assert result.code in {1, 7}
    assert jobs[0]["status"] == "failed"
    shown = program.run("queue", "show", str(jobs[0]["id"]), "--json").json_lines()[0]
    assert "yt-dlp page" in shown["tried"]
    assert "gallery-dl page" in shown["tried"] + shown["backend"]
    assert shown["attempts"] == 1


def test_what_another_program_fetched_is_not_fetched_again(program: Program, tmp_path: Path) -> None:
    booru = program.world.booru
    booru.posts = 1003
    known = tmp_path / "archive.txt"
    # yt-dlp's form of an archive; gallery-dl's ids of these posts are their numbers
    known.write_text("".join(f"safebooru {n}\n" for n in range(1, 1001)), "utf-8")

    imported = program.run("archive", "import", str(known))
    result, jobs = program.fetch(booru.tag_url())

    assert imported.code == 0, imported.err
    assert result.code == 0, result.err + program.log()
    assert program.digests() == digests(booru.expected(1001, 1002, 1003))
    assert [job["status"] for job in jobs] == ["completed"]
