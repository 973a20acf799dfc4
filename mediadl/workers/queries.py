"""Answers a screen's questions in a thread of its own; of many questions only the newest counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class LatestQuery(Generic[Q, A]):
    """Holds the newest question and answers it; `run` is called in the thread that does the work.

    `publish` and `trouble` are called in that thread.
    """

    def __init__(
        self, answer: Callable[[Q], A], publish: Callable[[A], None], trouble: Callable[[Exception], None]
    ) -> None:
        self._answer = answer
        self._publish = publish
        self._trouble = trouble
        self._changed = threading.Condition()
        self._question: Q | None = None
        self._stopped = False
        self._answering = False

    @property
    def idle(self) -> bool:
        """Whether every question was answered; callable from any thread."""
        with self._changed:
            return self._question is None and not self._answering

    def ask(self, question: Q) -> None:
        """Put a question in the place of the one that waits; callable from any thread, returns at once."""
        with self._changed:
            self._question = question
            self._changed.notify()

    def run(self) -> None:
        """Answer until `stop`."""
        while (question := self._next()) is not None:
            try:
                answer = self._answer(question)
            except Exception as error:  # noqa: BLE001 - one question that fails must not end the others
                self._trouble(error)
            else:
                self._publish(answer)

    def stop(self) -> None:
        """Let `run` return after the question it is at; callable from any thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _next(self) -> Q | None:
        with self._changed:
            self._answering = False
            while self._question is None and not self._stopped:
                self._changed.wait()
            question, self._question = self._question, None
            self._answering = question is not None
            return None if self._stopped else question
