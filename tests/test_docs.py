"""The documents say what the code does: made pages are current, and what pages point at exists."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from mediadl import errors

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/logins.md"]


@pytest.fixture(scope="module")
def gen_docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gen_docs", ROOT / "tools" / "gen_docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["cli.md", "failures.md", "settings.md"])
def test_made_page_is_current(gen_docs: ModuleType, page: str) -> None:
    expected = gen_docs.PAGES[page]()

    assert (ROOT / "docs" / page).read_text("utf-8") == expected, "run: make docs"


def test_every_exit_code_is_explained(gen_docs: ModuleType) -> None:
    used = {cls.exit_code for cls in errors.KINDS.values()} | {
        cls.exit_code for cls in errors.MediadlError.__subclasses__()
    }

    assert used <= set(gen_docs.EXIT_CODES)


@pytest.mark.parametrize("page", WRITTEN)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8"))

    assert [target for target in targets if "://" not in target and not (path.parent / target).exists()] == []


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md", "README.md"])
def test_named_files_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = set(re.findall(r"`((?:mediadl|tests|tools|docs|benchmarks|\.ci)/[\w./-]*)`", text))

    assert sorted(file for file in named if not (ROOT / file).exists()) == []


def test_make_targets_in_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    pages = "".join((ROOT / page).read_text("utf-8") for page in ["README.md", "CONTRIBUTING.md"])
    called = set(re.findall(r"\bmake ([a-z]+)", " ".join(re.findall(r"`[^`]+`", pages))))

    assert called
    assert called <= targets
