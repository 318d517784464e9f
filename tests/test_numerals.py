import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectorstore.numerals import parse_numeral, to_chinese


@given(st.integers(1, 9999))
def test_what_is_written_in_chinese_reads_back(number: int) -> None:
    assert parse_numeral(to_chinese(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("十", 10),
        ("二十", 20),
        ("一百零五", 105),
        ("二〇二七", 2027),
        ("１２", 12),
        ("⑫", 12),
        ("两千", 2000),
        ("十二", 12),
        ("㉑", 21),
        ("㊱", 36),
        ("㊿", 50),
        ("⑴", 1),
        ("⒇", 20),
        ("⒈", 1),
        ("❿", 10),
        ("⓫", 11),
        ("㈠", 1),
        ("㈩", 10),
        ("一千二百六十", 1260),
    ],
)
def test_forms_in_use(text: str, number: int) -> None:
    assert parse_numeral(text) == number


@pytest.mark.parametrize("text", ["", "甲", "1.5", "十a"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_numeral(text)
