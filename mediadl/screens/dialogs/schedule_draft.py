"""A schedule that is being told: its fields as rows, what changed, what it would come to. No widget, no thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from mediadl.models.schedules import Schedule
from mediadl.security.text import safe_text
from mediadl.service import schedule_form as form
from mediadl.service.schedule_form import FILTERS, GROUPS, OPTIONS, RULE, SOURCES, Foreseen
from mediadl.settings.kinds import Kind, Setting
from mediadl.widgets import plan_text
from mediadl.widgets.amounts import plural
from mediadl.widgets.form_list import FormRow
from mediadl.widgets.plan_pane import run_text
from mediadl.widgets.setting_text import value_text
from mediadl.widgets.when import soon

OPENED = frozenset({RULE, FILTERS, OPTIONS, SOURCES})
"""Fields that are asked for in a dialog of their own."""

_TITLES = {RULE: "Repeat", FILTERS: "Only items that", OPTIONS: "Options"}
_HELP = {
    RULE: "Enter chooses how often: presets, a cron line, every so often, or as the sources post.",
    SOURCES: "Enter types or pastes them: addresses, or instagram:NAME; each is checked.",
    FILTERS: "Enter chooses by kind, size, length, words and more.",
    OPTIONS: "Enter chooses options of the platform, for this schedule.",
}
_EMPTY = {
    "name": "as its sources",
    "platform": "as the sources say", "content_types": "as the sources say", "time_zone": "this machine's",
    "windows": "always", "active_from": "at once", "active_until": "for ever", "since": "any time",
    "until": "any time", "quality": "as the settings say", "out": "as the settings say",
    "name_template": "as the settings say",
}  # fmt: skip
"""What an empty field means, in words."""

_QUIET = "$foreground-muted"


class Draft:
    """What is told so far."""

    def __init__(self, schedule: Schedule | None = None, sources: Sequence[str] = ()) -> None:
        """`schedule`: the one that is changed; None: a new one, with these `sources`."""
        self.schedule = schedule
        self.values: dict[str, Any] = form.blank()
        if schedule is not None:
            self.values |= {**schedule.spec, "name": schedule.name, "enabled": schedule.enabled}
        self._began = dict(self.values)
        self._own_name = schedule is not None
        self.foreseen: Foreseen | None = None
        """What would come of it, once that was found out."""
        if sources:
            self.put(SOURCES, list(sources))

    @property
    def changed(self) -> list[str]:
        """Names of the fields that differ from what it began with."""
        return [name for name, value in self.values.items() if value != self._began.get(name)]

    def titles(self) -> list[str]:
        """What the changed fields are called, each once."""
        known = form.settings(self.values)
        named = [RULE if name in form.RULE_FIELDS else name for name in self.changed]
        return list(dict.fromkeys(_TITLES.get(name) or known[name].title for name in named))

    def put(self, name: str, value: Any) -> None:
        """Tell a field; a schedule without a name of its own is called after its sources."""
        self.values[name] = value
        if name == "name":
            self._own_name = bool(value)
        if name == SOURCES and not self._own_name:
            self.values["name"] = _name_of(value)

    def put_rule(self, told: Mapping[str, Any]) -> None:
        """Tell when it runs."""
        self.values |= {"cron": "", "every_s": 0, "adaptive": False} | dict(told)

    def reset(self, name: str) -> None:
        """Take a field back to what it is when nothing is told."""
        if name == RULE:
            self.put_rule({one: form.default(one) for one in form.RULE_FIELDS})
        else:
            self.put(name, form.default(name))

    def setting(self, row_id: str) -> Setting | None:
        """The field of a row that is typed, switched or chosen."""
        return None if row_id in OPENED else form.settings(self.values).get(row_id)

    def is_default(self, name: str) -> bool:
        """Whether a field is as when nothing is told."""
        names = form.RULE_FIELDS if name == RULE else (name,)
        return all(_plain(self.values.get(one)) == _plain(form.default(one)) for one in names)

    # As rows

    def rows(self, *, editing: str = "", trouble: str = "") -> list[FormRow]:
        """The whole form. `trouble`: of the field that is being edited."""
        known = form.settings(self.values)
        rows: list[FormRow] = []
        for title, about, names in GROUPS:
            rows.append(FormRow(title=title, note=about))
            rows += [self._row(name, known, trouble if name == editing else "") for name in names]
        return rows

    def _row(self, name: str, known: Mapping[str, Setting], trouble: str) -> FormRow:
        changed = any(one in self.changed for one in (form.RULE_FIELDS if name == RULE else (name,)))
        title = _TITLES.get(name) or known[name].title
        value = self._shown(name, known.get(name))
        note, style = _HELP.get(name) or known[name].help, "quiet"
        blamed = self._blamed(name)
        if trouble or blamed:
            note, style = f"✗ {safe_text(trouble or blamed, limit=300)}", "grave"
        aside = "changed" if changed else ""
        return FormRow(
            name,
            title,
            value,
            "quiet" if self.is_default(name) else "accent",
            aside,
            note,
            style,
            changed=changed,
        )

    def _blamed(self, name: str) -> str:
        """Why the whole cannot be kept, where this field is to blame and something was told."""
        seen = self.foreseen
        if seen is None:
            return ""
        if name == RULE:
            return seen.rule_trouble
        untold = not self.values[SOURCES]
        return seen.trouble if seen.field == name and not untold else ""

    def _shown(self, name: str, setting: Setting | None) -> str:
        value = self.values.get(name)
        if name == RULE:
            return f"{safe_text(self.foreseen.words) if self.foreseen else '…'} ▸"
        if name == SOURCES:
            found: Sequence[str] = value or ()
            listed = plan_text.sources_line(self.values, most=3)
            lead = f"{plural(len(found), 'source')}: " if len(found) > 1 else ""
            return f"{lead}{listed or 'none yet'} ▸"
        if name == FILTERS:
            return f"{safe_text(form.filter_words(self.values)) or 'all'} ▸"
        if name == OPTIONS:
            given = ", ".join(f"{key}={text}" for key, text in sorted((value or {}).items()))
            return f"{safe_text(given) or 'as the settings say'} ▸"
        assert setting is not None
        if not value and name in _EMPTY:
            return _EMPTY[name]
        return value_text(setting, setting.value)

    # What it comes to

    def verdict(self) -> Content:
        """Whether it can be kept, in one line."""
        seen = self.foreseen
        if seen is None:
            return Content.styled("…", _QUIET)
        if seen.rule_trouble:
            return Content.styled(f"✗ {safe_text(seen.rule_trouble, limit=300)}", "$text-error")
        if not self.values[SOURCES]:
            return Content.styled("○ It needs a source: Enter on Sources.", "$text-warning")
        if seen.trouble:
            return Content.styled(f"✗ {safe_text(seen.trouble, limit=300)}", "$text-error")
        if self.schedule is not None and not self.changed:
            return Content.styled("✓ as it is kept", "$text-success")
        return Content.styled("✓ can be kept", "bold $text-success")


def outlook(seen: Foreseen | None, now: float, lines: int) -> list[Content]:
    """When something would run, in so many lines: in words, then its next runs."""
    if seen is None:
        return [Content.styled("…", _QUIET)]
    if seen.rule_trouble:
        return [Content.styled(f"✗ {safe_text(seen.rule_trouble, limit=300)}", "$text-error")]
    found = [Content(safe_text(seen.words))]
    if not seen.runs:
        return [*found, Content.styled("It never comes due.", "$text-warning")]
    if lines < 2 + len(seen.runs):
        row = " · ".join(run_text(run, now) for run in seen.runs)
        marks = "; ".join(dict.fromkeys(run.marked for run in seen.runs if run.marked))
        found.append(Content.assemble(("Next ", _QUIET), row))
        return [*found, Content.styled(f"▲ {safe_text(marks)}", "$text-warning")] if marks else found
    for run in seen.runs:
        mark = f"  ▲ {safe_text(run.marked)}" if run.marked else ""
        found.append(
            Content.assemble(
                "  ", run_text(run, now), (f"  {soon(run.at, now)}", _QUIET), (mark, "$text-warning")
            )
        )
    return found


def typed(setting: Setting) -> bool:
    """Whether a field is typed rather than switched or chosen."""
    return setting.kind not in {Kind.SWITCH, Kind.CHOICE}


def _name_of(sources: Sequence[str]) -> str:
    """What a schedule is called whose name nobody told."""
    if not sources:
        return ""
    first = plan_text.source_word(sources[0])[:60]
    return first if len(sources) == 1 else f"{first} and {len(sources) - 1} more"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
