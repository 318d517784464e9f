"""Tables with drawn rules in PDF and OFD: rows not interleaved, cells of several lines whole, one table over two pages."""

from collections.abc import Sequence

import pytest
from reportlab.lib.pagesizes import A4
from test_readers_pages import Paper, document_of, ofd_file, text_object

from ingest.lines import Extracted, Role
from ingest.readers.ofd import read_ofd
from ingest.readers.pdf import read_pdf
from vectorstore.records import UnitType

HEADER = ["序号", "任务", "责任单位"]
X = (60.0, 110.0, 330.0, 500.0)
HIGH = 40.0


def first_line(cell: str) -> list[str]:
    return [cell[:11], cell[11:]] if len(cell) > 11 else [cell]


def draw(paper: Paper, y: float, rows: Sequence[Sequence[str]], merged: Sequence[int] = ()) -> float:
    """Draw a table from ``y``; the last cells of the rows ``merged`` are one with those above."""
    for at, row in enumerate(rows):
        top = y + HIGH * at
        for column, cell in enumerate(row):
            for line, text in enumerate(first_line(cell)):
                paper.line(X[column] + 4, top + 15 + 16 * line, text, 14)
        end = X[2] if at in merged else X[3]
        paper.canvas.line(X[0], A4[1] - top, end, A4[1] - top)
    bottom = y + HIGH * len(rows)
    paper.canvas.line(X[0], A4[1] - bottom, X[3], A4[1] - bottom)
    for x in X:
        paper.canvas.line(x, A4[1] - y, x, A4[1] - bottom)
    return bottom


def table_of(found: Extracted) -> list[tuple[int | None, str]]:
    return [(line.page, line.text) for line in found.lines if line.role in (Role.ROW, Role.HEADER)]


def two_pages(*, again: bool) -> bytes:
    paper = Paper()
    paper.line(200, 80, "重点任务分工方案", 22)
    paper.line(73, 130, "　　各单位按下表分工推进，每月末报送进展情况。", 16)
    draw(paper, 600, [HEADER, ["1", "新建口袋公园八处并配齐休闲座椅", "园林局"], ["2", "改造管网", ""]], merged=[2])
    paper.turn_page()
    rows = [["3", "补植行道树", "城管局"], ["4", "清淤", "水务局"]]
    bottom = draw(paper, 80, [HEADER, *rows] if again else rows)
    paper.line(73, bottom + 60, "　　本方案自印发之日起施行。", 16)
    return paper.done()


@pytest.mark.parametrize("again", [True, False])
def test_a_table_over_two_pages_of_a_pdf_is_one(again: bool) -> None:
    found = read_pdf(two_pages(again=again))
    assert table_of(found) == [
        (1, "序号\t任务\t责任单位"),
        (1, "序号：1；任务：新建口袋公园八处并配齐休闲座椅；责任单位：园林局"),
        (1, "序号：2；任务：改造管网；责任单位：园林局"),
        (2, "序号：3；任务：补植行道树；责任单位：城管局"),
        (2, "序号：4；任务：清淤；责任单位：水务局"),
    ]
    document, units = document_of(found)
    assert document.title == "重点任务分工方案"
    assert [unit.label for unit in units if unit.type is UnitType.ROW] == [f"表1第{n}行" for n in (1, 2, 3, 4)]
    assert [unit.text for unit in units][-1] == "本方案自印发之日起施行。"
    assert not found.warnings


def test_a_frame_around_text_is_no_table() -> None:
    paper = Paper()
    paper.line(200, 80, "关于休馆的公告", 22)
    paper.canvas.rect(60, 500, 480, 200)
    paper.line(73, 160, "　　市图书馆自六月一日起休馆三日，请读者留意。", 16)
    assert not table_of(read_pdf(paper.done()))


def test_a_table_of_an_ofd_is_read_row_by_row() -> None:
    x, y = (20, 60, 120, 180), (60, 75, 90)
    rules = [f"M 0 0 L {x[-1] - x[0]} 0" for _ in y], [f"M 0 0 L 0 {y[-1] - y[0]}" for _ in x]
    drawn = [(x[0], top, 160, 1, rule) for top, rule in zip(y, rules[0], strict=True)]
    drawn += [(left, y[0], 1, 30, rule) for left, rule in zip(x, rules[1], strict=True)]
    paths = "".join(
        f'<ofd:PathObject ID="{900 + at}" Boundary="{left} {top} {wide} {high}" LineWidth="0.3">'
        f"<ofd:AbbreviatedData>{rule}</ofd:AbbreviatedData></ofd:PathObject>"
        for at, (left, top, wide, high, rule) in enumerate(drawn)
    )
    cells = [
        (22, 70, "序号"),
        (62, 70, "任务"),
        (122, 70, "单位"),
        (22, 85, "1"),
        (62, 85, "清淤"),
        (122, 85, "水务局"),
    ]
    page = text_object(60, 30, "重点任务分工表", 7.8) + "".join(text_object(*cell) for cell in cells) + paths
    assert table_of(read_ofd(ofd_file([page]))) == [(1, "序号\t任务\t单位"), (1, "序号：1；任务：清淤；单位：水务局")]
