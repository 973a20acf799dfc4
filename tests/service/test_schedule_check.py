"""What a schedule is told is checked once, in the same words for everybody."""

from __future__ import annotations

from typing import Any

import pytest

from mediadl.errors import AddressRefused, InvalidInput, MediadlError, PermissionDenied, Unsupported
from mediadl.modules import registry
from mediadl.security.permissions import OWNER, ROLE_RIGHTS, Caller, Role
from mediadl.service import schedule_check

USER = Caller(7, "ann", Role.USER, ROLE_RIGHTS[Role.USER], "browser")
PLAIN: dict[str, Any] = {"name": "n", "sources": ["instagram:nasa"], "every_s": "6h"}


def test_a_schedule_is_kept_in_one_canonical_form() -> None:
    made = schedule_check.check(
        PLAIN
        | {
            "sources": "instagram:nasa, tiktok:@esa, https://www.instagram.com/nasa/",
            "filters": {"min_duration_s": "1:30", "media": "images"},
            "windows": "01:00 - 06:00",
        }
    )

    assert made.spec["every_s"] == 21_600
    assert made.spec["filters"] == {"min_duration_s": 90, "media": ["image"]}
    assert made.spec["windows"] == ["01:00-06:00"]
    assert [(one.platform, one.content_type, one.name) for one in made.sources] == [
        ("instagram", "posts", "nasa"),
        ("tiktok", "posts", "esa"),
    ], "the same account told twice is one source"
    assert schedule_check.check(made.spec) == made, "what is kept can be checked again"


def test_each_kind_of_content_is_a_source_of_its_own() -> None:
    made = schedule_check.check(PLAIN | {"content_types": ["posts", "stories"]})

    assert [one.content_type for one in made.sources] == ["posts", "stories"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"sources": []}, "a schedule needs a source"),
        ({"every_s": 0}, "a schedule needs a rule: a cron line, a time between runs, or adaptive"),
        ({"cron": "0 3 * * *"}, "a schedule needs one rule only"),
        ({"every_s": "5 s"}, "every: at least 60 seconds"),
        ({"every_s": "soon"}, "every: must be a time such as 30 s or 5 min"),
        ({"name": ""}, "name: "),
        ({"name": "a\x1b[2J"}, "name: must not have control characters"),
        ({"name": "x" * 81}, "name: must not be longer than 80 characters"),
        ({"misfire": "never"}, "misfire: must be once or skip"),
        ({"max_items": -1}, "max-items: must be a whole number from 0"),
        ({"evry": 1}, "a schedule has no 'evry'"),
        ({"every_s": 0, "cron": "61 * * * *"}, "cron: "),
        ({"time_zone": "Mars/Olympus"}, "time-zone: "),
        ({"windows": ["25:00-26:00"]}, "windows: "),
        (
            {"active_from": "2027-01-01", "active_until": "2026-01-01"},
            "active from is later than active until",
        ),
        ({"since": "yesterday-ish"}, "not a date: 'yesterday-ish'"),
        ({"quality": "huge"}, "no quality 'huge'"),
        ({"name_template": "../{id}"}, ""),
        ({"filters": {"match": "("}}, "match: "),
        (
            {"filters": {"min_duration_s": "2h", "max_duration_s": "1h"}},
            "min-duration is more than max-duration",
        ),
        ({"filters": 3}, "filters: names with values are wanted"),
        ({"options": {"nothing": "1"}}, "Instagram has no option 'nothing'"),
        ({"options": {"a": {"b": "c"}}}, "options: names with values are wanted"),
        ({"sources": ["nasa"]}, "not a URL: nasa"),
        ({"sources": ["instagram:nasa", "x"]}, "source x: "),
        ({"sources": ["https://example.org/a.jpg"]}, "https://example.org/a.jpg is a single file"),
        ({"content_types": ["moods"]}, ""),
        ({"platform": "friendster"}, "no platform 'friendster'"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        schedule_check.check(PLAIN | changes)

    assert refused.value.message.startswith(why)
    assert "\n" not in refused.value.message
    assert refused.value.next_step


def test_a_platform_that_does_not_know_the_address_says_so() -> None:
    with pytest.raises(Unsupported):
        schedule_check.check(PLAIN | {"platform": "tiktok", "sources": ["https://www.instagram.com/nasa/"]})


def test_an_option_is_for_those_platforms_that_have_it() -> None:
    mine, other = registry.module("instagram"), registry.module("tiktok")
    name = next(one.name for one in mine.options if one.name not in {two.name for two in other.options})
    value = next(str(one.default) for one in mine.options if one.name == name)

    made = schedule_check.check(
        PLAIN | {"sources": ["tiktok:@esa", "instagram:nasa"], "options": {name: value or "x"}}
    )

    assert list(made.spec["options"]) == [name]


def test_an_account_reaches_no_private_address_and_chooses_no_folder() -> None:
    private = PLAIN | {"sources": ["http://127.0.0.1:9/list"]}

    schedule_check.check(private, OWNER)
    with pytest.raises(AddressRefused):
        schedule_check.check(private, USER)
    with pytest.raises(PermissionDenied):
        schedule_check.check(PLAIN | {"out": "/etc"}, USER)


def test_naming_one_rule_takes_the_others_away() -> None:
    assert schedule_check.with_rule({"cron": "0 3 * * *"}) == {
        "cron": "0 3 * * *",
        "every_s": 0,
        "adaptive": False,
    }
    assert schedule_check.with_rule({"max_items": 3}) == {"max_items": 3}


def test_hostile_cron_lines_are_refused_at_once() -> None:
    for line in (
        "* " * 5000,
        "*/0 * * * *",
        "0 0 31 2 *",
        "a b c d e",
        "1-" * 2000 + " * * * *",
        "9" * 10_000,
    ):
        with pytest.raises(MediadlError):
            schedule_check.check(PLAIN | {"every_s": 0, "cron": line})
