"""Options of platforms as settings: a section per platform, the same bounds, help and words as any setting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from job_run_stage import make_job
from mediadl.errors import InvalidInput, NotFound
from mediadl.modules import options, registry
from mediadl.modules.base import Module, Option, Reporter, Target, Task
from mediadl.pipeline import plan
from mediadl.settings import files
from mediadl.settings.kinds import Kind, Source, Tab


class Sample(Module):
    """A platform with an option of every kind."""

    name = "sample"
    title = "Sample Site"
    content_types: ClassVar[dict[str, str]] = {"posts": "all posts"}
    examples = ()
    options = (
        Option("pinned", bool, True, "Pinned posts", "Also pinned ones."),
        Option("order", str, "new", "Order", "Which come first.", choices=("new", "old")),
        Option("pages", int, 3, "Pages", "Most pages.", least=1, most=9),
        Option("tag", str, "", "Tag", "Only with it."),
    )

    def match(self, url: str, content_type: str = "") -> Target | None:
        return None

    def backends(self, target: Target) -> tuple[str, ...]:
        return ()

    def run(self, backend: str, task: Task, reporter: Reporter) -> None:
        raise NotImplementedError


@pytest.fixture(autouse=True)
def sample(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The platforms there are, and one more."""
    everything = (*registry.modules(), Sample())
    monkeypatch.setattr(registry, "modules", lambda: everything)
    options.schema.cache_clear()
    yield
    options.schema.cache_clear()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_every_platform_with_options_has_a_section_of_its_own() -> None:
    wanted = {f"{m.name}.{one.name}" for m in registry.modules() for one in m.options}

    keys = {key for key, _ in files.fields(options.schema())}

    assert "sample.pages" in wanted
    assert wanted <= keys
    assert {key for key, _ in files.fields()} == keys - wanted


def test_an_option_is_shown_with_its_kind_bounds_and_platform(file: Path) -> None:
    found = {
        one.key: one for one in files.listing(file, {}, schema=options.schema()) if one.section == "sample"
    }

    kinds = {key.partition(".")[2]: one.kind for key, one in found.items()}
    assert kinds == {
        "pinned": Kind.SWITCH,
        "order": Kind.CHOICE,
        "pages": Kind.NUMBER,
        "tag": Kind.TEXT,
    }
    assert {one.tab for one in found.values()} == {Tab.PLATFORMS}
    assert {one.section_title for one in found.values()} == {"Sample Site"}
    assert found["sample.pages"].allowed == "a whole number from 1 to 9"
    assert found["sample.order"].choices == ("new", "old")
    assert found["sample.pages"].variable == "MEDIADL_SAMPLE__PAGES"


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        ("sample.pages", "10", "sample.pages: must be a whole number from 1 to 9"),
        ("sample.order", "best", "sample.order: must be new or old"),
        ("sample.pinned", "maybe", "sample.pinned: must be true or false"),
        ("sample.tag", "a\x1bb", "sample.tag: must not have control characters"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(file: Path, key: str, text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        files.write(file, key, text, schema=options.schema())

    assert not file.exists()


def test_the_file_beats_the_default_and_the_environment_the_file(file: Path) -> None:
    files.write(file, "sample.pages", "5", schema=options.schema())

    def found(environ: dict[str, str]) -> tuple[object, Source]:
        rows = files.listing(file, environ, schema=options.schema())
        return next((one.value, one.source) for one in rows if one.key == "sample.pages")

    assert found({}) == (5, Source.FILE)
    assert found({"MEDIADL_SAMPLE__PAGES": "7"}) == (7, Source.ENVIRONMENT)


def test_an_option_no_platform_has_is_named_and_hurts_nothing_else(file: Path) -> None:
    file.write_text("[sample]\npage = 1\npages = 2\n")
    schema = options.schema()

    assert files.strays(file, schema=schema) == ["sample.page"]
    assert files.load(file, {}, schema=schema).options_of("sample")["pages"] == 2
    assert files.file_values(file, schema=schema) == {"sample.pages": 2}
    with pytest.raises(NotFound, match=r"no setting 'sample\.page'") as caught:
        files.write(file, "sample.page", "1", schema=schema)
    assert caught.value.next_step == "Did you mean sample.pages?"
    with pytest.raises(InvalidInput, match=r"sample\.page: no such setting"):
        files.replace_all(file, "[sample]\npage = 1\n", schema=schema)


def test_a_stray_stays_with_other_changes_and_goes_when_asked_for(file: Path) -> None:
    file.write_text("[sample]\npage = 1\n")
    schema = options.schema()

    files.write(file, "sample.pages", "2", schema=schema)
    assert files.strays(file, schema=schema) == ["sample.page"]
    files.write(file, "sample.page", None, schema=schema)

    assert files.strays(file, schema=schema) == []
    assert files.file_values(file, schema=schema) == {"sample.pages": 2}


def test_the_runner_is_told_default_then_setting_then_what_the_job_asks_for(
    file: Path, tmp_path: Path
) -> None:
    files.write_all(file, {"sample.pages": "5", "sample.order": "old"}, schema=options.schema())
    job = make_job(platform="sample", options={"pages": 7, "max_items": 2})

    told = plan.run_job(
        job,
        files.load(file, {}, schema=options.schema()),
        work=tmp_path,
        locks_file=tmp_path / "locks",
        account="",
        ffmpeg="",
    )

    assert told.options == {"pinned": True, "order": "old", "pages": 7, "tag": "", "max_items": 2}


def test_a_platform_without_options_gives_the_runner_the_jobs_own(file: Path) -> None:
    settings = files.load(file, {}, schema=options.schema())

    assert settings.options_of("direct") == settings.options_of("network") == {}
