from __future__ import annotations

import io
import sys

import pytest

from mediadl.cli import output
from mediadl.errors import InvalidInput

HOSTILE = "\x1b]52;c;x\x07[red]bold[/] \u202egpj\nnext"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, typed: str = "") -> Terminal:
    """Puts a terminal around the test; called in it, because pytest sets the streams anew between its phases."""
    made = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stdout", made)
    monkeypatch.setattr(sys, "stderr", made)
    return made


def test_no_color_a_dumb_terminal_and_a_pipe_get_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)

    assert output.is_fancy(terminal)
    assert not output.is_fancy(io.StringIO())
    monkeypatch.setenv("TERM", "dumb")
    assert not output.is_fancy(terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not output.is_fancy(terminal)


@pytest.mark.parametrize("no_color", ["", "1"])
def test_a_hostile_title_is_only_text_in_either_table(monkeypatch: pytest.MonkeyPatch, no_color: str) -> None:
    terminal = on_terminal(monkeypatch)
    monkeypatch.setenv("NO_COLOR", no_color)

    output.table(("id", "title"), [(1, HOSTILE)], numbers=(0,))

    told = terminal.getvalue()
    assert "]52;c;x[red]bold[/] gpj next" in told
    assert "\x1b]" not in told
    assert "\u202e" not in told


def test_numbers_are_aligned_to_the_right(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("id", "name"), [(1, "a"), (20, "b")], numbers=(0,))

    assert capsys.readouterr().out == "id  name\n 1  a\n20  b\n"


def test_no_rows_print_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("id",), [])

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("typed", ["y\n", "YES\n"])
def test_a_person_may_agree(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    terminal = on_terminal(monkeypatch, typed)

    output.confirm("Remove 1 job?", yes=False)

    assert terminal.getvalue() == "Remove 1 job? [y/N] "


@pytest.mark.parametrize("typed", ["\n", "n\n", ""])
def test_everything_but_yes_is_no(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    on_terminal(monkeypatch, typed)

    with pytest.raises(InvalidInput, match="nothing was changed"):
        output.confirm("Remove 1 job?", yes=False)
