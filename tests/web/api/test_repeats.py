from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from api_stage import Stage
from mediadl.service.repeats import StillAtWork
from mediadl.store import api_answers

BODY = {"urls": ["https://example.com/a.jpg"]}


def add(stage: Stage, key: str, body: dict[str, Any] = BODY, name: str = "uwe") -> requests.Response:
    return stage.ask("POST", "/api/v1/queue", name, json=body, headers={"Idempotency-Key": key})


def jobs(stage: Stage) -> int:
    return int(stage.ask("GET", "/api/v1/queue/stats", "anna").json()["total"])


def test_a_request_that_is_sent_again_is_done_once(stage: Stage) -> None:
    first, second = add(stage, "k"), add(stage, "k")

    assert second.json() == first.json()
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert jobs(stage) == 1


def test_the_same_key_with_another_body_is_refused(stage: Stage) -> None:
    add(stage, "k")

    other = add(stage, "k", {"urls": ["https://example.com/b.jpg"]})

    assert (other.status_code, other.json()["type"]) == (422, "urn:mediadl:problem:key-reused")
    assert jobs(stage) == 1


def test_the_same_key_at_another_route_is_another_request(stage: Stage) -> None:
    add(stage, "k")

    other = stage.ask("POST", "/api/v1/downloads", "uwe", json=BODY, headers={"Idempotency-Key": "k"})

    assert other.status_code == 422


def test_everybody_has_their_own_keys(stage: Stage) -> None:
    assert add(stage, "k").status_code == add(stage, "k", name="otto").status_code == 201
    assert jobs(stage) == 2


def test_a_request_that_was_refused_leaves_the_key_free(stage: Stage) -> None:
    refused = add(stage, "k", {"urls": ["no address"]})

    assert refused.status_code == 422
    assert add(stage, "k").status_code == 201


def test_many_at_once_add_once(stage: Stage) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: add(stage, "k"), range(16)))

    assert jobs(stage) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert 201 in {answer.status_code for answer in answers}


def test_a_key_whose_request_was_never_answered_says_so(stage: Stage) -> None:
    with stage.services.store.write() as tx:
        number = stage.services.users.get("uwe").id
        digest = b"of another request"
        api_answers.begin(tx, str(number), "k", digest, 1e12)

    with pytest.raises(StillAtWork):
        uwe = stage.services.tokens.caller_of(stage.token("uwe"), address="")
        assert uwe is not None
        stage.services.acting_as(uwe).repeats.once("k", digest, lambda: (201, ""))


def test_a_key_is_forgotten_after_a_day(stage: Stage) -> None:
    add(stage, "k")
    with stage.services.store.write() as tx:
        tx.execute("UPDATE api_answers SET at = at - 90000")

    add(stage, "k")

    assert jobs(stage) == 2


@pytest.mark.parametrize("key", ["x" * 201, "two words"])
def test_a_key_that_is_none_is_refused(stage: Stage, key: str) -> None:
    assert add(stage, key).status_code == 422
