"""The standard population and the command that runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from http.cookiejar import MozillaCookieJar
from pathlib import Path

import pytest
import requests

import fakeweb
from fakeweb.expected import sha256_of
from fakeweb.world import World


def test_every_example_leads_to_a_page(world: World, client: requests.Session) -> None:
    client.headers["Cookie"] = f"sessionid={world.instagram.session_id}"
    for example in world.examples():
        with client.get(example.url, stream=True) as answer:
            assert answer.status_code == 200, example


def test_the_large_file_is_what_is_expected(world: World, tmp_path: Path) -> None:
    wanted = world.generic.expected("/files/archive-200mb.zip")
    stored = tmp_path / "large"
    url = world.web.url + "/files/archive-200mb.zip"
    with requests.get(url, stream=True, timeout=5) as answer, stored.open("wb") as file:
        for data in answer.iter_content(1 << 20):
            file.write(data)
    assert wanted.size_bytes == 200_000_000
    assert sha256_of(stored) == wanted.sha256
    assert wanted.matches(stored)


@pytest.mark.parametrize("how", ["stdin", "signal"])
def test_the_command_tells_where_it_is_and_ends_when_told(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "state"
    process = subprocess.Popen(
        [sys.executable, "-m", "fakeweb", "--state-dir", str(folder), "--rate", "1000000"],
        cwd=Path(fakeweb.__file__).parents[1],
        env={**os.environ, "PYTHONPATH": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        card = json.loads(process.stdout.readline())
        proxies = {"https": card["proxy"]}
        url = "https://files.example.com/files/clip.mp4"
        assert requests.get(url, proxies=proxies, verify=card["ca_file"], timeout=10).status_code == 200
        assert {"title", "url"} == set(card["examples"][0])
        jar = MozillaCookieJar(card["session_cookies"])
        jar.load()
        assert [cookie.name for cookie in jar] == ["sessionid"]
        if how == "signal":
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
        assert process.wait(30) == 0
        assert process.stdout.read() == ""
