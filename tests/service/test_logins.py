"""Signing in and out: the first administrator, passwords, codes, waits, and what a cookie stands for over time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mediadl.errors import InvalidInput, LoginRefused, PermissionDenied
from mediadl.security.permissions import OWNER, Role
from service.account_stage import HERE, PASSWORD, AccountStage

ELSEWHERE = "198.51.100.9"
OTHER = "another long enough pass"


def refused(act: Callable[[], object]) -> LoginRefused:
    with pytest.raises(LoginRefused) as told:
        act()
    return told.value


# The first administrator


def test_the_code_makes_one_administrator_and_no_second(stage: AccountStage) -> None:
    code = stage.logins.first_code()
    assert code is not None
    stage.logins.create_first(code.lower(), "anna", PASSWORD, address=HERE)

    assert stage.logins.first_code() is None
    assert stage.users.get("Anna").role == "admin"
    assert refused(lambda: stage.logins.create_first(code, "eve", PASSWORD, address=HERE)).reason == "code"
    assert [user.name for user in stage.users.list()] == ["anna"]


def test_a_wrong_an_older_and_a_late_code_make_nobody(stage: AccountStage) -> None:
    older = stage.logins.first_code()
    code = stage.logins.first_code()
    assert older is not None
    assert code is not None
    for wrong in ("", "AAAA-AAAA-AAAA", older):
        refused(lambda wrong=wrong: stage.logins.create_first(wrong, "eve", PASSWORD, address=HERE))  # type: ignore[misc]
    stage.clock.now += 86_401
    refused(lambda: stage.logins.create_first(code, "eve", PASSWORD, address=HERE))

    assert stage.users.list() == []


def test_a_code_is_good_for_ten_tries(stage: AccountStage) -> None:
    code = stage.logins.first_code()
    assert code is not None
    for number in range(10):
        # From ten addresses: no single one is made to wait
        refused(lambda n=number: stage.logins.create_first("nope", "eve", PASSWORD, address=f"10.0.{n}.1"))  # type: ignore[misc]

    refused(lambda: stage.logins.create_first(code, "eve", PASSWORD, address=HERE))


def test_a_bad_password_does_not_use_the_code_up(stage: AccountStage) -> None:
    code = stage.logins.first_code()
    assert code is not None
    with pytest.raises(InvalidInput, match="too short"):
        stage.logins.create_first(code, "anna", "short", address=HERE)

    stage.logins.create_first(code, "anna", PASSWORD, address=HERE)


# In


def test_who_signs_in_is_known_by_the_secret(stage: AccountStage) -> None:
    anna = stage.add("anna", Role.ADMIN)
    signed = stage.sign_in("ANNA")

    found = stage.caller_of(signed)
    assert found is not None
    assert (found.user_id, found.name, found.role, found.via) == (anna.user_id, "anna", Role.ADMIN, "browser")
    assert found.session_id == signed.caller.session_id
    assert not found.local
    assert signed.secret not in repr(signed)


def test_every_login_has_a_secret_of_its_own(stage: AccountStage) -> None:
    stage.add("anna")
    drawn = {stage.sign_in().secret for _ in range(5)}

    assert len(drawn) == 5
    assert all(len(secret) == 43 for secret in drawn)


@pytest.mark.parametrize("name", ["anna", "nobody", "", "x" * 10_000, "'; DROP TABLE users; --"])
def test_a_wrong_name_and_a_wrong_password_are_refused_in_the_same_words(
    stage: AccountStage, name: str
) -> None:
    stage.add("anna")
    error = refused(lambda: stage.sign_in(name, "not the password"))

    assert error.message == "name or password is not right"
    assert (error.reason, error.needs_code, error.retry_after_s) == ("wrong", False, None)


def test_a_shut_account_is_refused_in_the_same_words(stage: AccountStage) -> None:
    stage.add("boss", Role.ADMIN)
    stage.add("anna")
    stage.users.disable("anna")

    assert refused(stage.sign_in).message == "name or password is not right"


@pytest.mark.parametrize("secret", ["", "x", "A" * 43, "mdl_" + "A" * 43, "\x00" * 43, "é" * 43])
def test_other_secrets_are_nobodys(stage: AccountStage, secret: str) -> None:
    stage.add("anna")
    stage.sign_in()

    assert stage.caller_of(secret) is None


def test_the_secret_is_stored_as_its_hash_only(stage: AccountStage) -> None:
    stage.add("anna")
    signed = stage.sign_in()
    stage.services.store.checkpoint(truncate=True)

    assert signed.secret.encode() not in stage.services.home.database.read_bytes()


def test_a_hash_of_weaker_parameters_is_replaced_at_the_next_login(stage: AccountStage) -> None:
    from argon2 import PasswordHasher

    stage.add("anna")
    weak = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    with stage.services.store.write() as tx:
        tx.execute("UPDATE users SET password_hash = ?", (weak,))
    stage.sign_in()

    now = stage.services.store.read().execute("SELECT password_hash FROM users").fetchone()[0]
    assert "m=64" in now


# The second factor


def test_a_code_is_asked_for_and_works_once(stage: AccountStage) -> None:
    stage.add("anna")
    seed, _ = stage.turn_on_totp()
    asked = refused(stage.sign_in)
    code = stage.code(seed)

    assert (asked.needs_code, asked.reason) == (True, "code")
    assert stage.caller_of(stage.sign_in(code=code)) is not None
    assert refused(lambda: stage.sign_in(code=code)).needs_code
    stage.clock.now += 30
    assert stage.sign_in(code=stage.code(seed))


def test_the_code_that_confirmed_the_app_does_not_sign_in(stage: AccountStage) -> None:
    stage.add("anna")
    seed, _ = stage.turn_on_totp()
    stage.clock.now -= 30

    assert refused(lambda: stage.sign_in(code=stage.code(seed))).reason == "code"


def test_without_the_right_password_nobody_hears_of_a_code(stage: AccountStage) -> None:
    stage.add("anna")
    seed, _ = stage.turn_on_totp()

    for code in ("", "000000", stage.code(seed)):
        error = refused(lambda code=code: stage.sign_in(password="not the password", code=code))  # type: ignore[misc]
        assert (error.reason, error.needs_code) == ("wrong", False)


def test_a_recovery_code_works_once_and_only_for_its_account(stage: AccountStage) -> None:
    stage.add("anna")
    stage.add("bert")
    _, codes = stage.turn_on_totp()
    stage.turn_on_totp("bert")

    assert len(set(codes)) == 10
    refused(lambda: stage.sign_in("bert", code=codes[0]))
    assert stage.sign_in(code=codes[0].lower())
    refused(lambda: stage.sign_in(code=codes[0]))
    assert stage.users.get("anna").recovery_codes == 9
    assert stage.sign_in(code=codes[1])


def test_codes_are_stored_sealed_or_hashed(stage: AccountStage) -> None:
    stage.add("anna")
    seed, codes = stage.turn_on_totp()
    stage.services.store.checkpoint(truncate=True)
    raw = stage.services.home.database.read_bytes()

    assert seed not in raw
    for code in codes:
        assert code.encode() not in raw
        assert code.replace("-", "").encode() not in raw


def test_without_the_key_no_code_can_be_checked_and_nobody_gets_in(stage: AccountStage) -> None:
    stage.add("anna")
    seed, codes = stage.turn_on_totp()
    stage.services.home.session_key.unlink()

    assert "key" in refused(lambda: stage.sign_in(code=stage.code(seed))).message
    assert stage.sign_in(code=codes[0])


# Waits


def test_wrong_passwords_are_soon_made_to_wait_and_a_right_one_in_between_is_not_looked_at(
    stage: AccountStage,
) -> None:
    stage.add("anna")
    for _ in range(5):
        assert refused(lambda: stage.sign_in(password="wrong")).reason == "wrong"
    error = refused(stage.sign_in)

    assert error.reason == "throttled"
    assert error.retry_after_s is not None
    stage.clock.now += error.retry_after_s
    assert stage.sign_in()
    assert refused(lambda: stage.sign_in(password="wrong")).reason == "wrong"


def test_a_stranger_does_not_shut_the_owner_out(stage: AccountStage) -> None:
    stage.add("anna")
    stage.sign_in()
    for number in range(120):
        place = f"203.0.{number}.1"
        error = refused(lambda place=place: stage.sign_in(password="guess", address=place))  # type: ignore[misc]
        stage.clock.now += error.retry_after_s or 0

    assert stage.sign_in()
    # From a place she never was, she waits like anybody else, a minute at most
    error = refused(lambda: stage.sign_in(address=ELSEWHERE))
    assert error.reason == "throttled"
    stage.clock.now += 60
    assert stage.sign_in(address=ELSEWHERE)


def test_one_address_cannot_try_many_accounts(stage: AccountStage) -> None:
    reasons = [refused(lambda n=n: stage.sign_in(f"user{n}", address=ELSEWHERE)).reason for n in range(25)]  # type: ignore[misc]

    assert reasons[:20] == ["wrong"] * 20
    assert set(reasons[20:]) == {"throttled"}


def test_many_right_logins_in_a_row_are_not_made_to_wait(stage: AccountStage) -> None:
    stage.add("anna")

    for _ in range(70):
        assert stage.sign_in()


def test_codes_cannot_be_guessed_either(stage: AccountStage) -> None:
    stage.add("anna")
    stage.turn_on_totp()
    reasons = [refused(lambda: stage.sign_in(code="123456")).reason for _ in range(8)]

    assert reasons[-1] == "throttled"


def test_a_password_given_at_the_terminal_ends_the_wait(stage: AccountStage) -> None:
    stage.add("anna")
    for _ in range(6):
        refused(lambda: stage.sign_in(password="wrong"))
    stage.users.set_password("anna", OTHER)

    assert stage.sign_in(password=OTHER)


# The lock of the terminal


def test_only_the_password_of_an_open_administrator_unlocks(stage: AccountStage) -> None:
    assert not stage.logins.has_admin()
    assert not stage.logins.is_admin_password("")
    stage.add("boss", Role.ADMIN)
    stage.add("other", Role.ADMIN, "yet another password")
    stage.add("anna", Role.USER, OTHER)

    assert stage.logins.has_admin()
    assert stage.logins.is_admin_password(PASSWORD)
    assert not stage.logins.is_admin_password(OTHER)
    stage.users.disable("other")
    assert not stage.logins.is_admin_password("yet another password")


# Who writes it down


def test_logins_and_refusals_are_written_down_without_what_was_typed(stage: AccountStage) -> None:
    stage.add("anna")
    stage.sign_in()
    refused(lambda: stage.sign_in(password="not her password"))
    refused(lambda: stage.sign_in("her password by mistake", "anna"))
    lines = stage.services.activity.list(action="login")

    assert [(one.who, one.outcome, one.address) for one in lines] == [
        ("unknown name", "refused", HERE),
        ("anna", "refused", HERE),
        ("anna", "ok", HERE),
    ]
    assert "password" not in str(lines)


def test_nobody_signs_others_in_but_the_process_that_serves(stage: AccountStage) -> None:
    boss = stage.as_(stage.add("boss", Role.ADMIN)).logins
    for verb in (
        boss.first_code,
        boss.has_admin,
        lambda: boss.is_admin_password("x"),
        lambda: boss.sign_in("boss", PASSWORD, address=HERE, agent=""),
        lambda: boss.caller_of("x" * 43, address=HERE),
        lambda: boss.still_valid("x"),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert stage.services.caller is OWNER
