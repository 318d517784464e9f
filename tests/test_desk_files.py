"""Results of the desk tools as files: they open again, hold what was found, and nothing in them runs."""

import csv
import io
from datetime import UTC, datetime

from docx import Document
from openpyxl import load_workbook

from assistant.answer import Citation
from assistant.desk.check import Check, CheckedSentence, Difference, Verdict
from assistant.desk.targets import Ledger, Target
from ui.desk.files import CheckedDraft, write_file

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
