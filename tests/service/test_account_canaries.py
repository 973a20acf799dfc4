"""Nothing secret of an account lies in the clear anywhere: not in the database, its log, log files, errors or `ps`."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from mediadl import logs
from mediadl.errors import MediadlError
from mediadl.security.permissions import Role
from service.account_stage import HERE, AccountStage

FIRST, SECOND, WRONG = "canary one sings low", "canary two sings high", "canary three was wrong"


def everything(root: Path) -> bytes:
    """Every file of the data folder but the key."""
    return b"".join(
        path.read_bytes() for path in root.rglob("*") if path.is_file() and path.name != "session.key"
    )


def test_no_secret_of_an_account_is_left_anywhere(stage: AccountStage) -> None:
    handler = logs.start(stage.services.home.logs)
    logging.getLogger("mediadl").setLevel(logging.DEBUG)
    said: list[str] = []

    def refused(act: Callable[[], object]) -> None:
        with pytest.raises(MediadlError) as told:
            act()
        logging.getLogger("mediadl.test").error("refused: %s", told.value, exc_info=told.value)
        said.extend(traceback.format_exception(told.value))
        said.append(f"{told.value!r} {told.value.next_step} {vars(told.value)}")

    try:
        code = stage.logins.first_code()
        assert code is not None
        refused(lambda: stage.logins.create_first(WRONG, "anna", FIRST, address=HERE))
        stage.logins.create_first(code, "anna", FIRST, address=HERE)
        refused(lambda: stage.sign_in("anna", WRONG))
        refused(lambda: stage.sign_in(WRONG, FIRST))
        refused(lambda: stage.users.add("bert", Role.USER, "canary"))
        signed = stage.sign_in("anna", FIRST)
        fresh = stage.logins.renew(signed.secret, address=HERE, force=True)
        assert fresh is not None
        mine = stage.as_(fresh.caller)
        refused(lambda: mine.users.change_own_password(WRONG, SECOND))
        mine.users.change_own_password(FIRST, SECOND)
        seed, codes = stage.turn_on_totp()
        refused(lambda: stage.sign_in("anna", SECOND, "123456"))
        stage.sign_in("anna", SECOND, codes[0])
        secret, _ = stage.as_(stage.sign_in("anna", SECOND, stage.code(seed)).caller).tokens.create(
            "x", ["read"]
        )
        stage.tokens.caller_of(secret, address=HERE)
        said.append(
            repr((signed, fresh, stage.users.list(), stage.tokens.list(), stage.services.activity.list()))
        )
    finally:
        logging.getLogger("mediadl").setLevel(logging.NOTSET)
        logs.stop(handler)
    stage.services.store.checkpoint()
    written = everything(stage.services.home.root)
    told = "\n".join(said)

    for canary in (code, FIRST, SECOND, WRONG, signed.secret, fresh.secret, secret, *codes):
        assert canary.encode() not in written
        assert canary not in told
    assert seed not in written


def test_files_of_the_data_folder_are_the_owners_only(stage: AccountStage) -> None:
    stage.add("anna")
    stage.turn_on_totp()
    root = stage.services.home.root

    assert root.stat().st_mode & 0o077 == 0
    for path in (stage.services.home.session_key, stage.services.home.database):
        assert path.stat().st_mode & 0o077 == 0


def test_a_command_that_was_given_a_password_does_not_show_it_to_others(stage: AccountStage) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "mediadl", "user", "add", "anna", "--role", "admin"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        env={**os.environ, "MEDIADL_HOME": str(stage.services.home.root)},
    )  # fmt: skip
    assert child.stdin is not None
    child.stdin.write(FIRST.encode() + b"\n")
    child.stdin.flush()
    shown = [Path(f"/proc/{child.pid}/{what}").read_bytes() for what in ("cmdline", "environ")]
    out, errors = child.communicate(timeout=60)

    assert child.returncode == 0, errors
    for where in (*shown, out, errors):
        assert FIRST.encode() not in where
