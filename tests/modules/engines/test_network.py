"""One bundle for every engine."""

from __future__ import annotations

import os
from pathlib import Path

import certifi
import curl_cffi.curl
import pytest

from mediadl.errors import TlsFailed
from mediadl.modules.base import Network
from mediadl.modules.engines import network

PEM = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certifi, "where", certifi.where)
    monkeypatch.setattr(curl_cffi.curl, "DEFAULT_CACERT", curl_cffi.curl.DEFAULT_CACERT)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, "")


def test_nothing_changes_without_a_file_or_without_checks(tmp_path: Path) -> None:
    usual = certifi.where()

    assert network.trust(Network(), tmp_path) == ""
    assert network.trust(Network(ca_file="/nowhere", verify_tls=False), tmp_path) == ""
    assert certifi.where() == usual


def test_the_bundle_holds_the_usual_authorities_and_the_extra_one(tmp_path: Path) -> None:
    extra = tmp_path / "extra.pem"
    extra.write_text(PEM)
    usual = Path(certifi.where()).read_text()

    bundle = network.trust(Network(ca_file=str(extra)), tmp_path)
    again = network.trust(Network(ca_file=str(extra)), tmp_path)

    assert again == bundle == certifi.where() == curl_cffi.curl.DEFAULT_CACERT == os.environ["CURL_CA_BUNDLE"]
    assert Path(bundle).parent == tmp_path
    text = Path(bundle).read_text()
    assert PEM in text
    assert usual in text


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_that_cannot_serve_is_an_error_not_a_weaker_check(tmp_path: Path, content: str | None) -> None:
    extra = tmp_path / "extra.pem"
    if content is not None:
        extra.write_text(content)

    with pytest.raises(TlsFailed):
        network.trust(Network(ca_file=str(extra)), tmp_path)
