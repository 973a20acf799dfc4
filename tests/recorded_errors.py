"""Reads `recorded_errors.txt`: what engines say when something fails, and which of our classes it is."""

from __future__ import annotations

from pathlib import Path

_LINES = Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines()

RECORDED = [
    (message, kind)
    for kind, tab, message in (line.partition("\t") for line in _LINES)
    if tab and not kind.startswith("#")
]
"""(message, word of the class)."""
