"""The helper for a rule: presets, the five fields, spans, and what they mean while typing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from mediadl.app import MediadlApp
from mediadl.screens.actions import Scope, actions_of
from mediadl.screens.dialogs.schedule_rule import PARTS, PRESETS, RuleDialog, preset_of, with_preset
from mediadl.service import Services, schedule_form
from terminal.page import Page

SIZES = [(60, 20), (80, 24), (120, 40)]


class Rule(Page):
    """The helper in front, its answer kept."""

    answer: Any = "none yet"

    @property
    def rule(self) -> RuleDialog:
        return next(one for one in self.app.screen_stack if isinstance(one, RuleDialog))

    @property
    def line(self) -> str:
        return " ".join(field.value for field in self.rule._parts.values())

    async def means(self, words: str) -> None:
        await self.until(lambda: words in self.text(), words)


@asynccontextmanager
async def asking(services: Services, size: tuple[int, int] = (80, 24), **told: Any) -> AsyncIterator[Rule]:
    app = MediadlApp(services)
    async with app.run_test(size=size, notifications=True) as pilot:
        page = Rule(app, pilot)
        await page.until(lambda: page.dialog == "QueueScreen", "the app")

        def answered(answer: Any) -> None:
            page.answer = answer

        app.push_screen(RuleDialog(services, schedule_form.blank() | told), answered)
        await page.opens("RuleDialog")
        await page.until(lambda: page.rule._seen is not None, "what it means")
        await pilot.pause()
        yield page


@pytest.mark.parametrize("size", SIZES)
async def test_a_rule_is_said_in_words_with_its_next_five_runs(
    services: Services, size: tuple[int, int]
) -> None:
    async with asking(services, size) as page:
        text = page.text()

        assert "Every day at 03:00" in text
        assert text.count(" 03:00  in ") == 5
        assert all(title in text for title in ("Minute", "Hour", "Day", "Month", "Weekday"))
        assert all(len(line) == size[0] for line in page.lines())


async def test_words_follow_what_is_typed(services: Services) -> None:
    async with asking(services) as page:
        page.rule._parts["minute"].value = "*/15"
        await page.means("Every 15 minutes")
        assert page.rule._preset.value == "custom"
        page.rule._parts["minute"].value = "99"
        await page.means("✗")
        await page.press("enter")
        await page.until(lambda: "Not a rule" in page.toasts(), "the refusal")
        assert page.dialog == "RuleDialog"


async def test_presets_are_walked_through_and_the_time_stays(services: Services) -> None:
    async with asking(services, cron="30 2 * * *") as page:
        found = [page.line]
        for _ in range(2):
            await page.press("ctrl+n")
            found.append(page.line)
        assert found == ["30 2 * * *", "30 2 * * 1", "30 2 1 * *"]

        await page.press("ctrl+n")
        assert page.line == "30 2 1 * *"
        await page.press("ctrl+n")
        await page.means("Every 6 hours")
        await page.press("ctrl+n")
        await page.means("At most every")
        await page.press("ctrl+n")
        assert page.line.startswith("30 ")


async def test_a_whole_cron_line_goes_into_its_fields(services: Services) -> None:
    async with asking(services) as page:
        page.rule._parts["minute"].value = "5 4 * * sun"
        await page.until(lambda: page.line == "5 4 * * sun", "all five")
        await page.means("Sunday")
        await page.press("enter")
        await page.until(
            lambda: page.answer == {"cron": "5 4 * * sun", "every_s": 0, "adaptive": False}, "the answer"
        )


async def test_a_span_is_taken_and_a_bad_one_is_not(services: Services) -> None:
    async with asking(services, cron="", every_s=3600) as page:
        assert page.rule._preset.value == "every"
        field = page.rule._spans["every_s"]
        field.value = "soon"
        await page.means("✗ must be a time")
        await page.press("enter")
        assert page.dialog == "RuleDialog"
        field.value = "90 min"
        await page.means("Every 90 minutes")
        await page.press("enter")
        await page.until(lambda: page.answer != "none yet", "the answer")
        assert page.answer["every_s"] == 5400.0


async def test_an_adaptive_rule_has_its_bounds(services: Services) -> None:
    async with asking(services, cron="", adaptive=True) as page:
        page.rule._spans["least_every_s"].value = "2 h"
        await page.press("enter")
        await page.until(lambda: page.answer != "none yet", "the answer")

        assert page.answer["adaptive"] is True
        assert page.answer["least_every_s"] == 7200.0


async def test_esc_changes_nothing_and_an_open_list_closes_first(services: Services) -> None:
    async with asking(services) as page:
        page.rule._preset.focus()
        await page.press("enter")
        await page.until(lambda: page.rule._preset.expanded, "the list")
        await page.press("down", "enter")
        await page.until(lambda: page.rule._preset.value == "weekly", "chosen")
        page.rule._preset.focus()
        await page.press("enter")
        await page.until(lambda: page.rule._preset.expanded, "the list")
        await page.press("escape")
        assert page.dialog == "RuleDialog"
        await page.press("tab", "shift+tab", "escape")
        await page.until(lambda: page.answer is None, "no answer")


async def test_hostile_text_is_refused_at_once_and_only_text(services: Services) -> None:
    from terminal import hostile

    async with asking(services, (60, 20)) as page:
        for name, text in hostile.HOSTILE.items():
            if name == "surrogate":
                continue
            page.rule._parts["hour"].focus()
            page.app.post_message(events.Paste(text))
            await page.pilot.pause()
            hostile.assert_harmless(page.lines(), 60)


@pytest.mark.parametrize(
    ("cron", "preset"),
    [
        ("0 * * * *", "hourly"), ("30 2 * * *", "daily"), ("0 3 * * 1", "weekly"), ("0 3 * * mon,fri", "weekly"),
        ("0 3 1 * *", "monthly"), ("*/5 * * * *", "custom"), ("0 3 1 1 *", "custom"), ("0 3 1 * 1", "custom"),
        ("nonsense", "custom"), ("", "custom"),
    ],
)  # fmt: skip
def test_a_preset_is_known_again(cron: str, preset: str) -> None:
    assert preset_of(cron) == preset


@given(st.lists(st.sampled_from(["*", "0", "7", "15", "*/5", "mon", "1-3"]), min_size=5, max_size=5))
def test_a_preset_makes_its_own_line_of_any_other(fields: list[str]) -> None:
    parts = dict(zip(PARTS, fields, strict=True))
    for word, _, line in PRESETS:
        made = with_preset(word, parts)
        assert set(made) == set(PARTS)
        if line:
            assert preset_of(" ".join(made.values())) == word


def test_every_action_has_a_method() -> None:
    for action in actions_of(Scope.RULE):
        assert callable(getattr(RuleDialog, f"action_{action.name}"))
