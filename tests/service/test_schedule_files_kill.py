"""A file is applied as a whole or not at all, whenever the process that does it is killed."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

from mediadl.paths import Home
from mediadl.service import open_services
from mediadl.store import journal
from store.making import finish, first_line, python

_ROUNDS = 6

_APPLY = """
    import os, sys
    from pathlib import Path
    from mediadl.paths import Home
    from mediadl.service import open_services
    os.environ["MEDIADL_NO_DAEMON"] = "1"
    texts = [Path(file).read_bytes() for file in sys.argv[2:]]
    with open_services(Home(Path(sys.argv[1]))) as services:
        services.schedules.list()
        print("ready", flush=True)
        while True:
            for text in texts:
                services.schedules.carry_out(services.schedules.plan_file(text, "all.toml"))
"""


def text(name: str, sources: range) -> str:
    return "".join(
        f"[[schedules]]\nname = '{name}{n}'\nsources = ['instagram:user{n}', 'instagram:{name}']\nevery = '6h'\n"
        for n in sources
    )


def test_a_kill_leaves_the_schedules_of_one_file_or_of_the_other(tmp_path: Path) -> None:
    chance = random.Random(24)
    home = Home(tmp_path / "home").create()
    files = [tmp_path / "a.toml", tmp_path / "b.toml"]
    wanted = []
    for file, name, sources in zip(files, "ab", (range(150), range(75, 180)), strict=True):
        # Half of the names are in both files and change, the others come and go
        file.write_text(
            text("both", range(40)).replace("6h", "6h" if name == "a" else "7h") + text(name, sources)
        )
        wanted.append({f"both{n}" for n in range(40)} | {f"{name}{n}" for n in sources})

    seen = 0
    for _ in range(_ROUNDS):
        child = python(_APPLY, home.root, *files)
        assert first_line(child) == "ready\n"
        time.sleep(chance.uniform(0.2, 1.2))
        child.send_signal(signal.SIGKILL)
        ((_, _, errors),) = finish([child])
        assert not errors

        with open_services(home) as services:
            found = services.schedules.list()
            names = {one.schedule.name for one in found}
            rules = {one.schedule.spec["every_s"] for one in found if one.schedule.name.startswith("both")}
            assert names in (set(), *wanted)
            assert len(rules) <= 1
            assert all(len(one.schedule.spec["sources"]) == 2 for one in found)
            seen = max(seen, journal.last_id(services.store.read()))
    assert seen > 0, "something was applied before a kill"
