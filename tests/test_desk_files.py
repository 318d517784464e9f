"""Results of the desk tools as files: they open again, hold what was found, and nothing in them runs."""

import base64
import csv
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from openpyxl import load_workbook
from pydantic import BaseModel
from pypdf import PdfReader

from assistant.answer import Citation
from assistant.desk.check import Check, CheckedSentence, Difference, Verdict, check
from assistant.desk.diff import Diff, diff
from assistant.desk.evidence import evidence
from assistant.desk.find import find
from assistant.desk.match import match
from assistant.desk.targets import Ledger, Target, targets
from ingest.reading import read_parts
from ui.desk.files import FORMATS, CheckedDraft, write_file
from vectorstore.errors import DeskError
from vectorstore.store import Store

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
DRAFT = "首句照抄原文。\n到2027年达到800亿元。还有一句。"


def cited(quote: str) -> Citation:
    return Citation(
        id=1, document_id="d", title="方案", kind="policy", locator=["1"], task_number=1, label="重点任务1",
        heading_path=[], quote=quote, start=0, end=len(quote),
    )  # fmt: skip


def checked() -> Check:
    def sentence(text: str, verdict: Verdict, differences: list[Difference]) -> CheckedSentence:
        at = DRAFT.index(text)
        return CheckedSentence(
            text=text, verdict=verdict, differences=differences, citation=cited("=到2027年达到8000亿元。"),
            start=at, end=at + len(text),
        )  # fmt: skip

    return Check(
        sentences=[
            sentence("首句照抄原文。", Verdict.VERBATIM, []),
            sentence("到2027年达到800亿元。", Verdict.ALTERED, [Difference(draft="800亿元", source="8000亿元")]),
        ]
    )


def ledger() -> Ledger:
    def target(subject: str, value: int) -> Target:
        return Target(
            subject=subject, value=value, unit="亿元", comparator="超过", baseline=None, deadline="2027年", task_number=1,
            dimension="money", citation=cited(f"{subject}超过{value}亿元。"),
        )  # fmt: skip

    return Ledger(targets=[target("=cmd|' /C calc'!A0", 8000), target("产值\x07", 300)])


def test_spreadsheet_keeps_figures_and_runs_nothing() -> None:
    book = load_workbook(io.BytesIO(write_file(ledger(), ".xlsx", "zh", AT)))
    sheet = book.worksheets[0]
    rows = list(sheet.iter_rows(min_row=2))
    assert [cell.data_type for cell in rows[0] if str(cell.value).startswith("=")] == ["s", "s"]
    assert [cell.value for cell in rows[0] if isinstance(cell.value, int)] == [8000]
    assert sheet.freeze_panes == "A2"
    assert len(book.worksheets[1]._charts) == 1


def test_csv_is_defused() -> None:
    text = write_file(ledger(), ".csv", "zh", AT).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert "8000" in rows[1]


def test_typed_draft_comes_back_with_comments() -> None:
    document = Document(io.BytesIO(write_file(CheckedDraft.of(checked(), DRAFT), ".docx", "zh", AT)))
    comments = list(document.comments)
    assert len(comments) == 1
    assert "8000亿元" in comments[0].text
    assert document.paragraphs[1].text == "到2027年达到800亿元。还有一句。"


def test_word_draft_keeps_its_formatting() -> None:
    draft = Document()
    paragraph = draft.add_paragraph()
    paragraph.add_run("首句照抄原文。").bold = True
    paragraph.add_run("前到2027年达到800亿元。还有一句。").italic = True
    held = io.BytesIO()
    draft.save(held)
    marked = write_file(CheckedDraft.of(checked(), DRAFT, held.getvalue()), ".docx", "zh", AT)
    document = Document(io.BytesIO(marked))
    runs = [(run.text, run.bold, run.italic) for run in document.paragraphs[0].runs if run.text]
    assert runs == [
        ("首句照抄原文。", True, None),
        ("前", None, True),
        ("到2027年达到800亿元。", None, True),
        ("还有一句。", None, True),
    ]
    assert len(list(document.comments)) == 1


# one pixel
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
)


def marked(draft: Any) -> Any:
    """The Word file ``draft`` after it was marked up."""
    held = io.BytesIO()
    draft.save(held)
    return Document(io.BytesIO(write_file(CheckedDraft.of(checked(), DRAFT, held.getvalue()), ".docx", "zh", AT)))


def commented(document: Any) -> str:
    """What stands between the marks of the comments."""
    body, said, within = document.element.body, "", False
    for element in body.iter():
        name = element.tag.rpartition("}")[2]
        within = {"commentRangeStart": True, "commentRangeEnd": False}.get(name, within)
        said += element.text or "" if within and name == "t" else ""
    return said


def test_words_of_links_and_insertions_are_found_and_deleted_ones_are_not() -> None:
    draft = Document()
    paragraph = draft.add_paragraph("到2027年")
    for tag, inner in (
        ("w:hyperlink", "<w:r><w:t>达到</w:t></w:r>"),
        ("w:del", "<w:r><w:delText>90亿元</w:delText></w:r>"),
        ("w:ins", "<w:r><w:t>800亿元。</w:t></w:r>"),
    ):
        paragraph._p.append(parse_xml(f"<{tag} {nsdecls('w')} w:id='9' w:author='a'>{inner}</{tag}>"))
    paragraph.add_run("还有一句。")
    document = marked(draft)
    assert commented(document) == "到2027年达到800亿元。"
    assert len(list(document.comments)) == 1
    assert not any("无法批注" in one.text for one in document.paragraphs)


def test_a_sentence_in_a_table_has_its_comment_there() -> None:
    draft = Document()
    draft.add_table(1, 2).cell(0, 1).text = "到2027年达到800亿元。"
    document = marked(draft)
    assert commented(document) == "到2027年达到800亿元。"
    assert "commentRangeStart" in document.tables[0].cell(0, 1)._tc.xml


def test_a_picture_within_a_sentence_stays() -> None:
    draft = Document()
    run = draft.add_paragraph("前").add_run("句。到2027年达到800亿元。还有一句。")
    run.add_picture(io.BytesIO(PICTURE))
    document = marked(draft)
    assert len(document.inline_shapes) == 1
    assert len(list(document.comments)) == 1
    assert document.paragraphs[0].text == "前句。到2027年达到800亿元。还有一句。"


def test_a_sentence_over_two_paragraphs_is_listed_at_the_end() -> None:
    draft = Document()
    draft.add_paragraph("到2027年达到")
    draft.add_paragraph("800亿元。")
    document = marked(draft)
    assert "到2027年达到800亿元。" in commented(document)
    assert [one.text for one in document.paragraphs[:2]] == ["到2027年达到", "800亿元。"]


def test_a_package_that_is_no_word_file_is_marked_up_as_its_text() -> None:
    spreadsheet = write_file(ledger(), ".xlsx", "zh", AT)
    document = Document(io.BytesIO(write_file(CheckedDraft.of(checked(), DRAFT, spreadsheet), ".docx", "zh", AT)))
    assert document.paragraphs[0].text == "首句照抄原文。"
    with pytest.raises(DeskError, match="打不开"):
        write_file(CheckedDraft.of(checked(), DRAFT, broken()), ".docx", "zh", AT)


def broken() -> bytes:
    """A Word file that breaks off within its text."""
    import zipfile

    whole, held = io.BytesIO(), io.BytesIO()
    Document().save(whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[: len(data) // 2] if name == "word/document.xml" else data)
    return held.getvalue()


@pytest.fixture(scope="module")
def results(store: Store) -> Mapping[type[BaseModel], BaseModel]:
    """A real result of each tool on the sample corpus."""
    document = next(one for one in store.documents() if one.kind == "policy")
    draft = document.text[200:700].replace("30", "31")
    edition = read_parts(document.text.replace("以上", "左右").encode(), "新.txt")[0]
    checks = check(draft, store, store.embedder)
    return {
        CheckedDraft: CheckedDraft.of(checks, draft),
        type(checks): checks,
        **{
            type(one): one
            for one in (
                find("企业", store, store.embedder),
                targets(store),
                evidence(store, store.embedder),
                diff((document, store.units(document.id)), (edition[0], edition[1])),
                match("外省新材料企业，需要贷款、人才住房和快速审批。", store, store.embedder),
            )
        },
    }


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(("kind", "suffix"), [(kind, suffix) for kind, known in FORMATS.items() for suffix in known])
def test_every_format_opens_and_holds_the_quotes(
    kind: type[BaseModel], suffix: str, lang: Any, results: Mapping[type[BaseModel], BaseModel]
) -> None:
    result = results[kind]
    said = bare(READ[suffix](write_file(result, suffix, lang, AT)))
    quotes = [bare(one) for one in quotes_of(result.model_dump())]
    assert len(quotes) >= 3
    missing = [one for one in quotes if one not in said]
    if kind is CheckedDraft and suffix == ".docx":  # what stands there word for word needs no comment
        assert "2026-01-0203:04" in said
        assert len(missing) < len(quotes)
    elif kind is not Diff:  # which shows two texts in one
        assert not missing


@pytest.mark.parametrize("suffix", [".html", ".docx"])
def test_a_diff_holds_both_editions_whole(suffix: str, results: Mapping[type[BaseModel], BaseModel]) -> None:
    result = results[Diff]
    assert isinstance(result, Diff)
    data = write_file(result, suffix, "zh", AT)
    for side, struck in (("old", "ins"), ("new", "del")):
        said = bare(without(data.decode(), struck) if suffix == ".html" else of_word(data, struck))
        quotes = [bare(one) for pair in result.changes for one in quotes_of(pair.model_dump()[side])]
        assert len(quotes) > 20
        assert [one for one in quotes if one not in said] == []


def bare(text: str) -> str:
    return "".join(text.split())


def quotes_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["quote"]] if "quote" in value else []
        return own + [one for inner in value.values() for one in quotes_of(inner)]
    return [one for inner in value for one in quotes_of(inner)] if isinstance(value, list) else []


def of_word(data: bytes, struck: str = "") -> str:
    """All that a Word file says, without what stands in elements called ``struck``."""
    document = Document(io.BytesIO(data))
    for element in list(document.element.body.iter(qn(f"w:{struck}")) if struck else ()):
        element.getparent().remove(element)
    notes = [part.blob.decode() for part in document.part.package.iter_parts() if "footnotes" in part.partname]
    body = "".join(
        element.text or "" for element in document.element.body.iter() if element.tag.endswith(("}t", "}delText"))
    )
    comments = "".join(one.text for one in document.comments)
    return body + comments + "".join(plain(one) for one in notes)


def without(markup: str, struck: str) -> str:
    return plain(re.sub(rf"<{struck}\b.*?</{struck}>", "", markup, flags=re.DOTALL))


def plain(markup: str) -> str:
    from lxml import html

    return str(html.fromstring(markup.encode()).text_content())


def of_spreadsheet(data: bytes) -> str:
    return "".join(str(cell) for row in load_workbook(io.BytesIO(data)).worksheets[0].values for cell in row)


READ: Mapping[str, Any] = {
    ".xlsx": of_spreadsheet,
    ".csv": lambda data: "".join(cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row),
    ".docx": of_word,
    ".html": lambda data: plain(data.decode()),
    ".pdf": lambda data: "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages),
}
