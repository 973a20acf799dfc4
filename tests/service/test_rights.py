"""Every verb of every service against every role: what is not allowed by name is refused.

`ALLOWED` is the matrix, written out on purpose: a new public verb fails here until somebody says who may use it.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from mediadl.errors import MediadlError, PermissionDenied
from mediadl.security.permissions import OWNER, Caller, Right, Role, rights_of
from mediadl.service import Services, rights
from mediadl.service.rights import Verbs, asks, does

A, U, V = Role.ADMIN, Role.USER, Role.VIEWER
ALL, EDIT, ADMIN, SEES, NOBODY = {A, U, V}, {A, U}, {A}, {A, V}, set[Role]()


def each(roles: set[Role], words: str) -> dict[str, set[Role]]:
    """The same roles for every verb named."""
    return dict.fromkeys(words.split(), roles)


ALLOWED: dict[str, dict[str, set[Role]]] = {
    "queue": {
        **each(
            ALL,
            "page count counts index_of ids get get_many existing items folder_of item_count "
            "log_lines data_version last_event_id first_event_id events_since",
        ),
        **each(
            EDIT,
            "check outlook add pause resume pause_all resume_all set_start start_now cancel "
            "remove retry set_priority shift_priority move move_many clear undo",
        ),
    },
    "history": {
        **each(
            ALL,
            "page count get of_job index_of get_many amount look kinds is_plain begins_quickly "
            "is_counted listing stamp platforms sources before",
        ),
        **each(EDIT, "delete restore redownload export"),
        **each(ADMIN, "improve"),
        **each(NOBODY, "export_file"),
    },
    "sessions": {
        **each(ALL, "platforms"),
        **each(ADMIN, "list import_paste import_said set_password test remove"),
        **each(NOBODY, "import_file import_browser"),
    },
    "archive": {
        **each(ADMIN, "page count export forget"),
        **each(NOBODY, "import_file"),
    },
    "threads": {
        **each(SEES, "list find details"),
        **each(ADMIN, "watch unwatch check forget"),
    },
    "settings": {
        **each(ALL, "file values brief telling locking stamp keymap_file keymap_stamp keymap"),
        **each(ADMIN, "list get check example sheet strays export set save unset"),
        **each(NOBODY, "replace_all"),
    },
    "logs": {
        **each(ADMIN, "browse tail read end since follow export extent clear"),
        **each(NOBODY, "save"),
    },
    "views": {
        **each(ALL, "load save"),
    },
    "thumbnails": {
        **each(ALL, "feed forget kept"),
    },
    "daemon": {
        **each(ALL, "ensure is_needed status attach detach close"),
        **each(ADMIN, "start stop"),
    },
    "unit": {
        **each(NOBODY, "install uninstall unit"),
    },
    "database": {
        **each(ADMIN, "check info"),
        **each(NOBODY, "backup"),
    },
    "platforms": {
        **each(ALL, "list show"),
        **each(ADMIN, "test clear"),
    },
    "preview": {
        **each(EDIT, "begin picked"),
    },
    "stats": {
        **each(
            ALL,
            "overview timeline outcomes health recent next_planned by_platform by_kind by_source stored space",
        ),
    },
    "engines": {
        **each(ALL, "list info"),
        **each(ADMIN, "update roll_back pin unpin test"),
    },
    "doctor": {
        **each(ADMIN, "examine"),
    },
    "users": {
        **each(
            ALL, "me change_own_password offer_own_totp confirm_own_totp drop_own_totp new_own_recovery_codes"
        ),
        **each(
            ADMIN,
            "list get add set_password set_role enable disable remove offer_totp confirm_totp "
            "new_recovery_codes drop_totp",
        ),
    },
    "logins": {
        **each(ALL, "sign_out sessions revoke"),
        **each(
            NOBODY,
            "first_code create_first sign_in is_admin_password has_admin caller_of still_valid keep renew",
        ),
    },
    "tokens": {
        **each(ALL, "create list revoke"),
        **each(NOBODY, "caller_of still_valid"),
    },
    "activity": {
        **each(ADMIN, "list"),
    },
    "plans": {
        **each(ALL, "page count counts index_of keys first facts hours runs run_count starting"),
    },
    "repeats": {
        **each(EDIT, "once"),
    },
    "schedules": {
        **each(
            EDIT,
            "list get details history statistics next_runs check changed rule_in_words "
            "check_sources looks suggest_name plan_file export add change remove duplicate "
            "enable disable run_now fill_gap carry_out",
        ),
    },
}

PLAIN = {"thumbnails.wish", "thumbnails.store", "engines.words"}
"""Static helpers: they touch nothing of anybody's."""


def service_classes() -> Iterator[tuple[str, type[Verbs]]]:
    for name, value in vars(Services).items():
        if isinstance(value, functools.cached_property) and name != "inner":
            found = re.search(r"from (mediadl\.service\.\w+) import (\w+)", inspect.getsource(value.func))
            assert found is not None, name
            yield name, getattr(importlib.import_module(found[1]), found[2])


def public_verbs() -> Iterator[tuple[str, str, Any]]:
    for service, cls in service_classes():
        for name in dir(cls):
            if name.startswith("_") or name == "caller" or f"{service}.{name}" in PLAIN:
                continue
            found = inspect.getattr_static(cls, name)
            yield service, name, found.fget if isinstance(found, property) else found


VERBS = [(service, name, verb) for service, name, verb in public_verbs()]


def caller(role: Role) -> Caller:
    return Caller(7, "anna", role, rights_of(role), "browser", "192.0.2.1")


def test_the_matrix_names_every_public_verb_and_no_other() -> None:
    known = {f"{service}.{name}" for service, verbs in ALLOWED.items() for name in verbs}
    there = {f"{service}.{name}" for service, name, _ in VERBS}

    assert there - known == set(), "say in ALLOWED who may use these"
    assert known - there == set(), "these verbs are gone"


@pytest.mark.parametrize(("service", "name", "verb"), VERBS, ids=[f"{s}.{n}" for s, n, _ in VERBS])
def test_the_verb_has_a_right_and_the_matrix_holds(service: str, name: str, verb: Any) -> None:
    assert not hasattr(verb, rights.UNDECLARED), "mark it with asks or does"
    right: Right = getattr(verb, rights.RIGHT)

    assert {role for role in Role if right in rights_of(role)} == ALLOWED[service][name]


REFUSED = [
    (s, n, role) for s, n, _ in VERBS for role in Role if role not in ALLOWED.get(s, {}).get(n, {role})
]


@pytest.mark.parametrize(("service", "name", "role"), REFUSED, ids=[f"{s}.{n}-{r}" for s, n, r in REFUSED])
def test_the_verb_refuses_before_it_looks_at_anything(
    services: Services, service: str, name: str, role: Role
) -> None:
    acting = services.acting_as(caller(role))

    with pytest.raises(PermissionDenied) as told:
        verb = getattr(getattr(acting, service), name)
        verb()  # without what it wants to be given: rights come first

    assert told.value.exit_code == 8
    assert "anna" in told.value.message


def test_what_declares_nothing_is_the_machine_owners(services: Services) -> None:
    class Sloppy(Verbs):
        def __init__(self, services: Services) -> None:
            self._services = services

        def leak(self) -> str:
            return "everything"

        @property
        def secret(self) -> str:
            return "everything"

    for role in Role:
        acting = Sloppy(services.acting_as(caller(role)))
        with pytest.raises(PermissionDenied):
            acting.leak()
        with pytest.raises(PermissionDenied):
            _ = acting.secret
    assert hasattr(Sloppy.leak, rights.UNDECLARED)
    assert Sloppy(services).leak() == "everything"


# What is written down


class Acts(Verbs):
    def __init__(self, services: Services) -> None:
        self._services = services

    @does(Right.ADD, "thing.add")
    def add(self, words: list[str]) -> None:
        with self._services.store.write() as tx:
            tx.execute("INSERT INTO memory VALUES ('p', ?, 'k', '1', 0)", (words[0],))
            if words[-1] == "fail":
                raise ValueError

    @does(Right.ADD, "thing.both")
    def both(self, words: list[str]) -> None:
        self.add(words)
        self.add([word + "2" for word in words])

    @does(Right.ADD, "thing.nothing", tells=False)
    def nothing(self, secret: str) -> None:
        pass

    @does(Right.USERS, "thing.forbidden")
    def forbidden(self, name: str) -> None:
        raise AssertionError

    @asks(Right.LOOK)
    def look(self) -> None:
        pass


def lines(services: Services) -> list[tuple[str, str, str, str]]:
    found = reversed(services.activity.list())
    return [(one.who, one.action, one.target, one.outcome) for one in found]


def test_a_change_writes_one_line_in_its_own_transaction(services: Services) -> None:
    acts = Acts(services.acting_as(caller(Role.USER)))
    versions = services.store.read().execute("SELECT COUNT(*) FROM memory").fetchone()[0]
    acts.add(["a", "b"])

    assert lines(services) == [("anna", "thing.add", "a, b", "ok")]
    assert services.store.read().execute("SELECT COUNT(*) FROM memory").fetchone()[0] == versions + 1
    one = services.activity.list()[0]
    assert (one.user_id, one.via, one.address) == (7, "browser", "192.0.2.1")


def test_what_was_rolled_back_left_no_line(services: Services) -> None:
    acts = Acts(services.acting_as(caller(Role.USER)))
    with pytest.raises(ValueError):
        acts.add(["a", "fail"])
    with services.store.write() as tx:
        tx.execute("INSERT INTO memory VALUES ('p', 'later', 'k', '1', 0)")

    assert lines(services) == []


def test_a_verb_that_uses_others_is_one_act(services: Services) -> None:
    Acts(services).both(["x"])

    assert lines(services) == [("owner", "thing.both", "x", "ok")]


def test_an_act_without_a_transaction_is_written_down_too_and_looks_are_not(services: Services) -> None:
    _ = services.store
    acts = Acts(services)
    acts.nothing("a secret")
    acts.look()

    assert lines(services) == [("owner", "thing.nothing", "", "ok")]


def test_a_refusal_is_written_down(services: Services) -> None:
    _ = services.store
    with pytest.raises(PermissionDenied):
        Acts(services.acting_as(caller(Role.VIEWER))).forbidden("bert")

    assert lines(services) == [("anna", "thing.forbidden", "bert", "refused")]


def test_the_first_act_of_all_is_written_into_a_database_it_makes(services: Services) -> None:
    assert services.opened_store is None
    Acts(services).add(["first"])

    assert lines(services) == [("owner", "thing.add", "first", "ok")]


def test_a_database_that_cannot_be_used_stops_no_act_without_one(services: Services) -> None:
    services.home.database.write_bytes(b"not a database")
    Acts(services).nothing("x")

    with pytest.raises(MediadlError):
        _ = services.store


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ([1, 2, 3], "1, 2, 3"),
        (list(range(9)), "9: 0, 1, 2, 3, 4 …"),
        (["https://u:pw@x.example/a?token=abc&n=1"], "https://[hidden]@x.example/a?token=[hidden]&n=1"),
        ("a\x1b[31mb", "a[31mb"),
        (None, ""),
        (12, "12"),
        (b"raw", ""),
    ],
)
def test_what_an_act_was_done_to_is_told_without_secrets(target: object, told: str) -> None:
    assert rights._words(target) == told


def test_services_of_somebody_else_share_the_database_and_close_nothing(services: Services) -> None:
    other = services.acting_as(caller(Role.USER))
    assert other.store is services.store
    assert other.inner.caller is OWNER
    assert services.inner is services
    other.close()

    assert services.queue.counts() is not None
