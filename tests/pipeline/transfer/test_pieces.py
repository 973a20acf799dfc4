"""Which bytes are there, who fetches the rest, and how many hands a file deserves."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.pipeline.transfer.coverage import Coverage
from mediadl.pipeline.transfer.pieces import (
    SMALLEST_PIECE,
    give_back,
    next_piece,
    piece_bytes,
    share_out,
    smallest_piece,
    unclaimed,
)
from mediadl.pipeline.transfer.ramp import FAST_BYTES_PER_S, LEAP, READY_S, WORTH_BYTES, Ramp, Throttle

TOTAL = 200
ranges = st.lists(st.tuples(st.integers(0, TOTAL), st.integers(0, TOTAL)), max_size=12)


@given(ranges)
def test_coverage_is_the_set_of_its_bytes(added: list[tuple[int, int]]) -> None:
    coverage = Coverage()
    wanted: set[int] = set()
    for start, stop in added:
        coverage.add(start, stop)
        wanted |= set(range(start, stop))

    held = {n for start, stop in coverage.ranges for n in range(start, stop)}
    missing = {n for start, stop in coverage.gaps(TOTAL) for n in range(start, stop)}
    assert held == wanted
    assert missing == set(range(TOTAL)) - wanted
    assert coverage.size == len(wanted)
    assert coverage.prefix == next(n for n in range(TOTAL + 1) if n not in wanted)
    assert Coverage(coverage.ranges).ranges == coverage.ranges
    flat = [edge for pair in coverage.ranges for edge in pair]
    assert flat == sorted(set(flat))


@dataclass
class Worker:
    position: int
    limit: int
    asked_limit: int
    settled: int

    def step(self, have: Coverage, count: int) -> None:
        """Receive some bytes, as far as the claim goes."""
        self.position = min(self.limit, self.position + count)
        have.add(self.settled, self.position)
        self.settled = self.position


def worker(start: int, stop: int) -> Worker:
    return Worker(start, stop, stop, start)


@settings(max_examples=60)
@given(
    st.integers(1, 80), st.integers(1, 16), st.lists(st.integers(1, 12), min_size=1, max_size=40), st.data()
)
def test_any_crew_fetches_everything_and_nothing_twice(
    megabytes: int, hands: int, speeds: list[int], data: st.DataObject
) -> None:
    total = megabytes * SMALLEST_PIECE // 2
    have = Coverage()
    workers = [worker(0, total)]
    fetched = 0
    for turn in range(5000):
        if not workers:
            break
        share_out(have, total, workers, hands)
        while len(workers) < hands and (piece := next_piece(have, total, list(workers), hands)):
            assert piece[0] < piece[1] <= total
            assert not any(other.settled < piece[1] and piece[0] < other.limit for other in workers)
            workers.append(worker(*piece))
        one = workers[data.draw(st.integers(0, len(workers) - 1)) if turn < 30 else turn % len(workers)]
        before = have.size
        one.step(have, speeds[turn % len(speeds)] * SMALLEST_PIECE // 4)
        fetched += have.size - before
        workers = [other for other in workers if other.position < other.limit]
        if not workers and (left := next_piece(have, total, [], hands)):
            workers.append(worker(*left))

    assert have.gaps(total) == []
    assert fetched == total


def test_a_crumb_is_not_left_for_a_request_of_its_own() -> None:
    size = SMALLEST_PIECE + SMALLEST_PIECE // 3

    assert next_piece(Coverage(), size, [], 16) == (0, size)


def test_half_of_the_longest_claim_is_taken_over() -> None:
    slow, quick = worker(0, 40 * SMALLEST_PIECE), worker(40 * SMALLEST_PIECE, 50 * SMALLEST_PIECE)

    piece = next_piece(Coverage(), 50 * SMALLEST_PIECE, [slow, quick], 3)

    assert piece == (20 * SMALLEST_PIECE, 40 * SMALLEST_PIECE)
    assert slow.limit == 20 * SMALLEST_PIECE


def test_what_was_cut_off_comes_back_as_far_as_the_request_goes() -> None:
    total = 100 * SMALLEST_PIECE
    first = worker(0, total)
    share_out(Coverage(), total, [first], 4)
    cut = first.limit
    other = worker(50 * SMALLEST_PIECE, 60 * SMALLEST_PIECE)

    give_back(Coverage(), total, [first, other])

    assert cut < first.limit == 50 * SMALLEST_PIECE
    assert unclaimed(Coverage(), total, [first, other]) == [(60 * SMALLEST_PIECE, total)]


def test_a_request_that_takes_no_time_may_be_for_less() -> None:
    assert smallest_piece(0.0) < smallest_piece(0.03) < smallest_piece(0.2) == SMALLEST_PIECE
    assert piece_bytes(1, 16, smallest_piece(0.0)) == smallest_piece(0.0)


def test_pieces_get_smaller_towards_the_end() -> None:
    assert piece_bytes(1 << 40, 16) > piece_bytes(100 << 20, 16) > piece_bytes(1, 16) == SMALLEST_PIECE


class Line:
    """A simulated server: so much per connection, so much in all."""

    def __init__(
        self, most: int, each: float, all_of_them: float, size: int = 1 << 40, known: Throttle | None = None
    ) -> None:
        self.ramp = Ramp(most, 0.0, 0.0, known)
        self.each, self.all, self.size = each, all_of_them, size
        self.now, self.moved, self.hands = 0.0, 0.0, 1
        self.peak = 1

    def run(self, seconds: float) -> int:
        end = self.now + seconds
        while self.now < end:
            self.now += 0.025
            self.moved += min(self.hands * self.each, self.all) * 0.025
            self.hands = self.ramp.wanted(self.now, int(self.moved), int(self.size - self.moved), ready=True)
            self.peak = max(self.peak, self.hands)
        return self.hands


def test_a_throttle_per_connection_is_answered_within_a_fifth_of_a_second() -> None:
    assert Line(16, 4e6, 1e9).run(0.2) == 16


def test_what_an_earlier_file_has_shown_is_done_at_once() -> None:
    before = Line(16, 4e6, 1e9)
    before.run(1.0)
    found = before.ramp.found
    assert found is not None
    assert found.connections == 16
    assert found.alone_bytes_per_s == pytest.approx(4e6)

    again = Line(16, 4e6, 1e9, known=found)

    assert again.run(0.025) == 16
    assert again.run(1.0) == 16


def test_a_throttle_that_is_there_no_more_is_forgotten() -> None:
    line = Line(16, 30e6, 30e6, known=Throttle(16, 30e6))

    assert line.run(1.0) == 1
    assert line.peak == 16
    assert line.ramp.found is None


def test_a_small_file_stays_alone_whatever_is_known() -> None:
    assert Line(16, 4e6, 1e9, size=7 << 20, known=Throttle(16, 4e6)).run(1.0) == 1


def test_a_throttle_that_begins_late_is_answered_too() -> None:
    line = Line(16, FAST_BYTES_PER_S * 2, 1e12)
    line.run(3.0)
    line.each = 4e6

    assert line.run(6.0) == 16


def test_a_line_that_stays_alone_is_looked_at_less_and_less() -> None:
    line = Line(16, FAST_BYTES_PER_S * 2, 1e12)
    at_first = line.ramp.look_s
    line.run(10.0)

    assert line.ramp.look_s > 10 * at_first


def test_a_full_line_is_left_with_one_connection() -> None:
    line = Line(16, 1e9, 3e6)

    assert line.run(2.0) == 1
    assert line.peak == LEAP


def test_a_fast_line_never_gets_a_second_connection() -> None:
    line = Line(16, FAST_BYTES_PER_S * 2, 1e12)
    line.run(2.0)

    assert line.peak == 1


def test_a_file_that_is_nearly_there_gets_none() -> None:
    line = Line(16, 1e6, 1e12, size=WORTH_BYTES - 1)
    line.run(2.0)

    assert line.peak == 1


def test_a_connection_that_still_gathers_speed_is_left_alone() -> None:
    ramp = Ramp(16, 0.0, 0.0)
    moved = 1000.0

    for tick in range(1, 40):
        moved *= 1.5
        assert ramp.wanted(tick * 0.025, int(moved), 1 << 50, ready=True) == 1


def test_connections_that_never_come_are_not_waited_for_forever() -> None:
    ramp = Ramp(16, 0.0, 0.0)
    now = 0.0
    while ramp.wanted(now, int(now * 1e6), 1 << 40, ready=True) == 1:
        now += 0.025
    while not ramp.settled:
        now += 0.025
        ramp.wanted(now, int(now * 1e6), 1 << 40, ready=False)
        assert now < READY_S + 2
