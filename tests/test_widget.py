"""The widget on another site: who may show it, and how it works there in Chromium under a strict policy."""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser import NEEDS_CHROMIUM, PATIENCE, Service, command, serving
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect
from pydantic import ValidationError
from test_access import browser as unknown
from test_access import opening

from ui.settings import Settings

pytest_plugins = ["browser_fixtures"]

ROOT = Path(__file__).parents[1]
SITE = "https://www.example.cn"
HOSTILE = "青杉市<img src=x onerror='window.ran=1'>办法"
QUESTION = "重点任务1的原文是什么？"
ASK = "/api/v1/ask"


# -- who may show it -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Somebody at a service whose widget two sites may show."""
    with asked(tmp_path_factory.mktemp("asked"), widget_origins=(SITE, "http://intra:8080")) as one:
        yield one


@contextmanager
def asked(folder: Path, **settings: Any) -> Iterator[TestClient]:
    with opening(folder) as open_:
        yield unknown(open_(**settings))


def test_without_sites_there_is_no_widget(tmp_path: Path) -> None:
    with asked(tmp_path) as client:
        assert client.get("/widget.js").status_code == 404
        answer = client.post(ASK, json={"question": QUESTION}, headers={"origin": SITE})
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-origin" not in client.options(ASK, headers=_preflight(SITE)).headers


def _preflight(site: str, **more: str) -> dict[str, str]:
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    return {"origin": site, **asks, **more}


def test_only_the_sites_that_are_named_may_ask(client: TestClient) -> None:
    script = client.get("/widget.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "frame-ancestors 'self'" in script.headers["content-security-policy"]
    assert '{"zh": "/", "en": "/en/"}' in script.text
    allowed = client.options(ASK, headers=_preflight(SITE))
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, SITE)
    assert "access-control-allow-credentials" not in allowed.headers
    answer = client.post(ASK, json={"question": QUESTION}, headers={"origin": SITE})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, SITE)
    assert answer.json()["citations"]
    wrong = client.post(ASK, json={}, headers={"origin": SITE})
    assert (wrong.status_code, wrong.headers["access-control-allow-origin"]) == (422, SITE), "errors can be read too"


@pytest.mark.parametrize(
    "site",
    ["http://www.example.cn", "https://example.cn", "https://www.example.cn:8443", "https://www.example.cn.evil.cn",
     "https://evilwww.example.cn", "null", "https://WWW.example.cn/"],
)  # fmt: skip
def test_other_sites_are_refused(client: TestClient, site: str) -> None:
    for refused in (
        client.options(ASK, headers=_preflight(site)),
        client.post(ASK, json={"question": QUESTION}, headers={"origin": site}),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
        assert "access-control-allow-origin" not in refused.headers


def test_nothing_else_is_opened_to_them(client: TestClient) -> None:
    for path in ("/api/v1/documents", "/api/v1/conversations", "/", "/widget.js"):
        assert "access-control-allow-origin" not in client.get(path, headers={"origin": SITE}).headers
    assert (
        "access-control-allow-origin" not in client.options("/api/v1/conversations", headers=_preflight(SITE)).headers
    )
    own = client.post(ASK, json={"question": QUESTION}, headers={"origin": "http://testserver"})
    assert own.status_code == 200, "our own pages may"
    assert client.post(ASK, json={"question": QUESTION}).status_code == 200, "and programs, which send none"


def test_cookies_do_not_come_through(tmp_path: Path) -> None:
    with opening(tmp_path) as open_:
        services = open_(widget_origins=(SITE,))
        client = unknown(services)
        client.cookies.set("zhengce_visitor", "a" * 32)
        client.post(ASK, json={"question": QUESTION}, headers={"origin": SITE})
        (noted,) = services.state.audit.list()
        assert noted.owner and noted.owner.startswith("visitor:") and noted.owner != f"visitor:{'a' * 32}"


def test_with_sign_in_there_are_no_public_answers(tmp_path: Path) -> None:
    with asked(tmp_path, widget_origins=(SITE,), sign_in=True) as client:
        refused = client.post(ASK, json={"question": QUESTION}, headers={"origin": SITE})
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, SITE)


def test_sites_are_written_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHENGCE_WIDGET_ORIGINS", "https://A.cn, http://b.cn:8080,https://c.cn:443")
    assert Settings().widget_origins == ("https://a.cn", "http://b.cn:8080", "https://c.cn")
    for wrong in ("*", "a.cn", "https://a.cn/path", "ftp://a.cn"):
        with pytest.raises(ValidationError):
            Settings(widget_origins=(wrong,))


def in_chromium(test: Any) -> Any:
    """Mark a test that needs Chromium."""
    for mark in NEEDS_CHROMIUM:
        test = mark(test)
    return test


# -- on another site -----------------------------------------------------------------------------------------------


@contextmanager
def site(service_of: dict[str, str]) -> Iterator[str]:
    """Serve the example on an origin of its own, with a policy that lets through nothing but the service."""
    example = (ROOT / "docs" / "examples" / "widget.html").read_text(encoding="utf-8")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = service_of["address"]
            page = example.replace("http://127.0.0.1:7860", host)
            if "lang=en" in self.path:
                page = page.replace('data-title="政策问答" data-lang="zh"', 'data-lang="en"')
            body = page.encode() if self.path.startswith("/?") or self.path == "/" else b""
            self.send_response(200 if body else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header(
                "content-security-policy",
                f"default-src 'none'; script-src {host}; connect-src {host}; require-trusted-types-for 'script'; "
                "trusted-types 'none'; base-uri 'none'; form-action 'none'",
            )
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory, filled: Path) -> Iterator[tuple[Service, str, str]]:
    """A service, a site that may show its widget, and one that may not."""
    folder = tmp_path_factory.mktemp("widget")
    text = f"{HOSTILE}\n\n一、重点任务\n\n1.保护萤火虫。全市划定暗夜保护区18处<script>window.ran=1</script>。\n"
    (folder / "恶意.txt").write_text(text, encoding="utf-8")
    shutil.copytree(filled, folder / "data")
    command(folder / "data", "ingest", str(folder / "恶意.txt"))
    known: dict[str, str] = {}
    with (
        site(known) as allowed,
        site(known) as other,
        serving(folder / "data", widget_origins=allowed) as service,
    ):
        known["address"] = service.address
        yield service, allowed, other


@pytest.fixture
def shown(browser: Browser, sites: tuple[Service, str, str]) -> Iterator[Page]:
    """The example on the site that may show the widget. No error, no other host, when the test is over."""
    service, allowed, _other = sites
    with opened(browser, allowed) as page:
        requests: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(allowed)
        yield page
        assert [url for url in requests if not url.startswith((service.address, allowed))] == []
        assert [one for one in errors if "favicon" not in one and "404" not in one] == []


@contextmanager
def opened(browser: Browser, _site: str, **options: Any) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 900, "height": 700}, **options)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def ask(page: Page, question: str) -> None:
    if page.get_by_role("dialog").count() == 0:
        page.locator(".opener").click()
    page.get_by_label("问题", exact=True).fill(question)
    page.keyboard.press("Enter")
    expect(page.locator("[aria-busy]")).to_have_count(0, timeout=60_000)  # the first question loads the model


@in_chromium
def test_it_answers_with_citations_that_open_their_place(shown: Page, sites: tuple[Service, str, str]) -> None:
    service, *_ = sites
    ask(shown, "首次升规的工业企业能得到什么支持？")
    said = shown.locator(".said").last
    expect(said.locator("button").first).to_have_text("1")
    listed = shown.locator(".sources button").first
    expect(listed).to_contain_text("重点任务4")
    assert (listed.get_attribute("aria-label") or "").startswith("在新窗口打开原文：重点任务4")
    with shown.context.expect_page() as new:
        listed.click()
    assert new.value.url.startswith(f"{service.address}/?document=")
    expect(new.value.locator("mark")).to_be_in_viewport()
    assert new.value.evaluate("window.opener") is None
    new.value.close()
    ask(shown, "那第6条呢？")
    expect(shown.locator(".sources").last).to_contain_text("重点任务6")
    expect(shown.locator(".asked")).to_have_count(2)


@in_chromium
def test_hostile_text_stays_text(shown: Page) -> None:
    ask(shown, "暗夜保护区划定多少处？")
    expect(shown.locator(".said").last).to_contain_text("<script>window.ran=1</script>")
    expect(shown.locator(".sources")).to_contain_text("<img src=x onerror=")
    assert shown.evaluate("window.ran") is None
    assert shown.locator("zhengce-widget img, zhengce-widget script").count() == 0


@in_chromium
def test_the_keyboard_is_enough(shown: Page) -> None:
    shown.keyboard.press("Tab")
    opener = shown.locator(".opener")
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")
    shown.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    line = shown.get_by_label("问题", exact=True)
    expect(line).to_be_focused()
    shown.keyboard.type("重点任务6的原文")
    shown.keyboard.press("Shift+Enter")
    expect(line).to_have_value("重点任务6的原文\n")
    shown.keyboard.press("Enter")
    expect(shown.locator(".sources").last).to_contain_text("重点任务6")
    expect(line).to_be_focused()
    shown.keyboard.press("Escape")
    expect(shown.locator(".panel")).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    expect(shown.locator(".asked")).to_have_count(1)


@in_chromium
def test_another_site_gets_no_answer(browser: Browser, sites: tuple[Service, str, str]) -> None:
    _service, _allowed, other = sites
    with opened(browser, other) as page:
        page.goto(other)
        ask(page, QUESTION)
        expect(page.get_by_role("alert")).to_have_text("没能得到回答，请稍后再试。")
        assert page.locator(".sources").count() == 0


@in_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_in_light_and_dark_and_in_english(
    browser: Browser, sites: tuple[Service, str, str], scheme: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    _service, allowed, _other = sites
    # only to put the checker in: its script is none that the policy lets through
    with opened(browser, allowed, color_scheme=scheme, bypass_csp=True) as page:
        page.goto(f"{allowed}/?lang=en")
        page.get_by_role("button", name="Open policy questions").click()
        expect(page.get_by_role("dialog", name="Policy questions")).to_be_visible()
        page.get_by_label("Question", exact=True).fill("重点任务6的原文是什么？")
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.locator(".sources")).to_be_visible()
        ground = page.locator(".panel").evaluate("one => getComputedStyle(one).backgroundColor")
        assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(26, 32, 39)"}[scheme]
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        with page.context.expect_page() as new:
            page.locator(".sources button").first.click()
        assert re.search(r"/en/\?document=", new.value.url)
