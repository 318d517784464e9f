import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.articles import split_articles
from ingest.chunking import build_chunks
from ingest.layout import heal
from ingest.metadata import read_metadata
from ingest.readers.plain import read_lines
from ingest.reading import read_parts
from ingest.structure import build_document
from vectorstore.errors import ReadError
from vectorstore.records import Unit, UnitType

PLAN = """某市人民政府印发

某市养老服务行动方案

本报讯 日前,某市人民政府印发《某市养老服务行动方案》,全文如下:

为推进养老服务,制定如下方案。

一、工作目标

到2028年,体系基本建成。

——服务供给。床位达到5万张。

——人才队伍。护理员达到8000人以上。

二、主要任务

(一)优化布局

1.建设设施。每个街道建成1处中心。

2.实施适老改造工程,改造老旧小区。

(二)强化保障

3.落实补贴。按规定给予补贴。

三、组织保障

(一)加强领导。建立协调机制。

(二)加强监管。开展检查。
"""


def units_of(text: str) -> list[Unit]:
    return [unit for _document, units, _chunks in read_parts(text.encode(), "page.txt") for unit in units]


def test_locators_labels_and_paths() -> None:
    found = {unit.locator: unit for unit in units_of(PLAN) if unit.type.citable}
    assert list(found) == [
        ("¶1",), ("¶2",), ("一",), ("一", "——1"), ("一", "——2"), ("二", "(一)", "1"), ("二", "(一)", "2"),
        ("二", "(二)", "3"), ("三", "(一)"), ("三", "(二)"),
    ]  # fmt: skip
    task = found["二", "(二)", "3"]
    assert (task.task_number, task.label, task.type) == (3, "主要任务3", UnitType.TASK)
    assert task.heading_path == ("二、主要任务", "(二)强化保障")
    assert found["三", "(二)"].label == "组织保障(二)"
    assert found["一", "——2"].label == "工作目标第2项"


def test_metadata_is_read_from_the_text() -> None:
    document = read_parts(PLAN.encode(), "page.txt")[0][0]
    assert (document.title, document.issuer, document.kind, document.date) == (
        "某市养老服务行动方案",
        "某市人民政府",
        "policy",
        None,
    )


def test_a_signature_gives_issuer_and_date_and_is_no_part_of_the_last_unit() -> None:
    text = "关于加强管理的通知\n\n一、加强领导。抓好落实。\n\n二、加强监管。开展检查。\n\n三、加强宣传。营造氛围。\n\n某县人民政府\n\n2024年3月5日\n"
    document, units, _ = read_parts(text.encode(), "notice.txt")[0]
    assert (document.issuer, document.date) == ("某县人民政府", "2024-03-05")
    assert next(u for u in units if u.locator == ("三",)).text == "三、加强宣传。营造氛围。"


def test_a_law_is_addressed_by_article_and_paragraph() -> None:
    text = (
        "某市促进条例\n\n第一章 总则\n\n第一条 为了促进发展，制定本条例。\n\n第二条 本条例适用于本市。\n\n市人民政府应当加强领导。\n\n"
        "第二章 支持\n\n第三条 支持下列事项：\n\n（一）研发；\n\n（二）培训。\n\n第四条 依照第三条办理。\n"
    )
    document, units, _ = read_parts(text.encode(), "law.txt")[0]
    locators = [u.locator for u in units if u.type is UnitType.ARTICLE]
    assert document.kind == "law"
    assert locators == [
        ("第一章", "第一条"), ("第一章", "第二条", "第一款"), ("第一章", "第二条", "第二款"), ("第二章", "第三条"), ("第二章", "第四条"),
    ]  # fmt: skip
    assert "（二）培训。" in next(u.text for u in units if u.locator[-1:] == ("第三条",))


def test_a_page_of_a_plan_and_two_reports_is_three_documents() -> None:
    page = (
        PLAN
        + "\n商贸指数首次发布\n\n本报讯(记者 张三)6月1日,指数发布,为51.2%,反映出运行恢复向好的态势,各方关注。\n\n下一步,将继续发布。\n\n创新引领谱新篇\n\n本报记者 李四\n\n走进车间,机器轰鸣,工人们正在赶制订单,企业负责人介绍了今年的生产情况。\n"
    )
    parts = read_parts(page.encode(), "page.txt")
    assert [(d.kind.value, d.title) for d, _u, _c in parts] == [
        ("policy", "某市养老服务行动方案"), ("news", "商贸指数首次发布"), ("news", "创新引领谱新篇"),
    ]  # fmt: skip


LINES = st.sampled_from(
    [
        "一、目标",
        "二、任务",
        "(一)布局",
        "(二)保障",
        "1.建设。好。",
        "2.改造工程",
        "——床位。",
        "①清单;",
        "第一条 总则。",
        "正文一句话。",
        "开口的一句,",
        "本报讯 日前",
        "某县政府",
        "2024年1月2日",
        "",
    ]
)


@given(st.lists(LINES, max_size=30).map("\n\n".join))
def test_units_cut_the_text_without_gap_and_quotes_are_exact(page: str) -> None:
    everything = ""
    for article in split_articles(heal(read_lines(page))):
        document, units = build_document(article, read_metadata(article), "page.txt")
        assert all(document.text[u.start : u.end] == u.text for u in units)
        assert "\n".join(u.text for u in units) == document.text
        assert all(unit.start <= s.start < s.end <= unit.end for unit in units for s in unit.sentences)
        owner = {u.ordinal: u for u in units}
        for chunk in build_chunks(document, units):
            unit = owner[chunk.unit_ordinal]
            assert unit.start <= chunk.start < chunk.end <= unit.end
            assert chunk.embedding_text.endswith(document.text[chunk.start : chunk.end])
        everything += document.text
    assert sorted(re.sub(r"\s", "", everything)) == sorted(re.sub(r"\s", "", page))


def test_a_single_line_can_be_cited() -> None:
    [(document, units, chunks)] = read_parts("青石市图书馆周一闭馆".encode(), "a.txt")
    assert document.title == "青石市图书馆周一闭馆"
    assert [(unit.text, unit.type) for unit in units] == [("青石市图书馆周一闭馆", UnitType.PARAGRAPH)]
    assert chunks
    with pytest.raises(ReadError):
        read_parts(b"draft: true", "a.md")
