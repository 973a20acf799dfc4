"""Every failure says what to do, and each command that is named there is one that the program has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import mediadl
from mediadl.cli.root import NOUNS, build
from mediadl.errors import KINDS
from mediadl.models import Job, JobStatus, Lane, Priority, Wanted
from mediadl.settings.fields import fields
from mediadl.widgets import job_cure

PACKAGE = Path(mediadl.__file__).parent
_COMMAND = re.compile(r"\bmediadl((?: (?:--?[a-z-]+|[A-Za-z0-9_.…-]+))+)")
_PROSE = frozenset(
    {
        "and",
        "then",
        "shows",
        "saves",
        "takes",
        "brings",
        "tries",
        "frees",
        "goes",
        "again",
        "or",
        "to",
        "process",
    }
)
_SETTING = re.compile(r"\b([a-z]+\.[a-z_]+)\b")


def next_steps() -> Iterator[tuple[str, str]]:
    """Every text given as a next step anywhere in the program, with where it stands."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            given: list[ast.expr] = []
            if isinstance(node, ast.keyword) and node.arg == "next_step":
                given.append(node.value)
            if isinstance(node, ast.Assign) and any(
                getattr(t, "id", "") == "next_step" for t in node.targets
            ):
                given.append(node.value)
            for value in given:
                yield f"{path.relative_to(PACKAGE)}:{value.lineno}", text_of(value)


def text_of(node: ast.AST) -> str:
    """The text of an expression; what is filled in later stands there as X."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return text_of(node.left) + text_of(node.right)
    if isinstance(node, ast.IfExp):
        return f"{text_of(node.body)} {text_of(node.orelse)}"
    return "X"


def commands_in(text: str) -> list[list[str]]:
    """The commands that a text names, without the prose after them."""
    found = []
    for match in _COMMAND.finditer(text):
        words = match[1].rstrip(".").split()
        prose = next((n for n, word in enumerate(words) if word in _PROSE), len(words))
        found.append([word.rstrip(".") for word in words[:prose]])
    return [words for words in found if words]


@pytest.fixture(scope="module")
def root() -> Any:
    return get_command(build())


def parse(root: Any, words: list[str]) -> str:
    """Why a command line cannot be one of ours; empty when it can."""
    command, rest = root, list(words)
    while hasattr(command, "list_commands") and rest and not rest[0].startswith("-"):
        known = command.commands.get(rest[0])
        if known is None:
            return f"no command {rest[0]}"
        command, rest = known, rest[1:]
    spelled = {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {
        "--help",
        "--debug",
    }
    return ", ".join(f"no option {word}" for word in rest if word.startswith("--") and word not in spelled)


def test_every_command_named_in_a_next_step_exists(root: Any) -> None:
    wrong = [
        f"{place}: mediadl {' '.join(words)}: {why}"
        for place, text in next_steps()
        for words in commands_in(text)
        if words[0] in NOUNS or words[0].islower()
        if (why := parse(root, words))
    ]

    assert wrong == []


def test_every_setting_named_by_a_failure_exists() -> None:
    known = {key for key, _info in fields()}
    sections = {key.partition(".")[0] for key in known}
    named = {key for cls in KINDS.values() for key in _SETTING.findall(cls.next_step)}

    assert {key for key in named if key.partition(".")[0] in sections} <= known


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_failure_has_a_title_a_cause_and_a_way_on(root: Any, kind: str) -> None:
    cls = KINDS[kind]
    job = Job(
        1, "https://a.example/x", "generic", "a.example", Lane.RUNNER, "page", "A", JobStatus.FAILED, Wanted.RUN,
        Priority.NORMAL, 1.0, {}, True, kind, "because", None, "", "", 1, 5, 1, "", 0.0, 0, None, 0.0, None, 0, 0, 0,
        0.0, None, None, None,
    )  # fmt: skip

    cause = (cls.__doc__ or "").splitlines()[0]
    assert cls.title[0].isupper()
    assert cause.endswith(".")
    assert len(cause) < 160
    assert cls.next_step
    for words in commands_in(cls.next_step):
        assert parse(root, words) == ""
    assert all(cure.action in job_cure.ACTIONS for cure in job_cure.cures(job))
    assert job_cure.cures(job)


@pytest.mark.parametrize("kind", ["engine_broken", "site_changed"])
def test_what_a_newer_engine_may_heal_names_the_update(kind: str) -> None:
    assert ["engines", "update"] in commands_in(KINDS[kind].next_step)
