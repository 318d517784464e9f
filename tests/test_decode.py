import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decode import decode
from vectorstore.errors import ReadError

TEXT = "中共某市委印发《行动方案》,全文如下:\n一、工作目标\n到2027年,总产值达到3万亿元左右。\n"
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_are_told_apart(encoding: str) -> None:
    assert decode(TEXT.encode(encoding)).removeprefix("\ufeff") == TEXT


@given(
    st.text(alphabet=st.sampled_from("推动高质量发展一二三。，；:()0123456789\n"), min_size=20),
    st.sampled_from(ENCODINGS[:3]),
)
def test_any_chinese_text_comes_back(text: str, encoding: str) -> None:
    if text.strip():
        assert decode(text.encode(encoding)).removeprefix("\ufeff") == text


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe\n\x00"])
def test_empty_files_say_so(data: bytes) -> None:
    with pytest.raises(ReadError, match="空"):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), b"PK\x03\x04" + bytes(100), bytes(range(1, 256)) * 4],
)
def test_binary_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"二进制|编码"):
        decode(data)


def test_a_broken_mark_is_not_guessed_away() -> None:
    with pytest.raises(ReadError, match="utf-8"):
        decode(b"\xef\xbb\xbf\xff\xff\xff")


@pytest.mark.parametrize("length", range(100, 140))
def test_plain_english_is_no_utf16(length: int) -> None:
    text = ("this notice sets out how applications are made and who decides on them " * 3)[:length]
    assert decode(text.encode()) == text
