"""How well a backend does, as a traffic light with its reason in words: judged from its last outcomes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediadl.errors import KINDS
from mediadl.models import BackendTry, Light

FRESH_S = 86_400.0
UNUSED_S = 7 * 86_400.0
GOOD, POOR = 0.8, 0.4
"""Shares of successes from which on it is green, and below which it is red."""
IN_A_ROW = 5

NEUTRAL = frozenset(
    {
        "not_found", "private", "geo", "unsupported", "no_media", "not_media", "too_large", "address_refused",
        "disk_full", "not_writable", "interrupted", "budget", "site_rests", "postprocess",
    }
)  # fmt: skip
"""Outcomes that say something about the address or about us, not about the backend."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A light and why."""

    light: Light
    why: str


def judge(
    tries: Sequence[BackendTry],
    now: float,
    *,
    rests_until: float | None = None,
    disabled: str = "",
    made_for_site: bool = True,
) -> Verdict:
    """The light of a backend.

    Args:
        tries: its last outcomes, oldest first.
        now: epoch seconds.
        rests_until: its breaker is open until then.
        disabled: why it is not asked at all; empty: it is.
        made_for_site: empty answers count against it.
    """
    if disabled:
        return Verdict(Light.GREY, disabled)
    told = [one for one in tries if one.kind not in NEUTRAL or (made_for_site and one.kind == "no_media")]
    last = told[-1] if told else None
    if rests_until is not None:
        cause = f" after: {title(last.kind).lower()}" if last is not None and last.kind else ""
        return Verdict(Light.RED, f"left alone for a while{cause}")
    if last is None:
        return Verdict(Light.GREY, "never asked" if not tries else "nothing to judge by yet")
    row = _failures_in_a_row(told)
    good = sum(not one.kind for one in told)
    share = good / len(told)
    counted = f"{good} of the last {len(told)} tries went well"
    if last.kind == "challenge":
        return Verdict(Light.RED, f"a bot check stands in the way; {counted}")
    if row >= IN_A_ROW:
        return Verdict(Light.RED, f"{row} failures in a row, the last one: {title(last.kind).lower()}")
    if share < POOR:
        return Verdict(Light.RED, f"only {counted}")
    if now - tries[-1].at > UNUSED_S:
        return Verdict(Light.YELLOW, f"not asked for {int((now - tries[-1].at) / FRESH_S)} days")
    if last.kind == "site_changed" or any(one.kind == "site_changed" for one in told):
        return Verdict(Light.YELLOW, f"the site looked different; {counted}")
    if share < GOOD:
        return Verdict(Light.YELLOW, f"only {counted}")
    success = last_success_at(tries)
    if success is None or now - success > FRESH_S:
        return Verdict(Light.YELLOW, "no success in the last 24 hours")
    return Verdict(Light.GREEN, counted)


def last_success_at(tries: Sequence[BackendTry]) -> float | None:
    """When it answered last."""
    return max((one.at for one in tries if not one.kind), default=None)


def usual_answer_s(tries: Sequence[BackendTry]) -> float | None:
    """Time to the first item, in the middle of those that had one."""
    known = sorted(one.answer_s for one in tries if one.answer_s is not None)
    return known[len(known) // 2] if known else None


def title(kind: str) -> str:
    """A kind of failure in words."""
    return KINDS[kind].title if kind in KINDS else kind.replace("_", " ")


def strip(tries: Sequence[BackendTry]) -> str:
    """The outcomes as a tiny strip, oldest first: `+` went well, `-` failed, `.` says nothing about the backend."""
    return "".join("+" if not one.kind else "." if one.kind in NEUTRAL else "-" for one in tries)


def _failures_in_a_row(told: Sequence[BackendTry]) -> int:
    row = 0
    for one in reversed(told):
        if not one.kind:
            break
        row += 1
    return row
