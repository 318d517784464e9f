"""What axe-core finds on the page in each of its states: nothing serious by WCAG 2.1 A and AA."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import NEEDS_CHROMIUM, Service, Visits, ask, command, serving
from playwright.sync_api import Page, expect

pytest_plugins = ["browser_fixtures"]
pytestmark = NEEDS_CHROMIUM

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
GRAVE = ("serious", "critical")
QUESTION = "首次升规的工业企业能得到什么支持？"


def found(page: Page) -> list[str]:
    """The serious and critical violations, one line for each node."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['impact']} {one['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for one in violations
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def welcome(page: Page) -> None:
    expect(page.locator(".example").first).to_be_visible()


def answer(page: Page) -> None:
    ask(page, QUESTION).locator(".text .chip").first.click()
    expect(page.locator("mark")).to_be_in_viewport()


def refusal(page: Page) -> None:
    expect(ask(page, "云州现在一共有多少常住人口？").locator(".answer")).to_have_attribute("data-status", "refused")


def tasks(page: Page) -> None:
    page.locator('.views [data-view="tasks"]').click()
    page.locator(".tasks .leaf button").nth(3).click()
    expect(page.locator("mark")).to_be_visible()


def documents(page: Page) -> None:
    page.locator('.views [data-view="documents"]').click()
    expect(page.locator(".files > li").first).to_be_visible()


def feedback(page: Page) -> None:
    ask(page, QUESTION).locator("[data-rate=down]").click()
    expect(page.locator("form.reasons")).to_be_visible()


def editing(page: Page) -> None:
    ask(page, QUESTION).locator("[data-edit]").click()
    expect(page.locator("form.editing")).to_be_visible()
    page.locator(".menu summary").click()
    page.locator(".filters summary").click()


def dialog(page: Page) -> None:
    ask(page, QUESTION)
    page.locator(".history [data-rename]").first.click()
    expect(page.locator("#dialog")).to_be_visible()


def dark(page: Page) -> None:
    page.locator("[data-theme-switch]").click()
    expect(page.locator("body")).to_have_class(re.compile("dark"))
    answer(page)


def phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    ask(page, QUESTION)


def phone_source(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    answer(page)


def phone_drawer(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("[data-drawer]").click()
    expect(page.locator(".history")).to_be_visible()


STATES = (
    welcome,
    answer,
    refusal,
    tasks,
    documents,
    feedback,
    editing,
    dialog,
    dark,
    phone,
    phone_source,
    phone_drawer,
)


@pytest.mark.parametrize("state", STATES)
def test_the_page_has_no_grave_violation(page: Page, state: Callable[[Page], None]) -> None:
    state(page)
    assert found(page) == []


def test_the_english_page_has_no_grave_violation(visits: Visits, served: Service) -> None:
    page = visits(served).open("/en/")
    answer(page)
    assert found(page) == []


def test_the_sign_in_page_has_no_grave_violation(visits: Visits, model_folder: Path, tmp_path: Path) -> None:
    command(tmp_path / "data", "users", "add", "guan", "--password-stdin", typed="a-long-password-1\n")
    with serving(tmp_path / "data", sign_in="true") as service:
        visit = visits(service)
        visit.forgiven.append("401")
        page = visit.page
        page.goto(service.address)
        assert found(page) == []
        page.get_by_label("用户名").fill("guan")
        page.get_by_label("密码").fill("wrong")
        page.get_by_role("button", name="登录").click()
        expect(page.locator(".problem")).to_be_visible()
        assert found(page) == []
