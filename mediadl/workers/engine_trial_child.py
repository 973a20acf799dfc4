"""Tries one version of an engine in a process of its own: does it load, do our adapters still fit, do pages still list.

    python -m mediadl.workers.engine_trial_child < request.json

One JSON object on stdin, JSON lines on stdout: `{"check", "ok", "what"}` for each part of the self-test, then
`{"tested": true}` when all parts passed, then `{"url", "ok", "kind", "what"}` for each address that was listed without
downloading. A version whose process dies before it is tested has failed, whatever it said.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

CANARY_S = 45
"""Longest time for listing one address."""


class Slow(BaseException):
    """An address took too long; no Exception, so that no engine swallows it."""


def main() -> NoReturn:
    """Do what the request asks and say what came of it."""
    descriptor = os.dup(1)
    os.set_inheritable(descriptor, False)
    os.dup2(2, 1)
    request = json.loads(sys.stdin.buffer.readline())
    signal.alarm(int(request["limit_s"]))

    def say(**line: object) -> None:
        os.write(descriptor, json.dumps(line).encode() + b"\n")

    sys.path[:0] = request["paths"]
    if not request["checks"] or _self_test(request, say):
        say(tested=True)
        for url in request["urls"]:
            _canary(request, url, say)
    os._exit(0)


def _self_test(request: dict[str, Any], say: Callable[..., None]) -> bool:
    """Every part in turn; the first that fails ends it."""
    # Not before the import path is as the request wants it
    from mediadl.modules.engines import fitness

    subject = fitness.Subject(
        engine=str(request["engine"]),
        module=str(request["module"]),
        version=str(request["version"]),
        folder=str(request["folder"]),
        work=Path(request["work"]),
    )
    parts = fitness.parts(subject)
    if subject.engine == "instaloader":
        parts.append(("adapter", _instagram_loads))
    for word, part in parts:
        try:
            say(check=word, ok=True, what=part(subject))
        except fitness.Unfit as error:
            say(check=word, ok=False, what=_words(str(error)))
            return False
        except Exception as error:  # noqa: BLE001 - whatever a strange version raises is the answer
            say(check=word, ok=False, what=_words(f"{type(error).__name__}: {error}"))
            return False
    return True


def _instagram_loads(_subject: object) -> str:
    """Instagram's own adapter names what it needs of instaloader where it is imported."""
    from mediadl.modules.instagram import loader

    return f"{loader.__name__.rpartition('.')[0]} loads with it"


def _words(text: str) -> str:
    from mediadl.security.redact import redact
    from mediadl.security.text import safe_text

    return safe_text(redact(text), limit=300)


def _canary(request: dict[str, Any], url: str, say: Callable[..., None]) -> None:
    """List one address up to its first item."""
    from mediadl.errors import DownloadError
    from mediadl.modules.engines import faults

    def too_slow(_number: int, _frame: object) -> None:
        raise Slow

    # The alarm of the whole process gives way to that of one address
    left_s = signal.alarm(0)
    signal.signal(signal.SIGALRM, too_slow)
    signal.alarm(max(1, min(CANARY_S, left_s)))
    kind = what = ""
    try:
        _list(request, url)
    except Slow:
        kind, what = "network", "no answer in time"
    except DownloadError as error:
        kind, what = error.kind, error.message
    except Exception as error:  # noqa: BLE001 - whatever a strange version raises is the answer
        found = faults.from_exception(error, url)
        kind, what = found.kind, found.message
    finally:
        used_s = CANARY_S - signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(max(1, left_s - used_s))
    say(url=url, ok=not kind, kind=kind, what=what)


def _list(request: dict[str, Any], url: str) -> None:
    from mediadl import errors
    from mediadl.modules import registry
    from mediadl.modules.base import Network, Task
    from mediadl.modules.engines.first_item import first_item
    from mediadl.workers.runner_web import RunnerWeb

    network = Network(**request["network"])
    target = registry.match(url)
    work = Path(request["work"])
    web = RunnerWeb(network, work=work)
    task = Task(target, work, network, options={"max_items": 1}, transport=web)
    module = registry.module(target.module)
    first = first_item()
    try:
        for backend in module.chain(task):
            if backend.split()[0] == request["engine"]:
                module.run(backend, task, first)
                break
        else:
            raise errors.Unsupported(f"{request['engine']} is not asked for such addresses")
    finally:
        web.close()
    if first.failure is not None and not first.found_any:
        raise first.failure


if __name__ == "__main__":
    main()
