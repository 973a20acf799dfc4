"""The options of `mediadl schedule add` and `edit`, made from the fields of a schedule: each is defined once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from pydantic.fields import FieldInfo

from mediadl.cli import filtering
from mediadl.errors import InvalidInput
from mediadl.settings.fields import choices_of, kind_of
from mediadl.settings.kinds import Kind
from mediadl.settings.schedule import ScheduleSpec
from mediadl.settings.schedule_words import AUTO, SHORT_RULES, fields_of, word_of

_WHEN, _TREATED = "When", "How"
_HELP = "See mediadl schedule add --help."

_ELSEWHERE = frozenset({"sources", "adaptive", "options", "filters"})
"""Fields that are given in another way."""

_NAMES = {
    "time_zone": "--zone",
    "windows": "--window",
    "content_types": "--type",
    "enabled": "--enabled/--disabled",
}
_METAVARS = {
    "cron": "LINE",
    "every_s": f"TIME|{AUTO}",
    "windows": "HOURS",
    "time_zone": "ZONE",
    "name_template": "TEMPLATE",
    "active_from": "D",
    "active_until": "D",
    "since": "D",
    "until": "D",
    "out": "DIR",
}
_HELPS = {
    "every_s": f"Time between two runs, such as 6h; {AUTO}: as often as the sources post.",
    "windows": "Allowed hours, such as 01:00-06:00 or sat-sun 08:00-20:00; several are possible.",
    "name": "What you call it; without it, the name of the first source.",
}
_SHORT = {
    "hourly": ("", SHORT_RULES["hourly"].partition(",")[0] + "."),
    "daily": ("03:00", SHORT_RULES["daily"]),
    "weekly": ("mon 03:00", SHORT_RULES["weekly"]),
    "monthly": ("1 03:00", SHORT_RULES["monthly"]),
}
_WHEN_FIELDS = (
    "cron", "every_s", "least_every_s", "most_every_s", "time_zone", "jitter_s", "active_from", "active_until",
    "windows", "window_end", "misfire",
)  # fmt: skip
_BY_KIND = {Kind.DURATION: "TIME", Kind.NUMBER: "N", Kind.WORDS: "WORD", Kind.FOLDER: "DIR"}
_FILTERS: dict[str, Any] = {
    "match": filtering.Match,
    "reject": filtering.Reject,
    "keyword": filtering.Keyword,
    "all_keywords": filtering.AllKeywords,
    "without": filtering.Without,
    "min_duration": filtering.MinDuration,
    "max_duration": filtering.MaxDuration,
    "min_size": filtering.MinSize,
    "max_size": filtering.MaxSize,
    "media": filtering.Media,
    "strict": filtering.Strict,
}
_FILTER_DEFAULTS = {"keyword": None, "without": None, "media": None, "all_keywords": False, "strict": False}


def takes_fields(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for every field of a schedule; it gets those that were typed as `told`, by field.

    Raises, when the command is run:
        InvalidInput: a short form cannot be read, or two options say when it runs.
    """
    signature = inspect.signature(command, eval_str=True)
    own = [one for one in signature.parameters.values() if one.name != "told"]
    made = _parameters()
    names = {one.name for one in made}

    @functools.wraps(command)
    def run(**given: Any) -> Any:
        typed = {name: value for name, value in given.items() if name in names}
        rest = {name: value for name, value in given.items() if name not in names}
        return command(**rest, told=_told(typed))

    run.__signature__ = signature.replace(parameters=[*own, *made])  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in [*own, *made]}
    return run


def pairs(words: list[str]) -> dict[str, str]:
    """`KEY=VALUE` of each word.

    Raises:
        InvalidInput: something else.
    """
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            raise InvalidInput(f"not an option: {word!r}", next_step="Write --option KEY=VALUE.")
        found[key.strip()] = value
    return found


def _told(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, by the names of the fields."""
    told = {
        name: ", ".join(value) if isinstance(value, list) else value
        for name, value in typed.items()
        if name not in _FILTERS and name != "option" and value not in (None, [])
    }
    told = {name: value for name, value in told.items() if name not in SHORT_RULES or value}
    try:
        found = fields_of(told)
    except ValueError as error:
        raise InvalidInput(str(error), next_step=_HELP) from error
    if typed.get("option"):
        found["options"] = pairs(typed["option"])
    if filters := filtering.given(**{name: typed[name] for name in _FILTERS}):
        found["filters"] = filters
    return found


def _parameters() -> list[inspect.Parameter]:
    made = []
    for name, info in ScheduleSpec.model_fields.items():
        if name == "cron":
            made += [_short(word) for word in SHORT_RULES]
        if name not in _ELSEWHERE:
            made.append(_parameter(name, info))
    option = typer.Option(
        "--option", metavar="KEY=VALUE", help="An option of the platform.", rich_help_panel=_TREATED
    )
    made.append(_keyword("option", list[str] | None, option))
    for name, annotation in _FILTERS.items():
        default = _FILTER_DEFAULTS.get(name, "")
        made.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        )
    return made


def _short(word: str) -> inspect.Parameter:
    metavar, text = _SHORT[word]
    kind: Any = str | None if metavar else bool
    option = typer.Option(f"--{word}", metavar=f'"{metavar}"' if " " in metavar else metavar or None, help=text,
                          rich_help_panel=_WHEN)  # fmt: skip
    return _keyword(word, kind, option, default=None if metavar else False)


def _parameter(name: str, info: FieldInfo) -> inspect.Parameter:
    kind = kind_of(info)
    flag = _NAMES.get(name, "--" + word_of(name).replace("_", "-"))
    choices = choices_of(info)
    text = _HELPS.get(name, info.description or "")
    option = typer.Option(
        flag,
        metavar=None
        if kind is Kind.SWITCH
        else _METAVARS.get(name) or _BY_KIND.get(kind) or "|".join(choices) or "WORD",
        help=text,
        rich_help_panel=_WHEN if name in _WHEN_FIELDS else _TREATED,
    )
    taken: Any = {Kind.SWITCH: bool | None, Kind.WORDS: list[str] | None}.get(kind, str | None)
    return _keyword(name, taken, option)


def _keyword(name: str, kind: Any, option: Any, *, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
    )
