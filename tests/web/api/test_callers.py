from __future__ import annotations

import base64
import time
from typing import Any

import jwt
import pytest
import requests

from api_matrix import stored
from api_stage import PASSWORD, Stage
from mediadl.security import totp
from mediadl.security.permissions import Role
from mediadl.web.api.callers import ACCESS_S, AccessTokens


def sign_in(stage: Stage, name: str = "uwe", password: str = PASSWORD, **more: str) -> requests.Response:
    return stage.ask("POST", "/api/v1/auth/login", json={"name": name, "password": password, **more})


def me(stage: Stage, bearer: str) -> int:
    return stage.ask("GET", "/api/v1/auth/me", headers={"Authorization": f"Bearer {bearer}"}).status_code


def refresh(stage: Stage, token: str) -> requests.Response:
    return stage.ask("POST", "/api/v1/auth/refresh", json={"refresh_token": token})


def test_a_login_gives_a_token_that_says_who_asks(stage: Stage) -> None:
    told = sign_in(stage).json()

    who = stage.ask(
        "GET", "/api/v1/auth/me", headers={"Authorization": f"Bearer {told['access_token']}"}
    ).json()

    assert (who["name"], who["role"], who["via"]) == ("uwe", "user", "api")
    assert told["expires_in"] == ACCESS_S == 900


@pytest.mark.parametrize(("name", "password"), [("uwe", "not the one"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(stage: Stage, name: str, password: str) -> None:
    refused = sign_in(stage, name, password)

    assert refused.status_code == 401
    assert refused.json()["detail"] == "name or password is not right"
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_second_factor_is_asked_for(stage: Stage) -> None:
    offer = stage.services.users.offer_totp("uwe")
    words = offer.seed.replace(" ", "").upper()
    seed, step = base64.b32decode(words + "=" * (-len(words) % 8)), int(time.time()) // 30
    stage.services.users.confirm_totp("uwe", totp.code_at(seed, step))

    refused = sign_in(stage)
    taken = sign_in(stage, code=totp.code_at(seed, step + 1))

    assert (refused.status_code, refused.json()["type"]) == (401, "urn:mediadl:problem:code-needed")
    assert taken.status_code == 200


def test_a_refresh_token_is_good_once(stage: Stage) -> None:
    first = sign_in(stage).json()

    second = refresh(stage, first["refresh_token"]).json()
    again = refresh(stage, first["refresh_token"])

    assert me(stage, second["access_token"]) == 200
    assert again.status_code == 401


def test_a_refresh_token_that_comes_back_ends_the_login(stage: Stage) -> None:
    first = sign_in(stage).json()
    second = refresh(stage, first["refresh_token"]).json()
    with stage.services.store.write() as tx:
        tx.execute("UPDATE logins SET renewed_at = renewed_at - 60")

    stolen = refresh(stage, first["refresh_token"])

    assert stolen.status_code == 401
    assert me(stage, second["access_token"]) == 401
    assert refresh(stage, second["refresh_token"]).status_code == 401


def test_logging_out_ends_every_token_of_the_login(stage: Stage) -> None:
    told = sign_in(stage).json()

    out = stage.ask(
        "POST", "/api/v1/auth/logout", headers={"Authorization": f"Bearer {told['access_token']}"}
    )

    assert out.status_code == 204
    assert me(stage, told["access_token"]) == 401
    assert refresh(stage, told["refresh_token"]).status_code == 401


def test_an_account_that_was_shut_is_out_at_once(stage: Stage) -> None:
    told, token = sign_in(stage).json(), stage.token("uwe")

    stage.services.users.disable("uwe")

    assert (me(stage, told["access_token"]), me(stage, token)) == (401, 401)


def test_a_role_that_changed_counts_at_once(stage: Stage) -> None:
    told = sign_in(stage).json()
    bearer = {"Authorization": f"Bearer {told['access_token']}"}

    stage.services.users.set_role("uwe", Role.VIEWER)

    answer = stage.ask("POST", "/api/v1/queue", headers=bearer, json={"urls": ["https://example.com/a.jpg"]})
    # A change of role ends logins, or narrows them; nothing of the old role is left
    assert answer.status_code in {401, 403}


def forged(**claims: Any) -> str:
    told = {"aud": "mediadl-api", "sid": "x", "exp": time.time() + 60, **claims}
    return jwt.encode(told, b"k" * 32, "HS256")


@pytest.mark.parametrize(
    "bearer",
    [
        forged(),
        jwt.encode({"aud": "mediadl-api", "sid": "x", "exp": time.time() + 60}, "", "none"),
        "mdl_" + "a" * 43,
        "mdl_",
        "x.y.z",
        "é",
    ],
    ids=["other key", "no key", "unknown token", "empty token", "junk", "not ascii"],
)
def test_forged_tokens_are_nobody(stage: Stage, bearer: str) -> None:
    answer = stage.ask("GET", "/api/v1/auth/me", headers={"Authorization": f"Bearer {bearer}".encode()})  # type: ignore[dict-item]

    assert answer.status_code == 401


def test_an_access_token_runs_out() -> None:
    now = [1_800_000_000.0]
    tokens = AccessTokens(lambda: now[0])
    token = tokens.make("login")

    fresh = tokens.session_of(token)
    now[0] += ACCESS_S

    assert (fresh, tokens.session_of(token)) == ("login", "")


def test_a_token_of_before_a_start_of_the_server_is_nobody() -> None:
    assert AccessTokens().session_of(AccessTokens().make("login")) == ""


def test_a_token_in_the_address_is_not_looked_at(stage: Stage) -> None:
    assert stage.ask("GET", f"/api/v1/auth/me?token={stage.token('anna')}").status_code == 401


# The browser's login


def cookie(stage: Stage) -> dict[str, str]:
    made = stage.services.logins.sign_in("uwe", PASSWORD, address="127.0.0.1", agent="test")
    return {"Cookie": f"mediadl-{stage.port}={made.secret}"}


def test_the_browsers_login_reads(stage: Stage) -> None:
    assert stage.ask("GET", "/api/v1/auth/me", headers=cookie(stage)).json()["name"] == "uwe"


@pytest.mark.parametrize(
    ("origin", "header", "status"),
    [
        ("http://127.0.0.1:{port}", True, 201),
        ("http://127.0.0.1:{port}", False, 403),
        (None, True, 403),
        ("null", True, 403),
        ("http://127.0.0.1:1", True, 403),
        ("https://127.0.0.1:{port}", True, 403),
        ("http://evil.example", True, 403),
        ("http://127.0.0.1:{port}.evil.example", True, 403),
    ],
)
def test_the_browsers_login_changes_from_our_own_page_only(
    stage: Stage, origin: str | None, header: bool, status: int
) -> None:
    headers = cookie(stage)
    if origin is not None:
        headers["Origin"] = origin.format(port=stage.port)
    if header:
        headers["X-Mediadl"] = "1"

    answer = stage.ask("POST", "/api/v1/queue", headers=headers, json={"urls": ["https://example.com/a.jpg"]})

    assert answer.status_code == status


def test_guessing_a_password_is_slowed_down_and_says_until_when(stage: Stage) -> None:
    for _ in range(30):
        refused = sign_in(stage, "uwe", "not the one")
        if refused.status_code == 429:
            break

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1


def test_a_body_of_another_kind_is_not_read_as_json(stage: Stage) -> None:
    body = '{"urls": ["https://example.com/a.jpg"]}'

    answer = stage.ask("POST", "/api/v1/queue", "uwe", data=body, headers={"Content-Type": "text/plain"})

    assert answer.status_code in {415, 422}


def test_what_opens_other_doors_is_set_at_the_machine_only(stage: Stage) -> None:
    for key in ("engines.index", "network.ca_file", "web.host", "web.behind_proxy"):
        answer = stage.ask(
            "PATCH", "/api/v1/settings", "anna", json={"values": {key: "https://evil.example"}}
        )

        assert answer.status_code == 403, key


def test_a_proxys_password_is_not_told(stage: Stage) -> None:
    stage.services.settings.set("network.proxy", "http://me:secret@proxy.example:3128")

    told = (
        stage.ask("GET", "/api/v1/settings", "anna").text
        + stage.ask("GET", "/api/v1/settings/network.proxy", "anna").text
    )

    assert "secret@" not in told


def test_where_files_lie_on_the_disk_is_for_administrators(stage: Stage) -> None:
    number = stored(stage)

    mine = stage.ask("GET", f"/api/v1/downloads/{number}", "uwe").json()
    theirs = stage.ask("GET", f"/api/v1/downloads/{number}", "anna").json()

    assert not mine["path"].startswith("/")
    assert theirs["path"] not in stage.ask("GET", "/api/v1/export", "uwe").text
    assert theirs["path"] in stage.ask("GET", "/api/v1/export?format=json", "anna").text
    assert theirs["path"].startswith("/")
    assert stage.ask("GET", "/api/v1/stats/storage", "uwe").json()["folder"] is None


def test_a_user_chooses_no_folder(stage: Stage) -> None:
    body = {"urls": ["https://example.com/a.jpg"], "out": "/tmp/elsewhere"}

    assert stage.ask("POST", "/api/v1/queue", "uwe", json=body).status_code == 403
