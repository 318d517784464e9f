"""The properties of office files as evidence: they count where the text prints what they say, and nowhere else."""

from datetime import UTC, datetime
from io import BytesIO

import docx
import pytest
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen.canvas import Canvas

from ingest.lines import whole_line
from ingest.readers.properties import believed
from ingest.reading import read_parts
from vectorstore.records import Document

CUT = [
    "关于做好城区学校",
    "食堂食品安全检查",
    "云州市教育局办公室",
    "学校每月检查一次，2026-04-02 起上报。",
    "检查结果公布。",
]
NAME = "关于做好城区学校食堂食品安全检查"


def word(paragraphs: list[str], title: str = "", author: str = "", created: datetime | None = None) -> bytes:
    made = docx.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.core_properties.title, made.core_properties.author = title, author
    if created:
        made.core_properties.created = created
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def printed(lines: list[str], title: str, author: str) -> bytes:
    registerFont(UnicodeCIDFont("STSong-Light"))
    file = BytesIO()
    canvas = Canvas(file)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setFont("STSong-Light", 12)
    for at, line in enumerate(lines):
        canvas.drawString(72, 760 - 40 * at, line)
    canvas.save()
    return file.getvalue()


def read(data: bytes, name: str = "a.docx") -> Document:
    ((document, _units, _chunks),) = read_parts(data, name)
    return document


def test_a_headline_over_two_lines_is_the_title_that_the_properties_hold() -> None:
    assert read(word(CUT, NAME)).title == NAME


def test_of_a_pdf_too_whatever_the_program_put_before_it() -> None:
    assert read(printed(CUT, f"Microsoft Word - {NAME}.docx", ""), "a.pdf").title == NAME


@pytest.mark.parametrize("title", ["云州市统计公报", "Word 文档", "附件1", "新建 Microsoft Word 文档"])
def test_a_title_that_the_text_does_not_print_is_none(title: str) -> None:
    assert read(word(CUT, title)).title == read(word(CUT)).title


def test_a_title_in_the_properties_never_beats_a_good_headline() -> None:
    lines = ["云州市校园安全管理办法", "学校食堂卫生", "学校每月检查一次。", "检查结果公布。"]
    assert read(word(lines, "学校食堂卫生")).title == "云州市校园安全管理办法"


def test_a_body_and_a_day_count_where_the_text_prints_them() -> None:
    lines = [line for text in CUT if (line := whole_line(text))]
    said = believed(lines, "", ["Administrator", "云州市教育局办公室"], ["2026-04-02T08:00:00Z"])
    assert (said.body, said.day) == ("云州市教育局办公室", "2026-04-02")
    assert believed(lines, "", ["云州市财政局"], ["D:20260403"]) == believed([], "", [], [])


def test_they_fill_what_nothing_else_tells() -> None:
    lines = ["校园安全管理办法", "学校每月检查一次，云州市教育局抽查。", "2026-04-02 起上报结果。", "检查结果公布。"]
    known = read(word(lines, author="云州市教育局", created=datetime(2026, 4, 2, tzinfo=UTC)))
    assert (known.issuer, known.date) == ("云州市教育局", "2026-04-02")
    unknown = read(word(lines))
    assert (unknown.issuer, unknown.date) == (None, None)
