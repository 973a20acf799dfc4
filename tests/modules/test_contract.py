"""The contract every platform keeps: pure matching, examples that are true, options that can be checked."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mediadl.errors import Action, InvalidInput, LoginNeeded, NoMedia, RateLimited
from mediadl.models import Lane
from mediadl.modules import registry
from mediadl.modules.base import Module
from mediadl.security.urls import clean_url

MODULES = registry.modules()
EXAMPLES = [(module, text, kind) for module in MODULES for text, kind in module.examples]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.name)
def test_a_module_describes_itself(module: Module) -> None:
    assert module.name == module.name.lower()
    assert module.title
    assert module.content_types
    assert all(words and words[0].islower() for words in module.content_types.values())
    assert module.examples


@pytest.mark.parametrize(("module", "text", "kind"), EXAMPLES, ids=lambda v: str(getattr(v, "name", v)))
def test_each_example_leads_to_its_module_and_type(module: Module, text: str, kind: str) -> None:
    target = registry.match(text)

    assert target.module == module.name
    assert target.content_type == kind
    assert kind in module.content_types
    assert target.site
    assert clean_url(target.url) == target.url


@pytest.mark.parametrize(("module", "text", "kind"), EXAMPLES, ids=lambda v: str(getattr(v, "name", v)))
def test_the_canonical_address_means_the_same_again(module: Module, text: str, kind: str) -> None:
    target = registry.match(text)

    again = module.match(target.url, target.content_type)

    assert again is not None
    assert (again.url, again.content_type, again.site, again.lane) == (
        target.url,
        kind,
        target.site,
        target.lane,
    )


@pytest.mark.parametrize(("module", "text", "kind"), EXAMPLES, ids=lambda v: str(getattr(v, "name", v)))
def test_every_target_has_a_backend(module: Module, text: str, kind: str) -> None:
    target = registry.match(text)

    backends = module.backends(target)

    assert backends
    assert len(set(backends)) == len(backends)
    assert not any(":" in name or ";" in name for name in backends)
    assert (target.lane is Lane.TRANSFER) == (module.name == "direct")


JOB_OPTIONS = {
    "quality",
    "name",
    "out",
    "max_items",
    "since",
    "until",
    "force",
    "rate_limit",
    "filters",
    "pick",
}
"""What a job of any platform can carry: no option of a platform is called the same."""


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.name)
def test_options_refuse_what_they_do_not_know(module: Module) -> None:
    model = module.options_model()

    assert model().model_dump() == {option.name: option.default for option in module.options}
    with pytest.raises(ValidationError):
        model.model_validate({"no_such_option": 1})
    for option in module.options:
        field = model.model_fields[option.name]
        assert field.title
        assert (field.description or "").endswith(".")
        assert option.name not in JOB_OPTIONS


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.name)
def test_the_chain_goes_on_only_when_another_backend_may_help(module: Module) -> None:
    target = registry.match(module.examples[0][0])

    assert module.goes_on("x", NoMedia("nothing"), target)
    assert not module.goes_on("x", RateLimited("slow down"), target)
    if module.name != "instagram":
        assert module.goes_on("x", LoginNeeded("log in"), target) is (
            LoginNeeded.action is Action.NEXT_BACKEND
        )


def test_a_wish_that_a_site_cannot_meet_is_refused_with_the_possible_ones() -> None:
    with pytest.raises(InvalidInput, match="cannot give stories") as caught:
        registry.match("https://www.instagram.com/p/ChunkAjurw/", content_type="stories")
    assert "post" in caught.value.next_step

    with pytest.raises(InvalidInput, match="no type 'threads'"):
        registry.match("tiktok:@alice", content_type="threads")


def test_a_type_turns_an_account_into_what_is_wanted_of_it() -> None:
    assert registry.match("https://www.instagram.com/bob/", content_type="stories").url == (
        "https://www.instagram.com/stories/bob/"
    )
    assert registry.match("instagram:Bob", content_type="reels").url == "https://www.instagram.com/bob/reels/"
    assert (
        registry.match("tiktok:@alice", content_type="avatar").url == "https://www.tiktok.com/@alice/avatar"
    )
