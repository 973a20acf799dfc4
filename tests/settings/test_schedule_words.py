"""How people write a schedule."""

from __future__ import annotations

from typing import Any

import pytest

from mediadl.settings.schedule import ScheduleSpec
from mediadl.settings.schedule_words import fields_of, word_of


@pytest.mark.parametrize(
    ("told", "cron"),
    [
        ({"hourly": True}, "0 * * * *"),
        ({"hourly": "15"}, "15 * * * *"),
        ({"hourly": ":05"}, "5 * * * *"),
        ({"daily": "03:00"}, "0 3 * * *"),
        ({"daily": "23:59"}, "59 23 * * *"),
        ({"weekly": "mon 03:00"}, "0 3 * * 1"),
        ({"weekly": "Sunday,wed 7:30"}, "30 7 * * 0,3"),
        ({"weekly": "mon, thu sat 7:30"}, "30 7 * * 1,4,6"),
        ({"weekly": "fri"}, "0 0 * * 5"),
        ({"monthly": "1 03:00"}, "0 3 1 * *"),
        ({"monthly": "15,1 00:05"}, "5 0 1,15 * *"),
    ],
)
def test_short_forms_are_cron_lines(told: dict[str, Any], cron: str) -> None:
    assert fields_of(told) == {"cron": cron, "every_s": 0, "adaptive": False}


def test_a_rule_takes_the_place_of_every_other() -> None:
    assert fields_of({"every": "6h"}) == {"cron": "", "every_s": "6h", "adaptive": False}
    assert fields_of({"every": "auto"}) == {"cron": "", "every_s": 0, "adaptive": True}
    assert fields_of({"cron": "5 4 * * *", "every": "", "adaptive": False}) == {
        "cron": "5 4 * * *",
        "every_s": 0,
        "adaptive": False,
    }


def test_words_and_fields_name_the_same_thing() -> None:
    assert fields_of({"jitter": "5 min", "max-items": 3, "least_every_s": 600}) == {
        "jitter_s": "5 min",
        "max_items": 3,
        "least_every_s": 600,
    }
    assert fields_of({"filters": {"min_duration": "1:30", "max_size_bytes": "1 MB"}}) == {
        "filters": {"min_duration_s": "1:30", "max_size_bytes": "1 MB"}
    }


def test_every_field_has_a_word_of_its_own() -> None:
    words = [word_of(name) for name in ScheduleSpec.model_fields]

    assert len(set(words)) == len(words)
    assert all(fields_of({word: "x"}) for word in words if word != "filters")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"everyy": "6h"}, "no word 'everyy'; did you mean every?"),
        ({"daily": "03:00", "cron": "* * * * *"}, "daily and cron: only one of them can say when it runs"),
        ({"daily": "25:00"}, "daily: not a time of day: '25:00'; write it such as 03:00"),
        ({"weekly": "mo 03:00"}, "weekly: not a day: 'mo'; write it such as mon 03:00"),
        ({"weekly": "03:00"}, "weekly: not a day: ''; write it such as mon 03:00"),
        ({"monthly": "32 03:00"}, "monthly: not a day of the month: '32'; write it such as 1 03:00"),
        ({"hourly": "60"}, "hourly: not a minute of the hour: '60'"),
        ({"hourly": "9" * 5000}, f"hourly: not a minute of the hour: '{'9' * 40}'"),
        ({"filters": "nothing"}, "filters: names with values are wanted"),
        ({"filters": {"min_legnth": 3}}, "filters: no word 'min_legnth'"),
    ],
)
def test_what_cannot_be_read_is_named(told: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError) as refused:
        fields_of(told)

    assert str(refused.value).startswith(why)
