"""`mediadl settings`: values, where they come from, how to change them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mediadl.cli import output
from mediadl.cli.options import Json, Yes
from mediadl.errors import InvalidInput, MediadlError
from mediadl.security.text import safe_text
from mediadl.service import exports, open_services

if TYPE_CHECKING:
    from mediadl.service.settings import SettingsService
    from mediadl.settings.kinds import Setting

settings = typer.Typer(no_args_is_help=True)

Key = Annotated[str, typer.Argument(metavar="SECTION.NAME", help="Such as downloads.directory.")]


@settings.command("list")
def list_settings(
    section: Annotated[str, typer.Argument(metavar="[SECTION]", help="Only this section.")] = "",
    json: Json = False,
) -> None:
    """Every setting with its value and where that comes from."""
    with open_services() as services:
        found = services.settings.list()
        _tell_strays(services.settings)
    found = [one for one in found if section in {"", one.key.partition(".")[0]}]
    if not found:
        raise InvalidInput(f"no section {section!r}", next_step="See mediadl settings list.")
    if json:
        output.records(_record(one) for one in found)
        return
    output.table(
        ("setting", "value", "source", "meaning"),
        [(one.key, _text(one), one.source, one.help) for one in found],
    )


@settings.command()
def get(key: Key, json: Json = False) -> None:
    """Print one value."""
    with open_services() as services:
        found = services.settings.get(key)
    if json:
        output.record(_record(found))
    else:
        output.data(_text(found))


@settings.command("set")
def set_(
    key: Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The new value.")],
    json: Json = False,
) -> None:
    """Change one value; what runs takes it over by itself."""
    with open_services() as services:
        _tell(services.settings.set(key, value), json=json)


@settings.command()
def unset(key: Key, json: Json = False) -> None:
    """Take one value back to its default."""
    with open_services() as services:
        found = services.settings.unset(key)
    if found is not None:
        _tell(found, json=json)
    elif json:
        output.record({"key": key, "value": None})
    else:
        output.say(f"{key} is gone")


@settings.command()
def edit() -> None:
    """Open the settings file in $EDITOR; it is taken over when it is right."""
    if not sys.stdin.isatty():
        raise InvalidInput("an editor needs a terminal", next_step="Use mediadl settings set.")
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with open_services() as services, tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "settings.toml"
        draft.write_text(services.settings.export() or _empty(), "utf-8")
        before = draft.read_text("utf-8")
        while True:
            try:
                _edit([*editor, str(draft)])
            except (OSError, subprocess.CalledProcessError) as error:
                raise InvalidInput(f"the editor failed: {error}", next_step="Set EDITOR.") from error
            text = draft.read_text("utf-8", "replace")
            if text == before:
                output.say("nothing was changed")
                return
            try:
                services.settings.replace_all(text)
            except MediadlError as error:
                output.complain(error)
                output.confirm("Edit again?", yes=False)
            else:
                output.say(f"saved {services.settings.file}")
                return


@settings.command()
def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to; - prints.")] = "-",
) -> None:
    """Write the settings that differ from the defaults, as TOML."""
    with open_services() as services:
        text = services.settings.export()
    if file == "-":
        sys.stdout.write(text)
        return
    with exports.write_over(Path(file)) as stream:
        stream.write(text)


@settings.command("import")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A TOML file; - reads stdin.")], yes: Yes = False
) -> None:
    """Take all settings from a file."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not text", next_step="Give a TOML file.") from error
    except OSError as error:
        raise InvalidInput(
            f"cannot read {file}: {error.strerror or error}", next_step="Check the path."
        ) from error
    with open_services() as services:
        if services.settings.export().strip():
            output.confirm("Replace all settings?", yes=yes)
        services.settings.replace_all(text)
        output.say(f"saved {services.settings.file}")


@settings.command()
def keys(
    toml: Annotated[bool, typer.Option("--toml", help="As a keymap file, ready to be changed.")] = False,
    json: Json = False,
) -> None:
    """Every key of the screens, and the file in which other keys can be given."""
    from mediadl.screens.settings_keys import known
    from mediadl.settings.keymap import as_toml, spelled

    bound = known()
    with open_services() as services:
        keymap = services.settings.keymap(bound)
        file = services.settings.keymap_file
    for trouble in keymap.troubles:
        output.say(f"{file.name}: {trouble}")
    if toml:
        sys.stdout.write(as_toml(bound, keymap))
        return
    rows = [(one, keymap.keys.get(one.id, one.keys), one.id in keymap.keys) for one in bound]
    if json:
        output.records(
            {
                "action": one.id,
                "keys": list(now),
                "default": list(one.keys),
                "changed": changed,
                "help": one.help,
            }
            for one, now, changed in rows
        )
        return
    output.table(
        ("action", "keys", "", "meaning"),
        [
            (one.id, ", ".join(spelled(key) for key in now), "changed" if changed else "", one.help)
            for one, now, changed in rows
        ],
    )
    output.say(f"other keys: mediadl settings keys --toml > {file}")


def _edit(command: list[str]) -> None:
    """The editor gets the terminal."""
    subprocess.run(command, stdin=sys.stdin, stdout=sys.stdout, stderr=sys.stderr, check=True)


def _tell(found: Setting, *, json: bool) -> None:
    if json:
        output.record(_record(found))
        return
    output.say(f"{found.key} = {_text(found)}")
    if found.source == "environment":
        output.say("the environment sets another value, which wins")


def _tell_strays(service: SettingsService) -> None:
    """What in the file changes nothing, and how to be rid of it; other commands need not repeat it."""
    strays = service.strays()
    if strays:
        names = ", ".join(safe_text(key, limit=80) for key in strays)
        output.say(f"{service.file.name}: no such option: {names}; mediadl settings unset KEY takes one out")


def _record(found: Setting) -> dict[str, Any]:
    return {
        "key": found.key,
        "value": found.shown if found.kind == "secret" else found.value,
        "default": found.default,
        "source": found.source.value,
        "title": found.title,
        "help": found.help,
    }


def _text(found: Setting) -> str:
    if found.kind == "secret":
        return found.shown
    return str(found.value).lower() if isinstance(found.value, bool) else str(found.value)


def _empty() -> str:
    return (
        "# Settings of mediadl; `mediadl settings list` shows all of them.\n# [downloads]\n# concurrent = 4\n"
    )
