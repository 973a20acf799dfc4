"""The child that reads a browser's cookies, or asks a site whether a login works: one order on stdin, one answer out.

Neither an engine nor a browser's database belongs into a screen's process; and what is secret goes through pipes only.

    python -m mediadl.workers.session_child
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from mediadl.errors import DownloadError, InvalidInput
from mediadl.modules import registry
from mediadl.modules.base import LoginCheck, Network
from mediadl.security import cookies

NO_WAY = "no_way"
"""No module knows a cheap way to ask the site."""


def main() -> None:
    """Obey one order."""
    os.umask(0o077)
    order = json.loads(sys.stdin.buffer.readline())
    stdout = os.dup(1)
    os.dup2(2, 1)
    answer = {"browser": _browser, "check": _check}[order["op"]](order)
    with os.fdopen(stdout, "w", encoding="utf-8") as out:
        out.write(json.dumps(answer) + "\n")


def _browser(order: dict[str, Any]) -> dict[str, Any]:
    from mediadl.modules.engines import browser_cookies

    try:
        found = browser_cookies.read(order["browser"], order["profile"], order["hosts"])
    except InvalidInput as error:
        return {"refused": error.message, "next_step": error.next_step}
    return {"cookies": cookies.to_records(found)}


def _check(order: dict[str, Any]) -> dict[str, Any]:
    from mediadl.workers.runner_web import RunnerWeb

    work = Path(order["work"])
    web = RunnerWeb(
        Network(**order["network"]),
        work=work,
        cookies_file=str(work / "cookies.txt"),
        user_agent=order["user_agent"],
    )
    try:
        found = _ask(order["site"], web)
    except DownloadError as error:
        return {"error": error.to_dict()}
    finally:
        web.close()
    if found is None:
        return {"standing": NO_WAY}
    return {
        "standing": "works" if found.works else "refused",
        "account": found.account,
        "reason": found.reason,
    }


def _ask(site: str, web: Any) -> LoginCheck | None:
    """The first module that knows how: the platform of this name, else any that knows this host."""
    known = [module for module in registry.modules() if module.name == site]
    for module in known or registry.modules():
        found = module.check_login(web, site)
        if found is not None:
            return found
    return None


if __name__ == "__main__":
    main()
