"""`mediadl doctor`: what is missing, what is wrong, how to mend it."""

from __future__ import annotations

import sys

from mediadl.cli import output
from mediadl.cli.options import Json
from mediadl.security.text import safe_text
from mediadl.service import open_services
from mediadl.service.doctor import Finding, State

_MARKS = {State.OK: "ok  ", State.WARN: "warn", State.BAD: "BAD "}
_COLOURS = {State.OK: "32", State.WARN: "33", State.BAD: "31"}


def doctor(json: Json = False) -> int:
    """Look at everything the program stands on; exit code 1 when something will fail."""
    bad = False
    with open_services() as services:
        for found in services.doctor.examine():
            bad = bad or found.state is State.BAD
            _print(found, json=json)
    return int(bad)


def _print(found: Finding, *, json: bool) -> None:
    if json:
        output.record(
            {"name": found.name, "state": found.state.value, "what": found.what, "mend": found.mend}
        )
        return
    mark = _MARKS[found.state]
    if output.is_fancy(sys.stdout):
        mark = f"\x1b[{_COLOURS[found.state]}m{mark}\x1b[0m"
    output.data(f"{mark} {safe_text(found.name):16} {safe_text(found.what, limit=1000)}")
    if found.mend:
        output.data(f"{'':21} → {safe_text(found.mend, limit=1000)}")
