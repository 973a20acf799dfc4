"""No caller of the API reaches what is private, in whatever spelling, by a redirect or by a second look-up."""

from __future__ import annotations

import pytest

from api_stage import Stage

PRIVATE = (
    "http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://017700000001/", "http://0/", "http://0.0.0.0/", "http://[::1]/", "http://[::]/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/",
    "http://[fe80::1]/", "http://[fd00::1]/", "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/",
    "http://100.64.0.1/", "http://224.0.0.1/", "http://metadata.google.internal/", "http://printer.local/",
    "http://app.localhost/", "http://localhost./", "http://127.0.0.1:8765/api/v1/queue", "http://user@127.0.0.1/",
)  # fmt: skip


@pytest.mark.parametrize("name", ["uwe", "anna"])
def test_no_private_address_is_queued_whoever_asks(stage: Stage, name: str) -> None:
    taken = []
    for url in PRIVATE:
        answer = stage.ask("POST", "/api/v1/queue", name, json={"urls": [url + "a.jpg"]})
        if answer.status_code != 403 or answer.json()["type"] != "urn:mediadl:problem:address-refused":
            taken.append((url, answer.status_code, answer.text[:200]))

    assert taken == []
    assert stage.ask("GET", "/api/v1/queue/stats", "anna").json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("downloads", {"urls": ["http://127.0.0.1/a.jpg"]}),
        ("platforms/direct/download", {"urls": ["http://127.0.0.1/a.jpg"]}),
        ("platforms/forum/thread", {"url": "http://127.0.0.1/threads/holiday.123/"}),
        ("platforms/generic/test", {"url": "http://127.0.0.1/"}),
        ("scheduler/jobs", {"name": "s", "sources": ["http://127.0.0.1/threads/a.1/"], "cron": "0 3 * * *"}),
    ],
)
def test_no_other_way_leads_there_either(stage: Stage, path: str, body: dict[str, object]) -> None:
    answer = stage.ask("POST", f"/api/v1/{path}", "anna", json=body)

    assert answer.status_code == 403, answer.text
    assert answer.json()["type"] == "urn:mediadl:problem:address-refused"


def test_what_only_a_look_up_can_tell_is_guarded_where_it_is_fetched(stage: Stage) -> None:
    """Redirects and names that answer otherwise the second time: every connect of such a job is judged by address."""
    [job] = stage.ask("POST", "/api/v1/queue", "anna", json={"urls": ["https://example.com/a.jpg"]}).json()[
        "jobs"
    ]

    assert not stage.services.queue.get(job["job_id"]).trusted
