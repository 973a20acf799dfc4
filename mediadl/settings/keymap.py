"""The user's own keys: reads `keymap.toml`, says what is wrong with each line, keeps the rest. Knows no screen."""

from __future__ import annotations

import difflib
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

_MODIFIERS = {"ctrl": "ctrl", "control": "ctrl", "alt": "alt", "option": "alt", "shift": "shift"} | {
    "super": "super", "hyper": "hyper", "meta": "meta"
}  # fmt: skip

_NAMED = frozenset({
    "enter", "escape", "space", "tab", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown",
    "up", "down", "left", "right", *(f"f{number}" for number in range(1, 25)),
})  # fmt: skip

_OTHER_NAMES = {
    "esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown", "page_up": "pageup",
    "page_down": "pagedown", "del": "delete", "ins": "insert", "bksp": "backspace", "↑": "up", "↓": "down", "←": "left",
    "→": "right",
}  # fmt: skip

_SIGNS = {"slash": "/", "backslash": "\\", "at": "@", "minus": "-", "plus": "+", "underscore": "_"}
"""Names of signs that are not those of Unicode."""

_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape", "ctrl+h": "backspace"}
"""What a terminal cannot tell apart."""

_CLOSE = 0.6


@dataclass(frozen=True, slots=True)
class Bound:
    """An action that can be given other keys."""

    id: str
    """`scope.name`."""
    keys: tuple[str, ...]
    """As the program made them."""
    beside_app: bool = False
    """Whether the keys of scope `app` work at the same time."""
    help: str = ""

    @property
    def scope(self) -> str:
        """Where it works."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Keymap:
    """What a keymap file comes to."""

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Other keys, by action id."""
    troubles: tuple[str, ...] = ()
    """Lines that do not count, and why. Not sanitized."""


def read(text: str, known: Iterable[Bound]) -> Keymap:
    """What the text of a keymap file comes to for these actions."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Keymap(troubles=(f"the file is not valid TOML, nothing of it counts: {error}",))
    actions = {bound.id: bound for bound in known}
    troubles = [f"[{section}] is not known, only [keys] is" for section in document if section != "keys"]
    asked: dict[str, tuple[str, ...]] = {}
    table = document.get("keys", {})
    if not isinstance(table, dict):
        return Keymap(troubles=(*troubles, "keys must be a [keys] section"))
    for name, value in _flat(table):
        if name not in actions:
            troubles.append(_unknown(name, actions))
            continue
        keys, wrong = _keys_of(value)
        troubles += [f"{name}: {reason}" for reason in wrong]
        if keys:
            asked[name] = keys
    troubles += _settle(asked, actions)
    return Keymap(asked, tuple(troubles))


def as_toml(known: Iterable[Bound], keymap: Keymap) -> str:
    """The whole map as a keymap file: the user's own lines as they are, the others as comments."""
    lines = ["[keys]"]
    for bound in known:
        mine = keymap.keys.get(bound.id)
        keys = ", ".join(spelled(key) for key in (bound.keys if mine is None else mine))
        line = f'"{bound.id}" = "{_escaped(keys)}"'
        lines.append(line if mine is not None else f"# {line}")
    return "\n".join(lines) + "\n"


def canonical(word: str) -> str | None:
    """One spelling for each key: `?`, `G`, `ctrl+p`, `pageup`, `comma`; `None` when there is no such key."""
    *modifiers, last = _split(word.strip())
    found: set[str] = set()
    for modifier in modifiers:
        known = _MODIFIERS.get(modifier.lower())
        if known is None:
            return None
        found.add(known)
    key = _plain(last)
    if key is None:
        return None
    if len(key) == 1 and key.isalpha() and found:
        key = key.upper() if found == {"shift"} else key.lower()
        found -= {"shift"} if found == {"shift"} else set()
    if found and len(key) == 1:
        key = _sign_name(key)
    whole = "+".join([*sorted(found), key])
    return _SAME.get(whole, whole)


def spelled(key: str) -> str:
    """A key as it can stand in a list with commas."""
    return {",": "comma", " ": "space"}.get(key, key)


def _split(word: str) -> list[str]:
    """`ctrl++` is Ctrl and the plus sign."""
    if word.endswith("+"):
        return [*(part for part in word[:-1].rstrip("+").split("+") if part), "+"]
    return word.split("+")


def _plain(last: str) -> str | None:
    if len(last) == 1 and last in _OTHER_NAMES:
        return _OTHER_NAMES[last]
    if len(last) == 1:
        if not last.isprintable() or last.isspace() or unicodedata.combining(last):
            return None
        return spelled(last)
    name = _OTHER_NAMES.get(last.lower(), last.lower())
    if name in _NAMED:
        return name
    if name in _SIGNS:
        return _SIGNS[name]
    return _by_unicode_name(name)


def _by_unicode_name(name: str) -> str | None:
    for guess in (name.replace("_", " "), name.replace("_", "-")):
        try:
            found = unicodedata.lookup(guess.upper())
        except KeyError:
            continue
        return spelled(found) if len(found) == 1 and found.isprintable() and not found.isspace() else None
    return None


def _sign_name(sign: str) -> str:
    """How Textual names a sign together with Ctrl or Alt."""
    if sign.isalnum():
        return sign
    given = {character: name for name, character in _SIGNS.items()}
    return given.get(sign) or unicodedata.name(sign, sign).lower().replace("-", "_").replace(" ", "_")


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """`queue.retry = "x"` is a table in TOML, `"queue.retry" = "x"` is not: both are meant."""
    for name, value in table.items():
        if isinstance(value, dict) and not prefix:
            yield from _flat(value, f"{name}.")
        else:
            yield f"{prefix}{name}", value


def _keys_of(value: Any) -> tuple[tuple[str, ...], list[str]]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return (), ['must be keys in quotes, such as "x, ctrl+x"']
    keys: list[str] = []
    wrong = []
    for word in filter(None, (word.strip() for word in words)):
        key = canonical(word)
        if key is None:
            wrong.append(f"{word!r} is no key")
        elif key not in keys:
            keys.append(key)
    if not keys and not wrong:
        wrong.append("no key is given")
    return tuple(keys), wrong


def _unknown(name: str, actions: Mapping[str, Bound]) -> str:
    close = difflib.get_close_matches(name[:100], actions, n=1, cutoff=_CLOSE)
    return f"{name}: no such action" + (f"; did you mean {close[0]}?" if close else "")


def _settle(asked: dict[str, tuple[str, ...]], actions: Mapping[str, Bound]) -> list[str]:
    """Take out what would give one key two meanings, until nothing does; says what was taken out."""
    troubles: list[str] = []
    own = {bound.id: tuple(canonical(key) or key for key in bound.keys) for bound in actions.values()}
    while True:
        clash = _clash(asked, own, actions)
        if clash is None:
            return troubles
        loser, key, other = clash
        troubles.append(f"{loser}: {key} already means {other}; give that another key too")
        left = tuple(one for one in asked[loser] if one != key)
        if left:
            asked[loser] = left
        else:
            del asked[loser]


def _clash(
    asked: Mapping[str, tuple[str, ...]], own: Mapping[str, tuple[str, ...]], actions: Mapping[str, Bound]
) -> tuple[str, str, str] | None:
    """The last line of the user's with a key that means something else there: its id, the key, the other's id."""
    meanings: dict[tuple[str, str], list[str]] = {}
    for name in actions:
        for key in asked.get(name, own[name]):
            meanings.setdefault((actions[name].scope, key), []).append(name)
    # The last line of the file gives way
    for name in reversed(list(asked)):
        for key in asked[name]:
            if key in own[name]:
                continue
            for scope in _places(actions[name], actions):
                others = [other for other in meanings.get((scope, key), ()) if other != name]
                if others:
                    return name, key, others[0]
    return None


def _places(action: Bound, actions: Mapping[str, Bound]) -> list[str]:
    """Scopes whose keys work together with the action's."""
    if action.scope == "app":
        return ["app", *sorted({other.scope for other in actions.values() if other.beside_app})]
    return [action.scope, "app"] if action.beside_app else [action.scope]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
