import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.numbered_lines import read_markers
from ingest.numbering import Level, Sequence, parse_marker
from vectorstore.numerals import to_chinese


@pytest.mark.parametrize(
    ("line", "level", "label", "number"),
    [
        ("一、工作目标", Level.HEADING, "一", 1),
        ("十二、附则", Level.HEADING, "十二", 12),
        ("（三）推动", Level.SUBHEADING, "(三)", 3),
        ("(三)推动", Level.SUBHEADING, "(三)", 3),
        ("5.加快建设", Level.NUMBER, "5", 5),
        ("５．加快建设", Level.NUMBER, "5", 5),
        ("5、加快建设", Level.NUMBER, "5", 5),
        ("3.2027年底前", Level.NUMBER, "3", 3),
        ("（1）制定", Level.BRACKET, "(1)", 1),
        ("①制定", Level.CIRCLE, "①", 1),
        ("——先进制造", Level.DASH, "——", 0),
        ("第五条 本办法", Level.ARTICLE, "第五条", 5),
        ("第二章 支持", Level.CHAPTER, "第二章", 2),
        ("第一百二十三条 本法", Level.ARTICLE, "第一百二十三条", 123),
        ("第一千二百六十条 本法自", Level.ARTICLE, "第一千二百六十条", 1260),
        ("第一百二十条之一 为恐怖活动", Level.ARTICLE, "第一百二十条之一", 120),
        ("第１２条 甲方", Level.ARTICLE, "第12条", 12),
        ("第五条 及时报告", Level.ARTICLE, "第五条", 5),
        ("第五条中小企业应当", Level.ARTICLE, "第五条", 5),
        ("第一编 总则", Level.PART, "第一编", 1),
        ("第二篇 夯实底座", Level.PART, "第二篇", 2),
        ("第三部分 保障措施", Level.PART, "第三部分", 3),
        ("第一分编 通则", Level.SUBPART, "第一分编", 1),
        ("第三节 监督", Level.SECTION, "第三节", 3),
        ("第三章", Level.CHAPTER, "第三章", 3),
        ("第二款 乙方", Level.CLAUSE, "第二款", 2),
        ("第三项 申报", Level.POINT, "第三项", 3),
        ("一．工作目标", Level.HEADING, "一", 1),
        ("（十一)健全", Level.SUBHEADING, "(十一)", 11),
        ("㈢健全", Level.SUBHEADING, "(三)", 3),
        ("⒓加快建设", Level.NUMBER, "12", 12),
        ("⑶制定", Level.BRACKET, "(3)", 3),
        ("1)制定", Level.PAREN, "1)", 1),
        ("２）制定", Level.PAREN, "2)", 2),
        ("㉑制定", Level.CIRCLE, "㉑", 21),
        ("❷制定", Level.CIRCLE, "❷", 2),
        ("专栏3 重大工程", Level.BOX, "专栏3", 3),
        ("专栏十二：指标", Level.BOX, "专栏十二", 12),
    ],
)
def test_labels(line: str, level: Level, label: str, number: int) -> None:
    marker = parse_marker(line)
    assert marker is not None
    assert (marker.level, marker.label, marker.number) == (level, label, number)


@pytest.mark.parametrize(
    "line",
    [
        "第三条规定的条件",
        "第五条、第六条所列",
        "第十条第二款的规定",
        "第三条和第四条",
        "第二章的规定",
        "第五条之规定",
        "第三条至第五条",
        "第四条)办理。",
        "第一节课后",
        "专栏2所列工程一并纳入。",
        "1.5亿元",
        "3.7%左右",
        "2027年",
        "一批项目",
        "第五条第二款规定的",
        "万元",
        "(以下简称)",
        "一是加强",
    ],
)
def test_what_only_looks_like_a_label(line: str) -> None:
    marker = parse_marker(line)
    assert marker is None


@given(st.integers(1, 99))
def test_full_and_half_width_are_one(number: int) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in str(number))
    assert parse_marker(f"{number}.加快") == parse_marker(f"{wide}．加快")
    chinese = to_chinese(number)
    assert parse_marker(f"({chinese})加快") == parse_marker(f"（{chinese}）加快")


def test_numbers_run_on_across_headings() -> None:
    sequence = Sequence()
    for line in ("一、甲", "(一)乙", "1.丙", "2.丁", "(二)戊", "3.己"):
        marker = parse_marker(line)
        assert marker is not None and sequence.expects(marker), line
        sequence.take(marker)
    stray = parse_marker("9.庚")
    assert stray is not None and not sequence.expects(stray)


def test_an_inserted_article_comes_after_its_own() -> None:
    sequence = Sequence()
    for line in ("第一百二十条 甲", "第一百二十条之一 乙", "第一百二十条之二 丙", "第一百二十一条 丁"):
        marker = parse_marker(line)
        assert marker is not None
        assert line.startswith("第一百二十条 ") or sequence.expects(marker), line
        sequence.take(marker)


def labels(*lines: str) -> list[str]:
    return [marker.label if marker else "" for marker in read_markers(lines)]


def test_decimals_are_headings_where_they_make_a_run() -> None:
    assert labels("1总则", "1.1编制目的", "1.2适用范围", "2组织体系", "2.1指挥机构", "2.1.1职责", "2.2专家组") == [
        "1", "1.1", "1.2", "2", "2.1", "2.1.1", "2.2",
    ]  # fmt: skip
    assert labels("第一章总则", "1.1目的", "1.2依据") == ["第一章", "1.1", "1.2"]


@pytest.mark.parametrize(
    "lines",
    [
        ("增长", "1.1个百分点", "1.2亿元"),
        ("达到", "1.1", "约", "1.2"),
        ("2025.3起施行", "1.5倍", "3.5%"),
        ("3.1发布", "9.2会议", "7.4通报"),
        ("12个项目", "1项工作"),
    ],
)
def test_figures_are_no_headings(lines: tuple[str, ...]) -> None:
    assert labels(*lines) == [""] * len(lines)


def test_one_article_alone_is_a_thing_that_is_counted() -> None:
    assert labels("第一条跨江隧道贯通", "各方关注。") == ["", ""]


def test_attachments_begin_or_are_only_named() -> None:
    named = ("附件:1.甲表", "2.乙表", "某县人民政府", "2024年3月5日", "附件1", "甲表", "附件2:乙表", "附录A", "附表3")
    assert labels(*named) == ["", "", "", "", "附件1", "", "附件2", "附录A", "附表3"]
    assert labels("附件1:甲表", "附件2:乙表", "某县人民政府", "2024年3月5日") == [""] * 4
    assert labels("附件:", "1.甲表", "2.乙表", "某县人民政府", "2024年3月5日") == [""] * 5
    assert labels("附件", "某县实施方案", "一、总则") == ["附件", "", "一"]


@pytest.mark.parametrize(
    "line", ["附件2所列事项", "附件1。", "附件一并报送", "附件的格式见后", "附件2)执行", "附件一式两份"]
)
def test_what_only_speaks_of_an_attachment(line: str) -> None:
    assert labels("按照要求办理", line) == ["", ""]
