"""A page that one engine was given and the next one gets."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from mediadl.modules.base import Target, Task
from mediadl.modules.engines.gallerydl_session import Gate
from mediadl.modules.web import Answer

URL = "https://photos.example.org/album"


class Site(HTTPAdapter):
    """The other end: counts what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def send(self, request: Any, *_: Any, **__: Any) -> Any:
        self.asked.append(f"{request.method} {request.url}")
        return self.build_response(request, HTTPResponse(BytesIO(b"anew"), status=200, preload_content=False))


class Extractor:
    """As much of one as the gate knows."""

    def __init__(self, site: Site) -> None:
        self.session = requests.Session()
        self.session.mount("https://", site)

    def initialize(self) -> None:
        """It has its session already."""


def asked_after(task: Task, method: str = "GET", times: int = 1) -> tuple[list[str], list[str]]:
    """What the site was asked for, and what came, when an extractor wants the page."""
    site = Site()
    extractor = Extractor(site)
    Gate(task).guard(extractor)
    return site.asked, [extractor.session.request(method, URL).text for _ in range(times)]


@pytest.fixture
def task() -> Task:
    kept = Answer(URL, 200, {"content-type": "text/html; charset=utf-8"}, b"kept")
    return Task(Target("generic", URL, "page", "photos.example.org"), Path("/w"), pages={(URL, False): kept})


def test_a_page_that_another_engine_had_is_given_once(task: Task) -> None:
    assert asked_after(task, times=2) == ([f"GET {URL}"], ["kept", "anew"])


def test_a_visitors_page_is_nothing_for_an_account(task: Task) -> None:
    account = Task(task.target, task.work, cookies_file="/w/cookies.txt", pages=task.pages)

    assert asked_after(account) == ([f"GET {URL}"], ["anew"])


def test_a_form_is_never_answered_with_a_page(task: Task) -> None:
    assert asked_after(task, "POST") == ([f"POST {URL}"], ["anew"])
