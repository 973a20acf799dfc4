"""The real program in a real terminal: however it ends, the terminal is clean, the process gone and no job touched."""

from __future__ import annotations

import os
import signal

import pytest

from mediadl.models import JobStatus
from mediadl.service import Services
from mediadl.service.logs import LogQuery
from terminal import scene
from terminal.pty_program import PtyProgram, on_a_terminal

CLEAN = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l", b"\x1b[?2004l")

SLOW_THREAD = """
import sys, threading, time
from pathlib import Path
from mediadl.paths import Home
from mediadl.service import open_services
from mediadl.service.queue import QueueService
from mediadl.app import run
page = QueueService.page
def slow(self, *args):
    if getattr(slow, "second", False):
        time.sleep(600)
    slow.second = True
    return page(self, *args)
QueueService.page = slow
with open_services(Home(Path(sys.argv[1]))) as services:
    code = run(services)
sys.exit(code)
"""


def assert_left_clean(program: PtyProgram) -> None:
    for sequence in CLEAN:
        assert sequence in program.output, sequence
    assert program.is_clean
    assert b"Traceback" not in program.output


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_leaves_the_terminal_clean(services: Services, signum: signal.Signals) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    with on_a_terminal(services.home.root) as program:
        os.kill(program.process.pid, signum)
        program.ended(within_s=30)

        assert program.process.returncode == 128 + signum
        assert_left_clean(program)
    assert services.queue.get(ids[0]).status is JobStatus.ACTIVE


@pytest.mark.parametrize("nohup", [False, True])
def test_a_closed_terminal_ends_it_and_nothing_spins(services: Services, nohup: bool) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    with on_a_terminal(services.home.root, nohup=nohup) as program:
        program.close_terminal()
        program.ended(within_s=30)
    assert services.queue.get(ids[0]).status is JobStatus.ACTIVE


def test_q_leaves_with_zero_and_a_clean_terminal(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    with on_a_terminal(services.home.root) as program:
        program.type("q")
        program.ended(within_s=30)

        assert program.process.returncode == 0
        assert_left_clean(program)


def test_ctrl_c_explains_how_to_quit(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    with on_a_terminal(services.home.root) as program:
        program.type("\x03")
        program.read_until(b"Press q to quit")

        assert program.process.poll() is None


def test_a_thread_that_hangs_does_not_keep_the_process(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    with on_a_terminal(services.home.root, program=SLOW_THREAD) as program:
        # The second read of the queue hangs by now or soon
        program.type("jjjj")
        os.kill(program.process.pid, signal.SIGTERM)
        program.ended(within_s=30)

        assert_left_clean(program)


def test_quitting_does_not_wait_for_a_thread_that_hangs(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    with on_a_terminal(services.home.root, program=SLOW_THREAD) as program:
        program.type("jjjj")
        program.type("q")
        program.ended(within_s=30)

        assert program.process.returncode == 0
        assert_left_clean(program)


def test_the_window_title_is_given_and_taken_back(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    with on_a_terminal(services.home.root) as program:
        program.read_until(b"\x1b]2;")
        program.type("q")
        program.ended(within_s=30)

        assert b"4 active" in program.output
        assert b"\x1b[23;2t" in program.output


BROKEN_KEY = """
import sys
from pathlib import Path
from mediadl.paths import Home
from mediadl.service import open_services
from mediadl.screens.queue import QueueScreen
from mediadl.app import run
QueueScreen.action_reverse = lambda self: 1 / 0
with open_services(Home(Path(sys.argv[1]))) as services:
    code = run(services)
sys.exit(code)
"""


def test_a_defect_ends_it_with_one_line_and_no_traceback(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    with on_a_terminal(services.home.root, program=BROKEN_KEY) as program:
        program.type("S")
        program.ended(within_s=30)

        assert program.process.returncode == 1
        assert b"unexpected failure (ZeroDivisionError: division by zero)" in program.output
        assert_left_clean(program)
    lines = services.logs.tail(LogQuery(level="error"), 10)
    assert any("ZeroDivisionError" in line.message for line in lines)


def test_hostile_titles_reach_the_terminal_as_text_only(services: Services) -> None:
    hostile = "evil\x1b]52;c;aGFja2Vk\x1b\\ \x9b31m \u202egnp.exe [@click=app.leave]x[/] \x07end"
    scene.write(services, [scene.Part(hostile, "https://a.example/\x1b[2Jx", "generic")])
    with on_a_terminal(services.home.root) as program:
        program.read_until(b"evil")
        program.type("\r")
        program.read_until(b"Job 1")
        program.type("q")
        program.type("q")
        program.ended(within_s=30)

        assert b"]52;c;aGFja2Vk\x1b" not in program.output
        assert b"\x1b]52" not in program.output
        assert "\u202e".encode() not in program.output
        assert "\x9b".encode() not in program.output
