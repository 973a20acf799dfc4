"""Below or beside the list of what starts by itself: the row under the cursor in full. Pure text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from mediadl.models import JobStatus
from mediadl.models.plans import NextRun, PlanFacts, PlannedSchedule
from mediadl.models.schedules import RunState, ScheduleRun
from mediadl.security.text import safe_text
from mediadl.widgets import plan_text
from mediadl.widgets.amounts import plural, span
from mediadl.widgets.palette import STYLES
from mediadl.widgets.plan_columns import PlanRow
from mediadl.widgets.plan_text import STANDING
from mediadl.widgets.run_chart import chart
from mediadl.widgets.run_columns import lasted
from mediadl.widgets.timeline import sparkline
from mediadl.widgets.when import local, soon

_QUIET = "$foreground-muted"
_KEY = "bold $text-accent"
_WARN = "$text-warning"
_HEAD = "bold $foreground-muted"
_ROOMY = 11
"""Lines from which on every next run and source has a line of its own."""
_TWO_COLUMNS = 100
"""Cells from which on sources stand beside the next runs."""
_SPARKS = 30
_CHART_LINES = 5
_YEAR = re.compile(r" \d{4} ")


@dataclass(frozen=True, slots=True)
class PaneKeys:
    """Keys that are named in the text, as printed on a keyboard; empty: not named."""

    gap: str = ""
    """Fills the gap."""
    sources: str = ""
    """Shows the sources."""


def plan(
    row: PlanRow | None,
    facts: PlanFacts | None,
    now: float,
    width: int,
    height: int,
    keys: PaneKeys | None = None,
) -> Content:
    """The row in so many cells and lines. `facts`: what is known beyond the row."""
    keys = keys or PaneKeys()
    if row is None:
        return Content("")
    if row.plan is None:
        lines = _job(row, now)
        return _cut(lines, width, height, apart=height >= _ROOMY)
    if facts is not None and facts.plan.schedule.id != row.plan.schedule.id:
        facts = None
    if height < _ROOMY:
        return _cut(_brief(row, row.plan, facts, now, width, keys), width, height)
    head = _head(row, row.plan, facts, keys)
    left, right = _next(facts, now), _sources(facts, row.plan, now, height - len(head) - 1)
    if width < _TWO_COLUMNS:
        lines = [*head, Content(""), *left, Content(""), *right]
        return _cut([*lines, *_last_runs(facts, now, width, height - len(lines))], width, height)
    half = width // 2
    both: list[Content] = []
    for n in range(max(len(left), len(right))):
        one = left[n] if n < len(left) else Content("")
        two = right[n] if n < len(right) else Content("")
        both.append(_fit(one, half - 2, pad=True).append("  ").append(_fit(two, width - half)))
    return _cut([*head, Content(""), *both], width, height)


def _job(row: PlanRow, now: float) -> list[Content]:
    job = row.job
    assert job is not None
    at = row.next_at or 0.0
    if job.status is JobStatus.PAUSED:
        when = f"Held; was to start {local(at, now)}"
    else:
        when = f"Starts {local(at, now)}, {soon(at, now)}, once"
    about = [safe_text(job.platform), safe_text(job.content_type), f"priority {job.priority.word}"]
    about += [
        f"{safe_text(name)}={safe_text(value)}" for name, value in sorted(job.options.items()) if value != ""
    ]
    return [
        Content.styled(row.title, "bold"),
        Content(when),
        Content.styled(" · ".join(word for word in about if word), _QUIET),
        Content.styled(safe_text(job.url, limit=300), _QUIET),
    ]


def _state(plan: PlannedSchedule) -> tuple[str, str]:
    glyph, word, style = STANDING[plan_text.standing(plan)]
    return f"{glyph} {word}", STYLES[style]


def _styled(part: tuple[str, str]) -> tuple[str, str]:
    text, style = part
    return text, STYLES[style] if style else ""


def _title(row: PlanRow, plan: PlannedSchedule) -> Content:
    last = _styled(plan_text.outcome(plan.last, roomy=True))
    return Content.assemble((row.title, "bold"), "  ", _state(plan), ("  last run: ", _QUIET), last)


def _brief(
    row: PlanRow, plan: PlannedSchedule, facts: PlanFacts | None, now: float, width: int, keys: PaneKeys
) -> list[Content]:
    """Six lines, what matters most first."""
    lines = [_title(row, plan), Content(safe_text(plan.words))]
    wrong = _wrong(plan, keys)
    if facts is not None:
        lines.append(Content.assemble(("Next ", _QUIET), *_in_a_row(facts.next_runs, now, width - 5)))
    lines.append(Content.assemble(("From ", _QUIET), *_names(facts, plan, width - 5)))
    lines += wrong
    if facts is not None and facts.runs:
        lines.append(_figures(facts))
    return lines


def _head(row: PlanRow, plan: PlannedSchedule, facts: PlanFacts | None, keys: PaneKeys) -> list[Content]:
    lines = [_title(row, plan), Content(safe_text(plan.words)), *_wrong(plan, keys)]
    if facts is not None and facts.runs:
        lines.append(_figures(facts))
    return lines


def _wrong(plan: PlannedSchedule, keys: PaneKeys) -> list[Content]:
    """What a person should look at."""
    lines = []
    if plan.schedule.note:
        lines.append(Content.styled(f"▲ {safe_text(plan.schedule.note, limit=300)}", _WARN))
    if plan.gap_since is not None:
        lines.append(Content.assemble(
            ("▲ Posts may be missing", _WARN), ("; " if keys.gap else ".", _WARN),
            (keys.gap, _KEY), (" fills the gap." if keys.gap else "", _WARN),
        ))  # fmt: skip
    if plan.ailing:
        lines.append(Content.assemble(
            (f"▲ {plural(plan.ailing, 'source')} cannot be read", _WARN), ("; " if keys.sources else ".", _WARN),
            (keys.sources, _KEY), (" says which and why." if keys.sources else "", _WARN),
        ))  # fmt: skip
    return lines


def _next(facts: PlanFacts | None, now: float) -> list[Content]:
    lines = [Content.styled("Next runs", _HEAD)]
    if facts is None:
        return [*lines, Content.styled("  …", _QUIET)]
    if not facts.next_runs:
        return [*lines, Content.styled("  none: it never comes due again", _QUIET)]
    for run in facts.next_runs:
        mark = f"  ▲ {safe_text(run.marked)}" if run.marked else ""
        lines.append(
            Content.assemble("  ", run_text(run, now), (f"  {soon(run.at, now)}", _QUIET), (mark, _WARN))
        )
    return lines


def run_text(run: NextRun, now: float) -> str:
    """A run to come on the clock here; on its zone's clock too where that shows something else."""
    here, there = local(run.at, now), safe_text(run.text, limit=60)
    moment = datetime.fromtimestamp(run.at).astimezone()
    day = f"{moment:%a} {moment.day} {moment:%b} {moment.year} "
    if not there or there.startswith(f"{day}{moment:%H:%M}"):
        # Only the name of its time may be left, in a night that has the hour twice
        return here + there.removeprefix(f"{day}{moment:%H:%M}")
    return f"{here} ({_YEAR.sub(' ', there.removeprefix(day), count=1)} there)"


def _sources(facts: PlanFacts | None, plan: PlannedSchedule, now: float, room: int) -> list[Content]:
    if facts is None or not facts.sources:
        told = plan_text.sources_line(plan.schedule.spec, most=5)
        return [Content.styled("Sources", _HEAD), Content(f"  {told}")]
    lines = [Content.styled(plural(facts.source_count, "source").capitalize(), _HEAD)]
    shown = facts.sources[: max(room - 2, 3)]
    for source in shown:
        glyph, word, style = plan_text.SOURCES[source.state]
        lines.append(Content.assemble(
            "  ", (f"{glyph} {word:<8}", STYLES[style]), plan_text.source_name(source),
            "  ", _styled(plan_text.source_note(source, now)),
        ))  # fmt: skip
    if facts.source_count > len(shown):
        lines.append(Content.styled(f"  and {facts.source_count - len(shown):,} more", _QUIET))
    return lines


def _last_runs(facts: PlanFacts | None, now: float, width: int, room: int) -> list[Content]:
    """A chart and the last runs, where there is room."""
    if facts is None or not facts.runs or room < _CHART_LINES + 4:
        return []
    lines = [Content(""), Content.styled("Last runs", _HEAD)]
    drawn = chart(facts.runs, width - 2, _CHART_LINES)
    lines += [Content.assemble("  ", line) for line in drawn]
    for run in facts.runs[: max(room - len(lines), 0)]:
        at = run.started_at if run.started_at is not None else run.due_at
        lines.append(Content.assemble(
            "  ", f"{local(at, now):<17}", (f"{span(lasted(run, now)):>6}  ", _QUIET),
            _styled(plan_text.outcome(run, roomy=True)),
        ))  # fmt: skip
    return lines


def _in_a_row(runs: Sequence[NextRun], now: float, width: int) -> list[tuple[str, str]]:
    """As many runs as fit one line."""
    if not runs:
        return [("never", _QUIET)]
    parts: list[tuple[str, str]] = []
    left = width
    for n, run in enumerate(runs):
        text = (" · " if n else "") + run_text(run, now)
        mark = f" ▲ {safe_text(run.marked)}" if run.marked else ""
        left -= cell_len(text + mark)
        if left < 0 and n:
            break
        parts += [(text, ""), (mark, _WARN)]
    return parts


def _names(facts: PlanFacts | None, plan: PlannedSchedule, width: int) -> list[tuple[str, str]]:
    if facts is None or not facts.sources:
        return [(plan_text.sources_line(plan.schedule.spec, most=6), "")]
    parts: list[tuple[str, str]] = []
    left = width - 6
    for n, source in enumerate(facts.sources):
        glyph, _word, style = plan_text.SOURCES[source.state]
        text = plan_text.source_name(source)
        left -= cell_len(text) + 4
        if left < 0 and n:
            break
        parts += [(f"{'  ' if n else ''}{glyph} ", STYLES[style]), (text, "")]
    shown = len(parts) // 2
    if facts.source_count > shown:
        parts.append((f"  +{facts.source_count - shown:,}", _QUIET))
    return parts


def _figures(facts: PlanFacts) -> Content:
    """How its runs went, in one line."""
    parts = []
    if facts.success is not None:
        parts.append(f"{round(facts.success * 100)}% of its runs went well")
    if facts.mean_s is not None:
        parts.append(f"{span(facts.mean_s)} each")
    return Content.assemble((" · ".join(parts), _QUIET), "  ", *new_items(facts.runs))


def new_items(runs: Sequence[ScheduleRun], most: int = _SPARKS) -> list[tuple[str, str]]:
    """What each of the last runs brought, oldest first, as blocks; a failed one as a cross. `runs`: newest first."""
    shown = list(reversed(runs[:most]))
    if not shown:
        return []
    blocks = sparkline([run.new for run in shown], len(shown))
    parts = [("new ", _QUIET)]
    for run, block in zip(shown, blocks, strict=True):
        failed = run.state is RunState.FAILED
        parts.append(("✗" if failed else block, "$text-error" if failed else "$text-primary"))
    return parts


def nothing(*, filtered: bool = False) -> Content:
    """What stands in the place of an empty list."""
    if filtered:
        return Content.assemble(
            ("Nothing here has that.\n\n", "bold"),
            ("Esc", _KEY), "  show everything again\n",
            ("f", _KEY), "    another kind",
        )  # fmt: skip
    return Content.assemble(
        ("Nothing is scheduled.\n\n", "bold"),
        ("n", _KEY), "  look at accounts or channels again and again, and fetch what is new\n",
        ("a", _KEY), "  add an address and give it a time to start at\n",
        ("2", _KEY), "  the Queue, with everything that starts at once",
    )  # fmt: skip


def _fit(line: Content, width: int, *, pad: bool = False) -> Content:
    return line.truncate(max(width, 1), ellipsis=True, pad=pad)


def _cut(lines: Sequence[Content], width: int, height: int, *, apart: bool = False) -> Content:
    between = "\n\n" if apart and len(lines) * 2 <= height else "\n"
    return Content(between).join(_fit(line, width) for line in lines[:height])


class PlanPane(Static):
    """The row under the cursor; its room is fixed, nothing around it moves."""

    _said: Content | None = None
    _asked: tuple[PlanRow | None, PlanFacts | None, float, PaneKeys] = (None, None, 0.0, PaneKeys())

    def show(self, row: PlanRow | None, facts: PlanFacts | None, now: float, keys: PaneKeys) -> None:
        """Say it."""
        self._asked = (row, facts, now, keys)
        self._say()

    def on_resize(self) -> None:
        """Other words fit."""
        self._say()

    def _say(self) -> None:
        row, facts, now, keys = self._asked
        size = self.scrollable_content_region.size
        said = plan(row, facts, now, size.width, size.height, keys)
        if said != self._said:
            self._said = said
            self.update(said, layout=False)
