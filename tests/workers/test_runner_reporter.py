"""What a backend reports becomes lines: numbered, once each, thinned, without secrets."""

from __future__ import annotations

import threading
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.errors import MediaNotFound
from mediadl.models import FoundItem, Identity
from mediadl.pipeline.protocol import (
    Asked,
    EngineProgress,
    Found,
    LogLine,
    Made,
    Message,
    Trouble,
    Working,
)
from mediadl.pipeline.wire import decode, encode
from mediadl.workers.runner_reporter import PipeReporter


def item(name: str) -> FoundItem:
    return FoundItem(n=0, identity=Identity("example.com", name), url=f"https://example.com/{name}")


def made(max_items: int = 0) -> tuple[PipeReporter, list[Message]]:
    sent: list[Message] = []
    reporter = PipeReporter(sent.append, max_items=max_items)
    reporter.backend = "engine"
    return reporter, sent


def test_items_are_numbered_from_one_and_told_once() -> None:
    reporter, sent = made()

    for name in ("a", "b", "a", "c"):
        reporter.found(item(name))

    assert [(m.item.n, m.item.identity.id) for m in sent if isinstance(m, Found)] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
    ]
    assert reporter.items == 3


def test_an_item_that_failed_may_come_again_from_the_next_backend() -> None:
    reporter, sent = made()

    reporter.item_failed(MediaNotFound("gone"), identity=str(item("a").identity))
    reporter.found(item("a"))

    (trouble, found) = sent
    assert isinstance(trouble, Trouble)
    assert isinstance(found, Found)
    assert (trouble.n, trouble.backend, found.item.n) == (1, "engine", 2)


def test_a_question_waits_for_its_answer() -> None:
    reporter, sent = made()
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(reporter.asked(item("a"))))]
    threads[0].start()

    reporter.answer(99, take=True)
    reporter.answer(1, take=True)
    threads[0].join(30)

    assert answers == [1]
    assert [type(message) for message in sent] == [Asked]


def test_a_refusal_and_the_end_of_interest_both_free_the_engine() -> None:
    reporter, sent = made()
    reporter.answer(1, take=False)

    assert reporter.asked(item("a")) == 0
    threading.Timer(0.05, reporter.enough).start()
    assert reporter.asked(item("b")) == 0
    assert reporter.asked(item("c")) == 0
    assert reporter.stopped()
    assert len(sent) == 2


def test_no_more_items_than_wanted() -> None:
    reporter, sent = made(max_items=2)

    for name in ("a", "b", "c"):
        reporter.found(item(name))

    assert len(sent) == 2
    assert reporter.stopped()


def test_progress_is_thinned_but_a_new_stage_is_told() -> None:
    reporter, sent = made()

    for done in range(1000):
        reporter.engine_progress(1, done, 1000, 5.0, "downloading")
    reporter.engine_progress(1, 1000, 1000, 5.0, "merging")

    stages = [message.stage for message in sent if isinstance(message, EngineProgress)]
    assert stages[0] == "downloading"
    assert stages[-1] == "merging"
    assert len(stages) <= 3


def test_secrets_and_controls_stay_out_of_the_lines() -> None:
    reporter, sent = made()

    reporter.log("info", "GET https://e.com/a?signature=abc\nCookie: sessionid=xyz\x1b[31m")
    reporter.working(title="A\u202eB", note="pause for https://e.com/?token=abc")
    reporter.log("info", "   ")

    text = "".join(encode(message).decode() for message in sent)
    assert "abc" not in text
    assert "xyz" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert [type(message) for message in sent] == [LogLine, Working]


def test_a_made_file_names_its_item(tmp_path: Path) -> None:
    reporter, sent = made()

    reporter.made(3, tmp_path / "x.mp4", merged=True)

    assert sent == [Made(3, str(tmp_path / "x.mp4"), merged=True)]


@settings(deadline=None)
@given(st.text(), st.text(), st.text())
def test_whatever_is_said_is_one_line(title: str, note: str, log: str) -> None:
    reporter, sent = made()

    reporter.working(title=title, note=note)
    reporter.log("debug", log)

    for message in sent:
        line = encode(message)
        assert line.count(b"\n") == 1
        assert decode(line) == message
