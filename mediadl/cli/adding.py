"""What `mediadl add` does once its words are understood, and the quick way there for the usual ones.

Most calls are an address and nothing else. They need no option parser, whose import takes longer than all the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from mediadl.cli import output
from mediadl.errors import InvalidInput
from mediadl.service import open_services
from mediadl.service.queue import Added, AddOptions

_STDIN = "-"
_PLAIN_FLAGS = frozenset({"--wait", "--json"})


def is_plain(words: Sequence[str]) -> bool:
    """Whether the words after `add` are addresses and flags without a value, so that `add_plain` will do."""
    before, _ = _split(words)
    return bool(words) and all(
        word in _PLAIN_FLAGS or word == _STDIN or not word.startswith("-") for word in before
    )


def add_plain(words: Sequence[str]) -> int:
    """The same as `add` with these words; returns the exit code."""
    before, after = _split(words)
    urls = [word for word in before if word not in _PLAIN_FLAGS] + after
    return add_all(urls, "", AddOptions(), wait="--wait" in before, json="--json" in before)


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The words before and after `--`, behind which nothing is a flag."""
    end = words.index("--") if "--" in words else len(words)
    return list(words[:end]), list(words[end + 1 :])


def add_all(urls: Sequence[str], file: str, asked: AddOptions, *, wait: bool, json: bool) -> int:
    """Queue everything, print the numbers, wait if asked to; returns the exit code."""
    texts = _texts(urls, file)
    with open_services() as services:
        heard_id = services.queue.last_event_id() if wait else 0
        added = services.queue.add(texts, asked)
        _print(added, json=json, wait=wait)
        if not wait:
            return 0
        from mediadl.cli.wait import wait_for

        return wait_for(services, [one.job_id for one in added], heard_id, json=json)


def _print(added: Sequence[Added], *, json: bool, wait: bool) -> None:
    if json:
        output.records(
            {
                **({"event": "added"} if wait else {}),
                "id": one.job_id,
                "url": one.url,
                "platform": one.platform,
                "content_type": one.content_type,
                "title": one.title,
            }
            for one in added
        )
    elif sys.stdout.isatty():
        for one in added:
            output.data(f"{one.job_id}  {one.platform} {one.content_type}: {one.title or one.url}")
    else:
        sys.stdout.write("".join(f"{one.job_id}\n" for one in added))
    sys.stdout.flush()


def _texts(urls: Sequence[str], file: str) -> list[str]:
    """What was typed, then what the files hold."""
    typed = [url for url in urls if url != _STDIN]
    names = [file] if file else []
    if _STDIN in urls:
        names.append(_STDIN)
    return typed + [_read(name) for name in dict.fromkeys(names)]


def _read(name: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if name == _STDIN else Path(name).expanduser().read_bytes()
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"{name} is not a text file", next_step="Give a file with one URL per line."
        ) from error
    except OSError as error:
        raise InvalidInput(
            f"cannot read {name}: {error.strerror or error}", next_step="Check the path."
        ) from error
