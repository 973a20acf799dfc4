"""What can be typed after `:`, and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.screens.actions import Scope, actions_of
from mediadl.screens.commands import Command, commands, matching, parse

KNOWN = commands(actions_of(Scope.QUEUE, Scope.APP))


def test_every_action_of_the_screen_can_be_typed() -> None:
    words = {command.word for command in KNOWN}

    for action in actions_of(Scope.QUEUE, Scope.APP):
        if action.name not in {"command_line", "command_palette", "jump", "suspend", "interrupt", "back"}:
            assert action.name.replace("_", "-") in words


def test_what_cannot_be_done_now_is_left_out() -> None:
    known = commands(actions_of(Scope.QUEUE, Scope.APP), against={"queue.retry", "app.undo"})

    assert {"retry", "undo"}.isdisjoint(command.word for command in known)


def test_q_quits_as_everywhere() -> None:
    found, _ = parse("q", KNOWN)

    assert found is not None
    assert found.call == "app.leave"


def test_an_exact_word_wins_over_longer_ones() -> None:
    found, _ = parse("leave", KNOWN)

    assert found is not None
    assert found.word == "leave"


@pytest.mark.parametrize("typed", ["", "   ", "zebra", "pa"])
def test_what_is_unknown_or_unclear_is_no_command(typed: str) -> None:
    assert parse(typed, KNOWN) == (None, "")


def test_beginnings_come_before_words_that_hold_it() -> None:
    words = [command.word for command in matching("page", KNOWN)]

    assert words[:2] == ["page-down", "page-up"]


def test_words_belong_to_commands_that_take_them() -> None:
    found, words = parse("filter two  words ", KNOWN)

    assert isinstance(found, Command)
    assert words == "two  words"


@given(st.text(max_size=200))
def test_nothing_typed_is_a_failure(typed: str) -> None:
    found, _ = parse(typed, KNOWN)

    assert found is None or found in KNOWN
    assert set(matching(typed, KNOWN)) <= set(KNOWN)
