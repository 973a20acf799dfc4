"""What the server was asked and what it answered."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Entry:
    """One request; status and bytes are filled in while the answer goes out."""

    method: str
    url: str
    headers: dict[str, str]
    cookies: dict[str, str]
    form: dict[str, str]
    connection: int
    at: float = field(default_factory=time.monotonic)
    status: int | None = None
    body_bytes_sent: int = 0
    fault: str | None = None
    ended_at: float | None = None

    @property
    def line(self) -> str:
        """`METHOD URL`, which the patterns are matched against."""
        return f"{self.method} {self.url}"


class RequestLog:
    """All requests in order of arrival; safe to read while the server runs."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._changed = threading.Condition()

    def add(self, entry: Entry) -> None:
        """Note a request on its arrival."""
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def touched(self) -> None:
        """Wake whoever waits, after an entry was changed."""
        with self._changed:
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget everything noted so far."""
        with self._changed:
            self._entries.clear()

    def entries(self) -> list[Entry]:
        """A copy of the list."""
        with self._changed:
            return list(self._entries)

    def search(self, pattern: str) -> list[Entry]:
        """The requests whose `METHOD URL` matches the regular expression somewhere."""
        expression = re.compile(pattern)
        return [entry for entry in self.entries() if expression.search(entry.line)]

    def count(self, pattern: str = "") -> int:
        """How many requests match."""
        return len(self.search(pattern))

    def body_bytes(self, pattern: str = "") -> int:
        """Body bytes sent for the matching requests so far."""
        return sum(entry.body_bytes_sent for entry in self.search(pattern))

    def peak(self, pattern: str = "") -> int:
        """How many of the matching requests were being answered at once, at most."""
        found = self.search(pattern)
        moments = [(entry.at, 1) for entry in found]
        moments += [(entry.ended_at, -1) for entry in found if entry.ended_at is not None]
        running = most = 0
        for _, change in sorted(moments):
            running += change
            most = max(most, running)
        return most

    def wait_for(
        self, pattern: str, *, count: int = 1, body_bytes: int = 0, ended: bool = False, timeout_s: float = 10
    ) -> list[Entry]:
        """Wait until that many requests match (and their answers carried that many bytes, or have ended).

        Raises:
            TimeoutError: Not in time; the message lists what was asked instead.
        """

        def enough() -> bool:
            found = self._matching(expression)
            if ended:
                found = [entry for entry in found if entry.ended_at is not None]
            return len(found) >= count and sum(entry.body_bytes_sent for entry in found) >= body_bytes

        expression = re.compile(pattern)
        with self._changed:
            if not self._changed.wait_for(enough, timeout_s):
                seen = "\n".join(f"  {e.line} {e.status} {e.body_bytes_sent}" for e in self._entries[-30:])
                raise TimeoutError(f"no {count} x {pattern!r} within {timeout_s} s; seen:\n{seen}")
            return self._matching(expression)

    def _matching(self, expression: re.Pattern[str]) -> list[Entry]:
        return [entry for entry in self._entries if expression.search(entry.line)]
