from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mediadl.models import Health, SiteHealth
from mediadl.widgets.platform_health import GLYPHS, line, reason

NOW = 1_000_000.0


def site(**fields: Any) -> SiteHealth:
    made: dict[str, Any] = {
        "site": "example.com", "platform": "generic", "health": Health.OK, "failures": 0, "reason": "", "message": "",
        "last_success_at": NOW - 180, "last_failure_at": None, "cooldown_until": None,
    } | fields  # fmt: skip
    return SiteHealth(**made)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (site(), "last success 3 min ago"),
        (site(last_success_at=None), "nothing wrong so far"),
        (site(health=Health.TROUBLE, failures=3, reason="network"),
         "Network failed · 3 errors in a row · last success 3 min ago"),
        (site(health=Health.BLOCKED, failures=1, reason="login_needed", last_success_at=None),
         "Login needed · 1 error · no success yet"),
        (site(health=Health.BLOCKED, failures=2, reason="rate_limited", cooldown_until=NOW + 252),
         "rests 4:12 · Rate limited · 2 errors in a row · last success 3 min ago"),
    ],
)  # fmt: skip
def test_a_site_says_the_one_thing_worth_knowing(one: SiteHealth, words: str) -> None:
    assert reason(one, NOW) == words


@pytest.mark.parametrize("health", list(Health))
def test_a_state_is_a_sign_and_a_word(health: Health) -> None:
    text = str(line(site(health=health), NOW, 80))

    assert text.startswith(f"{GLYPHS[health]} {health.value}")


@given(st.text(max_size=60), st.integers(30, 200), st.sampled_from(list(Health)))
def test_a_line_never_leaves_its_width_whatever_the_name(name: str, width: int, health: Health) -> None:
    text = str(line(site(site=name, health=health, reason=name, failures=5), NOW, width))

    assert cell_len(text) <= width
    assert "\x1b" not in text
    assert "\n" not in text
