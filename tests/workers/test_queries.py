"""Questions of a screen: only the newest counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mediadl.workers.queries import LatestQuery


class Desk:
    """Answers when it is let, and keeps what was published."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.published: list[int] = []
        self.troubles: list[Exception] = []
        self.started = threading.Event()
        self.may_answer = threading.Event()
        self.done = threading.Event()
        self.last = 0

    def answer(self, question: int) -> int:
        self.asked.append(question)
        self.started.set()
        assert self.may_answer.wait(30)
        if question < 0:
            raise ValueError(str(question))
        return question * 10

    def publish(self, answer: int) -> None:
        self.published.append(answer)
        if answer == self.last:
            self.done.set()


@contextmanager
def running(desk: Desk) -> Iterator[LatestQuery[int, int]]:
    query = LatestQuery(desk.answer, desk.publish, desk.troubles.append)
    thread = threading.Thread(target=query.run)
    thread.start()
    try:
        yield query
    finally:
        desk.may_answer.set()
        query.stop()
        thread.join(30)
        assert not thread.is_alive()


def test_questions_that_were_overtaken_are_not_answered() -> None:
    desk = Desk()
    desk.last = 90
    with running(desk) as query:
        query.ask(1)
        assert desk.started.wait(30)
        for n in range(2, 10):
            query.ask(n)
        desk.may_answer.set()
        assert desk.done.wait(30)

    assert desk.asked == [1, 9]
    assert desk.published == [10, 90]


def test_a_question_that_fails_does_not_end_the_others() -> None:
    desk = Desk()
    desk.last = 20
    desk.may_answer.set()
    with running(desk) as query:
        query.ask(-1)
        while not desk.troubles:
            assert desk.started.wait(30)
        query.ask(2)
        assert desk.done.wait(30)

    assert [str(error) for error in desk.troubles] == ["-1"]
    assert desk.published == [20]


def test_stop_ends_the_wait_for_a_question() -> None:
    with running(Desk()):
        pass
