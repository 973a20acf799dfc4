"""A light is judged from the last outcomes alone, and always has its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import KINDS
from mediadl.models import BackendTry, Light
from mediadl.pipeline import lights

NOW = 1_800_000_000.0
HOUR = 3600.0


def tries(*kinds: str, ago_s: float = HOUR) -> list[BackendTry]:
    return [BackendTry(NOW - ago_s + n, kind) for n, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("found", "light", "word"),
    [
        ([], Light.GREY, "never asked"),
        (tries(""), Light.GREEN, "1 of the last 1"),
        (tries(*[""] * 8, "network", "network"), Light.GREEN, "8 of the last 10"),
        (tries("network", "network", "", "", ""), Light.YELLOW, "only 3 of the last 5"),
        (tries("", "site_changed", "", "", "", "", ""), Light.YELLOW, "looked different"),
        (tries("network", "network", "network", ""), Light.RED, "only 1 of the last 4"),
        (tries(*[""] * 15, *["network"] * 5), Light.RED, "5 failures in a row"),
        (tries("", "", "", "", "", "challenge"), Light.RED, "bot check"),
        (tries("", "", ago_s=2 * 86_400), Light.YELLOW, "24 hours"),
        (tries("", "", ago_s=9 * 86_400), Light.YELLOW, "not asked for 8 days"),
        (tries("", "not_found", "private", "not_found"), Light.GREEN, "1 of the last 1"),
    ],
)
def test_the_light_follows_the_last_outcomes(found: list[BackendTry], light: Light, word: str) -> None:
    verdict = lights.judge(found, NOW)

    assert (verdict.light, word in verdict.why) == (light, True), verdict


def test_what_is_switched_off_is_grey_whatever_happened() -> None:
    assert lights.judge(tries(""), NOW, disabled="switched off").light is Light.GREY


def test_what_rests_is_red_and_says_after_what() -> None:
    verdict = lights.judge(tries("", "challenge"), NOW, rests_until=NOW + 60)

    assert verdict == lights.Verdict(Light.RED, "left alone for a while after: bot check")


@given(st.lists(st.sampled_from(["", *sorted(KINDS), "own_word"]), max_size=20), st.floats(0, 1e8))
def test_every_light_has_a_reason_and_every_outcome_a_sign(kinds: list[str], later_s: float) -> None:
    found = tries(*kinds)

    assert lights.judge(found, NOW + later_s).why
    assert len(lights.strip(found)) == len(kinds)
