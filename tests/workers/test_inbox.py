from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from mediadl.workers.inbox import Inbox


def test_messages_come_in_their_order_and_nothing_is_none() -> None:
    inbox = Inbox()
    inbox.put("a")
    inbox.put("b")

    assert [inbox.next(1), inbox.next(1), inbox.next(0)] == ["a", "b", None]


def test_a_wake_ends_a_wait_and_is_no_message() -> None:
    inbox = Inbox()
    timer = threading.Timer(0.05, inbox.wake)
    timer.start()

    assert inbox.next(20) is None

    timer.join()


@pytest.mark.timeout(30)
def test_a_signal_that_outlasts_the_wait_does_not_make_it_endless() -> None:
    """The daemon did not end then, however often it was told to."""
    inbox = Inbox()
    heard: list[int] = []

    def late(signum: int, _frame: object) -> None:
        time.sleep(0.3)
        heard.append(signum)
        inbox.wake()

    before = signal.signal(signal.SIGUSR1, late)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1))
    timer.start()
    try:
        assert inbox.next(0.2) is None
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, before)

    assert heard == [signal.SIGUSR1]
