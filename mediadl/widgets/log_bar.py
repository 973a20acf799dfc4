"""The two lines above the log: levels with their numbers and whether it follows; what is filtered and where one is."""

from __future__ import annotations

from dataclasses import dataclass

from mediadl.logs import LEVELS, LogQuery
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import count
from mediadl.widgets.line import Line, Piece

LEVEL_WORDS: dict[str, str] = {"debug": "All", "info": "Info+", "warning": "Warnings+", "error": "Errors"}
"""The least level and what its tab says, in the order `f` walks through."""

_WEIGHTS = {"error": 2, "debug": 3, "warning": 4, "info": 5}
"""On a narrow line errors stay longest."""


@dataclass(frozen=True, slots=True)
class LogState:
    """What the lines above the log say."""

    query: LogQuery
    levels: tuple[int, ...] = (0,) * len(LEVELS)
    """Lines of each level in the whole log."""
    found: int = 0
    line: int = 0
    """Number of the line under the cursor, from 1; 0: none."""
    searched: float = 1.0
    following: bool = True
    pending: int = 0
    range_words: str = ""


class LevelTabs(Line):
    """One tab per least level, the chosen one in brackets; at the right, whether it follows."""

    def show(self, state: LogState) -> None:
        """Paint the tabs."""
        left = []
        for number, (level, word) in enumerate(LEVEL_WORDS.items()):
            lines = sum(state.levels[number:])
            chosen = level == state.query.level
            text = f"{word} {count(lines)}"
            left.append(
                Piece(
                    f"[{text}]" if chosen else text,
                    "bold $text-accent" if chosen else "$foreground-muted",
                    0 if chosen else _WEIGHTS[level],
                    f"show_level('{level}')",
                )
            )
        if state.following:
            right = [Piece("● following", "$text-success", 1, "follow")]
        else:
            new = f", {count(state.pending)} new" if state.pending else ""
            right = [Piece(f"‖ paused{new}", "bold $text-warning", 0, "bottom")]
        self.put(left, right)


class LogFilters(Line):
    """Module, job and time, each to click; at the right how far the search is, and where one is."""

    def show(self, state: LogState) -> None:
        """Paint the line."""
        query = state.query
        job = "" if query.job is None else str(query.job)
        left = [
            _choice("module", safe_text(query.module, limit=60), "all modules", "module", 3),
            _choice("job", job, "all jobs", "job", 4),
            _choice("time", safe_text(state.range_words, limit=60), "any time", "range", 5),
        ]
        right = []
        if 0 < state.searched < 1:
            right.append(Piece(f"searched {int(state.searched * 100)} %", "$text-warning", 1))
        if state.line:
            right.append(Piece(f"line {count(state.line)} of {count(state.found)}", "$foreground-muted", 2))
        self.put(left, right)


def _choice(word: str, value: str, nothing: str, action: str, weight: int) -> Piece:
    if value:
        return Piece(f"[{value}]", "bold $text-accent", 0, action, lead=word)
    return Piece(nothing, "$foreground-muted", weight, action)
