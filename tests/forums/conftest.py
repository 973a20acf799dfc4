"""Fixtures: real forum programs, each started once for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakeweb import FakeWeb
from fakeweb.sites.forums.parts import PictureHost
from forums.flaskbb import FlaskBB, flaskbb_environment
from forums.real import Unavailable
from forums.spirit import Spirit, spirit_environment


@pytest.fixture(scope="module")
def spirit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spirit]:
    """A running Spirit with the thread of the truth."""
    try:
        environment = spirit_environment()
    except Unavailable as reason:
        pytest.skip(str(reason))
    forum = Spirit(environment, tmp_path_factory.mktemp("spirit"))
    try:
        forum.start()
        yield forum
    finally:
        forum.stop()


@pytest.fixture(scope="module")
def flaskbb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskBB]:
    """A running FlaskBB with the thread of the truth."""
    try:
        environment = flaskbb_environment()
    except Unavailable as reason:
        pytest.skip(str(reason))
    forum = FlaskBB(environment, tmp_path_factory.mktemp("flaskbb"))
    try:
        forum.start()
        yield forum
    finally:
        forum.stop()


@pytest.fixture
def web(request: pytest.FixtureRequest) -> Iterator[FakeWeb]:
    """A simulated web with whichever of the two a test asks for, and the picture host."""
    forums = [request.getfixturevalue(name) for name in ("spirit", "flaskbb") if name in request.fixturenames]
    with FakeWeb([*(forum.bridge() for forum in forums), PictureHost()]) as made:
        yield made
    assert made.errors == []
