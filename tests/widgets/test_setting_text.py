"""Settings, logins and keys in words."""

from __future__ import annotations

import time

import pytest
from rich.cells import cell_len

from mediadl.models import Session
from mediadl.settings.drafts import Draft
from mediadl.settings.keymap import Keymap
from mediadl.settings.kinds import Kind, Setting, Source, Tab
from mediadl.widgets.setting_text import (
    Verdict,
    about,
    field_row,
    keys_row,
    login_id,
    login_of,
    login_row,
    trouble_text,
    value_text,
)

NOW = time.time()
DAY = 86_400.0


def setting(kind: Kind = Kind.TEXT, value: object = "x", source: Source = Source.DEFAULT) -> Setting:
    return Setting(
        "a.b", value, "d", source, "Title", "Help.", kind, Tab.GENERAL, "text", variable="MEDIADL_A__B"
    )


def session(**other: object) -> Session:
    known: dict[str, object] = {
        "site": "instagram", "account": "default", "file": "f", "cookies": 3, "expires_at": NOW + 9 * DAY,
        "imported_at": NOW - DAY, "broken_reason": "",
    }  # fmt: skip
    return Session(**(known | other))  # type: ignore[arg-type]


def test_passwords_in_addresses_are_hidden() -> None:
    assert "hunter2" not in value_text(setting(), "http://me:hunter2@proxy.example:1")
    assert value_text(setting(), "{platform}/{token}={id}") == "{platform}/{token}={id}"


def test_a_secret_is_set_or_not() -> None:
    one = setting(Kind.SECRET, "hunter2")

    assert field_row(one, None).value == "set"
    assert "hunter2" not in f"{field_row(one, Draft('hunter3', 'hunter3', None))} {about(one, None)}"


@pytest.mark.parametrize(("source", "aside"), [
    (Source.DEFAULT, "default"), (Source.FILE, "settings.toml"), (Source.ENVIRONMENT, "MEDIADL_A__B"),
])  # fmt: skip
def test_the_source_is_named(source: Source, aside: str) -> None:
    assert field_row(setting(source=source), None).aside == aside


def test_a_change_has_a_sign_and_says_what_it_was() -> None:
    row = field_row(setting(value="old"), Draft("new", "new", None))

    assert (row.changed, row.value, row.aside) == (True, "new", "unsaved, was old")


def test_what_is_wrong_comes_first_and_is_never_colour_alone() -> None:
    one, draft = setting(), Draft("n", "n", None, elsewhere="z")

    assert field_row(one, draft, Verdict("n", None, "must be x")).note == "✗ must be x"
    assert field_row(one, draft).note.startswith("⚠ Changed elsewhere to z")
    assert field_row(one, None, Verdict("n", "n", "", "like this")).note == "→ like this"


def test_a_complaint_leaves_out_the_name_it_stands_under() -> None:
    assert trouble_text("a.b", "a.b: must be x") == "must be x"
    assert trouble_text("a.b", "no field {titel}") == "no field {titel}"


@pytest.mark.parametrize(
    ("one", "sign"),
    [
        (None, "–"), (session(), "✓"), (session(broken_reason="login_needed"), "✗"),
        (session(expires_at=NOW - DAY), "⚠"), (session(expires_at=None), "✓"),
    ],
)  # fmt: skip
def test_a_login_has_a_sign_and_a_word(one: Session | None, sign: str) -> None:
    row = login_row("instagram", one, NOW)

    assert row.value.startswith(f"{sign} ")
    assert "Enter imports" in row.note
    assert login_of(row.id) == ("instagram", one.account if one else "")


def test_what_is_no_login_is_none() -> None:
    assert login_of("downloads.retries") is None
    assert login_of(login_id("forum.example", "me")) == ("forum.example", "me")


def test_the_row_of_keys_tells_changes_and_troubles() -> None:
    assert keys_row(Keymap()).value == "as made"
    assert keys_row(Keymap({"a.b": ("x",)})).value == "1 changed"
    assert keys_row(Keymap(troubles=("x", "y"))).note.startswith("⚠ 2 lines")


@pytest.mark.parametrize(
    "text", ["[/]", "[@click=app.leave]x[/]", "a\x1b]52;c;eA==\x1b\\b", "a\u202eb", "e" + "\u0301" * 99]
)
def test_text_from_outside_changes_nothing_but_itself(text: str) -> None:
    rows = [
        field_row(setting(value=text), Draft(text, text, None, elsewhere=text)),
        field_row(setting(), None, Verdict(text, None, text)),
        login_row(text, session(site=text, account=text, broken_reason=text), NOW),
    ]
    for row in rows:
        for part in (row.title, row.value, row.note, row.aside):
            assert part.isprintable()
            assert cell_len(part) < 500
