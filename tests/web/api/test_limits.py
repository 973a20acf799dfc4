from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_stage import ENDLESS, staged
from mediadl.paths import Home
from mediadl.web.api.limits import Buckets, Rate


@given(st.lists(st.floats(0, 20), max_size=200), st.integers(1, 10), st.floats(0.1, 10))
def test_never_more_turns_than_the_burst_and_what_was_refilled(
    pauses: list[float], burst: int, rate: float
) -> None:
    now = [0.0]
    buckets = Buckets(Rate(burst, rate), lambda: now[0])
    taken = 0
    for pause in pauses:
        now[0] += pause
        taken += buckets.take("a") == 0

    assert taken <= burst + now[0] * rate + 1e-6


def test_after_the_wait_there_is_a_turn_and_before_it_none() -> None:
    now = [0.0]
    buckets = Buckets(Rate(2, 0.5), lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 2.0]

    now[0] = 1.9
    early = buckets.take("a")
    now[0] = 2.0

    assert early == pytest.approx(0.1)
    assert buckets.wait_s("a") == 0
    assert buckets.take("a") == 0


def test_everybody_has_a_bucket_of_their_own() -> None:
    buckets = Buckets(Rate(1, 0.001), lambda: 0.0)

    assert [buckets.take(key) for key in ("a", "b")] == [0, 0]
    assert buckets.take("a") > 0


def test_a_token_that_asks_too_often_is_told_when_to_come_again(home: Home) -> None:
    with staged(home, replace(ENDLESS, caller=Rate(3, 0.1))) as stage:
        answers = [stage.ask("GET", "/api/v1/auth/me", "uwe") for _ in range(4)]
        other = stage.ask("GET", "/api/v1/auth/me", "otto")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 10
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    assert other.status_code == 200


def test_an_address_that_asks_too_often_has_to_wait_whoever_asks(home: Home) -> None:
    with staged(home, replace(ENDLESS, address=Rate(3, 0.1))) as stage:
        codes = [
            stage.ask("GET", "/api/v1/auth/me", name).status_code for name in ("uwe", "otto", "anna", "vera")
        ]

    assert codes == [200, 200, 200, 429]


def test_guessing_tokens_is_slowed_down(home: Home) -> None:
    with staged(home, replace(ENDLESS, failures=Rate(3, 0.1))) as stage:
        bad = {"Authorization": "Bearer mdl_guess"}
        codes = [stage.ask("GET", "/api/v1/auth/me", headers=bad).status_code for _ in range(4)]

    assert codes == [401, 401, 401, 429]
