"""The user's own keys: every wrong line is told, the rest counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.screens.actions import ACTIONS
from mediadl.screens.settings_keys import known
from mediadl.settings.keymap import Bound, Keymap, as_toml, canonical, read, spelled

KNOWN = [
    Bound("queue.retry", ("r",), True),
    Bound("queue.cancel", ("c", "x"), True),
    Bound("logs.export", ("e",), True),
    Bound("app.leave", ("q",)),
    Bound("app.help", ("?", "f1")),
    Bound("details.close", ("escape", "q")),
]


def keys(text: str) -> Keymap:
    return read(f"[keys]\n{text}", KNOWN)


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("x", "x"), ("X", "X"), ("?", "?"), ("question_mark", "?"), ("Ctrl+P", "ctrl+p"),
        ("Shift+Ctrl+Up", "ctrl+shift+up"), ("Esc", "escape"), ("PgDn", "pagedown"), ("F12", "f12"), ("+", "+"),
        ("ctrl++", "ctrl+plus"), ("comma", "comma"), (",", "comma"), ("space", "space"), ("shift+a", "A"),
        ("ctrl+i", "tab"), ("ctrl+[", "escape"), ("alt+/", "alt+slash"), ("slash", "/"), ("ä", "ä"), ("↑", "up"),
        ("shift+tab", "shift+tab"),
    ],
)  # fmt: skip
def test_a_key_has_one_spelling(word: str, key: str) -> None:
    assert canonical(word) == key


@pytest.mark.parametrize("word", ["", "f25", "ctrl+zz", "hyperspace", "strg+a", "\x01", "a b", " "])
def test_what_is_no_key_is_none(word: str) -> None:
    assert canonical(word) is None


@given(st.text(max_size=40))
def test_a_canonical_key_stays_as_it_is(word: str) -> None:
    key = canonical(word)

    assert key is None or canonical(spelled(key)) == key


def test_both_ways_of_writing_an_action_count() -> None:
    found = keys('queue.retry = "ctrl+r, R"\n"queue.cancel" = ["z"]')

    assert found == Keymap({"queue.retry": ("ctrl+r", "R"), "queue.cancel": ("z",)})


def test_each_wrong_line_is_told_and_the_rest_counts() -> None:
    found = keys(
        'queue.retri = "z"\nqueue.cancel = "ctrl+zz, z"\nlogs.export = 5\napp.help = ""\n'
        'queue.retry = "R"\n[other]\na = 1\n'
    )

    assert found.keys == {"queue.cancel": ("z",), "queue.retry": ("R",)}
    assert list(found.troubles) == [
        "[other] is not known, only [keys] is",
        "queue.retri: no such action; did you mean queue.retry?",
        "queue.cancel: 'ctrl+zz' is no key",
        'logs.export: must be keys in quotes, such as "x, ctrl+x"',
        "app.help: no key is given",
    ]


def test_a_key_of_another_action_is_refused() -> None:
    found = keys('queue.retry = "x, R"')

    assert found.keys == {"queue.retry": ("R",)}
    assert found.troubles == ("queue.retry: x already means queue.cancel; give that another key too",)


def test_two_actions_can_change_places() -> None:
    assert keys('queue.retry = "c"\nqueue.cancel = "r"').troubles == ()


def test_a_line_that_falls_away_frees_nothing_others_rely_on() -> None:
    found = keys('queue.retry = "c"\nqueue.cancel = "nokey"')

    assert found.keys == {}
    assert len(found.troubles) == 2


def test_of_two_lines_with_one_key_the_first_counts() -> None:
    found = keys('queue.retry = "z"\nqueue.cancel = "z"')

    assert found.keys == {"queue.retry": ("z",)}


def test_keys_of_the_program_and_of_a_screen_work_together() -> None:
    assert keys('queue.retry = "q"').keys == {}
    assert keys('app.leave = "r"').keys == {}
    assert keys('app.leave = "Q"').keys == {"app.leave": ("Q",)}


def test_the_same_key_may_mean_different_things_on_different_screens() -> None:
    assert keys('logs.export = "r"').keys == {"logs.export": ("r",)}


@pytest.mark.parametrize("text", ["[keys", "keys = 1", "\x00", "= 5"])
def test_a_broken_file_is_one_trouble(text: str) -> None:
    found = read(text, KNOWN)

    assert found.keys == {}
    assert len(found.troubles) == 1


@given(st.dictionaries(st.sampled_from([bound.id for bound in KNOWN]), st.sampled_from("rcxeqz?RQ")))
def test_no_file_gives_a_key_two_meanings(asked: dict[str, str]) -> None:
    found = read("[keys]\n" + "\n".join(f'{name} = "{key}"' for name, key in asked.items()), KNOWN)

    for scope in ("queue", "logs"):
        active = [
            key
            for bound in KNOWN
            if bound.scope in {scope, "app"}
            for key in found.keys.get(bound.id, bound.keys)
        ]
        assert len(active) == len(set(active))


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    read(text, KNOWN)
    read(f"[keys]\n{text}", KNOWN)


def test_the_printed_map_reads_back() -> None:
    bound = known()
    changed = Keymap({"app.leave": ("Q", "comma", '"', "\\")})
    printed = as_toml(bound, changed)

    assert read(printed, bound) == changed
    every = read(printed.replace("\n# ", "\n"), bound)
    assert every.troubles == ()
    assert len(every.keys) == len(ACTIONS)
