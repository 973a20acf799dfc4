"""Filters of a job in words. Imports nothing slow: screens use it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mediadl.settings.kinds import duration_text, size_text


def described(options: Mapping[str, Any]) -> list[str]:
    """The rules and picks of a job in words, for people."""
    rules: Mapping[str, Any] = options.get("filters") or {}
    said = []
    if rules.get("match"):
        said.append(f"matches /{rules['match']}/")
    if rules.get("reject"):
        said.append(f"does not match /{rules['reject']}/")
    if rules.get("keywords"):
        both = " and " if rules.get("all_keywords") else " or "
        said.append(f"has {both.join(rules['keywords'])}")
    if rules.get("without"):
        said.append(f"has no {' or '.join(rules['without'])}")
    said += _described_range(rules, "duration_s", "plays", length_text)
    said += _described_range(rules, "size_bytes", "has", size_words)
    if rules.get("media"):
        said.append(f"is {' or '.join(rules['media'])}")
    if rules.get("strict"):
        said.append("all of it known")
    picked = len(options.get("pick") or ())
    return [*said, f"{picked} picked by hand"] if picked else said


def _described_range(
    rules: Mapping[str, Any], name: str, verb: str, text: Callable[[float], str]
) -> list[str]:
    least, most = rules.get(f"min_{name}"), rules.get(f"max_{name}")
    said = [f"{verb} {text(least)} or more"] if least else []
    return [*said, f"{verb} {text(most)} or less"] if most else said


def length_text(seconds: float) -> str:
    """A length without needless digits."""
    return duration_text(round(seconds, 1) if seconds < 10 else round(seconds))


def size_words(size_bytes: float) -> str:
    """A size in three digits."""
    step = 10 ** max(len(str(round(size_bytes))) - 3, 0)
    return size_text(round(size_bytes / step) * step)
