"""API tokens: what they may do, for whom, until when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mediadl.errors import InvalidInput, NotFound, PermissionDenied
from mediadl.paths import Home
from mediadl.security import one_way
from mediadl.security.permissions import Right, Role
from mediadl.service import Services
from service.account_stage import HERE, AccountStage


def test_a_token_acts_for_its_account_within_its_scopes(stage: AccountStage) -> None:
    anna = stage.as_(stage.add("anna"))
    secret, made = anna.tokens.create("phone", ["add", "read"])
    found = stage.tokens.caller_of(secret, address=HERE)

    assert secret.startswith("mdl_")
    assert made.scopes == ("read", "add")
    assert found is not None
    assert (found.user_id, found.name, found.via, found.address) == (made.user_id, "anna", "api", HERE)
    assert found.session_id == f"token-{made.id}"
    assert found.rights == {Right.LOOK, Right.SEE_OWN, Right.ADD}
    assert not found.local


def test_a_token_loses_what_its_account_loses_at_once(stage: AccountStage) -> None:
    stage.add("boss", Role.ADMIN)
    anna = stage.as_(stage.add("anna", Role.ADMIN))
    secret, made = anna.tokens.create("all", ["all"])
    before = stage.tokens.caller_of(secret, address=HERE)
    stage.users.set_role("anna", Role.VIEWER)
    after = stage.tokens.caller_of(secret, address=HERE)

    assert before is not None
    assert before.may(Right.SETTINGS)
    assert after is not None
    assert after.rights == {Right.LOOK, Right.SEE_OWN, Right.SEE_ALL}
    stage.users.disable("anna")
    assert stage.tokens.caller_of(secret, address=HERE) is None
    assert stage.tokens.still_valid(f"token-{made.id}") is None


def test_a_token_ends_by_its_time_or_when_it_is_taken_back(stage: AccountStage) -> None:
    anna = stage.as_(stage.add("anna"))
    short, _ = stage.tokens.create("short", ["read"], stage.clock.now + 60, user="anna")
    long, made = anna.tokens.create("long", ["read"])
    stage.clock.now += 60

    assert stage.tokens.caller_of(short, address=HERE) is None
    assert stage.tokens.caller_of(long, address=HERE) is not None
    anna.tokens.revoke(made.id)
    assert stage.tokens.caller_of(long, address=HERE) is None
    with pytest.raises(NotFound):
        anna.tokens.revoke(made.id)


def test_use_is_noted_at_most_once_a_minute(stage: AccountStage) -> None:
    secret, _ = stage.tokens.create("mine", ["read"])
    stage.tokens.caller_of(secret, address=HERE)
    first = stage.tokens.list()[0]
    stage.clock.now += 30
    stage.tokens.caller_of(secret, address=HERE)
    second = stage.tokens.list()[0]
    stage.tokens.caller_of(secret, address="198.51.100.1")
    third = stage.tokens.list()[0]

    assert first.used_at == second.used_at == stage.clock.now - 30
    assert (third.used_at, third.used_from) == (stage.clock.now, "198.51.100.1")


def test_everybody_sees_and_revokes_their_own_only(stage: AccountStage) -> None:
    boss, anna = stage.as_(stage.add("boss", Role.ADMIN)), stage.as_(stage.add("anna"))
    _, hers = anna.tokens.create("hers", ["read"])
    _, owners = stage.tokens.create("owner's", ["read"])

    assert [token.id for token in anna.tokens.list()] == [hers.id]
    with pytest.raises(NotFound):
        anna.tokens.revoke(owners.id)
    assert {token.id for token in boss.tokens.list()} == {hers.id, owners.id}
    assert boss.tokens.revoke(hers.id).name == "hers"


def test_nobody_makes_a_token_for_somebody_else_without_the_right(stage: AccountStage) -> None:
    anna, bert = stage.as_(stage.add("anna")), stage.as_(stage.add("bert"))
    boss = stage.as_(stage.add("boss", Role.ADMIN))

    with pytest.raises(PermissionDenied):
        anna.tokens.create("x", ["read"], user="bert")
    assert bert.tokens.list() == []
    _, made = boss.tokens.create("for bert", ["read"], user="bert")
    assert [token.id for token in bert.tokens.list()] == [made.id]


def test_a_token_cannot_make_tokens(stage: AccountStage) -> None:
    secret, _ = stage.tokens.create("all", ["all"])
    found = stage.tokens.caller_of(secret, address=HERE)

    assert found is not None
    for verb in (
        lambda: stage.as_(found).tokens.create("more", ["all"]),
        lambda: stage.as_(found).users.add("eve", Role.ADMIN, "x"),
        lambda: stage.as_(found).tokens.list(),
    ):
        with pytest.raises(PermissionDenied):
            verb()


def test_the_owners_token_is_not_at_the_machine(stage: AccountStage) -> None:
    secret, _ = stage.tokens.create("script", ["all"])
    found = stage.tokens.caller_of(secret, address="127.0.0.1")

    assert found is not None
    assert found.user_id is None
    assert not found.local
    assert not found.may(Right.MACHINE)
    assert not found.may(Right.FOLDERS)


@pytest.mark.parametrize(
    ("name", "scopes", "at", "why"),
    [
        ("", ["read"], None, "needs a name"),
        ("x" * 81, ["read"], None, "needs a name"),
        ("x", [], None, "needs a scope"),
        ("x", ["read", "everything"], None, "no scope"),
        ("x", ["read"], 1.0, "has passed"),
    ],
)
def test_bad_tokens_are_not_made(
    stage: AccountStage, name: str, scopes: list[str], at: float | None, why: str
) -> None:
    with pytest.raises(InvalidInput, match=why):
        stage.tokens.create(name, scopes, at)
    assert stage.tokens.list() == []


def test_an_account_has_a_hundred_at_most(stage: AccountStage) -> None:
    for number in range(100):
        stage.tokens.create(f"n{number}", ["read"])
    with pytest.raises(InvalidInput, match="100"):
        stage.tokens.create("one more", ["read"])


def test_only_its_hash_is_stored(stage: AccountStage) -> None:
    secret, made = stage.tokens.create("mine", ["read"])
    stage.services.store.checkpoint(truncate=True)
    raw = stage.services.home.database.read_bytes()

    assert secret.encode() not in raw
    assert secret[4:].encode() not in raw
    assert one_way.digest(secret) in raw
    assert secret not in repr(made)


@pytest.mark.parametrize(
    "word", ["", "token-", "token-x", "token-" + "9" * 30, "5", "token-1 OR 1=1", "token-²"]
)
def test_other_names_of_sessions_are_no_tokens(stage: AccountStage, word: str) -> None:
    stage.tokens.create("mine", ["read"])

    assert stage.tokens.still_valid(word) is None
    assert stage.tokens.still_valid("token-1") is not None


@given(st.text(max_size=80))
@hypothesis_settings(max_examples=50, deadline=None)
def test_whatever_a_request_brings_is_nobody(text: str) -> None:
    with Services(Home.locate()) as services:
        assert services.tokens.caller_of(text, address=text) is None
        assert services.tokens.still_valid(text) is None
        assert services.logins.caller_of(text, address=text) is None
        assert services.logins.still_valid(text) is None
