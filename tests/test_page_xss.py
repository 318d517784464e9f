"""Hostile text in every place that the page shows: it is shown as text, does nothing, and breaks nothing.

The payloads are ``data/payloads.jsonl`` (``times``: the text is repeated so often). One that runs sets ``window.ran``
(not ``__ran``: the reader of Markdown takes ``__`` for emphasis), asks ``ATTACKER`` for something, goes elsewhere, or
opens a dialog. The service is the real one, on an embedder and a language model that need no weights.
"""

import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from browser import NEEDS_CHROMIUM, answered
from doors import POLICY, HashEmbedder, WordRanker
from llm_server import scripted_server
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from assistant.answer import Answer, Citation, Sentence
from ingest.lines import Extracted
from ingest.readers.plain import read_lines
from ingest.reading import parts_of
from ui.library.shelf import safe_name
from ui.page.templates import ASSETS
from ui.page.transcript import MOST_CHARS, MOST_SHOWN
from ui.questions import MAX_LIMITS
from ui.settings import Settings
from ui.state.columns import clean
from ui.state.conversations import MAX_NAME
from ui.wiring import State, open_serving, open_state
from vectorstore.catalog import FileRecord
from vectorstore.records import Document, Filter, Unit
from vectorstore.store import Store

pytest_plugins = ["browser_fixtures"]

ATTACKER = "http://127.0.0.1:9/"
ROOT = Path(__file__).resolve().parents[1]
OWNER = "5" * 32  # what the cookie of the browser says
NORMAL = "重点任务1的原文是什么？"
TOGETHER = 12  # payloads in one document, one question, one reply


@dataclass(frozen=True)
class Payload:
    id: str
    kind: str
    text: str

    @property
    def line(self) -> str:
        """The payload on one line and without what no text file holds."""
        text = " ".join(clean(self.text).splitlines())
        return "".join(c for c in text if c == "\t" or not (c == "\ufffd" or unicodedata.category(c) == "Cc"))


def _payloads() -> list[Payload]:
    lines = (Path(__file__).parent / "data" / "payloads.jsonl").read_text(encoding="utf-8").splitlines()
    known = map(json.loads, lines)
    return [Payload(one["id"], one["kind"], one["text"] * one.get("times", 1)) for one in known]


PAYLOADS = _payloads()
BY_ID = {payload.id: payload for payload in PAYLOADS}
SHORT = [payload for payload in PAYLOADS if len(payload.text) <= 400]
FLOODS = [payload for payload in PAYLOADS if len(payload.text) > 400]


def groups(payloads: Sequence[Payload], size: int = TOGETHER) -> list[Sequence[Payload]]:
    return [payloads[at : at + size] for at in range(0, len(payloads), size)]


SINGLES: dict[str, Sequence[Payload]] = {  # by what a document is called in the tests
    **{payload.id: [payload] for payload in PAYLOADS if payload.kind == "text"},
    **{group[0].id: group for group in groups([one for one in PAYLOADS if one.kind != "text"], 3)},
}


def shown(text: str) -> str:
    """What the page shows of a text that was kept: HTML holds no NUL and knows one line end."""
    return clean(text).replace("\r\n", "\n").replace("\r", "\n")


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def solid(text: str) -> str:
    """The text without white space, which reading a document makes tidy."""
    return "".join(text.split())


# -- without a browser -------------------------------------------------------------------------------------------------


def test_there_are_payloads_of_every_kind() -> None:
    kinds = {payload.kind for payload in PAYLOADS}
    assert kinds == {
        "script", "handler", "mutation", "attribute", "url", "frame", "template", "css", "entity", "clobber", "text"
    }  # fmt: skip
    assert len(BY_ID) == len(PAYLOADS) >= 60
    assert sum("window.ran=" in one.text or ATTACKER in one.text for one in PAYLOADS) >= 60
    assert len(BY_ID["long-word"].text) == 10_000
    assert len(BY_ID["combining-flood"].text) == 5000
    assert "\ud800" in BY_ID["surrogate"].text


def test_templates_take_nothing_for_html_but_our_own_head() -> None:
    trusted = {
        path.name: re.findall(r"\{\{[^}]*\|\s*safe\b[^}]*\}\}", path.read_text(encoding="utf-8"))
        for path in ASSETS.glob("*.html")
    }
    assert {name: found for name, found in trusted.items() if found} == {
        "head.html": ["{{ styles|safe }}", "{{ script|safe }}"],
        "sign_in.html": ["{{ head|safe }}"],
    }
    for path in ASSETS.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bMarkup\b|autoescape|\|\s*(?:e|escape|forceescape|xmlattr|tojson)\b", text), path.name
        assert len(re.findall(r"\bsafe\b", text)) == len(trusted[path.name]), path.name
        for tag, attributes in _Tags(text).found:
            for name, value in attributes:
                assert "{{" not in value or name not in ("style", "srcdoc", "src"), f"{path.name}: <{tag} {name}>"
                if name.startswith("on"):
                    assert "{{" not in value and path.name == "dialog.html", f"{path.name}: <{tag} {name}>"
                if name == "href" and "{{" in value:  # the start is ours, so that no scheme can stand there
                    own = ("/api/", "{{ link(", "{{ other }}", "{{ icon }}")
                    assert value.startswith(own), f"{path.name}: {value}"


def test_every_value_in_an_attribute_stands_in_double_quotes() -> None:
    for path in ASSETS.glob("*.html"):
        bare = re.findall(r"\s[\w-]+\s*=\s*'?\{\{.*?\}\}", path.read_text(encoding="utf-8"))
        assert bare == [], path.name


@pytest.mark.parametrize("script", sorted(ASSETS.glob("*.js")), ids=lambda path: path.name)
def test_scripts_make_no_html_and_run_no_text(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTML|createContextualFragment|DOMParser|srcdoc"
        r"|\beval\b|\bFunction\s*\(|set(?:Timeout|Interval)\s*\(\s*[\"'`]|javascript:|postMessage|window\.open\((?![^)]*\bnoopener\b)"
        r"|location\s*=|location\.(?:href\s*=|assign|replace)|props\.value\s*="
    )
    assert re.findall(forbidden, text) == []


class _Tags(HTMLParser):
    """The tags of a template with their attributes as they are written; what Jinja does between them is left out."""

    def __init__(self, template: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[str, list[tuple[str, str]]]] = []
        self.feed(re.sub(r"\{#.*?#\}|\{%.*?%\}", "", template, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, [(name, value or "") for name, value in attrs]))


# -- the service -------------------------------------------------------------------------------------------------------


SERVE = """
import sys
import ui.page.source, ui.wiring
from doors import HashEmbedder, WordRanker
from ui.cli import main
ui.page.source.MOST_LISTED = 10_000  # so that one page lists every title
ui.wiring.open_model = lambda _settings: HashEmbedder()
ui.wiring.open_settings_ranker = lambda _settings: WordRanker()
sys.exit(main(sys.argv[1:]))
"""


@dataclass
class Place:
    """The running service: what it holds by the keys of ``_fill``, and what its language model says next."""

    state: State
    address: str = ""
    documents: dict[str, Document] = field(default_factory=dict)
    units: dict[str, Sequence[Unit]] = field(default_factory=dict)
    listed: Sequence[Document] = ()
    conversations: dict[str, Sequence[Payload]] = field(default_factory=dict)
    junk: Sequence[Payload] = ()

    def reply(self, body: dict[str, Any]) -> str:
        """Say the junk that is set, behind the evidence with its numbers where the question is about 补助."""
        asked = str(body["messages"][-1]["content"])
        if "最后一个问题：" in asked:
            return asked.rsplit("最后一个问题：", 1)[1] + "？"
        evidence = [f"{text}[{number}]" for number, text in re.findall(r"^\[(\d+)\] (.+)$", asked, flags=re.MULTILINE)]
        junk = [f"{clean(one.text)}[1]。" for one in self.junk]
        return "\n".join([*evidence[:4], *junk] if "补助" in asked else junk)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("hostile")
    settings = Settings(data_dir=folder / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
        patch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
        with open_serving(settings) as services:
            made = Place(services.state)
            _fill(made, services.store, folder)
    made.state = open_state(settings)
    with scripted_server(made.reply) as model, (folder / "log").open("w") as log:
        known = {"engine": "llm", "llm_base_url": model.base_url, "llm_model": "m", "max_question_chars": "20000"}
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGCE_")}
        environment |= {f"ZHENGCE_{name.upper()}": value for name, value in known.items()}
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, "--data", str(settings.data_dir), "serve", "--port", "0"],
            cwd=folder, stderr=log, env=environment | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        )  # fmt: skip
        try:
            made.address = _address(folder / "log", process)
            yield made
        finally:
            process.terminate()
            process.wait(30)
            made.state.database.close()
    assert "Traceback" not in (folder / "log").read_text(encoding="utf-8")


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the service says that it is."""
    until = time.monotonic() + 90
    while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8"))):
        assert process.poll() is None and time.monotonic() < until, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    return found[0]


def _fill(place: Place, store: Store, folder: Path) -> None:
    """Put every payload into documents of its own and, with others, into a larger one; then into conversations."""
    singles = {key: _policy(group) for key, group in SINGLES.items()}
    larger = {f"larger-{n}": _policy(group) for n, group in enumerate(groups(SHORT))}
    reports = {f"report-{n}": _report(group) for n, group in enumerate(groups(SHORT, 45))}
    with store.writing():
        for key, text in {"normal": POLICY, **larger, **reports, **singles}.items():
            path = str(folder / (_file_name(key)))
            Path(path).write_text(text, encoding="utf-8", errors="replace")
            parts = list(parts_of(Extracted(tuple(read_lines(text, markdown=path.endswith(".md")))), path))
            place.documents[key], place.units[key] = parts[0][:2]
            if key in SINGLES:  # no question is about these: they need no vectors
                parts = [(document, units, []) for document, units, _chunks in parts]
            store.put_files([(FileRecord(path, key, "2:", tuple(document.id for document, _, _ in parts)), parts)])
    place.listed = store.documents()
    conversations = place.state.conversations
    owner = f"visitor:{OWNER}"
    for group in groups(PAYLOADS, MOST_SHOWN - 1):
        talk = conversations.create(owner)
        place.conversations[talk.id] = group
        for payload in group:
            one = clean(payload.text)[:200]
            within = Filter(documents=(one,), section=one, regions=(one,))
            _, asked = conversations.ask(owner, talk.id, payload.text, within)
            conversations.finish(asked.id, _answer(payload.text), {})
        _, asked = conversations.ask(owner, talk.id, _problem(group), Filter())
        conversations.fail(asked.id, _problem(group))
    for payload in PAYLOADS:
        talk = conversations.create(owner)
        name = " ".join(clean(payload.text)[:MAX_NAME].split())
        conversations.rename(owner, talk.id, name or payload.id)


def _problem(group: Sequence[Payload]) -> str:
    return "\n".join(one.text for one in group)


def _policy(group: Sequence[Payload]) -> str:
    tasks = "\n\n".join(
        f"## {'一二三四五六七八九十'[n] if n < 10 else '十' + '一二'[n - 10]}、{one.line}\n\n"
        f"{n * 2 + 1}.关于{one.line}。建设数字服务站{n + 2}个，给予每个8万元补助。\n\n"
        f"{n * 2 + 2}.每年培训社区工作者3000人次。{one.line}。"
        for n, one in enumerate(group)
    )
    return f"# {_joined(group)}市人民政府\n# {_joined(group)}实施方案\n\n{tasks}\n"


def _joined(group: Sequence[Payload]) -> str:
    return "".join(one.line for one in group)


def _report(group: Sequence[Payload]) -> str:
    told = "\n\n".join(f"　　记者看到{one.line}，数字服务站已经建成。" for one in group)
    return f"# {group[0].line}见闻\n\n　　本报讯（记者 某某）数字服务站建成的消息传来。\n\n{told}\n"


def _file_name(key: str) -> str:
    hostile = _joined(SINGLES.get(key, ())).replace("/", "∕")
    return hostile.encode()[:200].decode(errors="ignore") + f"-{key}.md"


def _answer(text: str) -> Answer:
    cited = [
        Citation(
            id=n, document_id=text, title=text, kind="policy", issuer=text, date=text, locator=[text], label=text,
            heading_path=[text, text], quote=text, start=1, end=2, page=3,
        )
        for n in (1, 2)
    ]  # fmt: skip
    sentences = [
        Sentence(text=text, citations=[1], support="supported"),
        Sentence(text=f"凭空{text}", citations=[], support="unsupported"),
    ]
    return Answer(
        question=text, standalone_question=f"{text}（全）", status="answered", answer=f"{text}[1]凭空{text}",
        sentences=sentences, citations=cited, nearest=cited[:1], engine=f"llm:{text}", timings_ms={"total": 1.0},
    )  # fmt: skip


# -- the browser -------------------------------------------------------------------------------------------------------

TAGS = (
    "a article aside bdi blockquote button circle code dd details dialog div dl dt fieldset form h1 h2 h3 header i "
    "input label legend li main mark nav ol option p path pre progress rect section select small span strong summary "
    "svg textarea time ul"
)
STRANGE = f"""() => {{
  const tags = new Set("{TAGS}".split(" "));
  const found = [];
  if (window.ran !== undefined) found.push("ran: " + window.ran);
  for (const one of document.querySelectorAll("iframe, frame, object, embed, portal, body base, body meta, body link, [srcdoc]"))
    found.push(one.outerHTML.slice(0, 200));
  for (const block of document.querySelectorAll(".html-container"))
    for (const one of block.querySelectorAll("*")) {{
      if (!tags.has(one.localName)) found.push(one.outerHTML.slice(0, 200));
      for (const {{ name, value }} of one.attributes) {{
        const own = name === "onclick" && one.closest("#dialog");
        if ((name.startsWith("on") && !own) || ["style", "src", "srcset", "ping", "formaction", "background"].includes(name))
          found.push(`${{one.localName}}[${{name}}]: ${{value.slice(0, 200)}}`);
        if (name === "href" && !/^([/?])(?![/\\\\])/.test(value)) found.push("href: " + value.slice(0, 200));
        if (name === "id" && !one.parentElement.matches(".html-container") && !["history", "dialog", "dialog-says", "dialog-line", "note"].includes(value))
          found.push("id: " + value);
      }}
    }}
  for (const id of ["top", "desk", "drawer", "chat", "browser", "library", "side", "question", "history", "dialog",
    "dialog-says", "dialog-line", "note", "panel", "tasks", "sidebar", "transcript", "filters", "documents"])
    if (document.querySelectorAll("#" + id).length !== 1) found.push("not one #" + id);
  if (document.querySelector(".error-container")) found.push(document.querySelector(".error-container").textContent);
  return found;
}}"""


class Guest:
    """A person with a browser that notes what an attack does: errors, requests, moves."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.noticed: list[str] = []
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        self.context.set_default_timeout(20_000)
        self.context.add_cookies([{"name": "zhengce_visitor", "value": OWNER, "url": address}])
        self.context.on("request", lambda request: self._went("asked for", request.url))
        self.context.on("page", lambda page: self.noticed.append(f"opened {page.url}"))
        self.context.on("weberror", lambda error: self.noticed.append(f"error {error.error}"))
        self.context.on("console", lambda said: self._heard(said.type, said.text))
        self.context.on("dialog", self._dismissed)
        self.page = self.context.new_page()
        self.noticed.clear()
        self.page.on("download", lambda download: self.noticed.append(f"downloaded {download.url}"))
        self.page.on("framenavigated", lambda frame: self._went("moved to", frame.url))

    def open(self, path: str = "/") -> Page:
        """Go to a path of the service and wait until the page stands."""
        self.page.goto(self.address + path)
        for block in ("#transcript section", "#panel aside", "#tasks section", "#sidebar nav", "#filters details"):
            self.page.wait_for_selector(block, state="attached")
        return self.page

    def _went(self, what: str, url: str) -> None:
        if not url.startswith((f"{self.address}/", "blob:", "data:image/svg+xml,%3Csvg", "data:font/", "data:image/")):
            self.noticed.append(f"{what} {url[:300]}")

    def _heard(self, kind: str, text: str) -> None:
        refused = "401 (Unauthorized)" in text  # what the browser says of a password that is wrong
        if kind in ("error", "warning") and not refused:
            self.noticed.append(f"{kind} {text[:300]}")

    def _dismissed(self, dialog: Dialog) -> None:
        self.noticed.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def hold(self) -> None:
        """Assert that nothing has run and nothing strange is on the page."""
        assert self.page.evaluate(STRANGE) == []
        assert self.noticed == []


@pytest.fixture
def guest(place: Place, browser: Browser) -> Iterator[Guest]:
    visit = Guest(browser, place.address)
    yield visit
    place.junk = ()
    assert visit.noticed == []
    visit.context.close()


def browsing(test: Callable[..., None]) -> Callable[..., None]:
    """Mark a test that needs Chromium."""
    for mark in NEEDS_CHROMIUM:
        test = mark(test)
    return test


def texts(page: Page, selector: str) -> list[str]:
    """The texts of all that ``selector`` finds, hidden or not."""
    found: list[str] = page.locator(selector).evaluate_all("all => all.map(one => one.textContent)")
    return found


def attributes(page: Page, selector: str, name: str) -> list[str]:
    found: list[str] = page.locator(selector).evaluate_all(
        "(all, name) => all.map(one => one.getAttribute(name))", name
    )
    return found


def await_one(page: Page, expression: str, argument: object = None) -> None:
    page.wait_for_function(expression, arg=argument, polling=100, timeout=60_000)


def put(page: Page, question: str) -> Locator:
    """Ask and wait for the answer. Enter is pressed again where the page had not yet done with the one before."""
    page.fill("#question textarea", question)
    count = page.locator(".exchange").count() + 1
    for patience in (1500, 3000, 20_000):
        if page.locator("#question textarea").input_value():
            page.locator("#question textarea").press("Enter")
        try:
            expect(page.locator(".exchange")).to_have_count(count, timeout=patience)
            break
        except AssertionError:
            if patience == 20_000:
                raise
    return answered(page, count)


def works(page: Page) -> None:
    """Assert that the page still answers."""
    if page.locator("body[data-view=chat]").count() == 0:
        page.locator(".views [data-view=chat]").click()
    exchange = put(page, NORMAL)
    assert "建设服务站点" in exchange.inner_text() or "数字服务站" in exchange.inner_text()
    exchange.locator(".answer .text .chip").first.click()
    page.wait_for_selector("#panel mark")


OUTSIDE = """() => {
  const found = [];
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth || scrollX || scrollY) found.push(`the document is ${wide} wide`);
  for (const box of document.querySelectorAll(
    "#top, #desk, #drawer, #chat, #browser, #library, #side, #transcript, .history ul, .source, .document, .library"))
    if (box.checkVisibility() && box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX))
      found.push(`${box.id || box.className} holds ${box.scrollWidth} in ${box.clientWidth}`);
  const inside = "button, a, summary, input, select, textarea, blockquote, h1, h2, h3, .about, .path, .problem, .chip";
  for (const one of document.querySelectorAll(`.html-container :is(${inside}), #question :is(button, textarea)`)) {
    if (!one.checkVisibility({ visibilityProperty: true }) || one.closest(".sr-only")) continue;
    const { left, right, width } = one.getBoundingClientRect();
    if (width && (left < -1 || right > innerWidth + 1))
      found.push(`${one.localName}.${one.className} from ${Math.round(left)} to ${Math.round(right)}`);
  }
  return found.slice(0, 20);
}"""


# -- documents ---------------------------------------------------------------------------------------------------------


def test_the_structure_of_the_documents_is_recognised(place: Place) -> None:
    """What the next tests show is really title, issuer, heading, label and text."""
    assert {one.id for group in SINGLES.values() for one in group} == set(BY_ID)
    for key, group in SINGLES.items():
        document, joined = place.documents[key], _joined(group)
        if len(f"{joined}市人民政府") > 40:  # longer than the name of any body, so that it is none
            continue
        assert (document.kind, solid(document.title)) == ("policy", solid(_marked_down(joined + "实施方案"))), key
        assert solid(document.issuer or "") == solid(_marked_down(joined + "市人民政府")), key
        tasks = [unit for unit in place.units[key] if unit.task_number]
        assert [unit.task_number for unit in tasks] == list(range(1, 2 * len(group) + 1)), key
        for unit in tasks:
            payload = group[((unit.task_number or 0) - 1) // 2]
            assert solid(unit.heading_path[0])[2:] == solid(_marked_down(f"、{payload.line}"))[1:], payload.id
            assert solid(_marked_down(payload.line)).strip("_") in solid(unit.text), payload.id
    labels = {unit.label for units in place.units.values() for unit in units}
    assert any(label.startswith("<b id=top>") for label in labels)


def _marked_down(line: str) -> str:
    """What the reader of Markdown leaves of a line."""
    return re.sub(r"\*\*|(?<!\w)__|__(?!\w)", "", line)


@browsing
def test_titles_and_issuers_are_listed(place: Place, guest: Guest) -> None:
    page = guest.open()
    assert texts(page, "#panel .library .title") == [shown(one.title) for one in place.listed]
    listed = texts(page, "#panel .library .about")
    for document, about in zip(place.listed, listed, strict=True):
        assert shown(document.issuer or "") in about
    for selector, most in (("#filters [name=document] option", 60), ("#tasks [data-document-choice] option", 80)):
        options = [one for one in texts(page, selector) if one != "全部"]
        assert options == [cut(shown(one.title), most) for one in place.listed]
    assert texts(page, ".example bdi") == attributes(page, ".example", "data-ask") != []
    guest.hold()
    page.click(".views [data-view=documents]")
    names = texts(page, "#documents h3")
    assert len(names) >= len(place.documents)
    for key in SINGLES:
        assert any(one.startswith(_file_name(key)) for one in names), key
    assert sorted(texts(page, "#documents .one bdi")) == sorted(shown(one.title) for one in place.listed)
    guest.hold()
    works(page)


@browsing
def test_headings_tasks_and_quotes_are_shown(place: Place, guest: Guest) -> None:
    page = guest.open("/?view=tasks")
    for key, document in place.documents.items():
        if not key.startswith(("larger", "report")):
            continue
        page.select_option("#tasks [data-document-choice]", document.id)
        page.wait_for_selector(f'#tasks .leaf [data-document="{document.id}"]')
        units = place.units[key]
        headings = [unit.text.strip() for unit in units if unit.type == "heading"]
        assert texts(page, "#tasks .branch summary") == [shown(one) for one in headings]
        leaves = [unit for unit in units if unit.type not in ("heading", "title")]
        assert texts(page, "#tasks .leaf .wording") == [shown(unit.text.strip()) for unit in leaves]
        assert texts(page, "#tasks .leaf .label bdi") == [shown(unit.label) for unit in leaves]
        for at in range(0, len(leaves), 7):
            unit = leaves[at]
            page.locator("#tasks .leaf button").nth(at).click()
            page.wait_for_selector(f'.source[data-place="{document.id}:{unit.start}:{unit.end}"]')
            assert texts(page, "#panel .document") == [shown(document.text)]
            assert "".join(texts(page, "#panel mark")) == shown(unit.text)
            assert texts(page, "#panel .path bdi") == [shown(one) for one in (*unit.heading_path, unit.label)]
            assert (
                shown(document.text[unit.start : unit.end].strip())
                in attributes(page, "#panel .actions [data-copy]", "data-copy")[0]
            )
        assert texts(page, "#panel h2") == [shown(document.title)]
        page.fill("#tasks [data-find]", document.title[:90])
        page.fill("#tasks [data-find]", "")
        guest.hold()
    works(page)


@browsing
def test_sections_can_be_chosen(place: Place, guest: Guest) -> None:
    page = guest.open()
    page.click(".filters summary")
    for key in ("larger-0", "larger-3", "long-word"):
        document = place.documents[key]
        page.select_option("#filters [name=document]", document.id)
        expect(page.locator("#filters .limited bdi")).to_have_count(1)
        section = next(unit for unit in place.units[key] if unit.type == "heading").text.strip()
        await_one(page, "wanted => [...document.querySelectorAll('#filters [name=section] option')].some(one => one.value === wanted)", shown(section))  # fmt: skip
        page.select_option("#filters [name=section]", value=shown(section))
        expect(page.locator("#filters .limited bdi")).to_have_count(2)
        assert texts(page, "#filters .limited bdi")[1] == shown(section)[:MAX_LIMITS]
        exchange = put(page, "建设多少个数字服务站？")
        assert texts(page, ".exchange:last-child .limit")[1] == shown(section)[:MAX_LIMITS]
        assert exchange.locator(".answer").count() == 1
        guest.hold()
        page.click("[data-clear]")
        expect(page.locator("#filters .limited")).to_have_count(0)
    works(page)


# -- files -------------------------------------------------------------------------------------------------------------


SEND = """async names => {
  for (let at = 0; at < names.length; at += 20) {
    const form = new FormData();
    for (const name of names.slice(at, at + 20)) form.append("files", new File(["x"], name));
    const answer = await fetch("/api/v1/documents", { method: "POST", body: form });
    if (!answer.ok) throw new Error(await answer.text());
  }
}"""


@browsing
def test_names_of_files_are_names(place: Place, guest: Guest) -> None:
    page = guest.open("/?view=documents")
    short = [one for one in PAYLOADS if len(one.text) <= 4000]
    names = [f"{one.line[:300]}.{one.id}" for one in short]  # of a kind that is not read: refused with a reason
    files = [{"name": name, "mimeType": "text/plain", "buffer": b"x"} for name in names[::9]]
    page.set_input_files("#uploader input", files)
    await_one(page, "count => document.querySelectorAll('#uploader li.problem').length === count", len(files))
    told = texts(page, "#uploader li bdi")
    assert {name.rsplit(".", 1)[1] for name in told} == {one.id for one in short[::9]}
    page.evaluate(SEND, names)
    page.reload()
    api = guest.context.request
    uploads = api.get(f"{place.address}/api/v1/uploads").json()["uploads"]
    kept = {upload["name"] for upload in uploads}
    sent = page.evaluate("names => names.map(name => new File([], name).name)", names)
    assert kept == {safe_name(re.sub("\r?\n", "%0D%0A", name).replace('"', "%22")) for name in sent}
    await_one(
        page,
        "names => names.every(name => [...document.querySelectorAll('#documents h3')]"
        ".some(one => one.firstChild.textContent === name))",
        sorted(kept),
    )
    assert len(texts(page, "#documents .files > li > .problem")) == len(kept)
    guest.hold()
    for upload in uploads:
        assert api.delete(f"{place.address}/api/v1/uploads/{upload['id']}").status == 204


@browsing
def test_a_hostile_name_is_versioned_and_deleted(place: Place, guest: Guest) -> None:
    page = guest.open("/?view=documents")
    for number, key in enumerate(("double-quote", "replacement", "rtl-override", "js-template")):
        line = BY_ID[key].line
        name, kept = f"{line}-上传.md", safe_name(f"{line}-上传.md".replace('"', "%22"))
        row = page.locator(f"#documents .files > li:has([data-name={json.dumps(kept, ensure_ascii=False)}])")
        for edition in (1, 2):
            text = POLICY.replace("120", f"{edition}0{number}").replace("云溪市", f"{line}市")
            file = {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}
            page.set_input_files("#uploader input", [file])
            if edition == 2:
                expect(row.locator("summary", has_text="版本（2）")).to_have_count(1)
            expect(row.locator("[data-act=remove]")).to_be_attached()
            expect(page.locator("#documents [data-busy]")).to_have_count(0)
        assert row.locator("h3").evaluate("one => one.firstChild.textContent") == kept
        row.locator("summary", has_text="版本").click()
        assert kept in str(row.locator("[data-act=restore]").first.get_attribute("aria-label"))
        row.locator("[data-act=remove]").click()
        said = page.locator("#dialog-says").text_content()
        assert said == f"删除文件“{kept}”？它的全部文档和版本都会从索引中移除。"
        guest.hold()
        page.locator("#dialog .strong").click()
        row.wait_for(state="detached")
    works(page)


# -- questions ---------------------------------------------------------------------------------------------------------


@browsing
def test_questions_are_shown_as_they_were_typed(place: Place, guest: Guest) -> None:
    page = guest.open()
    for count, group in enumerate([*groups(SHORT), *([one] for one in FLOODS)], 1):
        page.fill("#question textarea", "\n".join(clean(one.text) for one in group))
        held = page.locator("#question textarea").input_value()
        exchange = put(page, held)
        kept = clean(held.strip())
        assert exchange.locator(".asked").evaluate("one => one.lastChild.textContent") == cut(kept, MOST_CHARS)
        assert exchange.locator(".editing textarea").input_value() == cut(kept, MOST_CHARS)
        if count % 6 == 0:
            exchange.locator("[data-edit]").click()
            exchange.locator(".editing textarea").press("Enter")
            await_one(page, "() => document.querySelector('.exchange:last-child .editing').hidden")
            answered(page, count)
        guest.hold()
    names = texts(page, ".history .open bdi")
    assert texts(page, ".talk .name") == [names[0]]
    for payload in SHORT[::9]:
        page.fill("[data-search]", payload.line[:100])
        expect(page.locator(".history")).to_be_visible()
    page.wait_for_timeout(400)
    guest.hold()
    page.fill("[data-search]", "")
    works(page)


@browsing
def test_addresses_hold_nothing_that_runs(place: Place, guest: Guest) -> None:
    for group in groups(SHORT, 34):
        text = "".join(one.line for one in group)
        query = urlencode(dict.fromkeys(("document", "conversation", "view", "start", "end", "lang", "__theme"), text))
        page = guest.open(f"/?{query}")
        expect(page.locator("#transcript .problem")).to_have_text(re.compile("没有找到这个对话"))
        expect(page.locator("#panel .problem")).to_have_count(1)
        guest.hold()
        page.click("[data-language]")
        page.wait_for_url("**/en/*")
        expect(page.locator("#panel .problem")).to_have_text(re.compile("There is no such document"))
        guest.hold()
    works(guest.open("/?view=" + quote("__proto__")))


@browsing
def test_signing_in_leads_nowhere_else(place: Place, guest: Guest) -> None:
    page = guest.page
    ways = ["".join(one.line for one in group) for group in groups(SHORT)]
    away = [
        "//127.0.0.1:9/a", "/\\127.0.0.1:9/a", "\\\\127.0.0.1:9/a", "javascript:window.ran='next'", "/\t/127.0.0.1:9/a",
        "data:text/html,<script>window.ran='next'</script>", "http:127.0.0.1:9", "/\r\nset-cookie:x=1", "///127.0.0.1:9",
        "/\u2028", "http://127.0.0.1:9/", "//user@127.0.0.1:9",
    ]  # fmt: skip
    for one in [*(f"/{way}" for way in ways), *ways, *away]:
        page.goto(f"{place.address}/sign-in?next={quote(one)}")
        value = page.locator("[name=next]").input_value()
        assert value in ("/", one)
        assert not value.startswith(("//", "/\\")) and "\t" not in value
        assert page.evaluate("[window.ran, document.querySelectorAll('input, script, form').length]") == [None, 5]
    place.state.accounts.add("li", "correct horse battery", "user")  # type: ignore[arg-type]
    for at, one in enumerate((*away, "/?conversation=" + quote(BY_ID["quote-close"].text))):
        page.goto(f"{place.address}/sign-in?next={quote(one)}")
        # what is no name at all counts as one and the same, and one name too often would have to wait
        wrong = BY_ID["double-quote"].line[:64] if at < 5 else f"nobody-{at}"
        for name, password in ((wrong, "x"), ("li", "correct horse battery")):
            page.fill("[name=name]", name)
            page.fill("[name=password]", password)
            page.click("button[type=submit]")
            page.wait_for_load_state()
            if password == "x":
                assert page.locator("[name=name]").input_value() == name
        assert page.url.startswith(place.address + "/")


# -- history -----------------------------------------------------------------------------------------------------------

EXCHANGES = """() => [...document.querySelectorAll(".exchange")].map(exchange => {
  const all = (selector) => [...exchange.querySelectorAll(selector)].map(one => one.textContent);
  const data = (name) => [...exchange.querySelectorAll(`[data-${name}]`)].map(one => one.getAttribute("data-" + name));
  return { asked: exchange.querySelector(".asked").lastChild.textContent, text: all(".text bdi, .text > p[dir]:not(:has(bdi))"),
    understood: all(".understood > bdi:not(.limit)"), limits: all(".limit"), titles: all(".entry .title"), chips: all(".chip bdi"),
    about: all(".entry .about"), path: all(".entry .path bdi"), quotes: all("blockquote"), engine: all(".judge bdi"),
    copies: data("copy"), asks: data("ask"), writes: data("write"), ids: data("document"), edited: all(".editing textarea") };
})"""


@browsing
def test_a_hostile_history_is_shown_after_a_reload(place: Place, guest: Guest) -> None:
    page = guest.open()
    for id_, group in place.conversations.items():
        page.locator(f'.history [data-open="{id_}"]').click()
        page.wait_for_selector(f'.conversation[data-conversation="{id_}"]')
        if group is place.conversations[next(iter(place.conversations))]:
            page.reload()
            page.wait_for_selector(f'.conversation[data-conversation="{id_}"]')
        found = page.evaluate(EXCHANGES)
        failed = found.pop()
        assert failed["asked"] == cut(shown(_problem(group).strip()), MOST_CHARS)
        assert failed["text"] == [shown(_problem(group))]
        assert failed["asks"] == [shown(_problem(group).strip())]
        for payload, told in zip(group, found, strict=True):
            asked, text = shown(payload.text.strip()), shown(payload.text)
            limit = shown(clean(payload.text)[:200])
            assert told["asked"] == told["edited"][0] == cut(asked, MOST_CHARS), payload.id
            if not re.search(r"\[[12]\]", text):  # there some are citations
                assert solid("".join(told["text"])) == solid(f"{text}{text}凭空{text}"), payload.id
            assert told["understood"] == [cut(shown(f"{payload.text}（全）"), MOST_CHARS)], payload.id
            assert told["limits"] == [f"《{limit}》", limit, limit], payload.id
            assert told["titles"] == [f"《{text}》"] * 3, payload.id
            assert (told["path"], told["quotes"]) == ([text] * 4, [text] * 3), payload.id
            assert set(told["chips"]) == {text}, payload.id
            assert all(about.count(text) >= 2 for about in told["about"]), payload.id
            assert text.strip() in told["copies"][0] and asked in told["asks"], payload.id
            assert told["writes"] == [f"{text}（全）"] and text in told["ids"], payload.id
            assert told["engine"] == [shown(f"llm:{payload.text}").split("#")[0]], payload.id
        guest.hold()
    works(page)


@browsing
def test_names_of_conversations(place: Place, guest: Guest) -> None:
    page = guest.open()
    owner = f"visitor:{OWNER}"
    kept = place.state.conversations.list(owner)
    assert texts(page, ".history .open bdi") == [shown(one.name) for one in kept]
    assert len(kept) >= len(PAYLOADS)
    for one in kept[::11]:
        row = page.locator(".history li", has=page.locator(f'[data-open="{one.id}"]'))
        row.hover()
        row.locator("[data-rename]").click()
        assert page.locator("#dialog-line").input_value() == one.name
        page.fill("#dialog-line", f"{one.name[:70]}，改")
        page.keyboard.press("Enter")
        expect(row.locator(".open bdi")).to_have_text(re.compile("改$"))
        row.hover()
        row.locator("[data-delete]").click()
        name = place.state.conversations.get(owner, one.id).name
        assert page.locator("#dialog-says").text_content() == f"删除对话“{name}”？删除后不能恢复。"
        guest.hold()
        page.locator("#dialog .quiet").click()
    works(page)


@browsing
@pytest.mark.parametrize("format_", ["md", "docx", "pdf"])
def test_a_hostile_history_can_be_exported(format_: str, place: Place, guest: Guest) -> None:
    for id_ in place.conversations:
        answer = guest.context.request.get(f"{place.address}/api/v1/conversations/{id_}/export?format={format_}")
        assert answer.status == 200, answer.text()[:300]
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        if format_ != "pdf":
            continue
        break  # a PDF takes seconds; tests/test_export.py makes them of everything


# -- the model ---------------------------------------------------------------------------------------------------------


@browsing
def test_what_a_model_writes_is_text(place: Place, guest: Guest) -> None:
    page = guest.open()
    said: list[str] = []
    for n, group in enumerate(groups(PAYLOADS, 17)):
        place.junk = group
        document = place.documents[f"larger-{n}"]
        page.locator("#filters [name=document]").evaluate(
            "(one, id) => { one.value = id; one.dispatchEvent(new Event('change', { bubbles: true })); }", document.id
        )
        expect(page.locator("#filters .limited bdi")).to_have_text([re.compile("^《")])
        for question in ("给予每个8万元补助的是什么？", "社区工作者培训有什么安排？"):
            said.append(put(page, question).locator(".answer").inner_text())
            guest.hold()
    assert any("llm:m" in one for one in texts(page, ".judge bdi")), "sentences of the model were shown"
    assert any(one.find("语言模型") >= 0 for one in said), "and some were not"
    works(page)


# -- how it looks ------------------------------------------------------------------------------------------------------

WIDTHS = [(1280, 800), (390, 844)]


@browsing
@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: f"{size[0]}")
def test_floods_widen_nothing(size: tuple[int, int], place: Place, guest: Guest) -> None:
    page = guest.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    guest.open()
    problems: dict[str, list[str]] = {"welcome": page.evaluate(OUTSIDE)}
    page.evaluate("zhengce.view('tasks')")
    for payload in (*FLOODS, BY_ID["tall"]):
        document = place.documents[payload.id]
        page.select_option("#tasks [data-document-choice]", document.id)
        page.locator(f'#tasks .leaf [data-document="{document.id}"]').first.wait_for(state="attached")
        problems[f"tasks {payload.id}"] = page.evaluate(OUTSIDE)
        page.locator("#tasks .leaf button").first.evaluate("one => one.click()")
        page.wait_for_selector("#panel mark", state="attached")
        problems[f"panel {payload.id}"] = [*page.evaluate(OUTSIDE), *_panel_out_of_sight(page)]
        page.click("#panel .close")
        page.wait_for_selector("#panel .library", state="attached")
    page.evaluate("zhengce.view('documents')")
    problems["documents"] = page.evaluate(OUTSIDE)
    page.evaluate("zhengce.view('chat')")
    for id_, group in place.conversations.items():
        if set(FLOODS) & set(group):
            page.locator(f'[data-open="{id_}"]').evaluate("one => one.click()")
            page.wait_for_selector(f'[data-conversation="{id_}"]')
            problems["conversation"] = page.evaluate(OUTSIDE)
    assert {name: found for name, found in problems.items() if found} == {}


def _panel_out_of_sight(page: Page) -> list[str]:
    """What a reader needs of the panel and cannot see: its buttons, and a readable stretch of the text."""
    found: list[str] = page.evaluate("""() => {
      const found = [];
      for (const one of document.querySelectorAll("#panel .close, #panel h2, #panel .actions > *")) {
        const { top, bottom } = one.getBoundingClientRect();
        if (top < 0 || (one.localName === "h2" ? top : bottom) > innerHeight)
          found.push(`${one.localName}.${one.className} from ${Math.round(top)} to ${Math.round(bottom)} of ${innerHeight}`);
      }
      const { height } = document.querySelector("#panel .document").getBoundingClientRect();
      if (height < 100) found.push(`the text has ${Math.round(height)} pixels`);
      return found;
    }""")
    return found


@browsing
def test_a_direction_ends_with_its_text(place: Place, guest: Guest) -> None:
    turning = [BY_ID[one] for one in ("rtl-override", "rtl-embedding", "isolates", "isolate-closers", "hebrew")]
    page = guest.open()
    turned: list[str] = []
    for payload in turning:
        document = place.documents[payload.id]
        entry = f'#panel .library [data-document="{document.id}"]'
        turned += _turned(page, f"{entry} .about > span:first-child", "政策文件")
        kind, issuer = (page.locator(f"{entry} .about > span").nth(n).bounding_box() for n in (0, 1))
        assert kind and issuer and (kind["x"] < issuer["x"] or kind["y"] < issuer["y"]), payload.id
    for payload in turning:
        id_, group = next(one for one in place.conversations.items() if payload in one[1])
        if id_ not in page.url:
            guest.open(f"/?conversation={id_}")
        page.locator(".exchange").nth(list(group).index(payload)).evaluate("one => one.id = 'looked-at'")
        for selector, words in (
            (".understood .quiet", "改一改再问"),
            (".understood", "按此理解："),
            (".understood", "范围："),
            (".unsupported small", "未见于来源"),
            (".sources h3", "来源"),
            (".judge small", "毫秒"),
            (".about", "政策文件"),
        ):
            turned += [f"{payload.id}: {one}" for one in _turned(page, f"#looked-at {selector}", words)]
        page.evaluate("document.getElementById('looked-at').removeAttribute('id')")
    for payload in turning:
        kept = next(
            one for one in place.state.conversations.list(f"visitor:{OWNER}") if one.name == clean(payload.text)
        )
        page.locator(f'.history [data-delete="{kept.id}"]').click(force=True)
        turned += [f"{payload.id}: {one}" for one in _turned(page, "#dialog-says", "删除后不能恢复")]
        page.keyboard.press("Escape")
    page.click(".views [data-view=documents]")
    for payload in turning:
        row = f'#documents .files > li:has([data-document="{place.documents[payload.id].id}"])'
        turned += [f"{payload.id}: {one}" for one in _turned(page, f"{row} h3 small", "B")]
        name, size = (page.locator(f"{row} h3{one}").bounding_box() for one in ("", " small"))
        assert name and size
        page.locator(f"{row} [data-act=remove]").click()
        turned += [f"{payload.id}: {one}" for one in _turned(page, "#dialog-says", "它的全部文档和版本")]
        page.keyboard.press("Escape")
    assert turned == []


def _turned(page: Page, selector: str, words: str) -> list[str]:
    """Where ``words`` do not run from left to right; a failure where they are not there."""
    told: list[str] = page.evaluate(
        """([selector, words]) => {
          const told = [];
          let met = 0;
          for (const one of document.querySelectorAll(selector)) {
            const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              const at = node.data.lastIndexOf(words);
              if (at < 0) continue;
              met += 1;
              const boxes = [...words].map((_, n) => {
                const range = document.createRange();
                range.setStart(node, at + n);
                range.setEnd(node, at + n + 1);
                return range.getBoundingClientRect();
              });
              if (boxes.some((box, n) => n && box.top === boxes[n - 1].top && box.left < boxes[n - 1].left))
                told.push(`${selector}: ${words}`);
            }
          }
          return met ? told : [`no ${words} in ${selector}`];
        }""",
        [selector, words],
    )
    return told
