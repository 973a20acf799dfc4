"""The daemon as a unit of systemd: what is written, and that it is refused where there is no systemd."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mediadl.errors import DaemonUnavailable, InvalidInput, NotFound, PermissionDenied
from mediadl.paths import Home
from mediadl.security.permissions import ROLE_RIGHTS, Caller, Role
from mediadl.service import Services
from mediadl.service.unit import text_of

SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$SAID"
case "$*" in *"$FAILS"*) echo "no such bus" >&2; exit 1;; esac
exit 0
"""


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl that writes down what it was asked; fails where FAILS is in the words."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "systemctl"
    program.write_text(SYSTEMCTL, "utf-8")
    program.chmod(0o755)
    (folder / "loginctl").symlink_to("/bin/false")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("SAID", str(tmp_path / "said"))
    monkeypatch.setenv("FAILS", "nothing at all")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "said"


def test_the_unit_keeps_the_data_folder_and_comes_back_after_a_failure(services: Services) -> None:
    unit = services.unit.unit()

    assert f'Environment="MEDIADL_HOME={services.home.root}"' in unit.text
    assert " -m mediadl daemon run\n" in unit.text
    assert "Restart=on-failure\n" in unit.text
    assert unit.name.startswith("mediadl-"), "another data folder has another unit"
    assert not unit.file.exists()


def test_variables_that_the_unit_does_not_have_are_named(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert services.unit.unit().left_out == ()

    monkeypatch.setenv("MEDIADL_NETWORK__PROXY", "http://user:secret@proxy.example")

    unit = services.unit.unit()
    assert unit.left_out == ("MEDIADL_NETWORK__PROXY",)
    assert "secret" not in unit.text


@pytest.mark.parametrize("root", ["/tmp/plain", '/tmp/a b "c" $d %h \\ é', "/tmp/%%n;x"])
def test_systemd_finds_nothing_wrong_with_the_unit(root: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    file = tmp_path / "mediadl-test.service"
    file.write_text(text_of(Home(Path(root))), "utf-8")
    (tmp_path / "run").mkdir()

    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", str(file)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")},
        check=False,
        timeout=60,
    )

    if "Failed to initialize manager" in done.stderr:
        pytest.skip(f"systemd-analyze cannot work here: {done.stderr.strip()}")
    ours = [line for line in done.stderr.splitlines() if file.name in line]
    assert (done.returncode, ours) == (0, [])


def test_a_path_that_breaks_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        text_of(Home(tmp_path / "a\nExecStart=/bin/rm"))


def test_install_writes_enables_and_starts_and_uninstall_undoes_it(
    services: Services, systemctl: Path
) -> None:
    done = services.unit.install()

    name = done.unit.name
    assert done.unit.file.read_text("utf-8") == done.unit.text
    assert not done.lingers
    assert systemctl.read_text("utf-8").splitlines() == [
        "--user show-environment",
        "--user daemon-reload",
        f"--user enable --now {name}",
    ]
    systemctl.unlink()
    services.unit.uninstall()
    assert not done.unit.file.exists()
    assert systemctl.read_text("utf-8").splitlines() == [
        "--user show-environment",
        f"--user disable --now {name}",
        "--user daemon-reload",
    ]
    with pytest.raises(NotFound):
        services.unit.uninstall()


def test_without_a_session_of_systemd_nothing_is_written(
    services: Services, systemctl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILS", "show-environment")
    with pytest.raises(DaemonUnavailable, match="no session of this user") as refused:
        services.unit.install()
    assert "mediadl daemon run" in refused.value.next_step
    assert not services.unit.unit().file.exists()

    monkeypatch.setenv("FAILS", "enable")
    with pytest.raises(DaemonUnavailable, match=r"enable --now .*: no such bus"):
        services.unit.install()

    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DaemonUnavailable, match="there is no systemd"):
        services.unit.install()


def test_no_account_installs_anything(services: Services) -> None:
    admin = services.acting_as(Caller(1, "eve", Role.ADMIN, ROLE_RIGHTS[Role.ADMIN], "browser"))

    with pytest.raises(PermissionDenied):
        admin.unit.install()
