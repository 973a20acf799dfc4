"""Roles and rights by themselves: what each role may, and that a token never may more than its account."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput, PermissionDenied
from mediadl.security.permissions import (
    OWNER,
    ROLE_RIGHTS,
    SCOPES,
    Caller,
    Right,
    Role,
    check_scopes,
    rights_of,
)

ONLY_AT_THE_MACHINE = {Right.MACHINE, Right.FOLDERS}


def caller(role: Role, via: str = "browser", user_id: int | None = 1) -> Caller:
    return Caller(user_id, "anna", role, rights_of(role), via)


def test_only_the_machines_owner_has_every_right() -> None:
    assert OWNER.rights == frozenset(Right)
    for role in Role:
        assert not ROLE_RIGHTS[role] & ONLY_AT_THE_MACHINE


def test_an_admin_may_all_else_and_a_viewer_changes_nothing() -> None:
    assert ROLE_RIGHTS[Role.ADMIN] == frozenset(Right) - ONLY_AT_THE_MACHINE
    assert ROLE_RIGHTS[Role.VIEWER] == {
        Right.LOOK, Right.SEE_OWN, Right.SEE_ALL, Right.ACCOUNT_OWN, Right.TOKENS_OWN,
    }  # fmt: skip
    assert not ROLE_RIGHTS[Role.USER] & {
        Right.SEE_ALL,
        Right.STEER_ALL,
        Right.USERS,
        Right.SETTINGS,
        Right.LOGS,
    }


@pytest.mark.parametrize("role", Role)
@given(scopes=st.lists(st.sampled_from([*SCOPES, "nonsense", ""])))
def test_a_token_never_may_more_than_its_account(role: Role, scopes: list[str]) -> None:
    assert rights_of(role, scopes) <= rights_of(role)


def test_no_scope_lets_a_token_make_tokens_or_change_accounts() -> None:
    for rights in SCOPES.values():
        assert not rights & {
            Right.TOKENS_OWN,
            Right.TOKENS_ALL,
            Right.ACCOUNT_OWN,
            Right.USERS,
            Right.MACHINE,
        }


def test_scopes_are_kept_in_one_order_each_once() -> None:
    assert check_scopes([" Steer", "read", "READ"]) == ("read", "steer")
    with pytest.raises(InvalidInput, match="root"):
        check_scopes(["read", "root"])
    with pytest.raises(InvalidInput, match="needs a scope"):
        check_scopes([""])


def test_a_missing_right_is_refused_in_words() -> None:
    viewer = caller(Role.VIEWER)

    viewer.require(Right.LOOK)
    with pytest.raises(PermissionDenied, match=r"anna \(viewer\) may not add jobs") as told:
        viewer.require(Right.ADD, "add jobs")
    assert told.value.exit_code == 8


def test_private_addresses_are_for_the_owner_at_the_terminal_only() -> None:
    assert OWNER.local
    assert not caller(Role.ADMIN).local
    assert not caller(Role.ADMIN, "terminal").local
    assert not Caller(None, "owner", Role.ADMIN, frozenset(Right), "api").local
