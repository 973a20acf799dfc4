from __future__ import annotations

from html.parser import HTMLParser

from api_matrix import stored
from api_stage import Stage
from mediadl.web.api import answers
from mediadl.web.api.server import ROUTERS


class Page(HTMLParser):
    """What a page brings along."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]


def test_the_page_needs_nothing_from_elsewhere_and_no_script(stage: Stage) -> None:
    page = Page()
    answer = stage.ask("GET", "/api/docs")

    page.feed(answer.text)

    assert "script" not in page.tags
    assert [link for link in page.links if not link.startswith(("/api/", "#"))] == []
    assert "'self'" in answer.headers["Content-Security-Policy"]
    assert "url(" not in stage.ask("GET", "/api/docs/style.css").text


def test_the_page_tells_every_route(stage: Stage) -> None:
    document = stage.ask("GET", "/api/v1/openapi.json").json()
    text = stage.ask("GET", "/api/docs").text

    assert [path for path in document["paths"] if f"<code>{path}</code>" not in text] == []


def test_the_document_is_openapi_3_1_and_names_failures_and_logins(stage: Stage) -> None:
    document = stage.ask("GET", "/api/v1/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["securitySchemes"]) == {"bearer", "login"}
    for path, methods in document["paths"].items():
        assert ":" not in path
        for operation in methods.values():
            assert operation["responses"]["4XX"] == {"$ref": "#/components/responses/Problem"}
            assert operation["description"].endswith(".")
            assert "422" not in operation["responses"]


def test_bodies_are_those_of_the_settings(stage: Stage) -> None:
    schemas = stage.ask("GET", "/api/v1/openapi.json").json()["components"]["schemas"]

    assert "quality" in schemas["Add"]["properties"]
    assert schemas["InstagramOptions"]["properties"].keys() >= {"use_imginn", "pinned"}
    assert schemas["ScheduleSpec"]["properties"].keys() >= {"cron", "windows", "backfill"}


def test_every_route_says_what_it_does() -> None:
    silent = [
        route
        for router in ROUTERS
        for route in router.routes
        if not (getattr(route, "endpoint").__doc__ or "").strip()  # noqa: B009 - not every route has one by its type
    ]

    assert silent == []


def test_answers_have_the_keys_of_the_records(stage: Stage) -> None:
    from mediadl.service import records

    [told] = stage.ask("POST", "/api/v1/queue", "uwe", json={"urls": ["https://example.com/a.jpg"]}).json()[
        "jobs"
    ]
    job = records.job(stage.services.queue.get(told["job_id"]))

    assert job.keys() == answers.Job.model_fields.keys()
    assert records.counts(stage.services.queue.counts()).keys() == answers.QueueCounts.model_fields.keys()


def test_a_stored_file_has_the_keys_of_its_record(stage: Stage) -> None:
    from mediadl.service import records

    number = stored(stage)

    assert records.download(stage.services.history.get(number)).keys() == answers.Download.model_fields.keys()
