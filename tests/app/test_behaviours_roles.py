"""What a role is offered, and refused: behaviour 20 of the terminal program."""

from __future__ import annotations

import pytest

from mediadl.errors import PermissionDenied
from mediadl.models import JobStatus
from mediadl.screens.actions import ACTIONS
from mediadl.screens.actions.rights import denied, needs
from mediadl.screens.commands import commands
from mediadl.security.permissions import OWNER, Caller, Right, Role, rights_of
from mediadl.service import Services
from mediadl.service.views import ViewService
from terminal.anywhere import Anywhere, fill, opened

PLACES_OF_A_VIEWER = ("dashboard", "queue", "scheduler", "history")
CHANGING = {"add", "cancel", "retry", "remove", "delete", "new", "duplicate", "pause-all", "settings", "logs"}


def caller(role: Role) -> Caller:
    return Caller(7, "vera", role, rights_of(role), "browser")


def offered(page: Anywhere) -> set[str]:
    """Words that the `:` line knows here."""
    shown = commands(page.app.actions(*page.app.page.SCOPES), page.app.page.reasons())
    return {command.word for command in shown}


def test_behaviour_20_every_right_names_an_action_of_the_registry() -> None:
    assert {action_id for action_id, _ in needs()} <= {action.id for action in ACTIONS}


def test_behaviour_20_whoever_sits_at_the_machine_is_refused_nothing() -> None:
    assert denied(OWNER) == {}


@pytest.mark.parametrize("name", PLACES_OF_A_VIEWER)
async def test_behaviour_20_a_viewer_is_offered_nothing_that_changes(services: Services, name: str) -> None:
    fill(services)
    async with opened(services.acting_as(caller(Role.VIEWER)), name) as page:
        words = offered(page)
        palette = {command.title for command in page.app.get_system_commands(page.app.screen)}

        assert not words & CHANGING
        assert "queue" in words or name == "queue"
        assert not {title for title in palette if title.startswith(("Cancel", "Add ", "Delete", "Settings"))}
        for hidden in ("a Add", "c Cancel", "d Remove", "d Delete", "n New"):
            assert hidden not in page.footer


async def test_behaviour_20_a_key_that_is_not_offered_says_why_and_changes_nothing(
    services: Services,
) -> None:
    fill(services)
    async with opened(services.acting_as(caller(Role.VIEWER)), "queue") as page:
        before = services.queue.counts().by_status
        await page.press("c", "P", "C", "a")

        assert page.depth == 1
        assert "vera (viewer) may not do this." in page.toasts()
        assert services.queue.counts().by_status == before


async def test_behaviour_20_pasted_addresses_open_no_form_for_a_viewer(services: Services) -> None:
    async with opened(services.acting_as(caller(Role.VIEWER)), "history") as page:
        await page.paste("https://example.com/video")

        assert page.depth == 1
        assert "may not" in page.toasts()


async def test_behaviour_20_a_viewer_does_not_come_to_logs_or_settings(services: Services) -> None:
    services.acting_as(caller(Role.VIEWER)).views.save({"place": "settings"})
    async with opened(services.acting_as(caller(Role.VIEWER)), "queue") as page:
        await page.press("5", "6")
        await page.app.run_action("app.logs")
        await page.pilot.pause()

        assert page.place == "queue"


def test_behaviour_20_forged_calls_are_refused_beneath_the_screens(services: Services) -> None:
    ids = fill(services)
    forged = services.acting_as(caller(Role.VIEWER))

    for call in (
        lambda: forged.queue.cancel(ids),
        lambda: forged.settings.set("downloads.quality", "720p"),
        lambda: forged.logs.browse(),
        lambda: forged.users.list(),
    ):
        with pytest.raises(PermissionDenied):
            call()
    assert services.queue.get(ids[0]).status is not JobStatus.CANCELLED


async def test_behaviour_20_a_user_adds_and_steers_but_sets_nothing(services: Services) -> None:
    async with opened(services.acting_as(caller(Role.USER)), "queue") as page:
        words = offered(page)

        assert "add" in words
        assert not words & {"settings", "logs", "session", "change-theme"}


async def test_behaviour_20_an_admin_in_a_browser_is_offered_all_but_the_machine(services: Services) -> None:
    fill(services)
    async with opened(services.acting_as(caller(Role.ADMIN)), "history") as page:
        words = offered(page)

        assert {"settings", "logs", "delete", "add"} <= words
        assert "folder" not in words
    assert {action_id for action_id, right in needs() if right is Right.MACHINE} == set(
        denied(caller(Role.ADMIN))
    )


def test_behaviour_20_views_of_others_are_not_taken_over(services: Services) -> None:
    services.views.save({"place": "logs"})

    other: ViewService = services.acting_as(caller(Role.VIEWER)).views

    assert other.load() == {}
