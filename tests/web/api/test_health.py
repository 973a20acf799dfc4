from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api_stage import ENDLESS, Stage, staged
from mediadl.paths import Home


def test_who_is_not_signed_in_hears_one_word(stage: Stage) -> None:
    assert stage.ask("GET", "/health").json() == {"status": "ok"}


def test_who_is_signed_in_hears_of_every_part(stage: Stage) -> None:
    told = stage.ask("GET", "/health", "vera").json()

    assert told["database"] == {"ok": True, "jobs": 0}
    assert told["daemon"]["running"] is False
    assert told["disk"]["free"] > 0
    assert {engine["name"] for engine in told["engines"]} >= {"yt-dlp", "gallery-dl"}


def test_a_database_that_is_gone_is_trouble(stage: Stage) -> None:
    stage.services.home.database.rename(stage.services.home.root / "away")

    answer = stage.ask("GET", "/health")

    assert answer.status_code == 503
    assert answer.headers["Content-Type"].startswith("application/")


def test_a_full_disk_is_trouble(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIADL_DOWNLOADS__MIN_FREE_BYTES", "900 TB")

    answer = stage.ask("GET", "/health", "anna")

    assert (answer.status_code, answer.json()["status"], answer.json()["disk"]["ok"]) == (
        503,
        "trouble",
        False,
    )


def test_the_figures_can_be_read_by_a_monitoring_system(stage: Stage) -> None:
    stage.ask("POST", "/api/v1/queue", "uwe", json={"urls": ["https://example.com/a.jpg"]})
    stage.ask("GET", "/api/v1/queue/1", "uwe")

    text = stage.ask("GET", "/metrics").text

    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["mediadl_queue_jobs", "pending"] == 1
    assert found["mediadl_http_requests_total", "/api/v1/queue/{job_id:int}", "200", "GET"] == 1
    assert {"mediadl_daemon_up", "mediadl_workers_busy", "mediadl_workers_limit", "mediadl_stored_bytes"} <= {
        key[0] for key in found
    }


@pytest.mark.parametrize("header", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"])
def test_whoever_comes_through_a_proxy_needs_a_token_for_the_figures(stage: Stage, header: str) -> None:
    through = {header: "203.0.113.9"}

    assert stage.ask("GET", "/metrics", headers=through).status_code == 401
    assert stage.ask("GET", "/metrics", "uwe", "read", headers=through).status_code == 200


def test_whoever_comes_from_elsewhere_needs_a_token_for_the_figures(home: Home) -> None:
    with staged(home, ENDLESS, proxies=["127.0.0.1"]) as stage:
        assert stage.ask("GET", "/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401


def test_a_bad_token_is_refused_on_this_machine_too(stage: Stage) -> None:
    assert stage.ask("GET", "/metrics", headers={"Authorization": "Bearer mdl_bad"}).status_code == 401
