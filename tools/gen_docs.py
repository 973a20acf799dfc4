"""Writes docs/cli.md, docs/settings.md and docs/failures.md from the code they describe.

`tests/test_docs.py` compares the files with the code, so a new option, setting or failure class needs `make docs`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from pydantic.fields import FieldInfo
from rich.text import Text

from mediadl import errors
from mediadl.modules import options
from mediadl.settings.fields import ENV_PREFIX, allowed, choices_of, fields, kind_of
from mediadl.settings.kinds import typed_text

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
MADE = "<!-- made by `make docs` from {source}; change that instead -->\n\n"

ACTIONS = {
    errors.Action.RETRY: "tries again after a growing pause",
    errors.Action.NEXT_BACKEND: "tries the next engine that can do it",
    errors.Action.PAUSE_SITE: "lets the whole site cool down, then goes on",
    errors.Action.WAIT: "waits, and goes on by itself once it can",
    errors.Action.STOP: "stops: another try would end the same",
}

EXIT_CODES = {
    0: "everything worked",
    1: "something failed",
    2: "usage: an option, a value or an address that cannot be used",
    3: "not found: the job, the setting, or the post itself",
    4: "login needed",
    5: "rate limited or blocked by the site",
    6: "disk full, or the folder cannot be written",
    7: "no engine knows this address",
    8: "permission denied",
    9: "the database is newer, corrupt or locked; it was not touched",
    130: "interrupted",
}


def cell(text: object) -> str:
    """Text that cannot break out of a table cell."""
    return " ".join(str(text).split()).replace("|", "\\|")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell(one) for one in line) + " |\n" for line in lines)


def settings_page() -> str:
    """Every setting with type, bounds, default and help."""
    made_from = "mediadl/settings/schema.py and the options of platforms in mediadl/modules"
    text = "# Settings\n\n" + MADE.format(source=made_from)
    text += (
        "`mediadl settings set KEY VALUE` changes one, `mediadl settings unset KEY` takes it back, "
        "`mediadl settings list` shows all with where their value came from. They are kept in `settings.toml` in the "
        f"data folder. An environment variable wins over the file: `{ENV_PREFIX}DOWNLOADS__QUALITY=720p`. "
        "The options of a platform can be given for one job as well: `mediadl add --option KEY=VALUE`.\n"
    )
    schema = options.schema()
    for section, outer in schema.model_fields.items():
        doc = cast("type[Any]", outer.annotation).__doc__ or ""
        rows = [
            [f"`{key}`", info.title, _values(info), _default(info), info.description]
            for key, info in fields(schema)
            if key.startswith(section + ".")
        ]
        text += f"\n## {section}\n\n{doc}\n\n"
        text += table(["Key", "Title", "Values", "Default", "What it does"], rows)
    return text


def _default(info: FieldInfo) -> str:
    return f"`{text}`" if (text := typed_text(kind_of(info), info.default)) else "empty"


def _values(info: FieldInfo) -> str:
    choices = choices_of(info)
    return ", ".join(f"`{one}`" for one in choices) if choices else allowed(info)


def failures_page() -> str:
    """Every class of failure: what it is called, what the program does, what a person can do."""
    text = "# Failures\n\n" + MADE.format(source="mediadl/errors.py")
    text += "What a failed job says, what mediadl does about it, and what you can do.\n\n"
    rows = [
        [
            f"**{cls.title}**",
            f"`{kind}`",
            (cls.__doc__ or "").splitlines()[0],
            ACTIONS[cls.action],
            cls.next_step,
        ]
        for kind, cls in sorted(errors.KINDS.items(), key=lambda pair: pair[1].title)
    ]
    return text + table(["Failure", "Word", "Meaning", "mediadl", "You"], rows)


def cli_page() -> str:
    """Every command with its arguments and options, and the exit codes."""
    from typer.main import get_command

    from mediadl.cli.root import build

    text = "# The command line\n\n" + MADE.format(source="mediadl/cli")
    text += (
        "Data goes to stdout, everything else to stderr. `--json` prints one object, or one object per line for lists. "
        "Without a terminal, or with `NO_COLOR` set, output is plain. `MEDIADL_HOME` names the data folder.\n"
        "\n## Exit codes\n\n"
    )
    text += table(["Code", "Meaning"], list(EXIT_CODES.items()))
    text += "\n[Failures](failures.md) lists every cause. `--debug` adds the traceback.\n\n## Commands\n"
    for path, command in commands(get_command(build()), "mediadl"):
        text += f"\n### {path}\n\n{_paragraphs(command.help)}\n"
        rows = [_parameter(one) for one in command.params if not getattr(one, "hidden", False)]
        rows = [row for row in rows if row[0] != "`--help`"]
        if rows:
            text += "\n" + table(["Option", "What it does", "Default"], rows)
    return text


def commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that is not hidden, depth first, with the words that call it."""
    yield path, command
    if hasattr(command, "list_commands"):
        from typer import Context

        context = Context(command, info_name=path)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and not child.hidden:
                yield from commands(child, f"{path} {name}")


def _paragraphs(text: str | None) -> str:
    blocks = (" ".join(block.split()) for block in (text or "").split("\n\n"))
    return Text.from_markup("\n\n".join(block for block in blocks if block)).plain


def _parameter(one: Any) -> list[object]:
    if one.param_type_name == "argument":
        called = f"`{one.metavar or one.name.upper() + ('…' if one.nargs == -1 else '')}`"
    else:
        called = ", ".join(f"`{spelled}`" for spelled in [*one.opts, *one.secondary_opts])
    plain = one.default is None or callable(one.default) or one.default in (False, (), [], "")
    return [called, _paragraphs(getattr(one, "help", "")), "" if plain else f"`{one.default}`"]


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "failures.md": failures_page,
    "settings.md": settings_page,
}


def main() -> int:
    """Write the pages and say which changed."""
    for file, page in PAGES.items():
        path, text = DOCS / file, page()
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"docs/{file} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
