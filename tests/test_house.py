"""The house rules that no linter knows. Each test is one rule; its tables are the reasoned exceptions."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from mediadl import errors
from mediadl.settings.files import fields

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mediadl"
LINKS = ("modules", "screens", "widgets", "workers")

LONG_FILES: dict[str, str] = {
    "mediadl/pipeline/protocol.py": "one flat list of the messages on the pipes, read from top to bottom",
    "mediadl/errors.py": "one flat list of error classes, read from top to bottom",
    "mediadl/models/__init__.py": "one flat list of the words of the program",
}
LONGEST_FILE = 400

BROAD_EXCEPTS: dict[str, str] = {
    "mediadl/cli/start.py": "the entry: whatever happens becomes one line and an exit code",
    "mediadl/modules/engines/gallerydl.py": "an extractor may raise anything; only what it was asked for fails",
    "mediadl/modules/engines/gallerydl_entry.py": "the engine's templates run its code on the site's data",
    "mediadl/modules/engines/ytdlp_session.py": "an extractor may raise anything; only its entry fails",
    "mediadl/workers/engine_trial_child.py": "a version on trial may raise anything; that is the answer",
    "mediadl/workers/event_feed.py": "a feed outlives what it could not read",
    "mediadl/workers/log_tail.py": "a feed outlives what it could not read",
    "mediadl/workers/queries.py": "one question that fails must not end the others",
    "mediadl/workers/runner_child.py": "the last line on the pipe must say why, whatever it was",
    "mediadl/workers/runner_nursery.py": "updated engines may raise anything on import; the packaged ones are taken",
}

PRINTS: dict[str, str] = {
    "mediadl/workers/daemon.py": "started by hand or detached, it has only its stderr",
}

ADDRESS_EXCEPTIONS: dict[str, str] = {
    "docs/settings.md": "made from the settings, with their defaults",
    "mediadl/settings/schema.py": "the public index is the default of engines.index",
    "tests/test_house.py": "names what it looks for",
}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project that git knows or would add; outside a clone, every file but the made ones."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    except (FileNotFoundError, subprocess.CalledProcessError):
        found = [
            path
            for path in ROOT.rglob("*")
            if not any(part in {"dist", "build", "__pycache__"} or (part[0] == "." and part != ".ci")
                       for part in path.relative_to(ROOT).parts)
        ]  # fmt: skip
    return tuple(sorted(path for path in found if path.is_file()))


def python_files(*folders: str) -> list[Path]:
    return [
        path
        for path in project_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders and not path.is_symlink()
    ]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def everywhere(*kinds: type[ast.AST]) -> Iterator[tuple[Path, ast.AST]]:
    """Every node of these kinds in the package."""
    for path in python_files("mediadl"):
        for node in ast.walk(tree(path)):
            if isinstance(node, kinds):
                yield path, node


def dotted(node: ast.AST) -> str:
    """`subprocess.run` of such an expression, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return ""


def at(path: Path, node: ast.AST) -> str:
    return f"{name(path)}:{getattr(node, 'lineno', '?')}"


def none_of(wrong: list[str], rule: str = "") -> None:
    """Fail with one line per place."""
    if wrong:
        pytest.fail("\n".join([rule, *wrong]), pytrace=False)


# The shape of the tree


@pytest.mark.parametrize("link", LINKS)
def test_root_link_leads_into_the_package(link: str) -> None:
    path = ROOT / link

    assert path.is_symlink()
    assert path.readlink() == Path("mediadl") / link
    assert path.is_dir()


def test_nothing_imports_through_the_root_links() -> None:
    wrong = []
    for path in python_files("mediadl", "tests", "tools", "benchmarks"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module or ""]
            else:
                continue
            wrong += [at(path, node) for module in modules if module.split(".")[0] in LINKS]

    none_of(wrong)


def test_no_file_is_long_without_a_reason() -> None:
    lengths = {
        name(path): len(path.read_text("utf-8").splitlines())
        for path in python_files("mediadl", "tests", "tools", "benchmarks")
    }
    long = [
        f"{file}: {lines} lines"
        for file, lines in lengths.items()
        if lines > LONGEST_FILE and file not in LONG_FILES
    ]

    none_of(long, "look for the second noun, or give a reason in LONG_FILES")


@pytest.mark.parametrize(
    "listed", [LONG_FILES, BROAD_EXCEPTS, PRINTS], ids=["LONG_FILES", "BROAD_EXCEPTS", "PRINTS"]
)
def test_exceptions_name_files_that_exist(listed: dict[str, str]) -> None:
    none_of([file for file in listed if not (ROOT / file).exists()])


def test_no_module_is_a_sink() -> None:
    sinks = {"utils", "util", "helpers", "misc", "common", "stuff"}

    assert [
        name(path) for path in python_files("mediadl") if path.stem in sinks or path.parent.name in sinks
    ] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [name(path) for path in python_files("mediadl", "tools") if not ast.get_docstring(tree(path))]

    none_of(silent)


# What code may not do


def is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(dotted(kind) in {"Exception", "BaseException"} for kind in caught)


def passes_on(handler: ast.ExceptHandler) -> bool:
    """The handler cleans up or translates: it ends by raising what it caught, or another error from it."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and (last.exc is None or dotted(last.cause or last) == handler.name)


def test_only_entries_loops_and_feeds_catch_everything() -> None:
    wrong = [
        at(path, node)
        for path, node in everywhere(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler)
        and is_broad(node)
        and not passes_on(node)
        and name(path) not in BROAD_EXCEPTS
    ]

    none_of(wrong, "catch the narrowest class, or give a reason in BROAD_EXCEPTS")


def test_no_error_is_swallowed_in_silence() -> None:
    wrong = [
        at(path, node)
        for path, node in everywhere(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler)
        and is_broad(node)
        and all(isinstance(step, ast.Pass) for step in node.body)
    ]

    none_of(wrong)


def test_only_the_command_line_prints() -> None:
    wrong = [
        at(path, node)
        for path, node in everywhere(ast.Call)
        if isinstance(node, ast.Call)
        and dotted(node.func) in {"print", "builtins.print"}
        and path.relative_to(PACKAGE).parts[0] != "cli"
        and name(path) not in PRINTS
    ]

    none_of(wrong)


STARTERS = {f"subprocess.{starter}" for starter in ("Popen", "run", "call", "check_call", "check_output")} | {
    "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell",
}
LASTING = {"subprocess.Popen", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"}


def starts() -> Iterator[tuple[str, str, set[str]]]:
    """Place, function and keywords of each call that starts a process, by its full name."""
    for path in python_files("mediadl"):
        spelled = {starter: starter for starter in STARTERS}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module in {"subprocess", "asyncio"}:
                spelled |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name in {"subprocess", "asyncio"} and alias.asname:
                        spelled |= {
                            starter.replace(alias.name, alias.asname, 1): starter for starter in STARTERS
                        }
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and (starter := spelled.get(dotted(node.func))) in STARTERS:
                yield at(path, node), str(starter), {keyword.arg or "**" for keyword in node.keywords}


def test_every_child_process_gets_explicit_streams() -> None:
    wrong = []
    for place, starter, given in starts():
        if "input" in given:
            given |= {"stdin"}
        if "capture_output" in given:
            given |= {"stdout", "stderr"}
        if starter.endswith("check_output"):
            given |= {"stdout"}
        if missing := {"stdin", "stdout", "stderr"} - given:
            wrong.append(f"{place}: {starter} without {', '.join(sorted(missing))}")

    none_of(wrong, "a child never inherits the terminal by accident")


def test_every_lasting_child_has_its_own_process_group() -> None:
    wrong = [
        f"{place}: {starter}"
        for place, starter, given in starts()
        if starter in LASTING and not given & {"start_new_session", "process_group"}
    ]

    none_of(wrong, "so that it can be ended with its children, and ctrl-c is not for it")


def test_no_shell_is_started() -> None:
    wrong = []
    for path, node in everywhere(ast.Call):
        if not isinstance(node, ast.Call):
            continue
        shell = [
            k for k in node.keywords if k.arg == "shell" and getattr(k.value, "value", None) is not False
        ]
        if shell or dotted(node.func) in {"os.system", "os.popen", "asyncio.create_subprocess_shell"}:
            wrong.append(at(path, node))

    none_of(wrong)


def test_every_ignored_type_error_names_its_code() -> None:
    bare = re.compile(r"#\s*type:\s*ignore(?!\[)")
    wrong = [
        f"{name(path)}:{number}"
        for path in python_files("mediadl", "tests", "tools", "benchmarks")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line)
    ]

    none_of(wrong)


# What files may not say


MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:root|work|Users|home)/(?!me/|user/|you/)[\w.-]+/")
REGISTRIES = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org|index-url|find-links|trusted-host",
    re.IGNORECASE,
)


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRIES], ids=["machine path", "registry"])
def test_no_file_names_a_machine_path_or_a_registry(pattern: re.Pattern[str]) -> None:
    wrong = []
    for path in project_files():
        if name(path) in ADDRESS_EXCEPTIONS:
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # media and other binary files
        wrong += [
            f"{name(path)}:{number}: {found.group()}"
            for number, line in enumerate(text.splitlines(), 1)
            if (found := pattern.search(line))
        ]

    none_of(wrong)


# Versions


def package(requirement: str) -> str:
    """The normalised name at the start of a requirement."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def test_constraints_pin_every_dependency_exactly() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = [
        *project["project"]["dependencies"],
        *(one for extra in project["project"]["optional-dependencies"].values() for one in extra),
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    pinned = [pin.split("==")[0] for pin in pins]

    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[\w.+!]+", pin)] == []
    assert pinned == sorted(set(pinned))
    assert {package(one) for one in asked} - set(pinned) == set()


# One definition feeds everything


@pytest.mark.parametrize("key", [key for key, _ in fields()])
def test_every_setting_has_a_title_and_a_description(key: str) -> None:
    field = dict(fields())[key]

    assert field.title
    assert field.description
    assert field.description.endswith(".")


@pytest.mark.parametrize("kind", sorted(errors.KINDS))
def test_every_failure_has_a_title_and_a_next_step(kind: str) -> None:
    failure = errors.KINDS[kind]

    assert failure.kind == kind
    assert failure.title
    assert failure.next_step
    assert "\n" not in failure.title + failure.next_step
    assert failure.next_step.endswith((".", "cookies.txt"))


def test_every_failure_is_known_by_its_word() -> None:
    def below(cls: type[errors.DownloadError]) -> set[type[errors.DownloadError]]:
        return {cls}.union(*(below(child) for child in cls.__subclasses__()))

    named = {cls for cls in below(errors.DownloadError) if cls.__module__ == errors.__name__}

    assert named - {errors.DownloadError} == set(errors.KINDS.values())
