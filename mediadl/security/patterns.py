"""Patterns that people type: checked at once, and run in time that grows with the text only.

They run in the process that owns every download, over text that strangers wrote. Python's own engine tries every way
through a pattern: `(a+)+$` against thirty letters keeps it busy for minutes. RE2 never does; what it cannot promise
that for (looking around, references back) it refuses.
"""

from __future__ import annotations

import functools
import re
import warnings
from typing import Any

from mediadl.errors import InvalidInput

MOST_CHARS = 500
"""Longest pattern taken."""

_MOST_BYTES = 8 << 20
"""Memory one pattern may use for its automaton."""


class Pattern:
    """A pattern that was checked; finds it anywhere, capitals or not unless it says `(?-i)`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._compiled = _compiled(text)

    def found_in(self, text: str) -> bool:
        """Whether the text has it somewhere."""
        return self._compiled.search(text.encode("utf-8", "replace").decode()) is not None


@functools.lru_cache(maxsize=64)
def pattern(text: str) -> Pattern:
    """The pattern for a text.

    Raises:
        InvalidInput: no pattern, too long or too greedy; names the place.
    """
    return Pattern(text)


def _compiled(text: str) -> Any:
    import re2

    if len(text) > MOST_CHARS:
        raise InvalidInput(
            f"the pattern has {len(text)} characters, more than {MOST_CHARS}", next_step="Give a shorter one."
        )
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MOST_BYTES
    try:
        return re2.compile(text, options)
    except UnicodeEncodeError as error:
        raise _refused("not a character", error.start) from error
    except re2.error as error:
        raise _explained(text, error.args[0].decode("utf-8", "replace")) from error


def _explained(text: str, said: str) -> InvalidInput:
    """What is wrong and where, counted from 1."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text)
    except re.error as error:
        return _refused(error.msg, error.pos or 0)
    except (OverflowError, RecursionError):
        return _refused("too large", 0)
    # Right for Python and not for RE2: it says which part it means
    words, _, part = said.partition(": ")
    around = {
        "invalid perl operator": "looking around is not possible",
        "invalid escape sequence": "unknown escape",
    }
    return _refused(around.get(words, words), max(text.find(part), 0))


def _refused(why: str, at: int) -> InvalidInput:
    return InvalidInput(
        f"not a pattern at character {at + 1}: {why}",
        next_step=r"Mend it, or put a \ before characters that stand for themselves.",
    )
