from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.figures import figures
from vectorstore.numerals import to_chinese


def said(text: str) -> list[tuple[Decimal, str]]:
    return [(f.value, f.unit) for f in figures(text)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("总产值达到3万亿元左右", 3 * 10**12, "元"), ("超过8000亿元", 8 * 10**11, "元"), ("力争2700万标准箱", 27_000_000, "标准箱"),
        ("投入强度3.7%", Decimal("3.7"), "%"), ("百分之十五", 15, "%"), ("落实178条举措", 178, "条"), ("二十家实验室", 20, "家"),
        ("30万吨级主航道", 300_000, "吨级"), ("10余人", 10, "人"), ("1,200公里", 1200, "公里"), ("５１０公里", 510, "公里"),
    ],
)  # fmt: skip
def test_figures_are_comparable_however_written(text: str, value: int | Decimal, unit: str) -> None:
    assert said(text) == [(Decimal(value), unit)]


@pytest.mark.parametrize("text", ["三地联动", "一批项目", "第九条", "一体化", "统一标准", "十分重要"])
def test_what_is_no_figure(text: str) -> None:
    assert [f for f in figures(text) if f.unit] == []


@given(st.integers(2, 9999))
def test_chinese_and_arabic_are_the_same_figure(number: int) -> None:
    (chinese,), (arabic,) = figures(f"共{to_chinese(number)}家"), figures(f"共{number}家")
    assert chinese.same(arabic)


@given(st.text(alphabet=st.sampled_from("0123456789.,万亿元%个达到，一二十百年月第")))
def test_offsets_point_at_the_figure(text: str) -> None:
    assert all(text[f.start : f.end] == f.text for f in figures(text))
