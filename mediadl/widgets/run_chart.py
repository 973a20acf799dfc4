"""What the last runs of a schedule brought, as a chart of blocks. Pure text."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from mediadl.models.schedules import RunState, ScheduleRun
from mediadl.widgets.amounts import count

_BLOCKS = " ▁▂▃▄▅▆▇█"
_QUIET = "$foreground-muted"


def bars(values: Sequence[int], height: int) -> list[str]:
    """One column per value in so many lines, the largest as high as the chart; the top line first."""
    top, step = max(values, default=0), len(_BLOCKS) - 1
    levels = [-(-value * height * step // top) if value > 0 else 0 for value in values]
    return [
        "".join(_BLOCKS[max(0, min(level - line * step, step))] for level in levels)
        for line in reversed(range(height))
    ]


def chart(runs: Sequence[ScheduleRun], width: int, height: int) -> list[Content]:
    """New items of each run, the oldest first; a run that failed has a cross below it. `runs`: newest first."""
    ended = [run for run in runs if run.state in {RunState.DONE, RunState.FAILED}]
    if not ended or height < 2:
        return []
    top = max(run.new for run in ended)
    label = f"{count(top)} new "
    shown = list(reversed(ended[: max(width - len(label) - 1, 1)]))
    lines = []
    for n, line in enumerate(bars([run.new for run in shown], height - 1)):
        lead = label if not n else " " * len(label)
        lines.append(Content.assemble((lead, _QUIET), (line, "$text-primary")))
    signs = "".join("✗" if run.state is RunState.FAILED else "·" if not run.new else "─" for run in shown)
    foot = Content.assemble((" " * len(label), _QUIET), (signs, _QUIET))
    for n, sign in enumerate(signs):
        if sign == "✗":
            foot = foot.stylize("$text-error", len(label) + n, len(label) + n + 1)
    return [*lines, foot]
