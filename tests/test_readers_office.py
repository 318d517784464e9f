"""Office formats are read as they are printed: in order, with list numbers, tables, notes, and nothing from outside."""

import io
import os
import shutil
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.parser import parse_xml

from ingest.articles import split_articles
from ingest.isolation import Limits, Readings
from ingest.layout import heal
from ingest.lines import Extracted
from ingest.metadata import read_metadata
from ingest.readers import doc, office, spreadsheet
from ingest.readers.doc import read_doc
from ingest.readers.docx import read_docx
from ingest.readers.docx_numbering import write_number
from ingest.readers.office import OLE
from ingest.readers.pandoc import read_epub, read_odt, read_rtf
from ingest.readers.plain import read_plain
from ingest.readers.spreadsheet import read_csv, read_xlsx
from ingest.structure import build_document
from vectorstore.errors import ReadError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def word(body: str, *, extra: dict[str, str | bytes] | None = None, more: str = "", **parts: str) -> bytes:
    """A .docx made by hand: ``body`` and ``parts`` (numbering, styles, footnotes…) are the insides of their roots."""
    roots = {"numbering": "numbering", "styles": "styles", "footnotes": "footnotes", "endnotes": "endnotes"}
    relations = "".join(
        f'<Relationship Id="r{at}" Type="{REL}/{kind}" Target="{kind}.xml"/>' for at, kind in enumerate(parts)
    )
    return zipped(
        {
            "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="d" '
            f'Type="{REL}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}{more}</Relationships>',
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            **{
                f"word/{kind}.xml": f"<w:{roots[kind]} {W}>{inside}</w:{roots[kind]}>" for kind, inside in parts.items()
            },
            **(extra or {}),
        }
    )


def p(text: str = "", *, props: str = "", runs: str = "") -> str:
    run = f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""
    return f"<w:p><w:pPr>{props}</w:pPr>{run}{runs}</w:p>"


def item(text: str, depth: int = 0, num: int = 1) -> str:
    return p(text, props=f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{num}"/></w:numPr>')


def level(depth: int, fmt: str, text: str, *, start: int = 1, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/><w:numFmt w:val="{fmt}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def abstract(*levels: str, id_: int = 0, more: str = "") -> str:
    return f'<w:abstractNum w:abstractNumId="{id_}">{more}{"".join(levels)}</w:abstractNum>'


def num(id_: int = 1, of: int = 0, override: str = "") -> str:
    return f'<w:num w:numId="{id_}"><w:abstractNumId w:val="{of}"/>{override}</w:num>'


def texts(found: Extracted) -> list[str]:
    return [line.text for line in found.lines]


def roles(found: Extracted) -> list[tuple[str, str]]:
    return [(line.role.value, line.text) for line in found.lines]


def saved(document: "docx.document.Document") -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# --- DOCX: what is read, and in which order


def test_blocks_come_in_the_order_of_the_document() -> None:
    document = docx.Document()
    document.add_heading("云岭市绿色校园建设办法", 1)
    document.add_paragraph("现将有关事项通知如下。")
    grid = document.add_table(2, 2)
    for cell, text in zip([c for row in grid.rows for c in row.cells], ["指标", "目标", "覆盖率", "90%"], strict=True):
        cell.text = text
    document.add_paragraph("以上指标按年考核。")
    found = read_docx(saved(document))
    assert roles(found) == [
        ("text", "云岭市绿色校园建设办法"),
        ("text", "现将有关事项通知如下。"),
        ("header", "指标\t目标"),
        ("row", "指标：覆盖率；目标：90%"),
        ("text", "以上指标按年考核。"),
    ]
    assert [line.heading for line in found.lines] == [True, False, False, False, False]
    assert all(line.whole for line in found.lines)


def test_insertions_controls_links_and_results_are_read_but_no_deletions_codes_or_hidden_text() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF x</w:instrText></w:r>'
        '<w:r><w:t>码</w:t></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>结果</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    body = (
        f"<w:sdt><w:sdtPr/><w:sdtContent>{p('控件内')}</w:sdtContent></w:sdt>"
        + p("甲", runs="<w:ins><w:r><w:t>增</w:t></w:r></w:ins><w:del><w:r><w:delText>删</w:delText></w:r></w:del>")
        + p("见", runs=f"<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink>{field}<w:r><w:t>。</w:t></w:r>")
        + p("显", runs="<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐</w:t></w:r>")
        + p("第一行", runs="<w:r><w:br/><w:t>第二行</w:t><w:cr/><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r>")
        + f"<w:ins>{p('整段增')}</w:ins><w:del>{p('整段删')}</w:del><w:moveFrom>{p('移走')}</w:moveFrom>"
    )
    assert texts(read_docx(word(body))) == ["控件内", "甲增", "见链接结果。", "显", "第一行", "第二行", "a b", "整段增"]


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:txbxContent>{p('框中文字')}</w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    both = f"<w:r><mc:AlternateContent {mc}><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r>"
    assert texts(read_docx(word(p("正文", runs=both) + p("后文")))) == ["正文", "框中文字", "后文"]


def test_headings_follow_styles_and_outline_levels_but_a_sentence_is_none() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="标题 2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="公文小标题"/><w:basedOn w:val="H"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="O"><w:name w:val="x"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="N"><w:name w:val="y"/><w:basedOn w:val="H"/>'
        '<w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="L"><w:name w:val="z"/><w:basedOn w:val="L"/></w:style>'
    )
    body = "".join(p(f"用{s}", props=f'<w:pStyle w:val="{s}"/>') for s in ("H", "B", "O", "N", "L"))
    body += p("段落自己的级别", props='<w:outlineLvl w:val="0"/>')
    body += p("1.加快建设。各单位负责落实。", props='<w:pStyle w:val="H"/>') + p(
        "长" * 49, props='<w:pStyle w:val="H"/>'
    )
    found = read_docx(word(body, styles=styles))
    assert [line.heading for line in found.lines] == [True, True, True, False, False, True, False, False]


def test_notes_follow_the_paragraph_that_refers_to_them() -> None:
    notes = (
        f'<w:footnote w:type="separator" w:id="-1">{p("线")}</w:footnote>'
        f'<w:footnote w:id="2">{p("本办法所称校园,")}{p("包括宿舍。")}</w:footnote>'
    )
    ends = f'<w:endnote w:id="2">{p("见附件。")}</w:endnote>'
    body = p("校园", runs='<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>应当节能。</w:t></w:r>')
    body += p("另行规定。", runs='<w:r><w:endnoteReference w:id="2"/><w:footnoteReference w:id="-1"/></w:r>')
    assert roles(read_docx(word(body, footnotes=notes, endnotes=ends))) == [
        ("text", "校园应当节能。"),
        ("note", "本办法所称校园,包括宿舍。"),
        ("text", "另行规定。"),
        ("note", "见附件。"),
    ]


# --- DOCX: tables


def tc(text: str, props: str = "", inside: str = "") -> str:
    return f"<w:tc><w:tcPr>{props}</w:tcPr>{inside}{p(text)}</w:tc>"


def tbl(*rows: str) -> str:
    return "<w:tbl>" + "".join(row if row.startswith("<w:tr>") else f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"


def test_a_merged_cell_stands_in_every_place_that_it_covers() -> None:
    body = tbl(
        tc("地区", '<w:vMerge w:val="restart"/>') + tc("指标", '<w:gridSpan w:val="2"/>'),
        tc("甲县", '<w:vMerge w:val="restart"/>') + tc("1") + tc("2"),
        tc("看不见", "<w:vMerge/>") + tc("3") + tc("4"),
    )
    assert [t for _, t in roles(read_docx(word(body)))] == [
        "地区\t指标\t指标",
        "地区：甲县；指标：1；指标：2",
        "地区：甲县；指标：3；指标：4",
    ]


def test_marked_header_rows_are_one_header_and_a_title_row_is_a_caption() -> None:
    head = "<w:tr><w:trPr><w:tblHeader/></w:trPr>"
    marked = tbl(
        f"{head}{tc('地区')}{tc('目标', chr(60) + 'w:gridSpan w:val=' + chr(34) + '2' + chr(34) + '/>')}</w:tr>",
        f"{head}{tc('')}{tc('今年')}{tc('明年')}</w:tr>",
        tc("甲县") + tc("1") + tc("2"),
    )
    titled = tbl(tc("表1 主要指标", '<w:gridSpan w:val="2"/>'), tc("名称") + tc("数值"), tc("面积") + tc("5"))
    assert roles(read_docx(word(marked + titled))) == [
        ("header", "地区\t目标今年\t目标明年"),
        ("row", "地区：甲县；目标今年：1；目标明年：2"),
        ("text", "表1主要指标"),
        ("header", "名称\t数值"),
        ("row", "名称：面积；数值：5"),
    ]


def test_layout_tables_give_text_and_nested_ones_follow() -> None:
    inner = tbl(tc("内一") + tc("内二"), tc("1") + tc("2"))
    outer = tbl(tc("左") + tc("右", inside=inner), tc("3") + tc("4"))
    assert roles(read_docx(word(tbl(tc("框里的话。")) + outer + p("后文")))) == [
        ("text", "框里的话。"),
        ("header", "左\t右"),
        ("row", "左：3；右：4"),
        ("header", "内一\t内二"),
        ("row", "内一：1；内二：2"),
        ("text", "后文"),
    ]


# --- DOCX: list numbers


def test_labels_are_printed_as_word_does() -> None:
    numbering = (
        abstract(
            level(0, "chineseCountingThousand", "第%1条", start=9),
            level(1, "chineseCounting", "(%2)"),
            level(2, "decimal", "%1.%2.%3", more="<w:isLgl/>"),
            level(3, "bullet", "·"),
            level(4, "lowerLetter", "%5)", more='<w:suff w:val="nothing"/>'),
        )
        + num()
    )
    body = (
        item("总则", 0) + item("甲", 1) + item("乙", 1) + item("丙", 2) + item("点", 3) + item("ABC", 4) + item("丁", 0)
    )
    body += item("甲", 1) + item("", 0) + item("戊", 0) + p("无号", props='<w:numPr><w:numId w:val="0"/></w:numPr>')
    assert texts(read_docx(word(body, numbering=numbering))) == [
        "第九条总则",
        "(一)甲",
        "(二)乙",
        "9.2.1丙",
        "点",
        "a)ABC",
        "第十条丁",
        "(一)甲",
        "第十二条戊",
        "无号",
    ]


def test_a_blank_follows_the_label_only_before_a_word_of_letters() -> None:
    numbering = abstract(level(0, "decimal", "%1.")) + num()
    assert texts(read_docx(word(item("GDP增长") + item("增长"), numbering=numbering))) == ["1. GDP增长", "2.增长"]


def test_lists_of_one_abstract_go_on_unless_they_start_anew() -> None:
    anew = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    numbering = abstract(level(0, "decimal", "%1."), level(1, "decimal", "(%2)", more='<w:lvlRestart w:val="0"/>'))
    numbering += num(1) + num(2) + num(3, override=anew)
    body = (
        item("甲")
        + item("乙", num=2)
        + item("丙", num=3)
        + item("丁", num=3)
        + item("子", 1)
        + item("戊")
        + item("丑", 1)
    )
    assert texts(read_docx(word(body, numbering=numbering))) == [
        "1.甲",
        "2.乙",
        "5.丙",
        "6.丁",
        "(1)子",
        "7.戊",
        "(2)丑",
    ]


def test_a_level_restarts_only_after_the_level_that_it_names() -> None:
    numbering = (
        abstract(
            level(0, "decimal", "%1."),
            level(1, "decimal", "(%2)"),
            level(2, "lowerRoman", "%3", more='<w:lvlRestart w:val="1"/>'),
        )
        + num()
    )
    body = item("甲") + item("乙", 1) + item("丙", 2) + item("丁", 1) + item("戊", 2) + item("己") + item("庚", 2)
    assert texts(read_docx(word(body, numbering=numbering))) == ["1.甲", "(1)乙", "i丙", "(2)丁", "ii戊", "2.己", "i庚"]


def test_numbers_come_through_styles_and_list_styles() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="A"><w:name w:val="条"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:name w:val="款"/><w:basedOn w:val="A"/></w:style>'
    )
    numbering = (
        abstract(id_=0, more='<w:numStyleLink w:val="L"/>')
        + abstract(
            level(0, "upperRoman", "%1."),
            level(1, "decimal", "第%2条", more='<w:pStyle w:val="A"/>'),
            id_=1,
            more='<w:styleLink w:val="L"/>',
        )
        + num(1, 0)
        + num(2, 1)
    )
    body = "".join(p(text, props=f'<w:pStyle w:val="{style}"/>') for text, style in (("甲", "A"), ("乙", "B")))
    assert texts(read_docx(word(body + item("丙", 0, 2), numbering=numbering, styles=styles))) == [
        "第1条甲",
        "第2条乙",
        "I.丙",
    ]


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("decimal", {1: "1", 105: "105"}),
        ("decimalZero", {3: "03", 12: "12"}),
        ("decimalFullWidth", {12: "１２"}),
        ("chineseCounting", {10: "十", 21: "二十一", 100: "一○○", 105: "一○五"}),
        (
            "chineseCountingThousand",
            {11: "十一", 110: "一百一十", 1005: "一千零五", 10000: "一万", 12010: "一万二千零一十"},
        ),
        ("taiwaneseCountingThousand", {101: "一百零一", 10012: "一万零一十二"}),
        ("ideographDigital", {10: "一〇", 25: "二五"}),
        ("japaneseCounting", {11: "十一", 111: "百十一", 2001: "二千一"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("decimalEnclosedCircleChinese", {3: "③"}),
        ("decimalEnclosedParen", {1: "⑴", 20: "⒇"}),
        ("lowerLetter", {1: "a", 26: "z", 27: "aa"}),
        ("upperLetter", {2: "B", 40_000: "40000"}),
        ("lowerRoman", {4: "iv"}),
        ("upperRoman", {1994: "MCMXCIV"}),
        ("none", {1: ""}),
        ("noSuchFormat", {7: "7"}),
    ],
)
def test_number_formats(format_: str, expected: dict[int, str]) -> None:
    assert {number: write_number(number, format_) for number in expected} == expected


POLICY = """云岭市绿色校园建设实施方案

为推进绿色校园建设,制定本方案。
一、总体要求
(一)指导思想
坚持节约优先,统筹推进校园节能改造。
(二)工作目标
1.到明年底,全市中小学完成照明改造。
2.到后年底,校园用水量下降一成。
二、保障措施
(一)加强组织领导
3.市教育局牵头建立协调机制。
4.各区县将任务纳入年度考核。
云岭市人民政府办公室
2024年5月6日"""


def test_a_policy_whose_numbers_are_formatting_is_the_same_as_its_text() -> None:
    numbering = (
        abstract(level(0, "chineseCountingThousand", "%1、"), level(1, "chineseCountingThousand", "(%2)"), id_=0)
        + abstract(level(0, "decimal", "%1."), id_=1)
        + num(1, 0)
        + num(2, 1)
    )
    body = ""
    for line in filter(None, POLICY.splitlines()):
        if line[1] == "、":
            body += item(line[2:], 0)
        elif line[0] == "(":
            body += item(line[3:], 1)
        else:
            body += item(line[2:], 0, 2) if line[1] == "." else p(line)

    def built(found: Extracted) -> tuple[object, ...]:
        (article,) = split_articles(heal(list(found.lines)))
        document, units = build_document(article, read_metadata(article, None, found.said), "x")
        return (
            document.id,
            document.title,
            document.kind,
            document.issuer,
            document.date,
            [(u.locator, u.label, u.text) for u in units],
        )

    assert built(read_docx(word(body, numbering=numbering))) == built(read_plain(POLICY.encode()))


# --- DOCX: what is refused or told


def test_macros_are_ignored_with_a_warning() -> None:
    found = read_docx(word(p("正文"), extra={"word/vbaProject.bin": b"x"}))
    assert texts(found) == ["正文"]
    assert "宏" in found.warnings[0]


def test_relations_to_parts_that_are_gone_and_the_strict_variant_are_no_hindrance() -> None:
    dangling = f'<Relationship Id="n" Type="{REL}/image" Target="NULL"/><Relationship Id="m" Type="{REL}/footnotes" Target="gone.xml"/>'
    assert texts(read_docx(word(p("正文"), more=dangling))) == ["正文"]
    strict = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word(p("严格")))) as old, zipfile.ZipFile(strict, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/",
                b"http://purl.oclc.org/ooxml/wordprocessingml/",
            )
            new.writestr(
                name, content.replace(REL.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")
            )
    assert texts(read_docx(strict.getvalue())) == ["严格"]


def test_the_parser_expands_no_entity_and_opens_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("机密", encoding="utf-8")
    bomb = '<!DOCTYPE w [<!ENTITY a "哈哈哈哈"><!ENTITY b "&a;&a;&a;">]><r>&b;</r>'
    outside = f'<!DOCTYPE w [<!ENTITY a SYSTEM "{secret.as_uri()}">]><r>&a;</r>'
    for source in (bomb, outside):
        assert "".join(parse_xml(source).itertext(tag="r")) == ""
        data = word(p("正文"), extra={"word/document.xml": source})
        with pytest.raises(ReadError, match="文档类型声明"):
            read_docx(data)
        with pytest.raises(ReadError, match="文档类型声明"):
            read_docx(word(p("正文"), extra={"word/other.xml": source.encode("utf-16")}))


def test_a_part_that_unpacks_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = word(p("正文"), extra={"word/media/a.bin": b"\0" * 3_000_000})
    monkeypatch.setattr(office, "MOST_PART", 2_000_000)
    for read in (read_docx, read_xlsx, read_odt, read_epub):
        with pytest.raises(ReadError, match="解压后过大"):
            read(bomb)
    assert texts(read_docx(word(p("正文")))) == ["正文"]


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    honest = word(p("正文" * 500))
    with zipfile.ZipFile(io.BytesIO(honest)) as package:
        size = package.getinfo("word/document.xml").file_size
    lying = honest.replace(struct.pack("<L", size), struct.pack("<L", 40))
    with pytest.raises(ReadError, match="损坏"):
        read_docx(lying)


@pytest.mark.parametrize("read", [read_docx, read_xlsx, read_odt, read_epub])
def test_broken_packages_are_refused_in_one_line(read: Callable[[bytes], Extracted]) -> None:
    whole = word(p("正文"))
    for data in (b"", b"PK\3\4", whole[: len(whole) // 2], zipped({"a.xml": "<a>"}), zipped({"mimetype": "x"})):
        with pytest.raises(ReadError) as told:
            read(data)
        assert "\n" not in str(told.value) and "重试" in str(told.value)


# --- .doc and .wps


def ole(*streams: str) -> bytes:
    entries = b"".join(
        s.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(s) + 2).ljust(64, b"\0") for s in streams
    )
    return OLE.ljust(512, b"\0") + entries.ljust(1024, b"\0")


@pytest.fixture
def fake_soffice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "FakeOffice":
    return FakeOffice(tmp_path, monkeypatch)


class FakeOffice:
    """A ``soffice`` on the path that checks how it is called and copies a prepared document."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def does(self, then: str) -> None:
        prepared = self.folder / "prepared.docx"
        prepared.write_bytes(word(p("转换后的正文")))
        script = self.folder / "soffice"
        script.write_text(
            f"#!{sys.executable}\nimport pathlib, shutil, sys, time\n"
            "told = sys.argv[1:]\n"
            "profile = next(a for a in told if a.startswith('-env:UserInstallation=file://')).partition('file://')[2]\n"
            "assert 'DisableMacrosExecution' in pathlib.Path(profile, 'user/registrymodifications.xcu').read_text()\n"
            "assert '--headless' in told and told[told.index('--convert-to') + 1] == 'docx'\n"
            "out, source = pathlib.Path(told[told.index('--outdir') + 1]), pathlib.Path(told[-1])\n"
            f"assert source.read_bytes()[:4] == b'\\xd0\\xcf\\x11\\xe0'\nprepared = {str(prepared)!r}\n{then}\n",
            encoding="utf-8",
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)


COPY = "out.mkdir(parents=True, exist_ok=True); shutil.copy(prepared, out / (source.stem + '.docx'))"


def test_a_doc_is_converted_by_libreoffice(fake_soffice: FakeOffice) -> None:
    fake_soffice.does(COPY)
    assert texts(read_doc(ole("WordDocument"))) == ["转换后的正文"]


def test_a_conversion_that_fails_hangs_or_gives_nothing_is_told(
    fake_soffice: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for then in ("sys.exit(3)", "pass"):
        fake_soffice.does(then)
        with pytest.raises(ReadError, match="打不开"):
            read_doc(ole("WordDocument"))
    monkeypatch.setattr(doc, "SECONDS", 0.3)
    fake_soffice.does("time.sleep(30)")
    with pytest.raises(ReadError, match="超过"):
        read_doc(ole("WordDocument"))


def test_without_libreoffice_the_mend_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReadError, match="libreoffice-writer"):
        read_doc(ole("WordDocument"))


def test_passwords_are_told_before_anything_is_converted() -> None:
    old = bytearray(ole("WordDocument").ljust(2048, b"\0"))
    old[512:524] = b"\xec\xa5" + b"\0" * 8 + struct.pack("<H", 0x0100)
    for data in (ole("EncryptionInfo", "EncryptedPackage"), bytes(old)):
        with pytest.raises(ReadError, match="文档有密码保护;请去掉密码后重试"):
            read_doc(data)
    with pytest.raises(ReadError, match="密码"):
        read_xlsx(ole("EncryptedPackage"))
    with pytest.raises(ReadError, match="xlsx"):
        read_xlsx(ole("Workbook"))


def as_old_word(made: bytes, folder: Path) -> bytes:
    """Return ``made``, a .docx, in the binary format of Word 97, as LibreOffice writes it."""
    (folder / "made.docx").write_bytes(made)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    office = shutil.which("soffice") or shutil.which("libreoffice") or ""
    command = [office, profile, "--headless", "--convert-to", "doc:MS Word 97", "--outdir", str(folder)]
    subprocess.run([*command, str(folder / "made.docx")], check=True, capture_output=True, timeout=120)
    return (folder / "made.doc").read_bytes()


@pytest.mark.skipif(not (shutil.which("soffice") or shutil.which("libreoffice")), reason="needs LibreOffice")
@pytest.mark.parametrize("name", ["办法.doc", "办法.wps"])
def test_a_real_old_document_is_read_in_the_isolation_of_every_file(name: str, tmp_path: Path) -> None:
    made, out = docx.Document(), io.BytesIO()
    for line in ("青石市河道办法", "第一条 每月巡查。", "第二条 分工如下。"):
        made.add_paragraph(line)
    table = made.add_table(3, 2)
    for cell, text in zip(table._cells, ("事项", "单位", "清淤", "水务局", "补种", ""), strict=True):
        cell.text = text
    table.cell(1, 1).merge(table.cell(2, 1))
    made.add_paragraph("第三条 本办法自公布之日起施行。")
    made.save(out)
    data = as_old_word(out.getvalue(), tmp_path)
    assert data.startswith(OLE)
    with Readings(Limits(workers=1)) as readings:
        [(document, units, _chunks)] = readings.begin(data, name)()
    assert document.title == "青石市河道办法"
    assert [unit.text for unit in units[1:]] == [
        "第一条每月巡查。",
        "第二条分工如下。",
        "事项\t单位",
        "事项：清淤；单位：水务局",
        "事项：补种；单位：水务局",
        "第三条本办法自公布之日起施行。",
    ]


# --- XLSX and CSV


def book(*sheets: tuple[str, Sequence[Sequence[object]]], percent: str = "") -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if percent:
            sheet[percent].number_format = "0.0%"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_workbook_shows_its_values() -> None:
    rows = [
        ["表1 指标"],
        ["名称", "数值", "日期", "时间"],
        ["增长", 0.056, date(2024, 3, 1), datetime(2024, 3, 1, 9, 30)],
    ]
    rows += [["误差", 0.1 + 0.2, 5.0, True], [], [None], ["另表", "x"], ["乙", 12345678901]]
    assert roles(read_xlsx(book(("数据", rows), percent="B3"))) == [
        ("text", "表1指标"),
        ("header", "名称\t数值\t日期\t时间"),
        ("row", "名称：增长；数值：5.6%；日期：2024-03-01；时间：2024-03-01 09:30:00"),
        ("row", "名称：误差；数值：0.3；日期：5；时间：TRUE"),
        ("header", "另表\tx"),
        ("row", "另表：乙；x：12345678901"),
    ]


def test_sheets_are_named_where_there_are_several_and_hidden_ones_left_out() -> None:
    made = openpyxl.load_workbook(
        io.BytesIO(book(("一季度", [["a", "b"], [1, 2]]), ("二季度", [["c", "d"], [3, 4]]), ("藏", [["e"]])))
    )
    made["藏"].sheet_state = "hidden"
    out = io.BytesIO()
    made.save(out)
    found = read_xlsx(out.getvalue())
    assert texts(found) == ["一季度", "a\tb", "a：1；b：2", "二季度", "c\td", "c：3；d：4"]
    assert [line.text for line in found.lines if line.heading] == ["一季度", "二季度"]


def test_rows_beyond_the_limit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 2)
    rows: list[list[object]] = [["a", "b"], [1, 2], [3, 4]]
    for found in (read_xlsx(book(("表", rows))), read_csv(b"a,b\n1,2\n3,4\n")):
        assert texts(found) == ["a\tb", "a：1；b：2"]
        assert "超过 2 行" in found.warnings[0]
    assert not read_csv(b"a,b\n1,2\n").warnings


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_csv_of_any_delimiter_and_encoding(delimiter: str, encoding: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in (["项目", "金额"], ["绿化", "1200"], ['"水,电;费"', "300"]))
    found = read_csv(text.encode(encoding))
    assert roles(found) == [
        ("header", "项目\t金额"),
        ("row", "项目：绿化；金额：1200"),
        ("row", "项目：水,电;费；金额：300"),
    ]


def test_a_csv_of_one_column_is_text() -> None:
    assert roles(read_csv("第一行\n第二行\n".encode())) == [("text", "第一行"), ("text", "第二行")]


# --- ODT, EPUB, RTF


def odt(*, numbers: tuple[str, str] = ("1", "."), locked: bool = False) -> bytes:
    from odf import opendocument, text
    from odf import table as tables

    made = opendocument.OpenDocumentText()
    numbered = text.ListStyle(name="L")
    numbered.addElement(text.ListLevelStyleNumber(level=1, numformat=numbers[0], numsuffix=numbers[1], startvalue=3))
    made.automaticstyles.addElement(numbered)
    made.text.addElement(text.H(outlinelevel=1, text="总则"))
    noted = text.P(text="校园")
    note = text.Note(noteclass="footnote")
    note.addElement(text.NoteCitation(text="1"))
    body = text.NoteBody()
    body.addElement(text.P(text="包括宿舍。"))
    note.addElement(body)
    noted.addElement(note)
    noted.addText("应当节能。")
    made.text.addElement(noted)
    items = text.List(stylename="L")
    for content in ("甲", "乙"):
        one = text.ListItem()
        one.addElement(text.P(text=content))
        items.addElement(one)
    made.text.addElement(items)
    grid = tables.Table()
    grid.addElement(tables.TableColumn(numbercolumnsrepeated=2))
    for row in (("指标", "目标"), ("面积", "5")):
        line = tables.TableRow()
        for content in row:
            cell = tables.TableCell()
            cell.addElement(text.P(text=content))
            line.addElement(cell)
        grid.addElement(line)
    made.text.addElement(grid)
    out = io.BytesIO()
    made.write(out)
    if not locked:
        return out.getvalue()
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as package:
        parts: dict[str, str | bytes] = {name: package.read(name) for name in package.namelist()}
    parts["META-INF/manifest.xml"] = b"<m><manifest:encryption-data/></m>"
    return zipped(parts)


def test_an_odt_gives_headings_notes_lists_and_tables() -> None:
    found = read_odt(odt())
    assert roles(found) == [
        ("text", "总则"),
        ("text", "校园应当节能。"),
        ("note", "包括宿舍。"),
        ("text", "3.甲"),
        ("text", "4.乙"),
        ("header", "指标\t目标"),
        ("row", "指标：面积；目标：5"),
    ]
    assert found.lines[0].heading and not found.warnings


@pytest.mark.parametrize("numbers", [("一, 二, 三, ...", "、"), ("1", "、")])
def test_a_number_that_pandoc_cannot_tell_is_left_out_with_a_warning(numbers: tuple[str, str]) -> None:
    found = read_odt(odt(numbers=numbers))
    assert "甲" in texts(found) and "编号" in found.warnings[0]


def test_an_encrypted_odt_is_told() -> None:
    with pytest.raises(ReadError, match="密码"):
        read_odt(odt(locked=True))


def epub(body: str, **extra: str) -> bytes:
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "c.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            '<dc:identifier id="i">x</dc:identifier><dc:title>书</dc:title><dc:language>zh</dc:language></metadata><manifest>'
            '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
            "a.xhtml": f'<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>书</title></head><body>{body}</body></html>',
            **extra,
        }
    )


def test_an_epub_gives_its_text() -> None:
    body = (
        "<h1>第一章 总则</h1><p>第一条 为了节能,制定本办法。<br/>另起一行。</p><ol><li>甲</li><li>乙</li></ol><ul><li>点</li></ul>"
        "<blockquote><p>引文</p></blockquote><dl><dt>校园</dt><dd>学校的场地</dd></dl>"
        '<table><tr><th rowspan="2">地区</th><th>目标</th></tr><tr><td>今年</td></tr><tr><td>甲县</td><td>2</td></tr></table>'
    )
    found = read_epub(epub(body))
    assert texts(found) == [
        "第一章总则", "第一条为了节能,制定本办法。", "另起一行。", "1.甲", "2.乙", "点", "引文", "校园", "学校的场地",
        "地区\t目标", "今年", "地区：甲县；目标：2",
    ]  # fmt: skip
    assert found.lines[0].heading


def test_a_protected_epub_is_told_but_hidden_fonts_are_none() -> None:
    told = '<encryption><EncryptionMethod Algorithm="{}"/></encryption>'
    fonts = {"META-INF/encryption.xml": told.format("http://www.idpf.org/2008/embedding")}
    assert "正文" in texts(read_epub(epub("<p>正文</p>", **fonts)))
    with pytest.raises(ReadError, match="DRM"):
        read_epub(
            epub(
                "<p>正文</p>", **{"META-INF/encryption.xml": told.format("http://www.w3.org/2001/04/xmlenc#aes256-cbc")}
            )
        )


def test_an_rtf_is_read_in_any_code_page() -> None:
    head = rb"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 \'cb\'ce\'cc\'e5;}}"
    body = rb"\'d6\'d0\'b9\'fa \u20013?\u22269?\par {\uc2\u20013\'d6\'d0}X\u-10176?\u-9216?\{\'81\'7b\}\par "
    assert texts(read_rtf(head + body + "直接\\par}".encode("gbk"))) == ["中国中国", "中X𠀀{亄}", "直接"]
    assert texts(read_rtf(rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset134 x;}}\'d6\'d0\par}")) == ["中"]


def test_an_rtf_keeps_the_labels_that_it_printed_and_no_bullets() -> None:
    items = rb"{\listtext\pard\plain\f0 \'d2\'bb\'a1\'a2\tab}\ls1\ilvl0 \'d6\'d0\par {\listtext\f2 \'b7\tab}\ls2 \'b9\'fa\par "
    table = rb"\pard\plain\trowd\cellx9\cellx19\pard\intbl a\cell\pard\intbl b\cell\row\trowd\cellx9\cellx19\pard\intbl c\cell\pard\intbl d\cell\row"
    noted = rb"\pard\plain x{\footnote\pard\plain n}\line y\par z\par}"
    assert roles(read_rtf(rb"{\rtf1\ansi\ansicpg936 " + items + table + noted)) == [
        ("text", "一、中"),
        ("text", "国"),
        ("header", "a\tb"),
        ("row", "a：c；b：d"),
        ("text", "x"),
        ("text", "y"),
        ("note", "n"),
        ("text", "z"),
    ]


def test_pandoc_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.readers.pandoc.SECONDS", 0.0)
    with pytest.raises(ReadError, match="超过"):
        read_rtf(rb"{\rtf1 a\par}")
