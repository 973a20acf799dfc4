"""Resolves every dependency afresh and rewrites constraints.txt: exact versions, names only, no addresses.

Covers what the program, its optional extras, the tests and the build need, so that two machines install the same.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "constraints.txt"

HEADER = """\
# The exact versions that `make` installs: what the program, its extras, the tests and the build need.
# Renew with `make lock`, then `make check test`.
"""


def normalised(name: str) -> str:
    """The one spelling of a package name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def resolve() -> dict[str, str]:
    """Version by name of everything pip would install into an empty environment."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = ",".join(project["project"]["optional-dependencies"])
    wanted = ["-e", f".[{extras}]", "--group", "dev", "pip", *project["build-system"]["requires"]]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input"]
    done = subprocess.run(
        [*pip, "--dry-run", "--ignore-installed", "--report", "-", *wanted],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None,
        text=True,
        check=True,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return {
        normalised(entry["metadata"]["name"]): entry["metadata"]["version"]
        for entry in report["install"]
        if not entry["is_direct"]
    }


def main() -> int:
    """Rewrite the file and say what changed."""
    before = (
        dict(line.split("==", 1) for line in TARGET.read_text("utf-8").splitlines() if "==" in line)
        if TARGET.exists()
        else {}
    )
    after = resolve()
    TARGET.write_text(HEADER + "".join(f"{name}=={after[name]}\n" for name in sorted(after)), "utf-8")
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            print(f"{name}: {before.get(name, '-')} → {after.get(name, '-')}")
    print(f"{len(after)} versions in {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
