"""What a page may be asked to open, and where the login may lead back to."""

from __future__ import annotations

import pytest

from mediadl.web.links import may_open, own_page


@pytest.mark.parametrize(
    "url", ["https://example.com/a", "http://example.com", "HTTPS://example.com", "/media/12"]
)
def test_the_web_and_stored_files_may_be_opened(url: str) -> None:
    assert may_open(url)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example", "",
        "/media/12/../../account", "/media/x", "/logout", "http:///x", "https:\\\\evil.example", "blob:https://a/b",
        "/media/1\n",
    ],
)  # fmt: skip
def test_nothing_else_may(url: str) -> None:
    assert not may_open(url)


@pytest.mark.parametrize("path", ["/", "/account", "/add?url=https%3A%2F%2Fexample.com%2F", "/add"])
def test_the_login_leads_back_to_pages_of_ours(path: str) -> None:
    assert own_page(path) == path


@pytest.mark.parametrize(
    "path", ["", "//evil.example", "/\\evil.example", "https://evil.example", "/logout", "/add?url=\n", "/ws"]
)
def test_the_login_leads_nowhere_else(path: str) -> None:
    assert own_page(path) == "/"
