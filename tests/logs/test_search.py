from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logs import logbook
from mediadl import logs
from mediadl.logs import LogQuery, Position
from mediadl.logs.browser import LogBrowser, LogPlace, LogView
from mediadl.logs.folder import files_of
from mediadl.logs.lines import MAX_LINE_BYTES, decode
from mediadl.logs.matching import Matcher
from mediadl.logs.opened import Change, LogFile
from mediadl.logs.search import Search

LINE = '{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","pid":1,"message":"%s"}'
"""A line as it lies in the file."""


def line(message: str, *, level: str = "info", job: int | None = None) -> bytes:
    about = "" if job is None else f'"job":{job},'
    text = LINE.replace('"pid"', f'{about}"pid"').replace("info", level)
    return (text % message).encode()


def everything(browser: LogBrowser, query: LogQuery) -> list[str]:
    """All messages, read through windows from the end to the beginning."""
    browser.look(LogPlace(query))
    while browser.work():
        pass
    total = browser.look(LogPlace(query)).total
    found: list[str] = []
    for first in range(max(total - 7, 0), -7, -7):
        view = browser.look(stand(browser, query, max(first, 0)))
        shown = view.rows[view.first - view.start :][: min(7, 7 + first)]
        found[:0] = [row.line.message for row in shown]
    return found


def stand(browser: LogBrowser, query: LogQuery, first: int) -> LogPlace:
    """A place with this row at its top."""
    view = browser.look(LogPlace(query))
    return LogPlace(query, first, 7, first, view.base, view.epoch, follow=False)


# Judging lines


@given(raw=st.lists(logbook.lines, max_size=12), query=logbook.queries)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_block_is_judged_as_decoding_every_line_would(raw: list[bytes], query: LogQuery) -> None:
    found = Matcher(query).find(b"".join(one + b"\n" for one in raw))

    decoded = [decode(one) for one in raw]
    assert found == [n for n, one in enumerate(decoded) if one is not None and query.accepts(one)]


@given(raw=logbook.records())
def test_what_our_writer_makes_is_judged_without_decoding(raw: bytes) -> None:
    from mediadl.logs.matching import _canonical

    assert _canonical()(raw) is not None


def test_a_line_too_long_to_be_ours_is_junk(tmp_path: Path) -> None:
    logbook.write(tmp_path, 2, [line("one"), line("x" * (MAX_LINE_BYTES + 10)), line("two")])
    browser = LogBrowser(tmp_path)

    assert everything(browser, LogQuery()) == ["one", "two"]
    browser.close()


# Files


def test_a_half_written_line_counts_when_it_is_whole(tmp_path: Path) -> None:
    logbook.write(tmp_path, 2, [line("one"), line("two")[:30]], end=b"")
    browser = LogBrowser(tmp_path)
    before = everything(browser, LogQuery())
    logbook.write(tmp_path, 2, [line("two")[30:]])

    assert browser.poll()
    assert (before, everything(browser, LogQuery())) == (["one"], ["one", "two"])
    browser.close()


def test_nothing_new_is_told_as_nothing(tmp_path: Path) -> None:
    logbook.write(tmp_path, 2, [line("one")])
    browser = LogBrowser(tmp_path)

    assert not browser.poll()
    browser.close()


def test_a_deleted_day_is_told_and_leaves_the_numbers_of_the_others(tmp_path: Path) -> None:
    for day in range(3):
        logbook.write(tmp_path, day, [line(f"{day}-{n}") for n in range(3)])
    browser = LogBrowser(tmp_path)
    before = view_of(browser, LogPlace(LogQuery()))
    logs.files(tmp_path)[0].unlink()

    assert browser.poll()
    after = view_of(browser, LogPlace(LogQuery()))
    assert (after.epoch, after.base, after.total) == (before.epoch, before.base + 3, 6)
    assert [row.line.message for row in after.rows[:2]] == ["1-0", "1-1"]
    assert after.tally.lines == 6
    browser.close()


def test_a_file_cut_and_grown_again_in_between_is_a_new_one(tmp_path: Path) -> None:
    logbook.write(tmp_path, 2, [line("one")])
    path = logs.files(tmp_path)[0]
    with LogFile(path) as file:
        path.write_bytes(
            line("another", level="error").replace(b"12:00", b"13:00") + b"\n" + line("more") + b"\n"
        )

        assert file.look() is Change.REPLACED


def test_what_cannot_be_opened_is_passed_over(tmp_path: Path) -> None:
    logbook.write(tmp_path, 2, [line("one")])
    (tmp_path / "mediadl-2026-05-16.jsonl").mkdir()
    (tmp_path / "mediadl-2026-05-15.jsonl").symlink_to(tmp_path / "nowhere")
    browser = LogBrowser(tmp_path)

    assert everything(browser, LogQuery()) == ["one"]
    assert not browser.poll()
    browser.close()


# Searching


@given(
    days=st.lists(st.lists(logbook.lines, max_size=25), min_size=1, max_size=3),
    query=logbook.queries,
    block=st.integers(1, 700),
    end=st.sampled_from([b"\n", b""]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_filtered_view_equals_a_filter_over_all_lines(
    tmp_path_factory: pytest.TempPathFactory, days: list[list[bytes]], query: LogQuery, block: int, end: bytes
) -> None:
    folder = tmp_path_factory.mktemp("search")
    for day, raw in enumerate(days):
        logbook.write(folder, day, raw, end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LogFile, "block_bytes", block)
        browser = LogBrowser(folder)
        found = everything(browser, query)
        everywhere = everything(browser, LogQuery())
        browser.close()
        read = [one.message for one in logs.read(folder, query)]

    assert found == logbook.slowly(folder, query)
    assert everywhere == logbook.slowly(folder, LogQuery())
    assert read == found


STEPS = st.one_of(
    st.tuples(st.just("append"), st.lists(logbook.lines, min_size=1, max_size=8)),
    st.tuples(st.just("half"), st.lists(logbook.lines, min_size=1, max_size=3)),
    st.tuples(st.just("next day"), st.lists(logbook.lines, min_size=1, max_size=5)),
    st.tuples(st.just("late"), st.lists(logbook.lines, min_size=1, max_size=3)),
    st.tuples(st.just("clear"), st.just([])),
    st.tuples(st.just("forget a day"), st.just([])),
    st.tuples(st.just("work"), st.just([])),
    st.tuples(st.just("ask"), st.lists(logbook.queries, min_size=1, max_size=1)),
)


@given(
    start=st.lists(logbook.lines, max_size=15), steps=st.lists(STEPS, max_size=12), block=st.integers(20, 500)
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_it_stays_true_while_the_log_grows_turns_to_a_new_day_and_is_cleared(
    tmp_path_factory: pytest.TempPathFactory,
    start: list[bytes],
    steps: list[tuple[str, list[object]]],
    block: int,
) -> None:
    folder = tmp_path_factory.mktemp("live")
    day, query = 0, LogQuery()
    logbook.write(folder, day, start)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LogFile, "block_bytes", block)
        browser = LogBrowser(folder)
        for step, given_ in steps:
            raw = [one for one in given_ if isinstance(one, bytes)]
            if step == "append":
                logbook.write(folder, day, raw)
            elif step == "half":
                logbook.write(folder, day, raw, end=b"")
            elif step == "next day":
                day = min(day + 1, 2)
                logbook.write(folder, day, raw)
            elif step == "late":
                logbook.write(folder, max(day - 1, 0), raw)
            elif step == "clear":
                logs.clear(folder)
            elif step == "forget a day" and (found := logs.files(folder)):
                found[0].unlink()
            elif step == "ask":
                query = next(one for one in given_ if isinstance(one, LogQuery))
            browser.poll()
            browser.look(LogPlace(query))
            browser.work()
        browser.poll()
        found_now = everything(browser, query)
        browser.close()

    assert found_now == logbook.slowly(folder, query)


def test_the_newest_match_is_found_before_the_rest_is_searched(tmp_path: Path) -> None:
    for day in range(3):
        logbook.write(tmp_path, day, [line(f"{day}-{n}") for n in range(5000)] + [line(f"rare {day}")])
    browser = LogBrowser(tmp_path)
    place = LogPlace(LogQuery(text="rare"), height=1)
    browser.look(place)
    while not browser.full(place):
        browser.work()

    view = browser.look(place)
    assert [row.line.message for row in view.rows] == ["rare 2"]
    assert 0 < view.searched < 0.5
    browser.close()


def test_a_search_within_another_passes_over_blocks_without_its_lines(tmp_path: Path) -> None:
    logbook.write(tmp_path, 2, [line("ab" if n == 9000 else "nothing") for n in range(10_000)])
    with LogFile(logs.files(tmp_path)[0]) as file:
        wide = Search(LogQuery(text="a"), [file])
        while wide.step():
            pass
        read: list[int] = []
        lines_of = file.lines

        def noted(start: int, stop: int) -> tuple[int, bytes, int]:
            read.append(start)
            return lines_of(start, stop)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(file, "lines", noted)
            narrow = Search(LogQuery(text="ab"), [file], within=wide)
            while narrow.step():
                pass

    assert narrow.total == 1
    assert len(read) == 1 < file.blocks


# Standing somewhere


def view_of(browser: LogBrowser, place: LogPlace) -> LogView:
    browser.look(place)
    while browser.work():
        pass
    return browser.look(place)


def test_row_numbers_are_stable_while_older_and_newer_lines_come(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LogFile, "block_bytes", 400)
        logbook.write(tmp_path, 2, [line(f"old {n}") for n in range(100)])
        browser = LogBrowser(tmp_path)
        for _ in range(3):
            browser.work()
        early = browser.look(LogPlace(LogQuery(), height=3))
        place = LogPlace(LogQuery(), early.first, 3, early.cursor, early.base, early.epoch, follow=False)
        logbook.write(tmp_path, 2, [line(f"new {n}") for n in range(50)])
        browser.poll()
        late = view_of(browser, place)
        browser.close()

    assert early.total < 20
    assert late.total == 150
    assert late.rows[late.cursor - late.start].line.message == "old 99"


def test_lists_of_two_browsers_are_never_taken_for_one(tmp_path: Path) -> None:
    logbook.write(tmp_path, 2, [line("one")])
    first, second = LogBrowser(tmp_path), LogBrowser(tmp_path)

    assert first.look(LogPlace(LogQuery())).epoch != second.look(LogPlace(LogQuery())).epoch
    first.close()
    second.close()


def test_seeking_goes_to_the_line_or_the_one_before_it(tmp_path: Path) -> None:
    logbook.write(tmp_path, 2, [line(f"{n}", level="error" if n % 10 == 0 else "info") for n in range(100)])
    browser = LogBrowser(tmp_path)
    all_ = view_of(browser, LogPlace(LogQuery(), height=100))
    position = all_.rows[47].position

    same = view_of(browser, LogPlace(LogQuery(), height=5, seek=position, follow=False))
    before = view_of(browser, LogPlace(LogQuery(level="error"), height=5, seek=position, follow=False))
    first = view_of(browser, LogPlace(LogQuery(), height=5, seek=Position("", 0), follow=False))
    browser.close()

    assert same.sought
    assert same.rows[same.cursor - same.start].line.message == "47"
    assert before.rows[before.cursor - before.start].line.message == "40"
    assert first.cursor == 0


def test_a_line_not_reached_yet_is_not_sought(tmp_path: Path) -> None:
    logbook.write(tmp_path, 2, [line(f"{n}") for n in range(10_000)])
    browser = LogBrowser(tmp_path)
    browser.work()

    view = browser.look(LogPlace(LogQuery(), height=5, seek=Position(logs.files(tmp_path)[0].name, 0)))
    browser.close()

    assert not view.sought


def test_levels_and_modules_are_counted(tmp_path: Path) -> None:
    logbook.write(tmp_path, 1, [line("a"), line("b", level="error"), line("c", level="odd")])
    logbook.write(tmp_path, 2, [line("d", level="warning"), b"junk"])
    browser = LogBrowser(tmp_path)

    tally = view_of(browser, LogPlace(LogQuery())).tally
    browser.close()

    assert tally.levels == (0, 2, 1, 1)
    assert tally.lines == 4
    assert tally.modules == ("x",)
    assert tally.searched == 1


def test_memory_stays_bounded_however_long_the_log_is(tmp_path: Path) -> None:
    block = b"".join(line(f"{n} " + "x" * 100, level="warning") + b"\n" for n in range(1000))
    with (tmp_path / "mediadl-2026-05-17.jsonl").open("wb") as stream:
        for _ in range(150):
            stream.write(block)
    tracemalloc.start()
    try:
        browser = LogBrowser(tmp_path)
        everywhere = view_of(browser, LogPlace(LogQuery(), height=50))
        found = view_of(browser, LogPlace(LogQuery(level="warning", text="99"), height=50))
        kept, peak = tracemalloc.get_traced_memory()
        browser.close()
    finally:
        tracemalloc.stop()

    assert (everywhere.total, found.total) == (150_000, 150 * 19)
    assert kept < 500_000
    assert peak < 5_000_000


def test_files_of_days_that_cannot_hold_lines_asked_for_are_not_opened(tmp_path: Path) -> None:
    for day in range(3):
        logbook.write(tmp_path, day, [line("x")])

    query = LogQuery(since=logbook.NOON - 86_400, until=logbook.NOON - 40_000)

    assert [path.name for path in files_of(tmp_path, query)] == [
        "mediadl-2026-05-16.jsonl",
        "mediadl-2026-05-17.jsonl",
    ]
