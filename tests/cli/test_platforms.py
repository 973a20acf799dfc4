"""`mediadl platforms`: every way with its light, the reason in words, and what rests until when."""

from __future__ import annotations

import time

import pytest

from cli.answers import Run
from mediadl.models import BackendTry, Breaker
from mediadl.paths import Home
from mediadl.store import sites, tries
from mediadl.store.database import Database


@pytest.fixture
def asked(run: Run, home: Home) -> None:
    """TikTok was asked: one way does well, the other one was closed."""
    now = time.time()
    with Database.open(home) as database, database.write() as tx:
        for n in range(4):
            tries.note(
                tx, "tiktok", "tiktok", "gallery-dl", "posts", BackendTry(now - 9 + n, "", answer_s=0.5)
            )
        for n in range(3):
            found = BackendTry(now - 5 + n, "challenge", "prove that you are no robot")
            tries.note(tx, "tiktok", "tiktok", "yt-dlp", "video", found)
        tries.put_breaker(
            tx, "tiktok", "tiktok", "yt-dlp", "", Breaker(3, 3, 1, now + 3600, None, "challenge")
        )


def test_the_list_shows_lights_with_reasons_and_a_countdown(run: Run, asked: None) -> None:
    said = run("platforms", "list").out

    assert "++++" in said
    assert "---" in said
    assert "4 of the last 4 tries went well" in said
    assert "left alone for a while after: bot check" in said
    assert "(in 1h00)" in said
    assert "switched off: mediadl settings set instagram.use_imginn true" in said


def test_the_list_as_json_has_stable_words(run: Run, asked: None) -> None:
    told = {one["platform"]: one for one in run("platforms", "list", "--json").records}
    ways = {one["backend"]: one for one in told["tiktok"]["backends"]}

    assert {"instagram", "tiktok", "forum", "direct", "generic"} <= set(told)
    assert (ways["gallery-dl"]["health"], ways["gallery-dl"]["last_tries"]) == ("green", "++++")
    assert (ways["yt-dlp"]["health"], ways["yt-dlp"]["reason"]) == ("red", "challenge")
    assert ways["yt-dlp"]["rest_left_s"] == pytest.approx(3600, abs=60)
    assert told["tiktok"]["health"] == "green"
    assert told["generic"]["health"] == "grey"


def test_one_platform_in_full_says_what_failed_and_what_helps(run: Run, asked: None) -> None:
    said = run("platforms", "show", "tiktok").out
    told = run("platforms", "show", "tiktok", "--json").record

    assert "prove that you are no robot" in said
    assert "Open the site in a browser" in said
    assert told["failures"][0]["next_step"].startswith("Open the site in a browser")
    assert told["resting"][0]["backend"] == "yt-dlp"
    assert {one["backend"] for one in told["by_type"]} >= {"yt-dlp", "gallery-dl"}


def test_a_rest_can_be_ended_by_hand(run: Run, home: Home, asked: None) -> None:
    now = time.time()
    with Database.open(home) as database, database.write() as tx:
        sites.cool_down(tx, "tiktok", now + 600, "rate_limited", now)
    assert run("platforms", "list", "--json").records[1]["cooldown_left_s"] > 500

    assert run("platforms", "resume", "tiktok").code == 0

    told = run("platforms", "show", "tiktok", "--json").record
    assert told["resting"] == []
    assert told["cooldown_left_s"] is None


def test_an_unknown_platform_is_not_found(run: Run) -> None:
    answer = run("platforms", "show", "myspace")

    assert answer.code == 3
    assert "instagram" in answer.err


def test_a_plain_file_has_nothing_to_test(run: Run) -> None:
    assert run("platforms", "test", "direct").code == 2
