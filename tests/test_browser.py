"""The page as people meet it: the real service, the real model, Chromium."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: scripts/install_browser"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, samples_dir: Path, model_folder: Path) -> Iterator[str]:
    data = tmp_path_factory.mktemp("served")
    command = [sys.executable, "-m", "ui.cli", "--data", str(data)]
    subprocess.run([*command, "ingest", str(samples_dir)], cwd=ROOT, check=True, capture_output=True)
    serving = subprocess.Popen([*command, "serve", "--port", "0"], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        assert serving.stderr
        yield next(found[0] for line in serving.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
    finally:
        serving.terminate()
        serving.communicate(timeout=30)


@pytest.fixture
def asked_for(address: str) -> Iterator[tuple[Page, list[str]]]:
    """A fresh page, and every address that it asks for."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address)
        page.wait_for_selector(".example")
        yield page, requests
        browser.close()


def ask(page: Page, question: str) -> None:
    before = page.locator(".exchange").count()
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    expect(page.locator(".exchange")).to_have_count(before + 1, timeout=30_000)
    expect(page.locator(".exchange[aria-busy]")).to_have_count(0, timeout=30_000)


def test_a_citation_opens_its_place_and_nothing_leaves_the_machine(
    asked_for: tuple[Page, list[str]], address: str
) -> None:
    page, requests = asked_for
    ask(page, "首次升规的工业企业能得到什么支持？")
    chip = page.locator(".answer .text .chip").first
    expect(chip).to_contain_text("重点任务")
    chip.click()
    mark = page.locator("mark").first
    expect(mark).to_be_in_viewport()
    quoted = page.locator(".sources blockquote").first.inner_text()
    assert "".join(page.locator("mark").all_inner_texts()).strip() in quoted.replace("\n", "")
    expect(page.locator(".source nav.path")).to_contain_text("二、")
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []


def test_a_refusal_offers_the_nearest_and_a_followup_can_be_corrected(asked_for: tuple[Page, list[str]]) -> None:
    page, _requests = asked_for
    ask(page, "云州现在一共有多少常住人口？")
    expect(page.locator(".answer").last).to_have_attribute("data-status", "refused")
    page.locator(".answer [data-ask]").first.click()
    expect(page.locator(".exchange")).to_have_count(2, timeout=30_000)
    expect(page.locator(".answer[data-status=answered]")).to_have_count(1, timeout=30_000)
    ask(page, "那第3条呢？")
    page.locator("[data-edit]").last.click()
    assert "第3条" in page.locator("#question textarea").input_value()


def test_it_fits_a_phone(asked_for: tuple[Page, list[str]]) -> None:
    page, _requests = asked_for
    page.set_viewport_size({"width": 390, "height": 844})
    ask(page, "重点任务6的原文是什么？")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#question textarea")).to_be_in_viewport()
