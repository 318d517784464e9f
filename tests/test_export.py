"""A conversation as Markdown, Word and PDF: what is in it, that nothing in it is markup, and what cannot be made."""

import io
import json
import re
import subprocess
import unicodedata
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import docx
import pypandoc
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from assistant.answer import Answer, Citation, Sentence
from ui.export import ExportError, ExportFormat, export_conversation, writers
from ui.export.document import LONGEST_HEADING
from ui.export.leaves import in_markdown, inlines, isolated
from ui.export.texts import EXPORT
from ui.state.records import Conversation, Exchange
from vectorstore.errors import ZhengceError
from vectorstore.records import Filter, Kind

MD, DOCX, PDF = ExportFormat.MD, ExportFormat.DOCX, ExportFormat.PDF
BASE = "http://127.0.0.1:7860"
AT = datetime(2026, 3, 4, 18, 30, tzinfo=timezone(timedelta(hours=8)))
ASKED = datetime(2026, 3, 4, 1, 2, tzinfo=UTC)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
QUOTE = "新建服务点250个，其中“一站式”3.5%。"
MARK = "\ue000"  # stands in what is read back before the name of anything that is not text
HOSTILE = [
    "[链接](javascript:alert(1))",
    "![图](http://evil.example/x.png)",
    "<script>window.ran=1</script>",
    "</w:t></w:r>&amp;&lt;",
    '#eval("1+1")',
    '#read("/etc/passwd")',
    "#import",
    "*粗*_斜_`码`",
    "\\input{/etc/passwd}",
    "$x^2$",
    "@ref",
    "<label>",
    "[^1]:",
    "[^1]",
    "[9]",
    "---",
    "===",
    "```{=html}",
    "~~删~~",
    "{{ t }}",
    "{.class",
    "http://evil.example/a_b_c",
    "www.evil.example",
    "1.",
    "(a)",
    "-",
    ">",
    "|---|---|",
    ":smile:",
    '";#panic("x");"',
    "//注释",
    "/*注释*/",
]
SHARP = [
    *HOSTILE,
    " ",
    "  ",
    "\n",
    "\t",
    "\x00",
    "\x85",
    "\u2028",
    "\ufffe",
    "\ud800",
    "\u202e",
    "\u2069",
    "\u3000",
    "é",
]
texts = st.lists(
    st.sampled_from(SHARP) | st.text(st.characters(exclude_characters=MARK, exclude_categories=()), max_size=4),
    max_size=5,
).map("".join)


def citation(number: int = 1, quote: str = QUOTE, **known: Any) -> Citation:
    about: dict[str, Any] = {
        "document_id": "policy",
        "title": "青梧市便民服务方案",
        "kind": "policy",
        "issuer": "青梧市人民政府",
        "date": "2024-05-06",
        "locator": ["重点任务25"],
        "label": "重点任务25",
        "heading_path": ["一、重点任务", "（二）服务"],
        "start": 10,
        "end": 10 + len(quote),
        "page": 7,
    }
    # model_copy, as what has been stored is not read strictly: half surrogate pairs may come through
    return Citation(id=number, quote="", **about).model_copy(update={"quote": quote} | known)


def answered(text: str = "是250个。[1]", cited: list[Citation] | None = None, **known: Any) -> Answer:
    about = {"answer": text, "citations": [citation()] if cited is None else cited} | known
    bare = Answer(
        question="",
        standalone_question="",
        status="answered",
        answer="",
        sentences=[],
        citations=[],
        engine="extractive",
    )
    return bare.model_copy(update=about)


def exchange(question: str = "问", answer: Answer | None = None, **known: Any) -> Exchange:
    """Return an exchange whose question was understood as it stands, unless the answer says otherwise."""
    if answer and not answer.standalone_question:
        answer = answer.model_copy(update={"standalone_question": question})
    return Exchange(id="e", question=question, asked_at=ASKED, answer=answer, **known)


def talk(*exchanges: Exchange, name: str = "便民服务的对话") -> Conversation:
    return Conversation("c", "visitor:1", name, ASKED, ASKED, exchanges)


def export(conversation: Conversation, into: ExportFormat, base_url: str = BASE, lang: Any = "zh") -> bytes:
    return export_conversation(conversation, into, lang, base_url, at=AT)


def markdown(*exchanges: Exchange, lang: Any = "zh", base_url: str = BASE) -> str:
    return export(talk(*exchanges), MD, base_url, lang).decode()


# -- reading back ------------------------------------------------------------------------------------------------------


def solid(text: str) -> str:
    """Return ``text`` without white space and what is shown as nothing, composed as Pandoc composes what it reads."""
    return unicodedata.normalize("NFC", re.sub(r"[\s\u200b\u00ad]", "", text))


def tree(source: bytes, dialect: str) -> list[Any]:
    command = [pypandoc.get_pandoc_path(), f"--from={dialect}", "--to=json", "--sandbox"]
    done = subprocess.run(command, input=source, capture_output=True, check=True, timeout=30)
    blocks: list[Any] = json.loads(done.stdout)["blocks"]
    return blocks


def said(node: Any) -> str:
    """Return the text below a node; what is neither text nor the frame that we write shows by its name."""
    if isinstance(node, list):
        return "".join(map(said, node))
    kind, content = node["t"], node.get("c")
    if kind == "Str":
        return str(content)
    if kind in {"Space", "SoftBreak"}:
        return " "
    if kind == "Header":
        return said(content[2])
    if kind == "Link":
        return said(content[1]) if content[2][0].startswith(BASE) else f"{MARK}link to {content[2][0]}"
    frame = kind in {"Para", "Plain", "Note", "BlockQuote", "BulletList", "Strong"}
    return said(content) if frame else f"{MARK}{kind}"


def found(node: Any, kind: str) -> list[Any]:
    """Return the contents of all nodes of this kind."""
    if isinstance(node, list):
        return [one for part in node for one in found(part, kind)]
    if not isinstance(node, dict):
        return []
    here = [node.get("c")] if node.get("t") == kind else []
    return here + found(node.get("c"), kind)


def part(document: bytes, name: str) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        return etree.fromstring(package.read(name))


def footnotes(document: bytes) -> list[str]:
    notes = part(document, "word/footnotes.xml").findall(f"{W}footnote")
    return ["".join(note.itertext(f"{W}t")) for note in notes if note.get(f"{W}type") is None]


def body(document: bytes) -> str:
    return "".join(part(document, "word/document.xml").itertext(f"{W}t"))


def targets(document: bytes) -> set[str]:
    """Return all that a DOCX points to outside itself."""
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        related = [etree.fromstring(package.read(name)) for name in package.namelist() if name.endswith(".rels")]
    return {one.get("Target", "") for all_ in related for one in all_ if one.get("TargetMode") == "External"}


def pages(document: bytes) -> tuple[str, set[str]]:
    """Return the text of a PDF and the addresses of its links."""
    reader = pypdf.PdfReader(io.BytesIO(document))
    assert len(reader.pages) >= 1
    assert b"/JavaScript" not in document
    assert not {"/OpenAction", "/AA"} & set(reader.root_object)
    notes = [note.get_object() for page in reader.pages for note in page.get("/Annots") or []]
    actions = [note["/A"].get_object() for note in notes if "/A" in note]
    assert {action.get("/S") for action in actions} <= {"/URI", "/GoTo"}
    return "".join(page.extract_text() for page in reader.pages), {one["/URI"] for one in actions if "/URI" in one}


# -- what it says ------------------------------------------------------------------------------------------------------


def test_formats() -> None:
    assert [one.value for one in ExportFormat] == ["md", "docx", "pdf"]
    assert {one.suffix for one in ExportFormat} == {".md", ".docx", ".pdf"}
    assert PDF.media_type == "application/pdf"
    assert all("/" in one.media_type for one in ExportFormat)


def test_a_citation_is_a_footnote_with_all_that_is_known() -> None:
    text = markdown(exchange("有多少个？", answered()))
    assert "# 便民服务的对话\n\n导出于 2026-03-04 18:30+08:00，共 1 个问题\n\n## 有多少个？\n\n是250个。[^1]\n" in text
    known = "《青梧市便民服务方案》重点任务25（一、重点任务 › （二）服务），青梧市人民政府，2024-05-06，第7页："
    url = f"{BASE}/?document=policy&start=10&end={10 + len(QUOTE)}"
    assert f"[^1]: {known}“{QUOTE}” [查看原文]({url})" in text
    assert "2026-03-04 09:02 · 引擎 extractive" in text
    assert "引文均逐字摘自来源；本文由政策问答生成。" in text


def test_what_is_not_known_is_left_out() -> None:
    bare = citation(issuer=None, date=None, page=None, heading_path=[])
    text = markdown(exchange("问", answered("是。[1]", [bare])), base_url="")
    assert text.endswith(f"[^1]: 《青梧市便民服务方案》重点任务25：“{QUOTE}”\n")


def test_a_citation_given_again_names_the_first_footnote() -> None:
    cited = [citation(1), citation(2, "另一句。")]
    first = exchange("甲", answered("一。[1][2]二。[2]", cited))
    text = markdown(first, exchange("乙", answered("三。[1]", [citation(1)])))
    assert "一。[^1][^2]二。[^3]" in text and "三。[^4]" in text
    assert "[^3]: 同注 2\n" in text
    assert re.search(r"\[\^4\]: 《", text), "another answer has its own footnotes"


def test_states_are_told() -> None:
    text = markdown(
        exchange("甲", answered("否。[1]", status="corrected", standalone_question="甲是多少？")),
        exchange(
            "乙", answered("来源中没有找到。", [], status="refused", nearest=[citation(1), citation(2, "近的。")])
        ),
        exchange("丙", problem="另一个进程正在写入；请等它结束后重试"),
        exchange("丁", stopped=True),
        exchange("戊"),
    )
    assert "按此理解：甲是多少？" in text
    assert "**问题与来源不符，以来源为准。**" in text
    assert "**来源中没有。**" in text
    assert text.count("按此理解") == 1
    assert text.count("\n- 《青梧市便民服务方案》") == 2 and "“近的。”" in text
    assert "没能回答：另一个进程正在写入；请等它结束后重试" in text
    assert EXPORT["stopped"].zh in text and EXPORT["pending"].zh in text


def test_unsupported_sentences_are_marked() -> None:
    unsupported = [Sentence(text="没有来源的话。", citations=[], support="unsupported")]
    text = markdown(exchange("问", answered("有的。[1]没有来源的话。", sentences=unsupported)))
    assert "有的。[^1]没有来源的话。〔未见于来源〕" in text


@pytest.mark.parametrize(
    ("within", "told"),
    [
        (Filter(documents=("policy", "gone")), "文件《青梧市便民服务方案》、《gone》"),
        (Filter(kinds=(Kind.NEWS, Kind.LAW)), "种类为新闻报道、法律法规"),
        (Filter(since="2024-01-01", until="2024-12-31"), "日期 2024-01-01 至 2024-12-31"),
        (Filter(since="2024-01-01"), "日期 2024-01-01 起"),
        (Filter(until="2024-12-31"), "日期 2024-12-31 止"),
        (Filter(section="重点任务", regions=("青梧市",)), "标题含“重点任务”；地区为青梧市"),
    ],
)
def test_limits_are_told(within: Filter, told: str) -> None:
    assert f"查找范围：{told}\n" in markdown(exchange("问", answered(), within=within))


def test_a_long_question_stands_below_a_numbered_heading() -> None:
    long = "长" * (LONGEST_HEADING + 1)
    text = markdown(exchange("短"), exchange(long), exchange("两行\n问题"))
    assert f"## 短\n\n{EXPORT['pending'].zh}" in text
    assert f"## 问题 2\n\n> {long}\n" in text
    assert "## 问题 3\n\n> 两行\n>\n> 问题\n" in text


def test_english() -> None:
    text = markdown(exchange("Q", answered(status="corrected", standalone_question="Q")), lang="en")
    assert "Exported 2026-03-04 18:30+08:00, 1 question(s)" in text
    assert "**The sources say otherwise.**" in text
    assert f"重点任务25 (一、重点任务 › （二）服务), 青梧市人民政府, 2024-05-06, p. 7: “{QUOTE}”" in text.replace(
        "\\", ""
    )


def test_an_empty_conversation_without_a_name() -> None:
    empty = talk(name=" \n")
    assert export(empty, MD).decode().startswith("# 政策问答\n")
    assert docx.Document(io.BytesIO(export(empty, DOCX))).core_properties.title == "政策问答"
    assert solid("共 0 个问题") in solid(pages(export(empty, PDF))[0])


def test_every_text_is_in_both_languages() -> None:
    for text in EXPORT.values():
        assert set(re.findall(r"{\w+}", text.zh)) == set(re.findall(r"{\w+}", text.en))


@pytest.mark.parametrize("into", list(ExportFormat))
def test_the_same_twice(into: ExportFormat) -> None:
    conversation = talk(exchange("问", answered()))
    assert export(conversation, into) == export(conversation, into)


# -- Word --------------------------------------------------------------------------------------------------------------


def test_word_has_real_footnotes() -> None:
    cited = [citation(1), citation(2, "第二处\n分两行，含  空格。")]
    document = export(talk(exchange("有多少个？", answered("一。[1][2]二。[1]", cited))), DOCX)
    notes = footnotes(document)
    references = part(document, "word/document.xml").findall(f".//{W}footnoteReference")
    assert len(notes) == len(references) == 3
    assert f"“{QUOTE}” 查看原文" in notes[0]
    assert "“第二处分两行，含  空格。”" in notes[1]
    assert notes[2].strip() == "同注 1"
    assert targets(document) == {f"{BASE}/?document=policy&start=10&end={10 + len(one.quote)}" for one in cited}


def test_word_looks_chinese() -> None:
    document = docx.Document(io.BytesIO(export(talk(exchange("有多少个？", answered())), DOCX)))
    assert [p.text for p in document.paragraphs if p.style and p.style.name == "Title"] == ["便民服务的对话"]
    assert [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"] == ["有多少个？"]
    properties, page = document.core_properties, document.sections[0]
    assert properties.title == "便民服务的对话"
    assert properties.created == AT
    assert page.page_width and page.page_height
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    styles = document.styles.element
    fonts = [one.get(f"{W}eastAsia") for one in styles.iterfind(f".//{W}rPrDefault//{W}rFonts")]
    assert fonts == ["宋体"]
    used = {p.style.style_id for p in document.paragraphs if p.style} | {"FootnoteText"}
    assert used <= set(styles.xpath(".//w:style/@w:styleId"))


# -- nothing in it is markup -------------------------------------------------------------------------------------------


def hostile_talk() -> Conversation:
    """Every hostile text as question, in the middle and at the start of a line of the answer, and in the citation."""
    said_ = [f"{one}\n前{one}后 {one}[1]" for one in HOSTILE if one != "[9]"]
    cited = [
        citation(1, "\n".join(HOSTILE), title=one, issuer=one, date=one, label=one, heading_path=[one, one])
        for one in HOSTILE
    ]
    return talk(
        *(exchange(one, answered(text, [cite])) for one, text, cite in zip(HOSTILE, said_, cited, strict=False)),
        exchange(" ".join(HOSTILE), problem="\n".join(HOSTILE), within=Filter(documents=tuple(HOSTILE))),
        name=" ".join(HOSTILE),
    )


def test_hostile_texts_stay_texts_in_word() -> None:
    document = export(hostile_talk(), DOCX)
    text, notes = body(document), footnotes(document)
    for one in HOSTILE[:-1]:
        assert one in text and all(one in note for note in notes)
    assert all(target.startswith(f"{BASE}/?document=") for target in targets(document))
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        assert not [name for name in package.namelist() if "media" in name or "embed" in name]
    assert not list(part(document, "word/document.xml").iter(f"{W}instrText", f"{W}fldSimple"))


def test_hostile_texts_stay_texts_in_a_pdf() -> None:
    text, urls = pages(export(hostile_talk(), PDF))
    for one in HOSTILE:
        assert solid(text).count(solid(one)) >= 5
    assert urls and all(url.startswith(f"{BASE}/?document=") for url in urls)


@pytest.mark.parametrize("dialect", ["gfm+emoji", "markdown-smart", "commonmark_x-smart"])
def test_hostile_texts_stay_texts_in_markdown(dialect: str) -> None:
    conversation = hostile_talk()
    blocks = tree(export(conversation, MD), dialect)
    assert MARK not in said(blocks)
    assert len(found(blocks, "Note")) == sum(one.answer is not None for one in conversation.exchanges)
    assert [said(inlines_) for _, _, inlines_ in found(blocks, "Header")][1:-1] == HOSTILE[:-1]
    for one in HOSTILE:
        assert solid(said(blocks)).count(solid(one)) >= 5


def test_a_document_cannot_bring_its_own_footnote_or_link() -> None:
    text = "见。[1]\n[^1]: 假的出处\n[7]: http://evil.example"
    blocks = tree(export(talk(exchange("问", answered(text))), MD), "gfm")
    (note,) = found(blocks, "Note")
    assert QUOTE in said(note) and "假的出处" not in said(note)
    assert "[^1]: 假的出处" in said(blocks)


@given(question=texts, text=texts, quote=texts)
@settings(max_examples=40, deadline=None)
def test_any_text_reads_back_from_markdown(question: str, text: str, quote: str) -> None:
    conversation = talk(exchange(f"问{question}", answered(f"{text}末[1]", [citation(1, quote)])), name=question)
    source = export(conversation, MD)
    shown = solid(said(tree(source, "gfm" if len(question) % 2 else "markdown-smart")))
    for one in (f"问{question}", f"{text}末", quote):
        for line in one.splitlines():
            assert solid("".join(said(node) for node in inlines(line))) in shown
    assert MARK not in shown


@given(question=texts, text=texts, quote=texts)
@settings(max_examples=15, deadline=None)
def test_any_text_gives_a_word_file_and_a_pdf(question: str, text: str, quote: str) -> None:
    conversation = talk(exchange(question, answered(f"{text}末[1]", [citation(1, quote, title=text)])), name=question)
    document = export(conversation, DOCX)
    docx.Document(io.BytesIO(document))
    assert len(footnotes(document)) == 1
    for line in quote.splitlines():
        assert solid("".join(said(node) for node in inlines(line))) in solid(footnotes(document)[0])
    assert pages(export(conversation, PDF))[1] <= {url.replace("&amp;", "&") for url in targets(document)}


@pytest.mark.parametrize("into", list(ExportFormat))
def test_what_xml_forbids_is_replaced(into: ExportFormat) -> None:
    bad = "".join(map(chr, [*range(9), 0x0E, 0x1F, 0x7F, 0xFFFE, 0xFDD0, 0xD800, 0x1FFFF]))
    document = export(talk(exchange(f"前{bad}后", answered(f"{bad}[1]", [citation(1, bad, document_id=bad)]))), into)
    if into is DOCX:
        assert "前" + "\ufffd" * len(bad) + "后" in body(document)


def test_direction_controls_end_with_their_text() -> None:
    for text in ("\u202eabc", "\u2067abc", "a\u2069\u202eb", "\u2066\u2069\u2069\u2067\u202dx"):
        depth, low = 0, 1
        for place, character in enumerate(closed := isolated(text)):
            depth += (character in "\u2066\u2067\u2068") - (character == "\u2069")
            low = min(low, depth) if place < len(closed) - 1 else low
        assert text in closed and depth == 0 and low == 1
    assert isolated("无") == "无"
    assert "\u2068\u202e颠倒\u2069》" in markdown(exchange("问", answered("是[1]", [citation(title="\u202e颠倒")])))


def test_common_text_stays_readable_in_markdown() -> None:
    for text in ("2024-05-06", "3.5%", "12:30", "（一）", "“引用”", "a/b", "1.5万", "3.第3项", "x=1"):
        assert in_markdown(text) == text


# -- PDF ---------------------------------------------------------------------------------------------------------------


def test_pdf_has_question_answer_and_quote() -> None:
    cited = [citation(1), citation(2, "甲乙丙丁" * 400)]
    text, urls = pages(export(talk(exchange("有多少个？", answered("是250个。[1][2]", cited))), PDF))
    for one in ("便民服务的对话", "有多少个？", "是250个。", QUOTE, "甲乙丙丁" * 20, "第7页"):
        assert solid(one) in solid(text)
    assert len(urls) == 2


def test_a_very_long_word_is_broken() -> None:
    word = "x" * 10_000
    text, _ = pages(export(talk(exchange(word, answered(f"{word}[1]", [citation(1, word)]))), PDF))
    assert text.replace("extractive", "").count("x") == 30_000
    assert all(len(line) < 200 for line in text.splitlines())


# -- what cannot be made -----------------------------------------------------------------------------------------------


def test_without_chinese_fonts_the_mend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bool] = []

    def without() -> SimpleNamespace:
        return SimpleNamespace(families=lambda: ["DejaVu Sans"])

    without.cache_clear = lambda: looked.append(True)  # type: ignore[attr-defined]
    monkeypatch.setattr(writers, "_fonts", without)
    with pytest.raises(ExportError, match="apt-get install fonts-noto-cjk"):
        export(talk(), PDF)
    assert looked, "fonts that are installed later are found"


def test_without_pandoc_the_mend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> str:
        raise OSError("No pandoc was found")

    monkeypatch.setattr(pypandoc, "get_pandoc_path", gone)
    with pytest.raises(ExportError, match="pip install pypandoc_binary"):
        export(talk(), MD)


def test_pandoc_is_stopped_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "SECONDS", 0.0001)
    with pytest.raises(ExportError, match="已停止"):
        export(talk(), MD)


def test_pandoc_keeps_to_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "MEMORY", "1M")
    with pytest.raises(ExportError, match="Heap exhausted"):
        export(talk(exchange("词 " * 70_000)), MD)


def test_what_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "MOST_BYTES_PDF", 1000)
    conversation = talk(exchange("问" * 1000))
    assert export(conversation, MD)
    monkeypatch.setattr(writers, "MOST_BYTES", 1000)
    with pytest.raises(ZhengceError, match="对话太长"):
        export(conversation, MD)


def test_pandoc_reads_no_file() -> None:
    image = {"t": "Image", "c": [["", [], []], [], ["/etc/passwd", ""]]}
    document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": [{"t": "Para", "c": [image]}]}
    made = writers.write(document, DOCX, AT)
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert all(b"root:" not in package.read(name) for name in package.namelist())
