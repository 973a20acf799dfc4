"""Cron lines: what is refused and in which words, how they read, when they come in nights in which clocks change."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.timing import cron, walls
from mediadl.timing.cron import Cron

BERLIN = ZoneInfo("Europe/Berlin")
UTC = ZoneInfo("UTC")

HOSTILE = [
    "", " ", "*", "* * * *", "* * * * * *", "* * * * * * *", "@reboot", "@every 5m", "@", "R * * * *", "r(0-5) * * * *",
    "H/5 * * * *", "h h h h h", "60 * * * *", "-1 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 32 * *", "0 0 * 13 *",
    "0 0 * * 8", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30 2 1", "0 0 31 * mon#1", "0 0 29 2 mon#5", "0 0 * * 0#6",
    "0 0 * * L", "*/0 * * * *", "*/61 * * * *", "*/-1 * * * *", "59/1 * * * *", "0 6/2 * * *", "5-5 * * * *",
    "0 22-2/2 * * *", "*-5 * * * *", "1- * * * *", "-5 * * * *", ",,,, * * * *", "1,,2 * * * *", "a b c d e",
    "0 0 LW * *", "0 0 15W,1 * *", "? * * * *", "0 0 ?,1 * *", "0 0 * * monday", "0 0 * jan-foo *",
    "\N{SUPERSCRIPT TWO} * * * *",
    "\N{ARABIC-INDIC DIGIT ONE} * * * *", "*\u3000*\u3000*\u3000*\u3000*", "* * * * *\0", "\x1b[31m * * * *",
    "*\n* * * *\r*x", "1e3 * * * *",
    "0x1 * * * *", "1_0 * * * *", "9" * 250 + " * * * *", ",".join("1" * 65) + " * * * *", "*/1" * 80,
    "1," * 100_000 + "1 * * * *",
    "0-59," * 60 + "1 * * * *", "*/1 " * 5000, "#" * 256, "(" * 256, "0 0 1,15 * 1#1", "0 0 L * 5", "0 0 * 2 mon#5",
    "02:30", "99:99", "at 5",
]  # fmt: skip


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_line_that_cannot_be_is_refused_at_once_in_one_plain_line(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        cron.check(text)

    said = str(refused.value)
    assert said.isprintable()
    assert len(said) < 250
    assert "write" in said or "give them" in said


FIELDS = [
    "*", "*/2", "1", "0", "5-10", "1,2,3", "31", "30", "29", "2", "L", "1W", "sun", "5L", "mon#5", "R", "?", "22-2",
    "*/60", "0-59/7",
]  # fmt: skip
LINES = st.one_of(
    st.text(alphabet="0123456789*/,-? LWRH#@jansumofri", max_size=300),
    st.text(max_size=80),
    st.lists(st.text(alphabet="0123456789*/,-LW#", min_size=1, max_size=12), min_size=5, max_size=5).map(" ".join),
    st.lists(st.sampled_from(FIELDS), min_size=5, max_size=5).map(" ".join),
)  # fmt: skip


def checked(text: str) -> tuple[str, str]:
    """The line, or why not."""
    try:
        return cron.check(text), ""
    except ValueError as refused:
        return "", str(refused)


@settings(deadline=None)
@given(LINES)
def test_any_text_is_refused_or_reads_comes_and_is_told_in_words(text: str) -> None:
    line, refused = checked(text)
    if refused:
        assert refused.isprintable()
        assert len(refused) < 300
        return
    read = Cron.parse(line)
    words = read.explain()
    first = read.after(1.78e9, BERLIN)

    assert cron.check(line) == line
    assert words
    assert words.isprintable()
    assert first is not None
    assert first > 1.78e9
    assert first % 60 == 0


@pytest.mark.timeout(120)
@settings(deadline=None)
@given(st.text(alphabet="0123456789*/,-? LWRH#@", max_size=400))
def test_any_text_is_a_line_or_refused_with_a_reason(text: str) -> None:
    cron.preset_of(text)

    line, why = checked(text)

    assert bool(line) is not bool(why)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("30 2 * * *", "30 2 * * *"), ("  05  02 * * MON ", "5 2 * * mon"), ("@daily", "0 0 * * *"),
        ("@Weekly", "0 0 * * 0"), ("0 0 ? * 5L", "0 0 * * 5L"), ("0 0 l * *", "0 0 L * *"),
        ("0 0 15w * *", "0 0 15W * *"),
        ("*/1 * * * *", "* * * * *"), ("0 0 * * 0-7", "0 0 * * *"), ("1,1,2 * * * *", "1,2 * * * *"),
        ("0 22-2 * * *", "0 22-2 * * *"), ("0 0 * * fri#2", "0 0 * * 5#2"), ("0\t0 1 jan *", "0 0 1 jan *"),
    ],
)  # fmt: skip
def test_a_line_is_kept_in_one_spelling(text: str, canonical: str) -> None:
    assert cron.check(text) == canonical


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("30 2 * * *", "Every day at 02:30"), ("0 * * * *", "Every hour"), ("5 * * * *", "Every hour at minute 5"),
        ("0 4 * * 1", "Every Monday at 04:00"), ("0 4 * * sun", "Every Sunday at 04:00"),
        ("0 4 * * 7", "Every Sunday at 04:00"),
        ("15 6 1 * *", "On day 1 of every month at 06:15"),
        ("0 0 31 * *", "On day 31 of every month at 00:00, in months that have a day 31"),
        ("*/15 * * * *", "Every 15 minutes"), ("0 */6 * * 1-5", "Every 6 hours, Monday through Friday"),
        ("0 0 L * *", "At 00:00, on the last day of the month"),
        ("0 0 * * 5L", "At 00:00, on the last Friday of the month"),
    ],
)  # fmt: skip
def test_a_line_is_told_in_words(text: str, words: str) -> None:
    assert Cron.parse(text).explain() == words


def test_words_do_not_depend_on_the_language_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")

    assert Cron.parse("3-7 */5 * * *").explain() == "Minutes 3 through 7 past the hour, every 5 hours"


def coming(text: str, start: str, count: int, zone: ZoneInfo = BERLIN) -> list[str]:
    at = datetime.fromisoformat(start).replace(tzinfo=zone).timestamp()
    found = []
    for _ in range(count):
        following = Cron.parse(text).after(at, zone)
        assert following is not None
        found.append(datetime.fromtimestamp(following, zone).isoformat(timespec="minutes")[5:])
        at = following
    return found


def test_a_fixed_time_comes_once_in_the_night_the_clock_goes_back() -> None:
    assert coming("0,30 2 * * *", "2026-10-24T12:00", 4) == [
        "10-25T02:00+02:00", "10-25T02:30+02:00", "10-26T02:00+01:00", "10-26T02:30+01:00",
    ]  # fmt: skip


def test_a_fixed_time_that_the_clock_jumps_over_comes_at_the_jump() -> None:
    assert coming("0,30 2,3 * * *", "2027-03-27T12:00", 3) == [
        "03-28T03:00+02:00", "03-28T03:30+02:00", "03-29T02:00+02:00",
    ]  # fmt: skip


def test_a_repeating_time_follows_real_time_when_the_clock_goes_back() -> None:
    assert coming("*/30 * * * *", "2026-10-25T01:40", 5) == [
        "10-25T02:00+02:00", "10-25T02:30+02:00", "10-25T02:00+01:00", "10-25T02:30+01:00", "10-25T03:00+01:00",
    ]  # fmt: skip


def test_a_repeating_time_within_the_gap_waits_for_the_next_day() -> None:
    assert coming("*/30 2 * * *", "2027-03-27T12:00", 1) == ["03-29T02:00+02:00"]


@pytest.mark.parametrize("minute", range(0, 180, 7))
def test_asking_within_the_repeated_hour_gives_the_same_row(minute: int) -> None:
    """However often somebody asks, and wherever within the night, the same times come."""
    change = datetime.fromisoformat("2026-10-25T01:00:00+00:00").timestamp()
    for text in ("*/20 * * * *", "*/20 2 * * *", "0,20,40 2 * * *", "30 2 * * *"):
        row, at = [], change - 7200
        while (following := Cron.parse(text).after(at, BERLIN)) is not None and following < change + 100_000:
            row.append(following)
            at = following
        moment = change - 5400 + minute * 60 + 0.5

        assert Cron.parse(text).after(moment, BERLIN) == min(one for one in row if one > moment)


@pytest.mark.parametrize("moment", [-1.0, -1e18, 1e12, 1e300, 2.3e11])
def test_moments_that_no_calendar_has_never_come(moment: float) -> None:
    assert Cron.parse("0 0 * * *").after(moment, UTC) is None


def test_a_day_of_leap_years_is_found_over_the_longest_gap() -> None:
    late = datetime(2096, 3, 1, tzinfo=UTC).timestamp()

    found = Cron.parse("0 0 29 2 *").after(late, UTC)

    assert found == datetime(2104, 2, 29, tzinfo=UTC).timestamp()


@settings(deadline=None)
@given(
    st.integers(0, 4_000_000_000), st.sampled_from(["30 2 * * *", "*/7 * * * *", "0 0 1 * *", "15 1-4 * * 0"])
)
def test_what_comes_next_lies_ahead_and_nothing_between(moment: int, text: str) -> None:
    read = Cron.parse(text)
    following = read.after(moment, BERLIN)
    assert following is not None
    middle = (moment + following) / 2

    assert following > moment
    assert read.after(middle, BERLIN) == following
    assert read.after(following - 0.001, BERLIN) == following
    assert walls.wall_at(following, BERLIN).second == 0
