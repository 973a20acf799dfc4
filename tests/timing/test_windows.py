"""Allowed hours, against a clock that is looked at every minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.timing import walls, windows
from mediadl.timing.windows import Windows

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE_S = 60


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def shown(moment: float | None, zone: ZoneInfo = BERLIN) -> str:
    return (
        "never" if moment is None else datetime.fromtimestamp(moment, zone).isoformat(timespec="minutes")[5:]
    )


@pytest.mark.parametrize(
    ("word", "spelled"),
    [
        ("01:00-06:00", "01:00-06:00"), ("1-6", "01:00-06:00"), ("0-24", "00:00-24:00"),
        ("22:00 - 4:30", "22:00-04:30"),
        ("Sat-Sun 8-20", "sat-sun 08:00-20:00"), ("monday wednesday 8-9", "mon wed 08:00-09:00"),
        ("mon+tue+thu 8-9", "mon-tue thu 08:00-09:00"), ("weekdays 20-6", "mon-fri 20:00-06:00"),
        ("weekend 0-24", "sat-sun 00:00-24:00"), ("mon-sun 1-2", "01:00-02:00"),
        ("fri-mon 1 to 2", "mon fri-sun 01:00-02:00"),
    ],
)  # fmt: skip
def test_hours_are_kept_in_one_spelling(word: str, spelled: str) -> None:
    assert windows.check((word, word)) == (spelled,)
    assert windows.check((spelled,)) == (spelled,)


@pytest.mark.parametrize(
    "word",
    ["", " ", "sat", "8", "25-3", "1:60-2", "24:00-1", "1-24:30", "6-6", "0-0", "mo 1-2", "mon-xyz 1-2",
     "1-2 mon", "1-2-3",
     "mon,tue 1-2", "01:00-06:00 Europe/Berlin", "١-٢", "-1-2", "x" * 5000, "mon " * 100 + "1-2"],
)  # fmt: skip
def test_what_are_no_hours_is_refused_with_what_to_write(word: str) -> None:
    with pytest.raises(ValueError, match="write") as refused:
        windows.check((word,))

    assert len(str(refused.value)) < 200
    assert str(refused.value).isprintable()


def test_too_many_hours_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 24"):
        windows.check(tuple(f"{hour % 24:02}:{hour % 60:02}-23:59" for hour in range(25)))


def test_the_hours_begin_and_end_to_the_minute() -> None:
    night = Windows.parse(("01:00-06:00",), BERLIN)

    assert not night.open_at(at("2026-11-24T00:59:59"))
    assert night.open_at(at("2026-11-24T01:00"))
    assert night.open_at(at("2026-11-24T05:59:59"))
    assert not night.open_at(at("2026-11-24T06:00"))
    assert night.opens(at("2026-11-24T00:59")) == at("2026-11-24T01:00")
    assert night.opens(at("2026-11-24T06:00")) == at("2026-11-25T01:00")
    assert night.closes(at("2026-11-24T01:00")) == at("2026-11-24T06:00")
    assert night.closed_since(at("2026-11-24T12:00")) == at("2026-11-24T06:00")


def test_hours_over_midnight_belong_to_the_day_they_begin_on() -> None:
    late = Windows.parse(("fri 22:00-04:00",), BERLIN)

    assert late.open_at(at("2026-11-28T03:59"))  # a Saturday
    assert not late.open_at(at("2026-11-27T03:59"))
    assert late.opens(at("2026-11-28T05:00")) == at("2026-12-04T22:00")


def test_no_hours_are_always() -> None:
    always = Windows.parse((), BERLIN)

    assert not always
    assert always.opens(5.0) == 5.0
    assert always.closes(5.0) is None
    assert always.closed_since(5.0) is None


@pytest.mark.parametrize(
    "words", [("00:00-24:00",), ("00:00-12:00", "12:00-24:00"), ("06:00-05:00", "04:00-07:00")]
)
def test_hours_all_day_long_never_close(words: tuple[str, ...]) -> None:
    assert Windows.parse(words, BERLIN).closes(at("2026-11-24T12:00")) is None


def test_hours_are_open_twice_where_the_clock_shows_them_twice() -> None:
    early = Windows.parse(("02:15-02:45",), BERLIN)
    change = at("2026-10-25T02:59:59") + 1

    assert shown(early.opens(at("2026-10-25T01:00"))) == "10-25T02:15+02:00"
    assert shown(early.closes(at("2026-10-25T02:15"))) == "10-25T02:45+02:00"
    assert shown(early.opens(change)) == "10-25T02:15+01:00"
    assert shown(early.closes(change + 1200)) == "10-25T02:45+01:00"


def test_hours_that_the_clock_jumps_into_open_at_the_jump() -> None:
    early = Windows.parse(("02:30-04:00",), BERLIN)

    assert shown(early.opens(at("2027-03-28T01:30"))) == "03-28T03:00+02:00"


def test_hours_that_the_clock_jumps_over_come_the_next_time() -> None:
    assert shown(Windows.parse(("02:00-03:00",), BERLIN).opens(at("2027-03-28T00:00"))) == "03-29T02:00+02:00"
    weekly = Windows.parse(("sun 02:00-03:00",), BERLIN)
    assert shown(weekly.opens(at("2027-03-28T00:00"))) == "04-04T02:00+02:00"


CLOCKS = st.tuples(st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 45, 59])).map(
    lambda pair: f"{pair[0]:02}:{pair[1]:02}"
)
HOURS = st.builds(
    "{}{}-{}".format,
    st.sampled_from(["", "", "sat-sun ", "mon-fri ", "sun ", "sat ", "mon wed fri "]),
    CLOCKS,
    st.one_of(CLOCKS, st.just("24:00")),
).filter(lambda word: word.split()[-1].split("-")[0] != word.split("-")[-1])  # fmt: skip
CHANGING = (
    "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Beirut", "America/Santiago", "Pacific/Chatham",
)  # fmt: skip
NIGHTS = {
    name: [
        change
        for day in range(730)
        if (
            change := walls.change_between(1.78e9 + day * 86_400, 1.78e9 + (day + 1) * 86_400, ZoneInfo(name))
        )
    ]
    for name in CHANGING
}


@st.composite
def moments(draw: st.DrawFn) -> tuple[ZoneInfo, int]:
    """A zone and a minute, mostly near a change of its clock."""
    name = draw(st.sampled_from([*CHANGING, "UTC"]))
    near = NIGHTS.get(name)
    middle = (
        draw(st.sampled_from(near))
        if near and draw(st.integers(0, 3))
        else draw(st.integers(1_780_000_000, 1_840_000_000))
    )
    return ZoneInfo(name), int(middle) // 60 * 60 + draw(st.integers(-2 * 1440, 2 * 1440)) * MINUTE_S


def is_within(word: str, moment: float, zone: ZoneInfo) -> bool:
    """Told from the clock alone, in another way than the program does."""
    days, _, hours = word.rpartition(" ")
    start, end = (timedelta(hours=int(clock[:2]), minutes=int(clock[3:])) for clock in hours.split("-"))
    wall = walls.wall_at(moment, zone)
    for back in (0, 1):
        date = datetime.combine(wall.date(), datetime.min.time()) - timedelta(days=back)
        last = end if end > start else end + timedelta(days=1)
        if named(days, date.strftime("%a").lower()) and date + start <= wall < date + last:
            return True
    return False


def named(days: str, day: str) -> bool:
    groups = {"": "mon tue wed thu fri sat sun", "sat-sun": "sat sun", "mon-fri": "mon tue wed thu fri"}
    return day in groups.get(days, days).split()


@settings(max_examples=40, deadline=None)
@given(st.lists(HOURS, min_size=1, max_size=3), moments())
def test_hours_agree_with_a_look_at_the_clock_every_minute(
    words: list[str], where: tuple[ZoneInfo, int]
) -> None:
    zone, moment = where
    hours = Windows.parse(tuple(words), zone)
    row = range(moment, moment + 3 * 1440 * MINUTE_S, MINUTE_S)
    looks = [any(is_within(word, one, zone) for word in words) for one in row]

    assert [hours.open_at(one) for one in row[:300]] == looks[:300]
    opening = next((one for one, is_open in zip(row, looks, strict=True) if is_open), None)
    closing = next((one for one, is_open in zip(row, looks, strict=True) if not is_open), None)
    if opening is not None:
        assert hours.opens(moment) == opening
    else:
        assert hours.opens(moment) > row[-1]
    if closing is not None:
        assert hours.closes(moment) == closing
    else:
        found = hours.closes(moment)
        assert found is None or found > row[-1]


@settings(max_examples=150, deadline=None)
@given(st.lists(HOURS, min_size=1, max_size=3), moments())
def test_since_when_they_are_closed_agrees_with_when_they_closed(
    words: list[str], where: tuple[ZoneInfo, int]
) -> None:
    zone, moment = where
    hours = Windows.parse(tuple(words), zone)
    closed = hours.closed_since(moment)

    if hours.open_at(moment):
        assert closed is None
    else:
        assert closed is not None
        assert closed <= moment
        assert not hours.open_at(closed)
        assert hours.open_at(closed - 1)
        assert hours.opens(closed) == hours.opens(moment)


@settings(deadline=None)
@given(st.text(max_size=100))
def test_any_text_is_refused_or_kept(text: str) -> None:
    try:
        spelled = windows.check((text,))
    except ValueError:
        return
    assert windows.check(spelled) == spelled
