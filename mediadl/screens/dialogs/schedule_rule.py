"""The helper for a schedule's rule: a preset, the five fields of a cron line or a span, and what that means, live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Select, Static

from mediadl.errors import MediadlError
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.dialogs.schedule_draft import outlook
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.service import schedule_form
from mediadl.service.schedule_form import Foreseen
from mediadl.settings.kinds import duration_text
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line
from mediadl.widgets.messages import Newest
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.service import Services

PARTS = ("minute", "hour", "day", "month", "weekday")
"""The fields of a cron line, in their order."""

HOURLY, DAILY, WEEKLY, MONTHLY, CUSTOM, EVERY, ADAPTIVE = (
    "hourly", "daily", "weekly", "monthly", "custom", "every", "adaptive"
)  # fmt: skip

PRESETS: tuple[tuple[str, str, str], ...] = (
    (HOURLY, "hourly", "0 * * * *"),
    (DAILY, "daily", "0 3 * * *"),
    (WEEKLY, "weekly", "0 3 * * 1"),
    (MONTHLY, "monthly", "0 3 1 * *"),
    (CUSTOM, "own cron line", ""),
    (EVERY, "every so often", ""),
    (ADAPTIVE, "as the sources post", ""),
)
"""Word, what people call it, and its cron line."""

_CRON = frozenset({HOURLY, DAILY, WEEKLY, MONTHLY, CUSTOM})
_SPANS = {
    EVERY: (("every_s", "Every"),),
    ADAPTIVE: (("least_every_s", "At most every"), ("most_every_s", "At least every")),
}
_CRON_SIGNS = r"[0-9A-Za-z*,/?#\- ]*"
_SPAN_SIGNS = r"[0-9A-Za-z. ]*"
"""What can be typed or pasted into the fields."""
_FIRST_EVERY_S = 21_600.0
_PLAIN = frozenset("0123456789")


def preset_of(cron: str) -> str:
    """The preset that a cron line is one of."""
    parts = cron.split()
    if len(parts) != len(PARTS):
        return CUSTOM
    minute, hour, day, month, weekday = parts
    if month != "*" or not _number(minute):
        return CUSTOM
    if (hour, day, weekday) == ("*", "*", "*"):
        return HOURLY
    if not _number(hour):
        return CUSTOM
    if (day, weekday) == ("*", "*"):
        return DAILY
    if day == "*":
        return WEEKLY
    return MONTHLY if weekday == "*" else CUSTOM


def with_preset(preset: str, parts: Mapping[str, str]) -> dict[str, str]:
    """The fields of a preset; the time of day that stands in them is kept."""
    line = next(line for word, _, line in PRESETS if word == preset).split()
    made = dict(zip(PARTS, line, strict=True)) if line else dict(parts)
    if line:
        made["minute"] = parts["minute"] if _number(parts["minute"]) else made["minute"]
        if made["hour"] != "*" and _number(parts["hour"]):
            made["hour"] = parts["hour"]
    return made


def _number(text: str) -> bool:
    return bool(text) and set(text) <= _PLAIN


@dataclass(frozen=True, slots=True)
class _Seen:
    told: dict[str, Any]
    foreseen: Foreseen


class RuleDialog(ModalScreen["dict[str, Any] | None"], inherit_bindings=False):
    """Its answer is the rule by the fields of `ScheduleSpec`, `None` for no change."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.RULE,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.RULE)]
    AUTO_FOCUS = "#rule-minute"
    CSS_PATH = "schedule.tcss"

    class Answered(Newest):
        """It was found out what something means."""

        def __init__(self, seen: _Seen) -> None:
            super().__init__()
            self.seen = seen

    def __init__(self, services: Services, values: Mapping[str, Any]) -> None:
        """`values`: what the schedule is told so far."""
        super().__init__()
        self._values = dict(values)
        parts = dict(zip(PARTS, (str(values.get("cron") or schedule_form.FIRST_CRON)).split(), strict=False))
        parts = {name: parts.get(name, "*") for name in PARTS}
        spans = {"every_s": values.get("every_s") or _FIRST_EVERY_S}
        spans |= {name: values.get(name) or 3600.0 for name in ("least_every_s", "most_every_s")}
        first = (
            ADAPTIVE
            if values.get("adaptive")
            else EVERY
            if values.get("every_s")
            else preset_of(" ".join(parts.values()))
        )
        self._preset = Select[str](
            [(title, word) for word, title, _ in PRESETS], value=first, allow_blank=False, id="rule-preset",
            compact=True,
        )  # fmt: skip
        self._parts = {
            name: Input(text, id=f"rule-{name}", compact=True, restrict=_CRON_SIGNS)
            for name, text in parts.items()
        }
        self._spans = {
            name: Input(duration_text(float(s)), id=f"rule-{name}", compact=True, restrict=_SPAN_SIGNS)
            for name, s in spans.items()
        }
        self._said = Static("", id="rule-said", markup=False)
        self._keys = KeyBar(id="rule-keys")
        self._seen: _Seen | None = None
        self._submit_when_seen = False
        self._queries: LatestQuery[dict[str, Any], _Seen] = LatestQuery(
            lambda told: _Seen(told, schedule_form.foresee(services, {**self._values, **told})),
            self._post,
            lambda error: notify_error(self.app, error),
        )

    def compose(self) -> ComposeResult:
        """Preset, fields, what they mean, keys."""
        with Vertical(id="rule", classes="dialog") as box:
            box.border_title = "Repeat"
            with Horizontal(classes="rule-line"):
                yield Static("Repeat", classes="label", markup=False)
                yield self._preset
            with Horizontal(id="rule-cron"):
                for name, field in self._parts.items():
                    with Vertical(classes="part"):
                        yield Static(name.capitalize(), classes="label", markup=False)
                        yield field
            for preset, spans in _SPANS.items():
                with Vertical(id=f"rule-of-{preset}"):
                    for name, title in spans:
                        with Horizontal(classes="rule-line"):
                            yield Static(title, classes="label", markup=False)
                            yield self._spans[name]
            yield self._said
            yield self._keys

    def on_mount(self) -> None:
        """Say what it means."""
        self.app.run_worker(self._queries.run, thread=True, group="queries", name="rule", exit_on_error=False)
        self._keys.show(hints(self.SCOPES, {}))
        self._arrange()
        self._ask()

    def on_unmount(self) -> None:
        """Stop reckoning."""
        self._queries.stop()

    # What it means

    def _told(self) -> dict[str, Any]:
        """The rule as it is typed.

        Raises:
            InvalidInput: a time that cannot be read.
        """
        preset = str(self._preset.value)
        if preset in _CRON:
            line = " ".join(field.value.strip() or "?" for field in self._parts.values())
            return {"cron": line, "every_s": 0, "adaptive": False}
        made = {name: schedule_form.value_of(name, self._spans[name].value) for name, _ in _SPANS[preset]}
        return {"cron": "", "every_s": 0, "adaptive": preset == ADAPTIVE, **made}

    def _ask(self) -> None:
        try:
            self._queries.ask(self._told())
        except MediadlError as error:
            self._seen = None
            self._said.update(Content.styled(f"✗ {safe_text(error.message)}", "$text-error"))

    def _post(self, seen: _Seen) -> None:
        # Thread of the queries
        self.post_message(self.Answered(seen))

    def on_rule_dialog_answered(self, message: Answered) -> None:
        """Show it, unless something else is typed by now."""
        try:
            current = message.seen.told == self._told()
        except MediadlError:
            return
        if current:
            self._seen = message.seen
            self._show()
            if self._submit_when_seen:
                self._submit_when_seen = False
                self.action_submit()

    def _show(self) -> None:
        import time

        lines = outlook(
            self._seen.foreseen if self._seen else None, time.time(), max(self._said.size.height, 2)
        )
        self._said.update(Content("\n").join(lines))

    def on_select_changed(self, event: Select.Changed) -> None:
        """Another preset: its fields."""
        event.stop()
        preset = str(self._preset.value)
        if preset in _CRON:
            made = with_preset(preset, {name: field.value.strip() for name, field in self._parts.items()})
            if preset != preset_of(" ".join(field.value.strip() for field in self._parts.values())):
                self._put_parts(made)
        self._arrange()
        self._ask()

    def _put_parts(self, parts: Mapping[str, str]) -> None:
        with self.prevent(Input.Changed):
            for name, field in self._parts.items():
                field.value = parts[name]

    def _arrange(self) -> None:
        """Only the fields of the preset."""
        preset = str(self._preset.value)
        self.query_one("#rule-cron").display = preset in _CRON
        for one in _SPANS:
            self.query_one(f"#rule-of-{one}").display = preset == one

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what it means; a whole cron line goes into all five fields."""
        event.stop()
        words = event.value.split()
        if event.input in self._parts.values() and len(words) == len(PARTS):
            self._put_parts(dict(zip(PARTS, words, strict=True)))
        if event.input in self._parts.values() and self._preset.value in _CRON:
            found = preset_of(" ".join(field.value.strip() for field in self._parts.values()))
            if found != self._preset.value:
                with self.prevent(Select.Changed):
                    self._preset.value = found
        self._ask()

    # Actions

    def action_submit(self) -> None:
        """Take the rule, if it is one."""
        focused = self.focused
        if isinstance(focused, Select):
            focused.action_show_overlay()
            return
        if isinstance(focused, OptionList):
            # The open list of presets: Enter chooses there
            self.app.call_later(focused.action_select)
            return
        try:
            told = self._told()
        except MediadlError as error:
            notify_error(self.app, error)
            return
        if self._seen is None or self._seen.told != told:
            self._submit_when_seen = True
            self._queries.ask(told)
        elif self._seen.foreseen.rule_trouble:
            self.notify(
                safe_text(self._seen.foreseen.rule_trouble, limit=300), title="Not a rule", severity="warning",
                markup=False, timeout=5,
            )  # fmt: skip
        else:
            self.dismiss(told)

    def action_close(self) -> None:
        """Close an open list, else change nothing."""
        if self._preset.expanded:
            self._preset.expanded = False
            return
        self.dismiss(None)

    def action_next_preset(self) -> None:
        """The next kind of rule."""
        words = [word for word, _, _ in PRESETS]
        self._preset.value = words[(words.index(str(self._preset.value)) + 1) % len(words)]

    def action_next_field(self) -> None:
        """Next field."""
        self.focus_next()

    def action_previous_field(self) -> None:
        """Field before."""
        self.focus_previous()

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))
