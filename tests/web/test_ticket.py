"""Tickets open one terminal, once, soon, on the server that issued them."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediadl.paths import Home
from mediadl.web.ticket import LIFE_S, TicketOffice, TicketRefused, redeem


def test_a_ticket_names_the_login_it_was_issued_for(home: Home) -> None:
    ticket = TicketOffice(home).issue("login-7", now=1000.0)

    assert redeem(home, ticket, now=1001.0) == "login-7"


def test_a_ticket_is_good_once(home: Home) -> None:
    ticket = TicketOffice(home).issue("login-7")
    redeem(home, ticket)

    with pytest.raises(TicketRefused, match="used before"):
        redeem(home, ticket)


def test_a_ticket_grows_old(home: Home) -> None:
    ticket = TicketOffice(home).issue("login-7", now=1000.0)

    with pytest.raises(TicketRefused, match="too old"):
        redeem(home, ticket, now=1000.0 + LIFE_S + 1)


def test_a_ticket_for_another_login_cannot_be_made_from_one(home: Home) -> None:
    body, _, signature = TicketOffice(home).issue("login-7").partition(".")
    told = json.loads(base64.urlsafe_b64decode(body)) | {"session": "login-1"}
    forged = base64.urlsafe_b64encode(json.dumps(told).encode()).decode()

    with pytest.raises(TicketRefused, match="not signed"):
        redeem(home, f"{forged}.{signature}")


def test_a_new_server_makes_the_old_one_s_tickets_worthless(home: Home) -> None:
    ticket = TicketOffice(home).issue("login-7")
    TicketOffice(home)

    with pytest.raises(TicketRefused):
        redeem(home, ticket)


def test_without_a_server_no_ticket_is_good(home: Home) -> None:
    office = TicketOffice(home)
    ticket = office.issue("login-7")
    office.close()

    with pytest.raises(TicketRefused):
        redeem(home, ticket)


def test_what_tickets_are_checked_with_is_private(home: Home) -> None:
    TicketOffice(home).issue("login-7")

    kept = list((home.run / "tickets").iterdir())
    assert len(kept) == 2
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in kept)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | st.builds(lambda a, b: f"{a}.{b}", st.text(max_size=30), st.text(max_size=30)))
def test_whatever_is_shown_is_refused_in_words(home: Home, text: str) -> None:
    TicketOffice(home)

    with pytest.raises(TicketRefused):
        redeem(home, text)
