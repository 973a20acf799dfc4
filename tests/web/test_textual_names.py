"""What the browser view takes from Textual and textual-serve beyond promises; here a version that moves it fails."""

from __future__ import annotations

import inspect
from importlib.resources import files
from pathlib import Path

from textual._binary_encode import dump
from textual.app import App
from textual.drivers.web_driver import WebDriver
from textual.screen import Screen
from textual_serve._binary_encode import load
from textual_serve.app_service import AppService
from textual_serve.download_manager import Download, DownloadManager

from mediadl.web.child_driver import LockedWebDriver
from mediadl.web.terminal import Terminal

STATIC = Path(str(files("textual_serve"))) / "static"


def test_the_driver_writes_through_the_methods_that_are_replaced() -> None:
    for name in ("write", "write_meta", "write_binary_encoded", "open_url"):
        assert name in vars(WebDriver), name
        assert inspect.signature(vars(WebDriver)[name]) == inspect.signature(vars(LockedWebDriver)[name]), (
            name
        )
    assert "self.fileno = sys.__stdout__.fileno()" in inspect.getsource(WebDriver.__init__)
    assert "__GANGLION__" in inspect.getsource(WebDriver.start_application_mode)


def test_packed_packets_are_read_as_they_are_written() -> None:
    assert load(dump(("deliver_chunk", "key", b"\x00\xff"))) == ("deliver_chunk", "key", b"\x00\xff")


def test_the_service_has_the_places_that_a_terminal_fills() -> None:
    for name in ("start", "stop", "run", "on_data", "on_meta", "on_packed", "send_meta", "send_bytes"):
        assert inspect.iscoroutinefunction(vars(AppService)[name]), name
    source = inspect.getsource(AppService)
    for name in (
        "self._stdin",
        "self._task",
        "self.app_service_id",
        "self.remote_close",
        "self.remote_write_str",
    ):
        assert name in source, name
    assert {"command", "write_bytes", "write_str", "close", "download_manager"} <= set(
        inspect.signature(AppService.__init__).parameters
    )
    assert issubclass(Terminal, AppService)


def test_deliveries_are_kept_where_they_are_forgotten() -> None:
    assert isinstance(DownloadManager()._active_downloads, dict)
    assert {"app_service", "file_name", "mime_type", "incoming_chunks"} <= set(Download.__annotations__)


def test_the_app_asks_for_its_driver_and_keeps_it() -> None:
    assert "get_driver_class" in vars(App)
    assert "_driver" in inspect.getsource(App.__init__)


def test_the_app_shows_every_frame_through_the_method_that_is_watched() -> None:
    assert list(inspect.signature(App._display).parameters) == ["self", "screen", "renderable"]
    source = inspect.getsource(Screen)
    assert source.count("app._display(") >= 2


def test_the_page_s_script_asks_the_page_as_it_is_made() -> None:
    script = (STATIC / "js" / "textual.js").read_text("utf-8")

    for word in (
        "window.onload=", "sessionWebsocketUrl", "dataset.fontSize", "new WebSocket(", "window.open(", "Roboto Mono",
        "-first-byte", '"stdin"', '["resize",this.size]', ".xterm-screen", "?width=",
        "navigator.clipboard", "deliver_file_start",
    ):  # fmt: skip
        assert word in script, word
    assert (STATIC / "css" / "xterm.css").is_file()
