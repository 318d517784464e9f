"""The page without a browser: what is rendered, what is escaped, what is served."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from doors import HashEmbedder
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from page_fakes import (
    HOSTILE_DOCUMENT,
    HOSTILE_UNITS,
    POLICY,
    POLICY_UNITS,
    FakeStore,
    answer,
    cite,
    conversation,
    exchange,
    fake_services,
    make_document,
)

from assistant.answer import Answer, Citation, Sentence
from ingest.pipeline import ingest_paths
from ui.access.visitors import Visitor
from ui.conversing import converse, history, stop_latest
from ui.page.blocks import build_page
from ui.page.content import sidebar, source, tasks, transcript, welcome
from ui.page.mount import mount_page
from ui.page.shell import dress
from ui.page.source import MOST_LISTED, Listed, find_listed, find_place, render_library, render_place
from ui.page.templates import ASSETS
from ui.page.texts import PAGE, say
from ui.page.transcript import MOST_SHOWN, paragraphs, render_conversation, render_welcome
from ui.settings import Settings
from ui.state.records import Conversation, Exchange
from ui.texts import SAID, Lang
from ui.wiring import Services
from vectorstore.editions import Status
from vectorstore.errors import NotFoundError
from vectorstore.records import Filter, UnitType
from vectorstore.store import Store

UI = ASSETS.parent
SHARP = [
    "<",
    ">",
    "&",
    '"',
    "'",
    "</bdi>",
    "<script>",
    "{{",
    "${",
    "[1]",
    "[7]",
    "](javascript:",
    "\u202e",
    "\u2028",
    "\x00",
    "`",
]
texts = st.lists(
    st.one_of(st.sampled_from(SHARP), st.text(st.characters(exclude_categories=["Cs"]), max_size=4)), max_size=6
).map("".join)
lines = texts.map(lambda text: "".join(text.splitlines()))
RAW = {"script", "style", "noscript"}


class Reader(HTMLParser):
    """Reads HTML as a browser does: elements with their attributes, and the text inside one class of elements."""

    def __init__(self, html: str, within: str = "") -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._within = within
        self._open: list[bool] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.elements.append((tag, known))
        inside = any(self._open)
        begins = self._within in (tag, *known.get("class", "").split())
        self._open.append(inside or begins)
        if begins:
            self.texts.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, _tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if any(self._open):
            self.texts[-1] += data

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the elements with the names of their attributes."""
        return [(tag, tuple(sorted(attrs))) for tag, attrs in self.elements]


def shown(*exchanges: Exchange, lang: Lang = "zh") -> str:
    return render_conversation(conversation(*exchanges), lang, lambda within: [])


def citation(text: str, number: int = 1) -> Citation:
    return Citation(id=number, document_id=text, title=text, kind="news", issuer=text or None, date=text or None, locator=[text],
                    label=text, heading_path=[text], quote=text, start=3, end=9)  # fmt: skip


def full_answer(text: str, said: str) -> Answer:
    return Answer(question=text, standalone_question=f"{text}？", status="refused", answer=said, engine=text,
                  sentences=[Sentence(text=said, citations=[1], support="supported")],
                  citations=[citation(text)], nearest=[citation(text)])  # fmt: skip


# -- escaping ----------------------------------------------------------------------------------------------------------


@given(lines.filter(bool))
def test_no_text_changes_the_shape_of_an_answer(text: str) -> None:
    def shape(word: str) -> Any:
        exchanges = (exchange(word, full_answer(word, "回答[1]")), exchange(word, problem=word), exchange(word))
        return Reader(shown(*exchanges)).shape()

    assert shape(text) == shape("词")


@given(texts.filter(bool))
def test_no_text_changes_the_shape_of_the_panel(text: str) -> None:
    def shape(word: str) -> Any:
        line = [(unit.type, word, (word,), word) for unit in HOSTILE_UNITS[1:2]]
        document, units = make_document(word, line, issuer=word, date=word, number=word)
        place = find_place(FakeStore((document, units)), word, 0, 1)  # type: ignore[arg-type]
        whole = Reader(render_place(place, "zh")).shape()
        return (
            whole[: whole.index(("mark", ()))],
            Reader(render_library([Listed(document, Status.REPEALED)], 1, "zh", word)).shape(),
            Reader(render_welcome([word], False, "zh")).shape(),
        )

    assert shape(text) == shape("词")


@given(texts)
def test_an_answer_holds_nothing_that_runs(said: str) -> None:
    html = shown(exchange("问", full_answer("词", said)))
    for tag, attributes in Reader(html).elements:
        assert tag in {
            "section",
            "article",
            "h2",
            "h3",
            "div",
            "p",
            "span",
            "bdi",
            "button",
            "svg",
            "circle",
            "path",
            "time",
            "ol",
            "ul",
            "li",
            "blockquote",
            *("header", "details", "summary", "a", "small"),
            *("form", "fieldset", "legend", "label", "input", "textarea"),
        }
        assert not {name for name in attributes if name.startswith("on") or name in ("src", "style", "action")}
        if tag == "a":
            assert attributes["href"].startswith("/api/v1/conversations/c/export?")


@given(lines.filter(str.strip))
def test_what_was_asked_is_shown_as_it_was_written(text: str) -> None:
    asked = Reader(shown(exchange(text, problem="")), "asked").texts
    assert asked == [say("you_asked") + text]


# -- answers -----------------------------------------------------------------------------------------------------------


@given(texts, st.sets(st.integers(1, 12)), st.sets(texts.filter(str.strip), max_size=2))
def test_the_pieces_of_an_answer_are_the_answer(said: str, ids: set[int], unsupported: set[str]) -> None:
    whole = f"{said}[1][2]{''.join(unsupported)}[12]"
    sentences = [Sentence(text=text, citations=[], support="unsupported") for text in unsupported]
    given_answer = answer("问", whole, [citation("词", n) for n in sorted(ids)]).model_copy(
        update={"sentences": sentences}
    )
    cut = paragraphs(given_answer)
    joined = ["".join(piece.text + "".join(f"[{c.id}]" for c in piece.citations) for piece in pieces) for pieces in cut]
    assert joined == [line for line in whole.splitlines() if line.strip()]
    assert {c.id for pieces in cut for piece in pieces for c in piece.citations} >= ids & {1, 12}


def test_a_citation_is_a_button_with_its_place_and_its_label() -> None:
    html = shown(exchange("问", answer("问", "有250个。[1]", [cite(1, 25)])))
    chips = [
        attributes for tag, attributes in Reader(html).elements if tag == "button" and attributes["class"] == "chip"
    ]
    assert len(chips) == 2, "one in the answer, one in the list of sources"
    start = POLICY.text.index("新建服务点250个。")
    for chip in chips:
        assert (chip["data-document"], chip["data-start"], chip["data-end"]) == ("policy", str(start), str(start + 10))
        assert chip["aria-label"] == "来源 1：重点任务25，查看原文"
    assert Reader(html, "chip").texts == ["1重点任务25"] * 2


def test_a_source_says_where_it_is_from() -> None:
    html = shown(exchange("问", answer("问", "有250个。[1]", [cite(1, 25)])))
    (entry,) = Reader(html, "entry").texts
    for told in (
        "《青梧市推进便民服务行动方案》",
        "政策文件",
        "青梧市人民政府",
        "2024-05-06",
        "一、重点任务",
        "新建服务点250个。",
    ):
        assert told in entry


def test_a_marker_without_a_citation_stays_text() -> None:
    html = shown(exchange("问", answer("问", "见[3]和[1]", [cite(1, 25)])))
    assert Reader(html, "text").texts[0].strip() == "见[3]和1重点任务25"


def test_an_unsupported_sentence_is_marked() -> None:
    doubtful = Sentence(text="凭空的一句。", citations=[], support="unsupported")
    said = answer("问", "有250个。[1]凭空的一句。", [cite(1, 25)])
    html = shown(exchange("问", said.model_copy(update={"sentences": [doubtful]})))
    assert Reader(html, "unsupported").texts == ["凭空的一句。未见于来源"]


@pytest.mark.parametrize("status", ["answered", "corrected", "refused"])
def test_the_status_is_said(status: str) -> None:
    html = shown(exchange("问", answer("问", "答", status=status)))
    assert Reader(html, "status").texts[0].strip() == PAGE[f"status_{status}"].zh


def test_what_is_near_can_be_asked_about_and_opened() -> None:
    said = answer("问", "没有。", status="refused", nearest=[cite(1, 29)])
    buttons = [attributes for tag, attributes in Reader(shown(exchange("问", said))).elements if tag == "button"]
    assert [button["data-ask"] for button in buttons if "data-ask" in button and "data-replaces" not in button] == [
        "《青梧市推进便民服务行动方案》重点任务29的原文是什么？"
    ]
    assert [button["data-document"] for button in buttons if "data-document" in button] == ["policy"]


def test_how_a_question_was_understood_is_shown_only_where_it_differs() -> None:
    same = shown(exchange("问", answer("问", "答")))
    other = shown(exchange("问", answer("问", "答", standalone_question="问全")))
    assert Reader(same, "understood").texts == []
    assert Reader(other, "understood").texts == ["按此理解：问全改一改再问"]


def test_many_sources_unfold_and_their_markers_are_numbers() -> None:
    cited = [cite(n, n) for n in range(1, 13)]
    html = shown(exchange("问", answer("问", "共12处。" + "".join(f"[{n}]" for n in range(1, 13)), cited)))
    assert Reader(html, "chips").texts == ["".join(str(n) for n in range(1, 13))]
    assert "其余 7 条来源" in html
    assert len(Reader(html, "entry").texts) == 12


def test_a_long_conversation_shows_its_end() -> None:
    html = shown(*(exchange(f"第{n}问", problem="x") for n in range(MOST_SHOWN + 7)))
    asked = Reader(html, "asked").texts
    assert (len(asked), asked[0], asked[-1]) == (MOST_SHOWN, "问题第7问", f"问题第{MOST_SHOWN + 6}问")
    assert Reader(html, "earlier").texts == ["较早的 7 轮对话不再显示"]


# -- the source --------------------------------------------------------------------------------------------------------


@given(st.integers(-5, len(POLICY.text) + 5), st.integers(-5, len(POLICY.text) + 5))
def test_the_panel_holds_every_character_and_marks_the_place(start: int, end: int) -> None:
    place = find_place(FakeStore((POLICY, POLICY_UNITS)), "policy", start, end)  # type: ignore[arg-type]
    html = render_place(place, "zh")
    assert Reader(html, "document").texts == [POLICY.text]
    assert "".join(Reader(html, "mark").texts) == POLICY.text[max(start, 0) : max(end, 0)]


@pytest.mark.parametrize(("document", "units"), [(POLICY, POLICY_UNITS), (HOSTILE_DOCUMENT, HOSTILE_UNITS)])
def test_the_panel_says_where_the_place_is(document: Any, units: Any) -> None:
    unit = units[-1]
    html = render_place(find_place(FakeStore((document, units)), document.id, unit.start + 1, unit.end), "zh")  # type: ignore[arg-type]
    assert Reader(html, "path").texts[0] == "".join((*unit.heading_path, unit.label))
    (link,) = (attributes["href"] for tag, attributes in Reader(html).elements if tag == "a")
    assert link == f"?document={document.id}&start={unit.start + 1}&end={unit.end}"


def test_text_outside_units_is_shown_too() -> None:
    place = find_place(FakeStore((POLICY, POLICY_UNITS[3:5])), "policy", 0, 4)  # type: ignore[arg-type]
    assert "".join(part.text for block in place.blocks for part in block.parts) == POLICY.text
    assert place.label == ""


@given(
    st.dictionaries(
        st.sampled_from(["document", "start", "end", "x"]),
        st.one_of(st.none(), st.integers(), texts, st.just("9" * 5000), st.lists(st.integers())),
    )
)
def test_whatever_a_link_says_the_panel_answers(wanted: dict[str, object]) -> None:
    assert Reader(source(fake_services(), wanted, "zh")).elements[0][0] == "aside"


def test_a_link_to_nowhere_says_so() -> None:
    assert Reader(source(fake_services(), {"document": "gone"}, "zh"), "problem").texts == [say("no_document")]
    with pytest.raises(NotFoundError):
        find_place(fake_services().store, "gone", 0, 1)


def test_the_library_lists_the_first_of_many() -> None:
    many = FakeStore(
        *(make_document(f"d{n}", [(UnitType.TITLE, "标题", (), f"第{n}份")]) for n in range(MOST_LISTED + 3))
    )
    html = render_library(*find_listed(many), "zh")  # type: ignore[arg-type]
    assert len(Reader(html, "title").texts) == MOST_LISTED
    assert f"共 {MOST_LISTED + 3} 份" in html


def test_what_answers_do_not_rest_on_is_marked_and_leads_to_what_does(tmp_path: Path) -> None:
    editions = {"2021年7月1日": "8万元", "2024年3月1日": "12万元"}
    for number, (date, sum_) in enumerate(editions.items()):
        text = f"清溪市停车管理办法\n\n清溪市人民政府\n{date}\n\n第一条 每个站点补助{sum_}。\n第二条 本办法自发布之日起施行。\n"
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        ingest_paths([tmp_path], store)
        old, new = store.editions(store.records()[0].id)
        listed = {one.document.id: one.status for one in find_listed(store)[0]}
        assert listed == {old: Status.SUPERSEDED, new: Status.CURRENT}
        assert render_library(*find_listed(store), "zh").count(">已有新版<") == 1
        shown = render_place(find_place(store, old, 0, 3), "zh")
        assert ">已有新版<" in shown
        assert f'data-document="{new}"' in shown
        assert "已有新版" not in render_place(find_place(store, new, 0, 3), "zh")
    assert all(say(f"{what}_{status}") for what in ("standing", "instead") for status in set(Status) - {Status.CURRENT})


# -- the conversation --------------------------------------------------------------------------------------------------


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with fake_services(folder=tmp_path, max_question_chars=50) as opened:
        yield opened


def said(services: Services, conversation_id: str, question: str, **known: Any) -> Conversation:
    *_, talk = converse(services, "某人", conversation_id, question, Filter(), **known)
    return talk


def test_a_question_is_answered_with_what_was_said_before(services: Services) -> None:
    assistant: Any = services.assistant
    talk = services.state.conversations.create("某人")
    waiting, *_ = converse(services, "某人", talk.id, "有多少个", Filter())
    assert waiting.exchanges[-1].pending
    said(services, talk.id, "坏了吗")
    talk = said(services, talk.id, " 那第28条呢 ")
    first, _broken, last = assistant.asked
    assert first == ("有多少个", [], talk.id)
    assert [(turn.role, turn.content) for turn in last[1]] == [
        ("user", "有多少个"),
        ("assistant", "重点任务25写的是：“新建服务点250个。”[1]"),
    ]
    assert (last[0], last[2]) == ("那第28条呢", talk.id)
    assert services.state.conversations.get("某人", talk.id).exchanges == talk.exchanges, "what is shown is kept"


def test_an_exchange_that_is_asked_anew_takes_the_later_ones_with_it(services: Services) -> None:
    talk = services.state.conversations.create("某人")
    talk = said(services, said(services, talk.id, "第一问").id, "第二问")
    talk = said(services, talk.id, "改问", replaces=talk.exchanges[0].id)
    assert [one.question for one in talk.exchanges] == ["改问"]
    assert services.assistant.asked[-1][1] == []  # type: ignore[attr-defined]


def test_our_errors_are_told_and_others_are_logged(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    talk = services.state.conversations.create("某人")
    with caplog.at_level(logging.ERROR):
        assert said(services, talk.id, "锁").exchanges[-1].problem == SAID["locked"].zh
        assert "50" in (said(services, talk.id, "太长的问题" * 11).exchanges[-1].problem or "")
        assert not caplog.records
        assert said(services, talk.id, "坏").exchanges[-1].problem == SAID["broken"].zh
    assert "secret" in caplog.text


def test_a_stopped_answer_stays_stopped(services: Services) -> None:
    assistant: Any = services.assistant
    kept = services.state.conversations
    talk = kept.create("某人")
    growing = converse(services, "某人", talk.id, "慢", Filter())
    assert next(growing).exchanges[-1].pending
    growing.close()
    assert kept.get("某人", talk.id).exchanges[-1].stopped
    growing = converse(services, "某人", talk.id, "慢", Filter())
    next(growing)
    stop_latest(services, "某人", talk.id)
    assistant.gate.set()
    *_, last = growing
    assert last.exchanges[-1].stopped
    assert last.exchanges[-1].answer is None


def test_half_a_surrogate_pair_does_not_stop_the_page(services: Services) -> None:
    talk = said(services, services.state.conversations.create("某人").id, "问\ud800")
    assert shown(*talk.exchanges).encode("utf-8")
    assert talk.exchanges[0].answer


def test_another_owner_sees_nothing(services: Services) -> None:
    talk = said(services, services.state.conversations.create("某人").id, "有多少个")
    visitor = Visitor("另一人")
    assert say("gone") in transcript(services, visitor, "zh", talk.id)
    assert "有多少个" not in sidebar(services, visitor.owner, "zh")
    assert "有多少个" in sidebar(services, "某人", "zh")
    with pytest.raises(NotFoundError):
        said(services, talk.id, "问").exchanges and next(converse(services, "另一人", talk.id, "问", Filter()))


@given(st.lists(st.tuples(texts, st.one_of(st.none(), texts)), max_size=8), st.integers(0, 9), st.integers(0, 60))
def test_the_history_is_the_latest_that_fits(
    said: list[tuple[str, str | None]], most_turns: int, most_chars: int
) -> None:
    settings = Settings(max_history_turns=most_turns, max_history_chars=most_chars)
    exchanges = [
        exchange(asked, answer(asked, text) if text is not None else None, None if text is not None else "x")
        for asked, text in said
    ]
    turns = history(exchanges, settings)
    everything = [part for asked, text in said if text is not None for part in (asked, text)]
    contents = [turn.content for turn in turns]
    assert len(turns) <= most_turns
    assert sum(map(len, contents)) <= most_chars
    assert contents == everything[len(everything) - len(contents) :]
    assert [turn.role for turn in turns] == ["user", "assistant"] * (len(turns) // 2)
    missing = everything[: len(everything) - len(contents)][-2:]
    if missing:
        assert len(turns) + 2 > most_turns or sum(map(len, [*missing, *contents])) > most_chars


# -- the welcome -------------------------------------------------------------------------------------------------------


def test_the_welcome_offers_examples() -> None:
    asked = [
        attributes["data-ask"]
        for tag, attributes in Reader(welcome(fake_services(), "zh")).elements
        if "data-ask" in attributes
    ]
    assert 1 <= len(asked) <= 4


def test_an_empty_store_says_how_to_fill_it() -> None:
    html = welcome(fake_services(empty=True), "zh")
    assert "zhengce ingest" in html
    assert "data-ask" not in html


def test_a_store_that_fails_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: FakeStore) -> Any:
        raise OSError("/secret/path")

    monkeypatch.setattr(FakeStore, "records", fail)
    for html in (welcome(fake_services(), "zh"), source(fake_services(), {}, "zh")):
        assert SAID["broken"].zh in html
        assert "secret" not in html


# -- texts and templates -----------------------------------------------------------------------------------------------


def test_both_languages_take_the_same_variables() -> None:
    def variables(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for key, text in PAGE.items():
        assert variables(text.zh) == variables(text.en), key
        assert text.en


def test_every_text_is_used() -> None:
    used = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (*ASSETS.glob("*.html"), *UI.glob("*.py"))
        if path.name != "texts.py"
    )
    unused = {
        key
        for key in PAGE
        if not re.search(rf"""['"]{key}['"]""", used)
        and not re.match("status_|kind_|state_|support_|reason_|export_|standing_|instead_", key)
    }
    assert not unused


def test_the_page_speaks_english_where_it_is_set() -> None:
    services = fake_services(lang="en")
    asked = [exchange(q, services.assistant.ask(q)) for q in ("全部", "没有", "那")]
    talk = shown(*asked, exchange("坏", problem="x"), exchange("停", stopped=True), lang="en")
    chinese = {text.zh for text in PAGE.values()}
    place = source(services, {"document": "policy", "start": 40, "end": 60}, "en")
    gone = source(services, {"document": "gone"}, "en")
    for html in (talk, welcome(services, "en"), place, gone, tasks(services, None, "en")):
        words = {attributes.get("aria-label", "") for _, attributes in Reader(html).elements}
        assert not words & chinese


# -- serving -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    app.add_api_route("/healthz", lambda: {"status": "ok"})
    return TestClient(mount_page(app, fake_services()))


def test_the_document_is_ours_and_names_no_other_host(client: TestClient) -> None:
    response = client.get("/")
    html = response.text
    assert response.headers["content-length"] == str(len(response.content)) or "content-encoding" in response.headers
    assert set(re.findall(r"(?:https?:)?//([\w.-]+\.\w+)", html)) <= {"www.w3.org"}
    assert '<html lang="zh-CN"' in html
    assert "<title>政策问答</title>" in html
    assert "og:image" not in html
    assert "twitter:" not in html


def test_the_page_leaves_other_routes_alone(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/docs").text.count("swagger") > 0
    assert client.get("/openapi.json").json()["paths"] == {
        "/healthz": client.get("/openapi.json").json()["paths"]["/healthz"]
    }


@given(
    st.sampled_from(["//cdn.example/x", "https://fonts.example/css", "HTTP://a.example"]),
    st.sampled_from(["", "rel=stylesheet ", "\n"]),
)
def test_what_names_other_hosts_is_taken_out(address: str, before: str) -> None:
    html = f'<html lang="en"><head><link {before}href="{address}"><script {before}src="{address}"></script>' \
           f'<meta {before}property="og:image" content="{address}"><link href="/own.css"></head>'  # fmt: skip
    assert (
        dress(html, "<title>t</title>", "zh")
        == '<html lang="zh-CN"><head><link href="/own.css"><title>t</title></head>'
    )


def test_gradio_reports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "True")
    assert build_page(fake_services(), "zh").analytics_enabled is False
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"


def test_importing_the_page_loads_nothing_heavy() -> None:
    heavy = "{'gradio', 'jinja2', 'fastapi', 'torch', 'chromadb', 'jieba'} & set(sys.modules)"
    code = f"import sys, ui.page.mount, ui.page.content; print({heavy} or 'nothing')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "nothing"
