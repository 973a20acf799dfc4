"""What a login is after a while: unused, renewed, stolen, ended by its owner, an administrator or a change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mediadl.errors import PermissionDenied
from mediadl.security.permissions import Right, Role
from mediadl.store import logins as stored_logins
from service.account_stage import HERE, PASSWORD, AccountStage

# Over time


def test_a_login_ends_when_it_is_not_used_and_lasts_while_it_is(stage: AccountStage) -> None:
    stage.add("anna")
    signed = stage.sign_in()
    for _ in range(5):
        stage.clock.now += 1700
        assert stage.caller_of(signed) is not None
    stage.clock.now += 1801

    assert stage.caller_of(signed) is None
    assert stage.logins.still_valid(signed.caller.session_id) is None


def test_a_login_ends_after_its_time_however_much_it_is_used(stage: AccountStage) -> None:
    stage.add("anna")
    signed = stage.sign_in()
    while stage.clock.now < signed.expires_at - 1000:
        stage.clock.now += 1000
        assert stage.caller_of(signed) is not None
    stage.clock.now = signed.expires_at

    assert stage.caller_of(signed) is None


def test_the_limits_are_settings(stage: AccountStage) -> None:
    stage.services.settings.set("security.session_idle_s", "60")
    stage.add("anna")
    signed = stage.sign_in()

    assert signed.idle_s == 60
    stage.clock.now += 61
    assert stage.caller_of(signed) is None


def test_settings_that_cannot_be_read_let_nobody_stay_longer(stage: AccountStage) -> None:
    stage.add("anna")
    stage.services.settings.file.write_text("[security]\nsession_idle_s = 'ever'\n")
    signed = stage.sign_in()
    stage.clock.now += 1801

    assert stage.caller_of(signed) is None


def test_looking_whether_a_login_is_valid_does_not_keep_it_alive(stage: AccountStage) -> None:
    stage.add("anna")
    signed = stage.sign_in()
    stage.clock.now += 1700
    assert stage.logins.still_valid(signed.caller.session_id) is not None
    stage.clock.now += 101

    assert stage.caller_of(signed) is None


def test_a_renewed_secret_replaces_the_old_one_within_half_a_minute(stage: AccountStage) -> None:
    stage.add("anna")
    signed = stage.sign_in()
    assert stage.logins.renew(signed.secret, address=HERE) is None
    stage.clock.now += 901
    fresh = stage.logins.renew(signed.secret, address=HERE)

    assert fresh is not None
    assert fresh.secret != signed.secret
    assert fresh.caller.session_id == signed.caller.session_id
    assert fresh.expires_at == signed.expires_at
    assert stage.caller_of(signed) is not None
    assert stage.caller_of(fresh) is not None


def test_an_old_secret_that_comes_back_later_ends_the_login(stage: AccountStage) -> None:
    stage.add("anna")
    signed = stage.sign_in()
    fresh = stage.logins.renew(signed.secret, address=HERE, force=True)
    assert fresh is not None
    stage.clock.now += 31

    assert stage.caller_of(signed) is None
    assert stage.caller_of(fresh) is None
    assert stage.services.activity.list(action="login.reused")[0].outcome == "refused"


def test_one_secret_is_renewed_by_one_of_two(stage: AccountStage) -> None:
    stage.add("anna")
    signed = stage.sign_in()
    first = stage.logins.renew(signed.secret, address=HERE, force=True)
    second = stage.logins.renew(signed.secret, address=HERE, force=True)

    assert first is not None
    assert second is None


# Out


def test_signing_out_ends_that_login_only(stage: AccountStage) -> None:
    stage.add("anna")
    here, there = stage.sign_in(), stage.sign_in()

    assert stage.as_(here.caller).logins.sign_out(here.caller.session_id)
    assert stage.caller_of(here) is None
    assert stage.caller_of(there) is not None
    assert not stage.as_(there.caller).logins.sign_out(here.caller.session_id)


def test_one_sees_and_ends_ones_own_logins_only(stage: AccountStage) -> None:
    stage.add("anna")
    stage.add("bert")
    anna, bert = stage.sign_in(), stage.sign_in("bert")
    mine = stage.as_(anna.caller).logins

    assert [one.id for one in mine.sessions()] == [anna.caller.session_id]
    assert mine.sessions()[0].agent == "Browser/1"
    with pytest.raises(PermissionDenied):
        mine.sessions("bert")
    for verb in (mine.revoke, mine.sign_out):
        with pytest.raises(PermissionDenied):
            verb(bert.caller.session_id)
    assert stage.caller_of(bert) is not None


def test_an_administrator_ends_the_login_of_another(stage: AccountStage) -> None:
    stage.add("boss", Role.ADMIN)
    stage.add("anna")
    boss, anna = stage.sign_in("boss"), stage.sign_in()

    assert stage.as_(boss.caller).logins.revoke(anna.caller.session_id)
    assert stage.caller_of(anna) is None
    assert stage.logins.still_valid(anna.caller.session_id) is None


def test_a_password_a_role_and_shutting_end_every_login(stage: AccountStage) -> None:
    stage.add("boss", Role.ADMIN)
    stage.add("anna")
    ended: list[Callable[[], object]] = [
        lambda: stage.users.set_password("anna", PASSWORD),
        lambda: stage.users.set_role("anna", Role.VIEWER),
        lambda: stage.users.disable("anna"),
    ]
    for act in ended:
        signed = stage.sign_in()
        act()
        assert stage.caller_of(signed) is None


def test_a_role_acts_at_once_even_where_it_is_written_past_us(stage: AccountStage) -> None:
    stage.add("anna", Role.ADMIN)
    signed = stage.sign_in()
    with stage.services.store.write() as tx:
        tx.execute("UPDATE users SET role = 'viewer'")
    found = stage.caller_of(signed)

    assert found is not None
    assert not found.may(Right.ADD)


def test_old_logins_are_swept_away(stage: AccountStage) -> None:
    stage.add("anna")
    stage.sign_in()
    stage.clock.now += 1801
    stage.sign_in()

    assert len(stored_logins.of_user(stage.services.store.read())) == 1
