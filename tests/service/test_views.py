"""The remembered view: read, replaced, never in the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediadl.paths import Home
from mediadl.security.permissions import Caller, Role, rights_of
from mediadl.service import Services
from mediadl.service.views import ViewService

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=9), JSON, max_size=4))
def test_what_was_saved_is_loaded(home: Home, view: dict[str, Any]) -> None:
    views = ViewService(home.create())
    views.save(view)

    assert views.load() == json.loads(json.dumps(view))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_whatever_lies_there_is_a_view_or_nothing(home: Home, content: bytes) -> None:
    home.create().view_file.write_bytes(content)

    assert isinstance(ViewService(home).load(), dict)


def test_deep_nesting_is_nothing(home: Home) -> None:
    home.create().view_file.write_text("[" * 100_000)

    assert ViewService(home).load() == {}


def test_no_view_yet_is_nothing(home: Home) -> None:
    assert ViewService(home).load() == {}


def test_a_folder_in_its_place_is_told_to_whoever_saves(home: Home) -> None:
    home.create().view_file.mkdir()

    with pytest.raises(OSError, match="directory"):
        ViewService(home).save({})


def test_saving_leaves_no_other_file(home: Home) -> None:
    before = set(home.create().root.iterdir())
    ViewService(home).save({"place": "queue"})

    assert set(home.root.iterdir()) - before == {home.view_file}


def test_everybody_in_a_browser_has_a_view_of_their_own(home: Home) -> None:
    def caller(number: int) -> Caller:
        return Caller(number, f"user{number}", Role.USER, rights_of(Role.USER), "browser")

    with Services(home.create()) as services:
        services.views.save({"place": "queue"})
        services.acting_as(caller(1)).views.save({"place": "logs"})

        assert services.views.load() == {"place": "queue"}
        assert services.acting_as(caller(1)).views.load() == {"place": "logs"}
        assert services.acting_as(caller(2)).views.load() == {}
