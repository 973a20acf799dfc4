"""Accounts: made, changed, shut, removed; second factors; what an account may do about itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediadl.errors import InvalidInput, LoginRefused, NotFound
from mediadl.models import HistoryQuery, JobQuery
from mediadl.security.permissions import Role
from mediadl.service.account_names import check_name
from mediadl.service.users import UserService
from service.account_stage import PASSWORD, AccountStage
from service.history_stage import make

OTHER = "another long enough pass"


def test_an_account_is_found_by_its_name_in_any_case(stage: AccountStage) -> None:
    stage.add("Änna")

    assert stage.users.get("ÄNNA").name == "Änna"
    assert stage.users.get("a\u0308nna").name == "Änna"
    with pytest.raises(InvalidInput, match="already"):
        stage.add("änna")
    with pytest.raises(NotFound, match="nobody"):
        stage.users.get("nobody")


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "-a", "a-", "../etc", "a\nb", "x" * 65, "a/b", "\u202eabc", "@me"]
)
def test_what_cannot_be_a_name_is_refused(stage: AccountStage, name: str) -> None:
    with pytest.raises(InvalidInput, match="not a name"):
        stage.users.add(name, Role.USER, PASSWORD)


@given(st.text(max_size=100))
def test_a_name_that_is_taken_stays_as_it_is(text: str) -> None:
    try:
        name = check_name(text)
    except InvalidInput:
        return
    assert check_name(name) == name
    assert 1 <= len(name) <= 64
    assert name.isprintable()
    assert not set(name) & set(" /\\<>\"'")


def test_the_list_tells_how_accounts_stand(stage: AccountStage) -> None:
    stage.add("boss", Role.ADMIN)
    stage.add("anna")
    stage.turn_on_totp()
    stage.users.disable("anna")
    stage.sign_in("boss")
    anna, boss = stage.users.list()

    assert (anna.name, anna.has_totp, anna.recovery_codes, anna.logins) == ("anna", True, 10, 0)
    assert anna.disabled_at is not None
    assert (boss.role, boss.logins, boss.disabled_at) == ("admin", 1, None)
    assert boss.last_login_at == stage.clock.now


def test_the_last_administrator_stays(stage: AccountStage) -> None:
    stage.add("boss", Role.ADMIN)
    with pytest.raises(InvalidInput, match="last administrator"):
        stage.users.disable("boss")
    with pytest.raises(InvalidInput, match="last administrator"):
        stage.users.remove("boss")
    with pytest.raises(InvalidInput, match="last administrator"):
        stage.users.set_role("boss", Role.USER)
    stage.add("other", Role.ADMIN)
    stage.users.remove("boss")

    assert [user.name for user in stage.users.list()] == ["other"]


def test_nobody_shuts_or_removes_the_account_they_are_in(stage: AccountStage) -> None:
    boss = stage.as_(stage.add("boss", Role.ADMIN))
    stage.add("other", Role.ADMIN)

    for act in (boss.users.disable, boss.users.remove):
        with pytest.raises(InvalidInput, match="your own"):
            act("boss")


def test_what_a_removed_account_had_becomes_the_machine_owners(stage: AccountStage) -> None:
    anna = stage.as_(stage.add("anna"))
    (added,) = anna.queue.add(["https://example.com/a.jpg"])
    file = make(stage.services, 1, stage.services.home.root / "f.jpg", job_id=added.job_id)
    secret, _ = anna.tokens.create("phone", ["read"])
    stage.users.remove("anna")

    assert stage.services.queue.get(added.job_id).owner_id is None
    assert stage.services.history.get(file.id).owner_id is None
    assert stage.tokens.caller_of(secret, address="") is None
    assert anna.queue.page(JobQuery(), 0, 10) == []
    assert anna.history.count(HistoryQuery()) == 0
    # A new account of the name, whatever its number, has nothing of it
    again = stage.as_(stage.add("anna"))
    assert again.queue.page(JobQuery(), 0, 10) == []


# The second factor


def test_an_app_is_in_force_once_a_code_of_it_was_seen(stage: AccountStage) -> None:
    stage.add("anna")
    stage.users.offer_totp("anna")
    assert not stage.users.get("anna").has_totp
    with pytest.raises(InvalidInput, match="not the code"):
        stage.users.confirm_totp("anna", "000000")
    assert stage.sign_in()
    stage.turn_on_totp()

    assert stage.users.get("anna").has_totp
    with pytest.raises(InvalidInput, match="no app is waiting"):
        stage.users.confirm_totp("anna", "000000")


def test_a_second_app_takes_the_place_of_the_first_only_when_confirmed(stage: AccountStage) -> None:
    stage.add("anna")
    first, _ = stage.turn_on_totp()
    stage.users.offer_totp("anna")
    assert stage.sign_in(code=stage.code(first))
    second, codes = stage.turn_on_totp()

    with pytest.raises(LoginRefused):
        stage.sign_in(code=stage.code(first))
    assert stage.sign_in(code=stage.code(second))
    assert stage.sign_in(code=codes[0])


def test_new_recovery_codes_replace_the_old_ones(stage: AccountStage) -> None:
    stage.add("anna")
    with pytest.raises(InvalidInput, match="no second factor"):
        stage.users.new_recovery_codes("anna")
    _, old = stage.turn_on_totp()
    new = stage.users.new_recovery_codes("anna")

    with pytest.raises(LoginRefused):
        stage.sign_in(code=old[0])
    assert stage.sign_in(code=new[0])


def test_dropping_the_app_signs_out_and_drops_the_codes(stage: AccountStage) -> None:
    stage.add("anna")
    seed, _ = stage.turn_on_totp()
    signed = stage.sign_in(code=stage.code(seed))
    changed = stage.users.drop_totp("anna")

    assert not changed.has_totp
    assert changed.recovery_codes == 0
    assert stage.caller_of(signed) is None
    assert stage.sign_in()


# One's own account


def test_ones_own_password_needs_the_one_of_now_and_ends_every_other_login(stage: AccountStage) -> None:
    stage.add("anna")
    here, there = stage.sign_in(), stage.sign_in()
    mine = stage.as_(here.caller).users
    with pytest.raises(LoginRefused):
        mine.change_own_password("wrong", OTHER)
    with pytest.raises(InvalidInput, match="too short"):
        mine.change_own_password(PASSWORD, "short")
    mine.change_own_password(PASSWORD, OTHER)

    assert stage.caller_of(here) is not None
    assert stage.caller_of(there) is None
    assert stage.sign_in(password=OTHER)
    with pytest.raises(LoginRefused):
        stage.sign_in()


def test_ones_own_app_is_changed_only_with_the_password(stage: AccountStage) -> None:
    stage.add("anna")
    here = stage.sign_in()
    mine = stage.as_(here.caller).users
    with pytest.raises(LoginRefused):
        mine.offer_own_totp("wrong")
    mine.offer_own_totp(PASSWORD)
    with pytest.raises(InvalidInput):
        mine.confirm_own_totp("123")
    seed, _ = stage.turn_on_totp()
    with pytest.raises(LoginRefused):
        mine.drop_own_totp("wrong")
    assert stage.users.get("anna").has_totp
    mine.drop_own_totp(PASSWORD)

    assert not stage.users.get("anna").has_totp
    assert seed


def test_an_administrator_changes_the_own_account_with_its_password_only(stage: AccountStage) -> None:
    stage.add("boss", Role.ADMIN)
    stage.add("other", Role.ADMIN)
    boss = stage.as_(stage.sign_in("boss").caller).users
    with pytest.raises(InvalidInput, match="your own"):
        boss.set_password("boss", OTHER)
    with pytest.raises(InvalidInput, match="your own"):
        boss.offer_totp("BOSS")
    stage.turn_on_totp("boss")
    with pytest.raises(InvalidInput, match="your own"):
        boss.drop_totp("boss")
    with pytest.raises(InvalidInput, match="your own"):
        boss.new_recovery_codes("boss")
    with pytest.raises(LoginRefused):
        boss.new_own_recovery_codes("wrong")

    assert len(boss.new_own_recovery_codes(PASSWORD)) == 10
    assert boss.set_password("other", OTHER).name == "other"


def test_a_stolen_cookie_does_not_guess_the_password(stage: AccountStage) -> None:
    stage.add("anna")
    mine = UserService(stage.as_(stage.sign_in().caller), stage.clock)
    reasons = []
    for _ in range(8):
        with pytest.raises(LoginRefused) as told:
            mine.drop_own_totp("guess")
        reasons.append(told.value.reason)

    assert reasons[:5] == ["wrong"] * 5
    assert reasons[-1] == "throttled"
    stage.clock.now += 60
    mine.drop_own_totp(PASSWORD)


def test_me_is_ones_own_account_and_nobodys_at_the_terminal(stage: AccountStage) -> None:
    anna = stage.as_(stage.add("anna")).users.me()

    assert anna is not None
    assert anna.name == "anna"
    assert stage.users.me() is None
    with pytest.raises(NotFound, match="no account here"):
        stage.users.change_own_password("x", OTHER)


def test_passwords_and_codes_are_in_no_line_of_the_log(stage: AccountStage) -> None:
    stage.add("anna")
    here = stage.sign_in()
    stage.as_(here.caller).users.change_own_password(PASSWORD, OTHER)
    stage.users.set_password("anna", PASSWORD)
    stage.turn_on_totp()
    lines = str(stage.services.activity.list())

    assert PASSWORD not in lines
    assert OTHER not in lines
    assert "user.password" in lines
    assert "account.password" in lines
