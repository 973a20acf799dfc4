"""Random logs for property tests, and the slow obvious way to filter them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import strategies as st

from mediadl.logs import LogQuery, files
from mediadl.logs.folder import holds
from mediadl.logs.lines import decode

DAYS = ("2026-05-15", "2026-05-16", "2026-05-17")
NOON = datetime(2026, 5, 17, 12, 0, tzinfo=UTC).timestamp()
WORDS = ("zebra", "Zebra", "straße", "STRASSE", "ſauce", "K9", "ﬁsh", "größe", "a/b", 'say "hi"', "back\\slash",
         "C:\\users", "line\nbreak", "x" * 300, "", "İ", "日本", "tab\there")  # fmt: skip
NEEDLES = ("zebra", "ZEBRA", "strasse", "sauce", "k9", "fish", "fi", "größe", "a/b", '"hi"', "back\\slash", "users",
           "line\nbreak", "\n", "s", "i", "日", "\u0307", "u00", "none at all", "/", "\\")  # fmt: skip
LEVELS = ("debug", "info", "warning", "error", "odd", "Error")
MODULES = ("workers", "workers.pool", "workersx", "app", "mö.x", "")

at_times = st.integers(0, 3 * 86_400_000 - 1).map(
    lambda ms: (
        datetime.fromtimestamp(NOON - 2.5 * 86_400 + ms / 1000, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
)


@st.composite
def records(draw: st.DrawFn) -> bytes:
    """A line as our writer makes it."""
    record: dict[str, object] = {
        "at": draw(at_times),
        "level": draw(st.sampled_from(LEVELS)),
        "module": draw(st.sampled_from(MODULES)),
    }
    job = draw(st.sampled_from((None, 0, 1, 7, 71, 700)))
    if job is not None:
        record["job"] = job
    record["pid"] = draw(st.integers(0, 99_999))
    record["message"] = " ".join(draw(st.lists(st.sampled_from(WORDS), max_size=3)))
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


@st.composite
def foreign(draw: st.DrawFn) -> bytes:
    """Valid lines written in another way: escaped, with blanks, in another order, with other times."""
    record = json.loads(draw(records()))
    if draw(st.booleans()):
        record["at"] = draw(
            st.sampled_from(["2026-05-17", "2026-05-17T12:00:00", "2026-02-30T10:00:00.000Z",
                             "0999-01-01T00:00:00.000Z", "2026-05-17T12:00:00.123456+02:00",
                             "9999-12-31T23:59:59.000Z", 5, None])
        )  # fmt: skip
    if draw(st.booleans()):
        record = dict(reversed(record.items()))
    if draw(st.booleans()):
        record["more"] = draw(st.sampled_from([[], {"level": "error"}, None, "zebra"]))
    if draw(st.integers(0, 5)) == 0:
        record[draw(st.sampled_from(["level", "module", "message", "pid", "job"]))] = draw(
            st.sampled_from([None, 7, 7.0, True, "7", [], float("inf")])
        )
    blanks = draw(st.booleans())
    text = json.dumps(
        record, ensure_ascii=draw(st.booleans()), separators=(", ", ": ") if blanks else (",", ":")
    )
    return (text + draw(st.sampled_from(["", "", "\r", " "]))).encode()


junk = st.one_of(
    st.sampled_from([b"", b"{", b"[1]", b"null", b'"x"', b"\x00" * 40, b"[" * 5000,
                     b'{"at":"2026-05-17T12:00:00.000Z"}',
                     b'{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","pid":1,"message":"a","level":"error"}',
                     b'{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","job":-0,"pid":1,"message":"z"}',
                     b'{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","pid":1,"message":"z","job":7}',
                     b'{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","pid":1,"message":"z","job" :7 }',
                     b'{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","\\u006aob":7,"pid":1,"message":"z"}',
                     b'{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","pid":1,"message":"\\"job\\":7"}',
                     b'{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","pid":01,"message":"zebra"}',
                     b'{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","pid":1,"message":"\xff zebra"}',
                     b'{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","pid":1,"message":"\xed\xa0\x80zebra"}',
                     '{"at":"2026-05-17T12:00:00.000Z","level":"info","module":"x","pid":1,"message":"z"}'.encode("utf-16")]),
    st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"")),
)  # fmt: skip

lines = st.one_of(records(), records(), records(), foreign(), junk)

queries = st.builds(
    LogQuery,
    level=st.sampled_from(("debug", "debug", "info", "warning", "error")),
    module=st.sampled_from(("", "", "workers", "app", "mö")),
    job=st.sampled_from((None, None, None, 0, 7, 71)),
    since=st.one_of(st.none(), st.none(), st.integers(-200_000, 50_000).map(lambda s: NOON + s)),
    until=st.one_of(st.none(), st.none(), st.integers(-200_000, 50_000).map(lambda s: NOON + s)),
    text=st.one_of(st.just(""), st.sampled_from(NEEDLES)),
)


def write(folder: Path, day: int, raw: list[bytes], end: bytes = b"\n") -> None:
    """Append lines to the file of a day; `end` follows the last one."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"mediadl-{DAYS[day]}.jsonl").open("ab") as stream:
        stream.write(b"\n".join(raw) + end if raw else b"")


def slowly(folder: Path, query: LogQuery) -> list[str]:
    """The messages of all whole lines asked for, by decoding every line."""
    found = []
    for path in files(folder):
        if not holds(path.name, query):
            continue
        whole, _, _ = path.read_bytes().rpartition(b"\n")
        for raw in whole.split(b"\n"):
            line = decode(raw)
            if line is not None and query.accepts(line):
                found.append(line.message)
    return found
