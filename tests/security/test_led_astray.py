"""A stranger's page does not lead the owner's jobs into the owner's network."""

from __future__ import annotations

import pytest

from mediadl.errors import AddressRefused
from mediadl.security.urls import is_private_host, refuse_led_astray

PRIVATE = [
    "127.0.0.1",
    "10.0.0.5",
    "192.168.1.1",
    "169.254.169.254",
    "[::1]",
    "localhost",
    "nas.local",
    "0x7f000001",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_a_public_page_does_not_lead_to_a_private_address(host: str) -> None:
    with pytest.raises(AddressRefused, match="leads to the private address"):
        refuse_led_astray(host, "forum.example")


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("home", ["", "192.168.1.5", "nas.local", "localhost"])
def test_what_the_owner_asked_for_at_home_may_lead_anywhere(host: str, home: str) -> None:
    refuse_led_astray(host, home)


@pytest.mark.parametrize("host", ["cdn.example", "93.184.216.34", "forum.example"])
def test_public_addresses_are_open_to_every_page(host: str) -> None:
    refuse_led_astray(host, "forum.example")
    assert not is_private_host(host)
