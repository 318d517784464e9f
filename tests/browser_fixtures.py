"""The fixtures of the browser tests: ``pytest_plugins = ["browser_fixtures"]``.

Each module launches a browser of its own: while Playwright runs, no other test of the same thread may use asyncio.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, FLAGS, PATIENCE, Service, Visit, Visits, serving
from playwright.sync_api import Browser, Page, expect, sync_playwright

from vectorstore.snapshot import copy_store
from vectorstore.store import Store


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, store: Store) -> Path:
    """A data folder with the sample corpus, as the real model indexed it; copy it to change anything in it."""
    data = tmp_path_factory.mktemp("filled") / "data"
    data.mkdir()
    copy_store(store._data_dir, data)
    return data


@pytest.fixture(scope="session")
def served(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service that the tests share: the sample corpus, quotes only, everybody an administrator."""
    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(filled, data)
    with serving(data) as service:
        yield service


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as play:
        launched = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    """Makes visits to a service: ``visits(service, **options of the browser)``. Each has to end without an error."""
    made: list[Visit] = []

    def visit(service: Service, **options: Any) -> Visit:
        made.append(Visit(browser, service.address, options))
        return made[-1]

    yield visit
    for one in made:
        one.context.close()
    assert [one.wrong() for one in made] == [[] for _ in made]


@pytest.fixture
def page(visits: Visits, served: Service) -> Page:
    """The page of the shared service, as somebody new sees it."""
    return visits(served).open()
