"""Shapes of text that real files showed, each in documents that we wrote ourselves."""

import pytest

from ingest.reading import read_parts
from vectorstore.records import Document, Unit, UnitType


def read(text: str, name: str = "x.txt") -> tuple[Document, list[Unit]]:
    ((document, units, _chunks),) = read_parts(text.encode(), name)
    assert "\n".join(unit.text for unit in units) == document.text
    assert all(unit.text == document.text[unit.start : unit.end] for unit in units)
    return document, units


def headings(units: list[Unit]) -> list[str]:
    return [unit.text for unit in units if unit.type is UnitType.HEADING]


# -- parts of a code -------------------------------------------------------------------------------------------------


def code(part: str, body: str) -> str:
    return f"云州市河湖法典\n{part}\n2025年3月1日云州市第八届人民代表大会第二次会议通过\n{body}"


def test_the_last_part_of_a_code_may_be_a_single_article() -> None:
    document, units = read(code("附则", "第九十条 本法典自2026年1月1日起施行。\n"), "附则.txt")
    assert [(u.locator, u.type) for u in units if u.type.citable] == [(("第九十条",), UnitType.ARTICLE)]
    assert document.title == "云州市河湖法典 附则" and document.warnings == ()


def test_the_articles_of_a_part_go_on_from_another_file_and_may_still_miss_one() -> None:
    text = code("水域编", "第一章 一般规定\n第十条 水域应当划界。\n第十一条 界桩不得移动。\n第十三条 河岸可以绿化。\n")
    document, _units = read(text, "水域编.txt")
    assert document.warnings == ("编号不连续:第十一条 之后是 第十三条(缺 第十二条)",)


def test_a_thing_that_is_counted_once_is_no_article() -> None:
    _document, units = read("云州市交通简况\n全市有公路三条。\n第一条高速公路建成通车，全长30公里。\n")
    assert not any(unit.type is UnitType.ARTICLE for unit in units)


# -- attachments -----------------------------------------------------------------------------------------------------

PLAN = "云州市校园安全方案\n一、总体要求\n建立责任体系。\n{}\n二、工作安排\n6月底前完成。\n"


@pytest.mark.parametrize(
    "sentence",
    [
        "附件一是任务分工，各单位对照落实",
        "附件二均由学校留存",
        "附件2由市教育局负责解释",
        "附件3适用于民办学校",
        "附件1、附件2一并报送市教育局",
        "附件4应当在每季度末更新",
        "附件1自印发之日起使用。",
    ],
)
def test_a_sentence_that_speaks_of_an_attachment_begins_none(sentence: str) -> None:
    _document, units = read(PLAN.format(sentence))
    assert headings(units) == ["一、总体要求", "二、工作安排"]
    assert [u.locator[0] for u in units if sentence in u.text] == ["一"]


@pytest.mark.parametrize("title", ["附件1可移动文物清单", "附件一：任务分工", "附件2", "附表3 系统用户登记表"])
def test_a_label_of_an_attachment_with_a_title_or_alone_begins_one(title: str) -> None:
    _document, units = read(
        PLAN.format("学校每月开展一次消防、食品和校车检查，检查结果向家长公布，发现的问题在三十日以内整改完毕。")
        + f"云州市教育局\n2026年4月2日\n{title}\n一、说明\n按月填写。\n"
    )
    assert headings(units)[2:] == [title.replace(" ", ""), "一、说明"]
    assert units[-1].locator[0].startswith("附")


def test_whom_an_attachment_is_addressed_to_is_not_its_title() -> None:
    text = (
        PLAN.format("学校每月开展一次消防、食品和校车检查，检查结果向家长公布，发现的问题在三十日以内整改完毕。")
        + "云州市教育局\n2026年4月2日\n附件1\n告家长书\n各位家长：\n开学日为9月1日。\n"
    )
    _document, units = read(text)
    assert headings(units)[-1] == "附件1\n告家长书"
    assert [u.text for u in units[-2:]] == ["各位家长：", "开学日为9月1日。"]


# -- headings over two lines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("第二章外商经营国际海上运输", "及其辅助性业务的特别规定"),
        ("第二章海上救助的组织与", "协调"),
        ("第二章加强公共数据资源登记管理与授权运营体系建", "设和监督管理"),
    ],
)
def test_a_heading_that_is_set_in_two_lines_is_one(first: str, second: str) -> None:
    text = f"云州市海运条例\n第一章总则\n第一条为了规范海运，制定本条例。\n{first}\n{second}\n第二条船舶应当登记。\n"
    _document, units = read(text)
    assert headings(units) == ["第一章总则", first + second]
    assert units[-1].heading_path == (first + second,)


@pytest.mark.parametrize("below", ["适用范围", "和平区分局", "到2027年建成体系。", "2026年4月2日"])
def test_what_stands_under_a_heading_is_not_its_second_line(below: str) -> None:
    _document, units = read(
        f"云州市海运方案\n一、工作目标\n{below}\n船舶全部登记，港口全部联网。\n二、保障\n加强领导。\n"
    )
    assert headings(units)[0] == "一、工作目标"


# -- lists within a paragraph ----------------------------------------------------------------------------------------


def listed(labels: list[str], end: str = "。") -> str:
    items = [f"{label}申请人已连续{at}年在本市从事数据服务" for at, label in enumerate(labels, 1)]
    return "；".join(items) + end


def test_the_items_of_a_long_list_in_one_paragraph_have_addresses_of_their_own() -> None:
    labels = [f"（{number}）" for number in range(1, 11)]
    text = f"云州市扶持细则\n一、条件\n申报条件包括：{listed(labels)}\n二、时间\n每年6月申报。\n"
    _document, units = read(text)
    items = {unit.locator: unit for unit in units if unit.type is UnitType.ITEM}
    assert list(items) == [("一", f"({number})") for number in range(1, 11)]
    seventh = items["一", "(7)"]
    assert (seventh.label, seventh.heading_path) == ("条件第7项", ("一、条件", "申报条件包括"))
    assert seventh.text == "（7）申请人已连续7年在本市从事数据服务；" and seventh.task_number is None
    assert [u.text for u in units if u.locator == ("一",)] == ["一、条件", "申报条件包括："]


@pytest.mark.parametrize(
    "paragraph",
    [
        f"条件包括：{listed(['（1）', '（2）', '（3）'])}",  # short: better quoted as a whole
        f"条件包括：{listed([f'（{number}）' for number in (1, 2, 3, 4, 5, 6)], '。其他机构不得申报，已经申报的退回。')}",
        "符合前款第（一）、（二）、（三）项的，免交审计报告，仍应当提交说明，由主管部门在十个工作日内核验并告知结果；"
        "有第（四）、（五）项情形的，申请人可以在收到结果后三十日内申请复核，复核期间不停止公示，结果以复核为准，不再另行通知。",
    ],
)
def test_what_is_no_long_list_stays_one_paragraph(paragraph: str) -> None:
    _document, units = read(f"云州市扶持细则\n一、条件\n{paragraph}\n二、时间\n每年6月申报。\n")
    assert [u.text for u in units if u.locator[:1] == ("一",)][1:] == [paragraph]


def test_a_list_inside_an_article_or_a_task_stays_with_it() -> None:
    whole = "申报条件包括：" + listed([f"（{number}）" for number in range(1, 9)])
    _document, units = read(f"云州市扶持细则\n第一条{whole}\n第二条本细则自2026年1月1日起施行。\n")
    assert [u.text for u in units if u.type.citable] == [f"第一条{whole}", "第二条本细则自2026年1月1日起施行。"]


@pytest.mark.parametrize("label", ["附件年度任务", "附件 年度任务", "附：年度任务", "附件：年度任务"])
def test_an_attachment_without_a_number_begins_where_its_first_heading_stands_below(label: str) -> None:
    text = f"云州市绿化办法\n第一条 绿地率不低于30%。\n第二条 本办法自公布之日起施行。\n{label}\n一、造林\n1.造林300亩。\n二、管护\n1.每月巡查1次。\n"
    _document, units = read(text)
    found = [unit.locator for unit in units if unit.type.citable]
    at = "附" if label.startswith("附：") else "附件"
    assert found == [("第一条",), ("第二条",), (at, "一", "1"), (at, "二", "1")]


def test_words_that_begin_with_attachment_take_no_numbers_from_what_follows() -> None:
    _document, units = read("云州市申报方案\n一、要求\n附件材料\n1.身份证。\n2.户口簿。\n二、其他\n附件由市局解释\n")
    assert [unit.locator for unit in units if unit.type is UnitType.TASK] == [("一", "1"), ("一", "2")]


# -- headline blocks -------------------------------------------------------------------------------------------------


def test_a_headline_that_runs_into_its_number_and_whom_it_is_addressed_to() -> None:
    title = "云州市人民政府办公室关于印发《云州市推进内外贸一体化促进外贸平稳增长的若干工作措施》的通知"
    document, units = read(
        f"{title}云政办发〔2026〕9号\n各区人民政府：\n现将措施印发给你们。\n云州市人民政府办公室\n2026年7月1日\n"
    )
    assert (document.title, document.number) == (title, "云政办发〔2026〕9号")
    assert next(unit.text for unit in units if unit.type.citable) == "各区人民政府："


@pytest.mark.parametrize("between", ["　", " ", "、", ""])
def test_bodies_that_stand_one_behind_the_other_are_all_issuers(between: str) -> None:
    bodies = ["青省政务服务局", "云州市大数据局", "兰江市行政审批局"]
    text = (
        f"关于公布跨省通办清单的通知\n各有关部门：\n现将清单公布，请遵照执行。\n{between.join(bodies)}\n2026年8月7日\n"
    )
    assert read(text)[0].issuers == tuple(bodies)


def test_one_body_with_a_city_in_its_name_is_not_cut() -> None:
    text = "关于垃圾分类的通知\n各有关部门：\n请遵照执行。\n云州市住房局城市管理中心\n2026年8月7日\n"
    assert read(text)[0].issuers == ("云州市住房局城市管理中心",)


def test_the_bar_of_a_site_is_no_part_of_the_headline() -> None:
    title = "云州市水务局关于调整水价的通知"
    bar = "首页\n政务公开\n政民互动\n走进云州\n通知公告\n您现在的位置：首页>政务公开>通知\n"
    document, units = read(
        f"{bar}{title}\n云水规〔2026〕2号\n各区水务局：\n水价每吨3元。\n云州市水务局\n2026年5月28日\n"
    )
    assert (document.title, document.issuer, document.region) == (title, "云州市水务局", "云州市")
    assert units[0].text == f"{title}\n云水规〔2026〕2号"


def test_a_question_is_no_body() -> None:
    assert (
        read("居住证怎么办\n问：需要什么材料？\n答：身份证和照片。\n问：多久办好？\n答：15个工作日。\n")[0].issuer
        is None
    )
