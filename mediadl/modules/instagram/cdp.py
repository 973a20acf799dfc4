"""A tab of our own in a browser that the user started: open, fill in, click, read what the page received, close.

Speaks the Chrome DevTools Protocol over a websocket on this machine, and touches nothing but the tab it opened.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import ipaddress
import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from mediadl.errors import AddressRefused, EngineBroken

_DIAL_S = 5.0
_ANSWER_S = 20.0
_CLOSE_S = 2.0
_CLOSE_LOOK_S = 0.03
_MAX_MESSAGE_BYTES = 64 * 1024 * 1024
_MOST_ANSWERS = 2000


@dataclass(frozen=True, slots=True)
class Received:
    """An answer that the page got."""

    url: str
    status: int
    body: bytes


class Tab:
    """One tab; a context manager that closes it. Used by one thread."""

    def __init__(self, cdp_url: str, page_url: str, wanted: Callable[[str], bool]) -> None:
        """Open a tab at an address; `wanted` says of which addresses the answers are kept.

        Raises:
            AddressRefused: the browser is not on this machine.
            EngineBroken: no browser listens there, or it speaks otherwise.
        """
        self._host, self._port = local_end(cdp_url)
        self._wanted = wanted
        self._numbers = itertools.count(1)
        self._events: deque[dict[str, Any]] = deque()
        self._heads: dict[str, tuple[str, int]] = {}
        self.received: deque[Received] = deque(maxlen=_MOST_ANSWERS)
        """What the page got since it was last emptied, oldest first."""
        self._opened = contextlib.ExitStack()
        about = self._command("PUT", "/json/new?about:blank")
        self._id = str(about.get("id", ""))
        try:
            self._socket = self._dial(str(about.get("webSocketDebuggerUrl", "")))
            self.call("Network.enable")
            self.call("Page.enable")
            # In the back, a page neither scrolls nor shows the box that its user should tick
            self.call("Page.bringToFront")
            self.call("Page.navigate", url=page_url)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close this tab, and only this one."""
        deadline = time.monotonic() + _CLOSE_S
        # Until it is not there any more: a tab that is just going somewhere forgets the first wish
        with contextlib.suppress(EngineBroken):
            while self._id and time.monotonic() < deadline:
                self._command("GET", f"/json/close/{quote(self._id)}")
                time.sleep(_CLOSE_LOOK_S)
        self._opened.close()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its answer.

        Raises:
            EngineBroken: the tab is gone, or refuses.
        """
        number = next(self._numbers)
        try:
            self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        except (WebSocketException, OSError) as error:
            raise EngineBroken("the browser's tab was closed") from error
        deadline = time.monotonic() + _ANSWER_S
        while True:
            message = self._read(deadline - time.monotonic())
            if message is None:
                raise EngineBroken(f"the browser did not answer {method}")
            if message.get("id") == number:
                if "error" in message:
                    raise EngineBroken(f"the browser refuses {method}")
                result = message.get("result")
                return result if isinstance(result, dict) else {}
            self._events.append(message)

    def evaluate(self, script: str) -> Any:
        """The JSON value of an expression in the page; None when it has none."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, userGesture=True)
        result = answer.get("result")
        return result.get("value") if isinstance(result, dict) else None

    def listen(self, seconds: float) -> None:
        """Hear what happens for at most so long, at least one event when there is one; answers wanted are kept."""
        message = self._events.popleft() if self._events else self._read(seconds)
        while message is not None:
            self._hear(message)
            message = self._events.popleft() if self._events else None

    def _hear(self, message: dict[str, Any]) -> None:
        parameters = message.get("params")
        if not isinstance(parameters, dict):
            return
        key = str(parameters.get("requestId", ""))
        if message.get("method") == "Network.responseReceived" and parameters.get("type") != "Preflight":
            response = parameters.get("response")
            url = str(response.get("url", "")) if isinstance(response, dict) else ""
            if isinstance(response, dict) and self._wanted(url):
                self._heads[key] = (url, int(response.get("status") or 0))
        elif message.get("method") == "Network.loadingFinished" and key in self._heads:
            url, status = self._heads.pop(key)
            self.received.append(Received(url, status, self._body(key)))
        elif message.get("method") == "Inspector.detached":
            raise EngineBroken("the browser's tab was closed")

    def _body(self, key: str) -> bytes:
        try:
            answer = self.call("Network.getResponseBody", requestId=key)
        except EngineBroken:
            return b""  # the page went on and the browser dropped it
        body = str(answer.get("body", ""))
        return base64.b64decode(body) if answer.get("base64Encoded") else body.encode()

    def _read(self, seconds: float) -> dict[str, Any] | None:
        try:
            raw = self._socket.recv(timeout=max(0.0, seconds))
        except TimeoutError:
            return None
        except (WebSocketException, OSError) as error:
            raise EngineBroken("the browser's tab was closed") from error
        try:
            message = json.loads(raw)
        except ValueError:
            return {}
        return message if isinstance(message, dict) else {}

    def _dial(self, given: str) -> ClientConnection:
        # Never where the answer says, but where we asked: the path alone is taken from it
        path = urlsplit(given).path
        if not path.startswith("/devtools/"):
            raise EngineBroken("the browser gave no address for its tab")
        host = f"[{self._host}]" if ":" in self._host else self._host
        try:
            return self._opened.enter_context(
                connect(
                    f"ws://{host}:{self._port}{path}",
                    open_timeout=_DIAL_S,
                    close_timeout=1,
                    max_size=_MAX_MESSAGE_BYTES,
                    proxy=None,
                )
            )
        except (WebSocketException, OSError) as error:
            raise EngineBroken("the browser did not let us into its tab") from error

    def _command(self, method: str, path: str) -> dict[str, Any]:
        link = http.client.HTTPConnection(self._host, self._port, timeout=_DIAL_S)
        try:
            link.request(method, path)
            response = link.getresponse()
            text = response.read(_MAX_MESSAGE_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise EngineBroken(
                f"no browser listens at {self._host}:{self._port}; start yours with --remote-debugging-port"
            ) from error
        finally:
            link.close()
        if response.status != 200:
            raise EngineBroken(f"the browser refused (HTTP {response.status})")
        try:
            found = json.loads(text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def local_end(cdp_url: str) -> tuple[str, int]:
    """Host and port of a browser on this machine.

    Raises:
        AddressRefused: it is elsewhere, or no address.
    """
    try:
        parts = urlsplit(cdp_url)
        host, port = parts.hostname or "", parts.port or 9222
    except ValueError:
        host, port = "", 0
    if host == "localhost":
        return "127.0.0.1", port
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host, port
    except ValueError:
        pass
    raise AddressRefused("browser_cdp_url: the browser must be on this machine (127.0.0.1)")
