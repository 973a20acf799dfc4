"""A schedule as a form: what a text stands for, what it would come to, what sources are."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediadl.errors import InvalidInput
from mediadl.service import Services
from mediadl.service import schedule_form as form


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("every_s", "6 h", 21_600.0), ("least_every_s", "10 d", 864_000.0), ("most_every_s", "10 min", 600.0),
        ("max_items", "5", 5), ("enabled", "false", False), ("windows", "01:00-06:00", ["01:00-06:00"]),
        ("content_types", "a, b", ["a", "b"]), ("misfire", "skip", "skip"), ("name", "  x  ", "x"),
    ],
)  # fmt: skip
def test_a_text_stands_for_a_value(name: str, text: str, value: object) -> None:
    assert form.value_of(name, text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("every_s", "soon"),
        ("every_s", "5 s"),
        ("max_items", "-1"),
        ("time_zone", "Nowhere"),
        ("misfire", "maybe"),
    ],
)
def test_a_text_that_stands_for_nothing_is_refused(name: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        form.value_of(name, text)


def test_it_is_foreseen_when_it_runs_though_something_else_is_missing(services: Services) -> None:
    seen = form.foresee(services, form.blank() | {"cron": "0 4 * * 1"})

    assert seen.words == "Every Monday at 04:00"
    assert len(seen.runs) == 5
    assert seen.rule_trouble == ""
    assert seen.trouble


def test_a_rule_that_is_none_is_said(services: Services) -> None:
    seen = form.foresee(services, form.blank() | {"cron": "99 * * * *"})

    assert seen.rule_trouble
    assert (seen.words, seen.runs) == ("", ())


def test_the_field_to_blame_is_named(services: Services) -> None:
    told = form.blank() | {"name": "x", "sources": ["nonsense"]}

    assert form.foresee(services, told).field == "sources"
    assert form.foresee(services, told | {"sources": []}).field == "sources"
    well = told | {"sources": ["tiktok:@a"]}
    assert form.foresee(services, well).trouble == ""
    assert form.foresee(services, well | {"max_items": -1}).field == "max_items"


def test_sources_are_looked_at_word_by_word(services: Services) -> None:
    services.schedules.add({"name": "Other", "sources": ["tiktok:@kiln"], "cron": "0 3 1 1 *"})

    found = form.look_at(services, "tiktok:@kiln\n# nothing\nnonsense instagram:x", "", ())

    assert [(one.line, one.text, one.platform, bool(one.error)) for one in found] == [
        (1, "tiktok:@kiln", "tiktok", False), (3, "nonsense", "", True), (3, "instagram:x", "instagram", False),
    ]  # fmt: skip
    assert found[0].title == "also in Other"


def test_filters_are_texts_in_the_form_and_values_in_the_schedule() -> None:
    given_texts = {"min_size_bytes": "1 MB", "keywords": "a, b"}
    values = form.filters_of(given_texts)

    assert form.filters_of(form.filter_texts({"filters": values})) == values
    assert form.filter_words({"filters": values})
    assert form.filter_words({}) == ""


def test_one_platform_is_that_of_all_sources() -> None:
    assert form.one_platform({"sources": ["tiktok:@a", "tiktok:@b"]}) == "tiktok"
    assert form.one_platform({"sources": ["tiktok:@a", "instagram:b"]}) == ""
    assert form.one_platform({"sources": ["nonsense"]}) == form.one_platform({}) == ""


@given(st.text(max_size=60))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_cron_text_is_judged_in_one_line(services: Services, text: str) -> None:
    seen = form.foresee(services, form.blank() | {"cron": text})

    assert bool(seen.rule_trouble) != bool(seen.words)
    assert "\n" not in seen.rule_trouble
