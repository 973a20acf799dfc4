"""The line under the Scheduler's header: which kind of plans is shown, and how many there are of each."""

from __future__ import annotations

from mediadl.models.plans import PlanCounts, PlanKind
from mediadl.widgets.amounts import count
from mediadl.widgets.line import Line, Piece

KINDS: tuple[tuple[PlanKind, str], ...] = (
    (PlanKind.ALL, "All"),
    (PlanKind.SCHEDULES, "Schedules"),
    (PlanKind.ONCE, "Once"),
    (PlanKind.TROUBLE, "▲ Trouble"),
    (PlanKind.OFF, "Off"),
)
"""In the order `f` walks through."""

_WEIGHTS = {PlanKind.ALL: 0, PlanKind.TROUBLE: 1, PlanKind.SCHEDULES: 2, PlanKind.ONCE: 3, PlanKind.OFF: 4}


class PlanTabs(Line):
    """One tab per kind that has rows, with its number; the chosen one stands in brackets."""

    shown: list[PlanKind]
    """Kinds that can be chosen."""

    def show(self, chosen: PlanKind, counts: PlanCounts | None) -> None:
        """Paint the tabs."""
        numbers = _numbers(counts)
        pieces, self.shown = [], []
        for kind, label in KINDS:
            number = numbers.get(kind)
            if kind not in {PlanKind.ALL, chosen} and not number:
                continue
            self.shown.append(kind)
            text = label if number is None else f"{label} {count(number)}"
            style = "bold $text-accent" if kind is chosen else "$foreground-muted"
            weight = 0 if kind is chosen else _WEIGHTS[kind]
            said = f"[{text}]" if kind is chosen else text
            pieces.append(Piece(said, style, weight, f"show_kind('{kind.value}')"))
        right = []
        if counts is not None and counts.schedules:
            word = f"{count(counts.on)} of {count(counts.schedules)} on"
            right.append(Piece(word, "$foreground-muted", 5))
        self.put(pieces, right)


def _numbers(counts: PlanCounts | None) -> dict[PlanKind, int]:
    if counts is None:
        return {}
    return {
        PlanKind.ALL: counts.total,
        PlanKind.SCHEDULES: counts.schedules,
        PlanKind.ONCE: counts.once,
        PlanKind.TROUBLE: counts.trouble,
        PlanKind.OFF: counts.off,
    }
