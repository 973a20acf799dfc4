"""Waits after failures, with times given by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.security import throttle

NOW = 1_700_000_000.0
PAIR, NAME, PLACE = throttle.buckets("anna", "192.0.2.7")


def test_the_first_failures_cost_nothing_then_waits_double_up_to_a_limit() -> None:
    waits = [throttle.wait_s(PAIR, failures, NOW, NOW) for failures in range(20)]

    assert waits[:5] == [0] * 5
    assert waits[5:10] == [1, 2, 4, 8, 16]
    assert waits[-1] == PAIR.longest_s == 900


def test_a_wait_is_over_when_its_time_has_passed() -> None:
    assert throttle.wait_s(PAIR, 8, NOW, NOW + 7.9) > 0
    assert throttle.wait_s(PAIR, 8, NOW, NOW + 8) == 0


def test_failures_are_forgotten_by_and_by() -> None:
    assert throttle.left(64, NOW, NOW + 3599) == 64
    assert throttle.left(64, NOW, NOW + 3 * 3600) == 8
    assert throttle.left(64, NOW, NOW + 86_400) == 0


@given(st.integers(0, 10**9), st.floats(-1e9, 1e12), st.floats(-1e9, 1e12))
def test_no_clock_and_no_number_makes_anybody_wait_longer_than_the_limit(
    failures: int, last_at: float, now: float
) -> None:
    for bucket in (PAIR, NAME, PLACE):
        assert 0 <= throttle.wait_s(bucket, failures, last_at, now) <= bucket.longest_s


def test_only_the_account_itself_is_forgiven_and_only_its_counter_skipped_for_known_places() -> None:
    assert [bucket.forgiven for bucket in (PAIR, NAME, PLACE)] == [True, False, False]
    assert [bucket.skipped_if_known for bucket in (PAIR, NAME, PLACE)] == [False, True, False]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8:1:2::5", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::5", "2001:db8:1:3::5", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("not an address", "not an address", True),
    ],
)
def test_addresses_of_one_customer_count_as_one(one: str, other: str, same: bool) -> None:
    assert (throttle.network(one) == throttle.network(other)) is same


@given(st.text(max_size=200), st.text(max_size=100))
def test_counters_have_names_for_anything(folded: str, address: str) -> None:
    keys = [bucket.key for bucket in throttle.buckets(folded, address)]

    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (119.5, "120 s"), (120, "2 min"), (900, "15 min")]
)
def test_a_wait_in_words(seconds: float, words: str) -> None:
    assert throttle.in_words(seconds) in {words, "2 min"}
