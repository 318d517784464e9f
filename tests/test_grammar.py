"""The numbering grammar over whole documents: five kinds that we wrote ourselves, and random outlines in random styles."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.articles import split_articles
from ingest.layout import heal
from ingest.lines import Line, Role, table_line, whole_line
from ingest.metadata import read_metadata
from ingest.readers.plain import read_lines
from ingest.reading import read_parts
from ingest.structure import build_document
from vectorstore.numerals import to_chinese
from vectorstore.records import Document, Kind, Unit, UnitType

DATA = Path(__file__).parent / "data"
Found = dict[tuple[str, ...], Unit]


def read_data(name: str) -> tuple[Document, list[Unit]]:
    [(document, units, _chunks)] = read_parts((DATA / name).read_bytes(), name)
    assert_tiled(document, units)
    return document, units


def read_text(text: str, kind: Kind | None = None) -> tuple[Document, list[Unit]]:
    return read_given(read_lines(text), kind)


def read_given(lines: Sequence[Line | None], kind: Kind | None = None) -> tuple[Document, list[Unit]]:
    [article] = split_articles(heal([line for line in lines if line]))
    document, units = build_document(article, read_metadata(article, kind), "page.txt")
    assert_tiled(document, units)
    return document, units


def assert_tiled(document: Document, units: Sequence[Unit]) -> None:
    """Units cut the text without gap or overlap, and each quotes it exactly."""
    assert "\n".join(unit.text for unit in units) == document.text
    assert all(document.text[unit.start : unit.end] == unit.text for unit in units)
    assert all(below.start == above.end + 1 for above, below in pairwise(units))


def citable(units: Sequence[Unit]) -> Found:
    return {unit.locator: unit for unit in units if unit.type.citable}


def about(document: Document) -> tuple[str, str | None, str | None, str | None, str, str | None]:
    return document.title, document.issuer, document.number, document.date, document.kind.value, document.region


def test_a_policy() -> None:
    document, units = read_data("policy_opinions.txt")
    assert about(document) == (
        "澜庆市人民政府关于建设山地特色农业强市的实施意见", "澜庆市人民政府", "澜政发〔2025〕11号", "2025-04-18", "policy", "澜庆市",
    )  # fmt: skip
    assert document.warnings == ("编号不连续:重点任务 7 之后是 9(缺 8)",)
    found = citable(units)
    assert list(found) == [
        ("¶1",), ("¶2",), ("一", "(一)"), ("一", "(二)"), ("一", "(二)", "——1"), ("一", "(二)", "——2"), ("一", "(二)", "——3"),
        ("二", "(一)", "1"), ("二", "(一)", "2"), ("二", "(一)", "3"), ("二", "(二)", "4"), ("二", "(二)", "5"),
        ("二", "(二)", "6"), ("二", "(二)", "7"), ("二", "(二)", "9"), ("三", "(一)"), ("三", "(二)"), ("三", "(三)"),
        ("¶3",), ("¶4",), ("¶5",), ("¶6",),
        ("附件1", "一", "1"), ("附件1", "一", "2"), ("附件1", "二", "3"), ("附件1", "二", "4"),
        ("附件2", "一"), ("附件2", "二"), ("附件2", "二", "(一)"), ("附件2", "二", "(二)"), ("附件2", "三"),
    ]  # fmt: skip
    tasks = [unit for unit in units if unit.type is UnitType.TASK]
    assert [unit.task_number for unit in tasks] == [1, 2, 3, 4, 5, 6, 7, 9, 1, 2, 3, 4]
    assert tasks[0].label == "重点任务1" and "按照第三条所列标准逐地块建档的，优先安排资金。" in tasks[0].text
    assert tasks[3].text.endswith("（3）采后商品化处理。") and tasks[4].text.count("\n") == 2
    assert "依照本意见第二条、第三条的规定拨付使用。" in found["三", "(二)"].text
    assert tasks[8].label == "附件1基础条件类1"
    assert tasks[8].heading_path == ("附件1 重点任务分工表", "一、基础条件类")
    assert found["附件2", "三"].label == "山羊养殖布局方案第三项"


def test_a_law() -> None:
    document, units = read_data("law_library.txt")
    assert about(document) == (
        "澜庆市城市书房促进条例",
        "澜庆市人民代表大会常务委员会",
        None,
        "2025-03-27",
        "law",
        "澜庆市",
    )
    assert document.warnings == (
        "编号不连续:第九条 (二) 之后是 (四)(缺 (三))",
        "编号重复:第十二条出现两次",
        "编号不连续:第十三条 之后是 第一百二十条(缺 第十四条至第一百一十九条)",
    )
    articles = [unit for unit in units if unit.type is UnitType.ARTICLE]
    assert [unit.locator for unit in articles] == [
        ("第一章", "第一条"), ("第一章", "第二条", "第一款"), ("第一章", "第二条", "第二款"), ("第一章", "第三条"),
        ("第二章", "第一节", "第四条", "第一款"), ("第二章", "第一节", "第四条", "第二款"), ("第二章", "第一节", "第五条"),
        ("第二章", "第一节", "第五条之一"), ("第二章", "第二节", "第六条", "第一款"), ("第二章", "第二节", "第六条", "第二款"),
        ("第二章", "第二节", "第七条"), ("第三章", "第八条"), ("第三章", "第九条"), ("第三章", "第十条", "第一款"),
        ("第三章", "第十条", "第二款"), ("第三章", "第十一条"), ("第四章", "第十二条"), ("第四章", "第十二条"),
        ("第四章", "第十三条"), ("第五章", "第一百二十条"),
    ]  # fmt: skip
    found = citable(units)
    assert set(found) == {unit.locator for unit in articles}
    assert found["第二章", "第一节", "第五条"].text.endswith("依照本条例第四条第一款的规定重新报批。")
    items = found["第二章", "第一节", "第四条", "第二款"].text.split("\n")
    assert [item[:3] for item in items] == ["布局规", "（一）", "（二）", "1．阅", "2．儿", "（三）"]
    assert found["第三章", "第十条", "第二款"].label == "第十条第二款"
    assert all(unit.task_number is None for unit in units)


def test_the_table_of_contents_of_a_law_stays_in_the_text_and_is_not_cited() -> None:
    _document, units = read_data("law_library.txt")
    [contents] = [unit for unit in units if unit.locator == ("目录",)]
    assert contents.type is UnitType.TITLE and not contents.type.citable
    assert contents.text.startswith("目录\n第一章总则…") and contents.text.endswith("…7")
    assert sum("总则" in unit.text for unit in units) == 2


def test_an_outline_of_a_plan() -> None:
    document, units = read_data("plan_outline.txt")
    assert about(document) == ("江泽省数字乡村发展“十五五”规划纲要", None, None, "2026-02-06", "policy", "江泽省")
    assert document.warnings == ("编号不连续:第五章 之后是 第七章(缺 第六章)",)
    found = citable(units)
    assert list(found) == [
        ("第一篇",), ("第一篇", "第一章", "¶1"), ("第一篇", "第一章", "¶2"), ("第一篇", "第二章"),
        ("第一篇", "第二章", "专栏1", "1"), ("第一篇", "第二章", "专栏1", "2"), ("第一篇", "第二章", "专栏1", "3"),
        ("第二篇", "第三章"), ("第二篇", "第三章", "第一节", "¶1"), ("第二篇", "第三章", "第一节", "¶2"),
        ("第二篇", "第三章", "第二节"), ("第二篇", "第三章", "第二节", "专栏2", "(1)"),
        ("第二篇", "第三章", "第二节", "专栏2", "(2)"), ("第二篇", "第四章", "¶1"), ("第二篇", "第四章", "¶2"),
        ("第三篇", "第五章"), ("第三篇", "第七章"),
    ]  # fmt: skip
    box = found["第二篇", "第三章", "第二节", "专栏2", "(1)"]
    assert (box.type, box.label, box.task_number) == (UnitType.ITEM, "专栏2第1项", None)
    assert box.heading_path[-1] == "专栏2乡村网络重大工程"
    assert found["第二篇", "第四章", "¶2"].text.startswith("专栏2所列工程")
    contents = next(unit for unit in units if unit.locator == ("目录",))
    assert contents.text.count("\n") == 11 and not contents.type.citable


def test_a_work_report() -> None:
    document, units = read_data("work_report.txt")
    assert about(document) == ("2026年溪宁市政府工作报告", "溪宁市人民政府", None, "2026-01-12", "policy", "溪宁市")
    assert document.warnings == ()
    past, aims, work, itself = "2025年工作回顾", "2026年总体要求和主要目标", "2026年重点工作", "加强政府自身建设"
    found = citable(units)
    assert list(found) == [
        ("¶1",), ("¶2",), (past,), (past, "一"), (past, "二"), (past, "三"), (aims,), (work,), (work, "一"),
        (work, "一", "(一)"), (work, "一", "(二)"), (work, "二"), (work, "三"), (itself, "¶1"), (itself, "¶2"),
    ]  # fmt: skip
    assert found[past, "二"].label == "2025年工作回顾第二项"
    assert found[work, "一", "(二)"].label == "加快产业升级(二)"
    assert found[work, "二"].heading_path == (work, "二、扩大有效需求")


def test_a_notice_with_attachments() -> None:
    document, units = read_data("notice_with_attachments.txt")
    assert about(document) == (
        "屏川县人民政府办公室关于开展冬季取暖安全专项行动的通知", "屏川县人民政府办公室", "屏政办〔2025〕34号", "2025-11-05",
        "policy", "屏川县",
    )  # fmt: skip
    assert document.warnings == ("编号不连续:附件2 之后是 附件4(缺 附件3)",)
    found = citable(units)
    assert list(found) == [
        ("¶1",), ("¶2",), ("一",), ("二", "(一)"), ("二", "(二)"), ("二", "(二)", "1"), ("二", "(二)", "2"), ("二", "(三)"), ("三",),
        *((f"¶{n}",) for n in range(3, 9)),
        ("附件1", "一", "(一)"), ("附件1", "一", "(二)"), ("附件1", "二", "(一)"), ("附件1", "二", "(二)"),
        ("附件2", "1"), ("附件2", "2", "2.1"), ("附件2", "2", "2.2"), ("附件2", "2", "2.2", "2.2.1"),
        ("附件2", "2", "2.2", "2.2.2"), ("附件2", "3", "3.1"), ("附件2", "3", "3.2"), ("附件4",),
    ]  # fmt: skip
    assert found["¶1",].text == "各乡镇人民政府，县政府各部门："
    assert [found[f"¶{n}",].text for n in (3, 4, 6)] == [
        "附件：1．专项行动任务分工",
        "2．隐患排查标准",
        "屏川县人民政府办公室",
    ]
    assert found["附件1", "二", "(一)"].label == "附件1县住房和城乡建设局(一)"
    assert found["附件2", "2", "2.2", "2.2.1"].heading_path == (
        "附件2：隐患排查标准", "2燃煤取暖", "2.2通风", "2.2.1通风口位置",
    )  # fmt: skip
    assert [unit.task_number for unit in units if unit.task_number] == [1, 2]
    assert "功率超过1.5千瓦" in found["附件2", "3", "3.1"].text


def test_rows_of_a_table_in_an_attachment_stand_under_it() -> None:
    _document, units = read_given(
        [
            whole_line("某市人民政府关于分工的通知"),
            whole_line("一、明确分工。各单位按附件办理。"),
            whole_line("二、加强督查。每月调度一次。"),
            whole_line("附件1"),
            whole_line("任务分工表"),
            table_line(["序号", "任务", "单位"], header=True),
            table_line(["1", "改造管网", "水务局"]),
            table_line(["2", "巡查河道", "河长办"]),
            whole_line("填表说明:由各单位按月填报。"),
            whole_line("附件2"),
            whole_line("一、责任清单"),
            table_line(["甲", "乙"], header=True),
            table_line(["丙", "丁"]),
        ],
        Kind.POLICY,
    )
    rows = [unit for unit in units if unit.type is UnitType.ROW]
    assert [unit.locator for unit in rows] == [("表1", "第1行"), ("表1", "第2行"), ("表2", "第1行")]
    assert rows[0].heading_path == ("附件1 任务分工表",)
    assert rows[2].heading_path == ("附件2", "一、责任清单")
    order = [unit.text for unit in units]
    assert order.index("填表说明:由各单位按月填报。") > order.index("2\t巡查河道\t河长办")


def test_an_emergency_plan_is_numbered_in_decimals() -> None:
    text = (
        "某县防汛应急预案\n\n1 总则\n\n1.1 编制目的\n\n为做好防汛工作，制定本预案。\n\n1.2 适用范围\n\n本预案适用于本县。\n\n"
        "2 组织体系\n\n2.1 指挥机构\n\n水位高出警戒水位，\n1.5万人以上需要转移的，由县长任指挥长。\n\n2.1.1 职责\n\n（1）统一指挥。\n\n（2）发布命令。\n\n"
        "2.3 专家组\n\n由水利专家组成。\n"
    )
    document, units = read_text(text, Kind.POLICY)
    found = citable(units)
    assert list(found) == [
        ("1", "1.1"), ("1", "1.2"), ("2", "2.1"), ("2", "2.1", "2.1.1", "¶1"), ("2", "2.1", "2.1.1", "¶2"), ("2", "2.3"),
    ]  # fmt: skip
    assert "，1.5万人" in found["2", "2.1"].text
    assert document.warnings == ("编号不连续:组织体系 2.1 之后是 2.3(缺 2.2)",)
    assert all(unit.task_number is None for unit in units)


@pytest.mark.parametrize(
    ("contents", "last"),
    [
        ("目录\n一、总体要求 ... 1\n二、重点任务 ... 3\n三、保障措施 ... 9\n", "9"),
        ("目录\n\n一、总体要求\n\n二、重点任务\n\n三、保障措施\n", "保障措施"),
        ("目　录\n一、总体要求\t1\n二、重点任务\t3\n三、保障措施\t9\n", "9"),
        ("【目录】\n一、总体要求(1)\n二、重点任务(3)\n三、保障措施(9)\n", "(9)"),
        ("一、总体要求……1\n二、重点任务……3\n三、保障措施……9\n", "9"),
    ],
)
def test_forms_of_a_table_of_contents(contents: str, last: str) -> None:
    body = "一、总体要求\n\n稳中求进。\n\n二、重点任务\n\n1.建设路网。新建3条。\n\n2.改造管网。改造9处。\n\n三、保障措施。加强领导。\n"
    document, units = read_text(f"某县路网建设方案\n\n{contents}\n{body}", Kind.POLICY)
    assert list(citable(units)) == [("一",), ("二", "1"), ("二", "2"), ("三",)]
    [table] = [unit for unit in units if unit.locator == ("目录",)]
    assert table.type is UnitType.TITLE and table.text.endswith(last)
    assert document.warnings == ()


def test_a_box_does_not_swallow_the_tasks_behind_it() -> None:
    text = "一、任务\n\n1.甲。好。\n\n2.乙。好。\n\n专栏1 工程\n\n甲工程覆盖全县。\n\n3.丙。好。\n\n二、保障\n\n4.丁。好。\n"
    document, units = read_text(text, Kind.POLICY)
    assert list(citable(units)) == [("一", "1"), ("一", "2"), ("一", "专栏1"), ("一", "3"), ("二", "4")]
    assert document.warnings == ()


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("一、甲\n\n1.丙。\n\n2.丁。\n\n二、乙\n\n1.戊。\n\n2.己。", ()),
        ("一、甲\n\n1.丙。\n\n2.丁。\n\n二、乙\n\n3.戊。\n\n4.己。", ()),
        ("一、甲\n\n1.丙。\n\n2.丁。\n\n二、乙\n\n4.戊。\n\n5.己。", ("编号不连续:乙 2 之后是 4(缺 3)",)),
        ("一、甲\n\n1.丙。\n\n2.丁。\n\n2.戊。\n\n3.己。", ("编号重复:甲 2出现两次",)),
        (
            "一、甲。\n\n二、乙。\n\n四、丙。\n\n九、丁。",
            ("编号不连续:二 之后是 四(缺 三)", "编号不连续:四 之后是 九(缺 五至八)"),
        ),
        ("一、甲。\n\n二、乙。\n\n一、丙。", ("编号重复:一出现两次",)),
        ("一、甲\n\n(二)乙。\n\n(三)丙。", ("编号不连续:甲从 (二) 开始(缺 (一))",)),
    ],
)
def test_what_is_odd_about_numbers_is_told(text: str, warnings: tuple[str, ...]) -> None:
    assert read_text(text, Kind.POLICY)[0].warnings == warnings


NAMES = st.text(alphabet="建设推进完善强化优化提升路网管网园区平台机制", min_size=3, max_size=9)
BODIES = st.sampled_from(
    [
        "依照第三条的规定办理，增长1.5倍。",
        "见附件2，投资3.5%，到2027年完成。",
        "本项前款所列事项，按专栏1执行。",
        "建成120处，共2.3亿元。",
    ]
)
WIDE = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
GAPS = st.sampled_from(["\n\n", "\n\n\n", "\n　　"])


def heading_styles(number: int) -> list[str]:
    return [f"{to_chinese(number)}{end}" for end in "、．."]


def subheading_styles(number: int) -> list[str]:
    numeral = to_chinese(number)
    return [f"({numeral})", f"（{numeral}）", f"（{numeral})", *([chr(ord("㈠") + number - 1)] if number <= 10 else [])]


def task_styles(number: int) -> list[str]:
    signs = [chr(ord("⒈") + number - 1)] if number <= 20 else []
    return [f"{number}.", f"{number}．", f"{number}.".translate(WIDE), f"{number}、", *signs]


@st.composite
def outlines(draw: st.DrawFn) -> tuple[str, list[tuple[str, ...]]]:
    """A policy whose headings, subheadings and tasks are written in any style, and the locators of its tasks."""
    run_on, gap = draw(st.booleans()), draw(GAPS)
    style = {name: draw(st.integers(0, 9)) for name in ("heading", "sub", "task")}
    lines, expected, task = ["某市建设方案"], [], 0
    for one in range(1, draw(st.integers(1, 4)) + 1):
        lines.append(_styled(heading_styles(one), style["heading"]) + draw(NAMES))
        for two in range(1, draw(st.integers(1, 3)) + 1):
            lines.append(_styled(subheading_styles(two), style["sub"]) + draw(NAMES))
            task = task if run_on else 0
            for _ in range(draw(st.integers(1, 4))):
                task += 1
                lines.append(f"{_styled(task_styles(task), style['task'])}{draw(NAMES)}。{draw(BODIES)}")
                expected.append((to_chinese(one), f"({to_chinese(two)})", str(task)))
    return gap.join(lines), expected


@settings(deadline=None, max_examples=80)
@given(outlines(), st.integers(18, 40))
def test_an_outline_that_is_wrapped_anywhere_comes_back(outline: tuple[str, list[tuple[str, ...]]], width: int) -> None:
    text, expected = outline
    wrapped = [
        "\n".join(line[at : at + width] for at in range(0, len(line), width))
        for line in (
            "　　" + paragraph.strip() + _LONG * ("。" in paragraph)
            for paragraph in text.split("\n")
            if paragraph.strip()
        )
    ]
    document, units = read_text("\n".join(wrapped), Kind.POLICY)
    assert [unit.locator for unit in units if unit.type is UnitType.TASK] == expected
    assert document.warnings == ()


_LONG = "各县区人民政府应当按照第三条、第四条和附件2的规定，对符合第五条第一款规定的项目给予1.5倍支持，并在3.2亿元额度内统筹安排。"


def _styled(styles: list[str], choice: int) -> str:
    return styles[choice % len(styles)]


@settings(deadline=None, max_examples=80)
@given(outlines())
def test_an_outline_in_any_style_comes_back(outline: tuple[str, list[tuple[str, ...]]]) -> None:
    text, expected = outline
    document, units = read_text(text, Kind.POLICY)
    assert [unit.locator for unit in units if unit.type is UnitType.TASK] == expected
    assert document.warnings == ()


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 1300),
    st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=3), min_size=1, max_size=4),
    st.booleans(),
)
def test_articles_come_back_by_chapter_and_paragraph(first: int, chapters: list[list[int]], arabic: bool) -> None:
    lines, expected, number = ["某市促进条例"], [], first
    for chapter, articles in enumerate(chapters, 1):
        lines.append(f"第{to_chinese(chapter)}章　规则")
        for paragraphs in articles:
            label = f"第{number if arabic else to_chinese(number)}条"
            lines.append(f"{label}　本市依照第三条第二款的规定办理。")
            lines += ["有关单位应当配合，具体办法另行制定。"] * (paragraphs - 1)
            here = (f"第{to_chinese(chapter)}章", label)
            expected += (
                [(*here, f"第{to_chinese(n)}款") for n in range(1, paragraphs + 1)] if paragraphs > 1 else [here]
            )
            number += 1
    document, units = read_text("\n\n".join(lines), Kind.LAW)
    if number - first > 1:  # one article alone is none
        assert [unit.locator for unit in units if unit.type is UnitType.ARTICLE] == expected
        assert len(document.warnings) == (first > 1)


@settings(deadline=None, max_examples=150)
@given(st.integers(4, 12), st.integers(16, 40), st.integers(0, 30), st.booleans())
def test_references_at_the_start_of_a_line_open_nothing(count: int, width: int, shift: int, blank: bool) -> None:
    paragraphs = ["第一章　总则"]
    for number in range(1, count + 1):
        following, after = to_chinese(number + 1), to_chinese(number + 2)
        paragraphs.append(
            f"第{to_chinese(number)}条　{'县' * shift}人民政府应当依照第{following}条、第{after}条和第二章第一节的规定，"
            f"按照附件1所列标准，对符合本条例第{following}条第一款、第二款规定的单位，根据第{following}条给予支持；"
            f"违反第{after}条规定的，依照本法第二章的规定处理。"
        )
    lines = [
        "\n".join(line[at : at + width] for at in range(0, len(line), width))
        for line in ("　　" + paragraph for paragraph in paragraphs)
    ]
    document, units = read_text(("\n\n" if blank else "\n").join(lines), Kind.LAW)
    expected = [("第一章", f"第{to_chinese(number)}条") for number in range(1, count + 1)]
    assert [unit.locator for unit in units if unit.type is UnitType.ARTICLE] == expected
    assert document.warnings == ()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 3), max_size=3), min_size=2, max_size=5))
def test_decimals_come_back(tree: list[list[int]]) -> None:
    lines, expected = ["某县应急预案"], []
    for one, sections in enumerate(tree, 1):
        lines.append(f"{one} 组织与保障")
        for two, leaves in enumerate(sections, 1):
            lines.append(f"{one}.{two} 机构与职责")
            for three in range(1, leaves + 1):
                lines.append(f"{one}.{two}.{three} 要求与措施")
                lines.append("响应时间不超过1.5小时。")
                expected.append((f"{one}", f"{one}.{two}", f"{one}.{two}.{three}"))
            if not leaves:
                lines.append("经费增长1.2倍。")
                expected.append((f"{one}", f"{one}.{two}"))
        if not sections:
            lines.append("由县人民政府负责。")
            expected.append((f"{one}",))
    document, units = read_text("\n\n".join(lines), Kind.POLICY)
    if sum(map(len, tree)) + sum(map(sum, tree)) >= 2:
        assert list(citable(units)) == expected
        assert document.warnings == ()


PIECES = st.sampled_from(
    [
        "目录", "一、目标……1", "一、目标", "二、任务 3", "(一)布局", "1.建设。好。", "2.改造", "1 总则", "1.1 目的", "1.2 依据", "附件:1.甲表",
        "附件1", "附件2:乙表", "附表1", "专栏1 工程", "第一编 总则", "第一章 总则", "第一条 甲。", "第二条 乙；", "第一条之一 丙。", "（一）丁；",
        "第三条规定的", "1)戊；", "①己。", "——庚。", "正文一句话，", "某县人民政府", "2024年1月2日", "各位代表：", "年度工作回顾", "",
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40), st.sampled_from(["\n", "\n\n"]), st.sampled_from([None, *Kind]))
def test_whatever_is_printed_units_tile_the_text(pieces: list[str], gap: str, kind: Kind | None) -> None:
    for article in split_articles(heal(read_lines(gap.join(pieces)))):
        assert_tiled(*build_document(article, read_metadata(article, kind), "page.txt"))


@settings(deadline=None)
@given(st.lists(st.tuples(PIECES, st.sampled_from(list(Role))), max_size=25))
def test_rows_and_notes_anywhere_keep_the_tiling(pieces: list[tuple[str, Role]]) -> None:
    lines = [whole_line(text, role=role) for text, role in pieces]
    for article in split_articles(heal([line for line in lines if line])):
        assert_tiled(*build_document(article, read_metadata(article, Kind.POLICY), "page.docx"))


def test_a_sentence_that_begins_like_a_heading_or_a_caption_is_neither() -> None:
    _document, units = read_text(
        "装订说明\n一、总体要求\n本册共两节。\n第二节用于核对页码。\n第一部分附图另册装订。\n"
        "图片下方文字保持原序，每户补助20元。\n上图展示的做法可以推广。\n二、工作安排\n9月底前完成。\n"
    )
    assert [unit.text for unit in units if unit.locator[:1] == ("一",)][1:] == [
        "本册共两节。", "第二节用于核对页码。", "第一部分附图另册装订。", "图片下方文字保持原序，每户补助20元。",
        "上图展示的做法可以推广。",
    ]  # fmt: skip
    assert [unit.locator for unit in units if unit.text.startswith("二、")] == [("二",)]


def test_parts_that_open_with_a_sentence_are_parts_where_they_run_on() -> None:
    _document, units = read_text(
        "青石市汇报\n第一部分去年工作。全年新增就业3万人。\n第二部分今年安排。新建学校5所。\n第三部分有关建议。请予支持。\n"
    )
    assert [unit.locator for unit in units if unit.locator] == [("第一部分",), ("第二部分",), ("第三部分",)]


def test_an_attachment_after_articles_has_its_own_tasks_and_its_notice_stands_outside() -> None:
    _document, units = read_text(
        "青石市数据办法\n第一条 申请应当在7日内答复。\n第二条 本办法自公布之日起施行。\n附件：任务清单\n一、打基础\n（一）建制度\n"
        "1.6月底前出台细则。（数据局负责）\n2.9月底前归集目录。（财政局负责）\n二、促应用\n1.发布场景8个。（发展改革委负责）\n（此件公开发布）\n"
    )
    assert {unit.text: unit.locator for unit in units if unit.type.citable} == {
        "第一条申请应当在7日内答复。": ("第一条",),
        "第二条本办法自公布之日起施行。": ("第二条",),
        "1.6月底前出台细则。（数据局负责）": ("附件", "一", "(一)", "1"),
        "2.9月底前归集目录。（财政局负责）": ("附件", "一", "(一)", "2"),
        "1.发布场景8个。（发展改革委负责）": ("附件", "二", "1"),
        "（此件公开发布）": ("附件", "落款1"),
    }


def test_attachments_that_are_only_named_before_the_signature_begin_nothing() -> None:
    _document, units = read_text(
        "青石市关于报送数据的通知\n一、按月报送。每月5日前报上月数据。\n二、专人负责。名单报市数据局备案。\n附件：报送表\n青石市数据局\n2026年3月1日\n"
    )
    assert not any("附件" in unit.locator for unit in units)


def test_an_excerpt_may_begin_at_any_dotted_number() -> None:
    _document, units = read_text(
        "某系统技术规范\n11.5.14.1 接口要求\n接口应当支持并发访问，满足性能指标。\n11.5.14.2 安全要求\n应当符合等级保护三级。\n"
    )
    assert [unit.locator for unit in units if unit.type.citable] == [("11.5.14.1",), ("11.5.14.2",)]
    _document, units = read_text(
        "某项目情况\n完成投资3.5.2亿元。\n面积为11.5.14平方米的，按规定办理。\n其余照旧办理。\n"
    )
    assert all(unit.locator[0].startswith("¶") for unit in units if unit.type.citable)


def test_a_law_in_one_line_is_cut_before_its_articles() -> None:
    one_line = (
        "青石市养犬条例 第一章 总则 第一条 为了规范养犬，制定本条例。第二条 本市养犬适用本条例。"
        "第三条 违反本条例第二条的，处五百元罚款。第二章 附则 第四条 本条例自2026年1月1日起施行。"
    )
    document, units = read_text(one_line)
    assert document.title == "青石市养犬条例"
    assert [unit.locator for unit in units if unit.type.citable] == [
        ("第一章", "第一条"), ("第一章", "第二条"), ("第一章", "第三条"), ("第二章", "第四条"),
    ]  # fmt: skip
    assert units[4].text == "第三条违反本条例第二条的，处五百元罚款。"


def test_articles_that_a_report_cites_cut_nothing() -> None:
    cited = "本报讯 条例亮点不少。第一条规定了目的。第二条规定了范围。第三条规定了罚则，市民表示支持并期待落实，各部门正抓紧准备。"
    _document, units = read_text(f"养犬条例出台\n{cited}\n")
    assert [unit.text for unit in units][-1].startswith("本报讯")
