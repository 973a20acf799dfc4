"""Dates as boards print them become moments, and nothing else does."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.modules.forum.dates import day_order, moment_of

NOW = dt.datetime(2026, 11, 22, 16, 0, tzinfo=dt.UTC).timestamp()  # a Sunday


def at(text: str, *, day_first: bool | None = None) -> str:
    """The date as ISO text, empty for none."""
    found = moment_of(text, now=NOW, day_first=day_first)
    return "" if found is None else dt.datetime.fromtimestamp(found, dt.UTC).isoformat()[:19]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-22T14:25:00+0000", "2026-11-22T14:25:00"),
        ("2026-11-22T14:25:00.123Z", "2026-11-22T14:25:00"),
        ("2026-11-22T15:25:00+01:00", "2026-11-22T14:25:00"),
        ("2026-11-22 14:25", "2026-11-22T14:25:00"),
        ("2026-11-22, 02:25 PM", "2026-11-22T14:25:00"),
        ("2026-11-22 02:25 PM", "2026-11-22T14:25:00"),
        ("2026-11-22", "2026-11-22T00:00:00"),
        ("1795357500", "2026-11-22T14:25:00"),
        ("1795357500000", "2026-11-22T14:25:00"),
        ("Today at 02:25:11 PM", "2026-11-22T14:25:11"),
        ("Today, 14:13", "2026-11-22T14:13:00"),
        ("Yesterday, 10:01 PM", "2026-11-21T22:01:00"),
        ("Heute, 14:13", "2026-11-22T14:13:00"),
        ("Hier à 09:05", "2026-11-21T09:05:00"),
        ("Monday at 3:12 PM", "2026-11-16T15:12:00"),
        ("Sunday at 3:12 PM", "2026-11-15T15:12:00"),
        ("5 minutes ago", "2026-11-22T15:55:00"),
        ("an hour ago", "2026-11-22T15:00:00"),
        ("Less than 1 minute ago", "2026-11-22T15:59:00"),
        ("2 days, 3 hours ago", "2026-11-20T13:00:00"),
        ("a moment ago", "2026-11-22T16:00:00"),
        ("just now", "2026-11-22T16:00:00"),
        ("11-22-2026, 02:13 PM", "2026-11-22T14:13:00"),
        ("22.11.2026, 14:13", "2026-11-22T14:13:00"),
        ("03.04.2026, 14:13", "2026-04-03T14:13:00"),
        ("22/11/2026 14:13", "2026-11-22T14:13:00"),
        ("2026/11/22 10:00", "2026-11-22T10:00:00"),
        ("12-31-06, 11:59 PM", "2006-12-31T23:59:00"),
        ("12-31-2025, 12:05 AM", "2025-12-31T00:05:00"),
        ("Nov. 22, 2026, 3:12 p.m.", "2026-11-22T15:12:00"),
        ("Nov. 22, 2026, 3 p.m.", "2026-11-22T15:00:00"),
        ("Nov. 22, 2026, noon", "2026-11-22T12:00:00"),
        ("Nov. 22, 2026, midnight", "2026-11-22T00:00:00"),
        ("November 22, 2026, 02:25:11 PM", "2026-11-22T14:25:11"),
        ("» Sun Nov 22, 2026 2:25 pm", "2026-11-22T14:25:00"),
        ("22 Nov 2026, 14:25", "2026-11-22T14:25:00"),
        ("22nd November 2026 - 10:11 AM", "2026-11-22T10:11:00"),
        ("10-Nov-2026, 10:00", "2026-11-10T10:00:00"),
        ("Posted 22 November 2026", "2026-11-22T00:00:00"),
        ("Sun, 22 Nov 2026 14:25:00 GMT", "2026-11-22T14:25:00"),
        ("Sun, 22 Nov 2026 14:25:00 +0100", "2026-11-22T13:25:00"),
        ("22. November 2026 um 14:13", "2026-11-22T14:13:00"),
        ("22 de noviembre de 2026 14:13", "2026-11-22T14:13:00"),
        ("21 ago 2026", "2026-08-21T00:00:00"),
        ("Nov 21", "2026-11-21T00:00:00"),
        ("Dec 24", "2025-12-24T00:00:00"),
        ("29 Feb", "2024-02-29T00:00:00"),
    ],
)
def test_date_is_read(text: str, wanted: str) -> None:
    assert at(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xx",
        "Re: Old roads",
        "#12",
        "Reply",
        "31.02.2026",
        "99-99-2026",
        "25:61",
        "May the 4th",
        "page 3 of 9",
        "0",
        "12",
    ],
)
def test_what_is_no_date_gives_none(text: str) -> None:
    assert at(text) == ""


def test_a_date_far_ahead_is_none() -> None:
    assert at("22.11.2199, 14:13") == ""


def test_day_order_of_the_site_decides_what_the_date_does_not() -> None:
    assert at("03/04/2026", day_first=True) == "2026-04-03T00:00:00"
    assert at("03/04/2026", day_first=False) == "2026-03-04T00:00:00"
    assert at("03/04/2026") == "2026-03-04T00:00:00"
    assert at("03/22/2026", day_first=True) == "2026-03-22T00:00:00"


def test_one_date_proves_the_order_of_all() -> None:
    assert day_order(["03-04-2026", "22-04-2026"]) is True
    assert day_order(["03-04-2026", "04-22-2026"]) is False
    assert day_order(["03-04-2026", "Today", ""]) is None


def test_today_is_what_the_asker_says() -> None:
    later = NOW + 86_400

    assert moment_of("Today, 10:00", now=later) == (moment_of("Today, 10:00", now=NOW) or 0) + 86_400
    assert moment_of("22.11.2026, 10:00", now=later) == moment_of("22.11.2026, 10:00", now=NOW)


@given(st.text(max_size=60), st.sampled_from([None, True, False]))
def test_no_text_raises(text: str, day_first: bool | None) -> None:
    found = moment_of(text, now=NOW, day_first=day_first)

    assert found is None or 0 < found < NOW + 400 * 86_400


@given(
    st.from_regex(
        r"[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4}(,? [0-9]{1,2}:[0-9]{2}( [AP]M)?( [+-][0-9]{4})?)?",
        fullmatch=True,
    )
)
def test_no_row_of_numbers_raises(text: str) -> None:
    moment_of(text, now=NOW)


@given(st.datetimes(dt.datetime(1999, 1, 1), dt.datetime(2026, 11, 21)))
def test_board_formats_round_trip(when: dt.datetime) -> None:
    when = when.replace(second=0, microsecond=0, tzinfo=dt.UTC)
    for shape in (
        "%m-%d-%Y, %I:%M %p",
        "%d.%m.%Y, %H:%M",
        "%B %d, %Y, %I:%M:%S %p",
        "%a %b %d, %Y %I:%M %p",
        "%Y-%m-%dT%H:%M:%SZ",
    ):
        assert moment_of(when.strftime(shape), now=NOW) == when.timestamp()
