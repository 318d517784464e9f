import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ],
)
def test_labels(line: str, level: Level, label: str, number: int) -> None:
    marker = parse_marker(line)
    assert marker is not None
    assert (marker.level, marker.label, marker.number) == (level, label, number)


@pytest.mark.parametrize(
    "line", ["1.5亿元", "3.7%左右", "2027年", "一批项目", "第五条第二款规定的", "万元", "(以下简称)", "一是加强"]
)
def test_what_only_looks_like_a_label(line: str) -> None:
    marker = parse_marker(line)
    assert marker is None or line.startswith("第五条")


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
