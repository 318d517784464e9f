"""Tables of any format: merges filled, headers joined, rows that say by themselves what they say."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from test_grammar import read_given
from test_readers_office import roles, tbl, tc, word

from ingest.lines import Extracted, Role, table_line, whole_line
from ingest.readers.docx import read_docx
from ingest.readers.grid import Cell, spread
from ingest.readers.html import read_html
from ingest.readers.spreadsheet import read_xlsx
from ingest.readers.table import table_lines
from vectorstore.records import Kind, UnitType

ROWS = [
    ("header", "类别\t事项\t分工牵头\t分工配合"),
    ("row", "类别：道路；事项：补路灯20盏；分工牵头：城管局；分工配合：供电所"),
    ("row", "类别：道路；事项：修人行道；分工牵头：城管局；分工配合：交警队"),
    ("row", "类别：水务；事项：清淤；分工牵头：水务局；分工配合：水务局"),
]


def docx_table() -> Extracted:
    down, on, two = '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="2"/>'
    return read_docx(
        word(
            tbl(
                tc("类别", down) + tc("事项", down) + tc("分工", two),
                tc("", on) + tc("", on) + tc("牵头") + tc("配合"),
                tc("道路", down) + tc("补路灯20盏") + tc("城管局", down) + tc("供电所"),
                tc("", on) + tc("修人行道") + tc("", on) + tc("交警队"),
                tc("水务") + tc("清淤") + tc("水务局", two),
            )
        )
    )


def html_table() -> Extracted:
    page = (
        "<html><body><h1>分工</h1><p>各单位按下表办理，每月末报送进展情况，逾期的予以通报并限期整改到位。</p><table>"
        "<tr><td rowspan=2>类别<td rowspan=2>事项<td colspan=2>分工</tr><tr><td>牵头<td>配合</tr>"
        "<tr><td rowspan=2>道路<td>补路灯20盏<td rowspan=2>城管局<td>供电所</tr><tr><td>修人行道<td>交警队</tr>"
        "<tr><td>水务<td>清淤<td colspan=2>水务局</tr></table></body></html>"
    )
    return read_html(page.encode())


def xlsx_table() -> Extracted:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["类别", "事项", "分工", None],
        [None, None, "牵头", "配合"],
        ["道路", "补路灯20盏", "城管局", "供电所"],
        [None, "修人行道", None, "交警队"],
        ["水务", "清淤", "水务局", None],
    ):
        sheet.append(row)
    for merged in ("A1:A2", "B1:B2", "C1:D1", "A3:A4", "C3:C4", "C5:D5"):
        sheet.merge_cells(merged)
    out = io.BytesIO()
    book.save(out)
    return read_xlsx(out.getvalue())


@pytest.mark.parametrize("made", [docx_table, html_table, xlsx_table])
def test_merged_cells_and_headers_of_two_rows_in_every_format(made: Callable[[], Extracted]) -> None:
    assert [one for one in roles(made()) if one[0] != "text"] == ROWS


def lines(*rows: list[str | tuple[str, int, int]]) -> list[tuple[str, str]]:
    """Return role and text of the lines of a table, given with the rows and columns that broad cells take."""
    spans = [[(cell, 1, 1) if isinstance(cell, str) else cell for cell in row] for row in rows]
    grid = spread([[(Cell(text), down, across) for text, down, across in row] for row in spans])
    return [(line.role.value, line.text) for line in table_lines(grid)]


def test_a_row_over_the_whole_breadth_names_the_rows_below_it() -> None:
    assert lines(["项", "值"], [("一、教育", 1, 2)], ["学位", "5"], [("注：截至年底。", 1, 2)]) == [
        ("header", "项\t值"),
        ("group", "一、教育"),
        ("row", "项：学位；值：5"),
        ("row", "注：截至年底。"),
    ]


def test_a_header_without_merges_down_may_have_two_rows() -> None:
    assert lines(["地区", ("任务", 1, 2)], ["", "上半年", "下半年"], ["东区", "3", "4"]) == [
        ("header", "地区\t任务上半年\t任务下半年"),
        ("row", "地区：东区；任务上半年：3；任务下半年：4"),
    ]


def test_years_name_columns_and_figures_do_not() -> None:
    assert lines(["指标", "2025", "2026年"], ["学位", "3", "4"])[1] == ("row", "指标：学位；2025：3；2026年：4")
    assert lines(["东区", "3"], ["西区", "4"]) == [("row", "东区\t3"), ("row", "西区\t4")]
    assert lines([("东片", 2, 1), "甲街"], ["乙街"]) == [("row", "东片\t甲街"), ("row", "东片\t乙街")]


def test_a_sentence_in_a_cell_keeps_its_stop_and_a_long_text_is_given_once() -> None:
    long = "各单位要按照职责分工抓好落实，" * 4
    assert lines(["事", "人"], ["做好巡查。", "河长"], ["甲", "乙"])[1] == ("row", "事：做好巡查。人：河长")
    assert lines(["序", "事", "人"], ["1", (long, 1, 2)])[1] == ("row", f"序：1；事：{long}")


def test_rows_stand_under_the_name_of_their_table_and_of_their_part() -> None:
    document, units = read_given(
        [
            whole_line("某市办事指南"),
            whole_line("一、办理时限。按下表执行，逾期的由窗口负责督办并说明原因。"),
            whole_line("二、收费。按规定收取。"),
            whole_line("表1 办理时限"),
            whole_line("单位：个工作日"),
            table_line(["事项", "时限"], header=True),
            whole_line("（一）企业", role=Role.GROUP),
            whole_line("事项：注册；时限：3", role=Role.ROW),
            whole_line("收费标准一览表"),
            table_line(["事项", "费用"], header=True),
            whole_line("事项：刻章；费用：0元", role=Role.ROW),
        ],
        Kind.POLICY,
    )
    first, second = (unit for unit in units if unit.type is UnitType.ROW)
    assert first.heading_path[-3:] == ("表1办理时限", "单位：个工作日", "（一）企业")
    assert (first.locator, first.label) == (("表1", "第2行"), "表1第2行")
    assert second.heading_path[-1] == "收费标准一览表"
    assert second.locator == ("表2", "第1行")
    assert [document.text[s.start : s.end] for s in first.sentences] == ["事项：注册；时限：3"]
    assert "\n".join(unit.text for unit in units) == document.text


def test_a_table_right_below_the_title_has_that_title() -> None:
    document, units = read_given(
        [
            whole_line("重点任务清单"),
            table_line(["任务", "单位"], header=True),
            whole_line("任务：绿化；单位：园林局", role=Role.ROW),
        ],
        None,
    )
    assert document.title == "重点任务清单"
    assert units[-1].heading_path == ()
