import struct
import zipfile

import pytest
from bad_files import HTML, POLICY, docx, encrypted, epub, odt, ofd, ole, pdf_page, picture, xlsx, zipped
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers import _READERS, SUFFIXES, archive, read
from ingest.readers.archive import members
from ingest.readers.detect import Format, detect
from vectorstore.errors import ReadError

TEXT = POLICY.encode()
BITMAP = b"BM" + struct.pack("<IIIIiiHH", 66, 0, 62, 40, 1, 1, 1, 1) + b"\0" * 40


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.html", "a", "a.PNG"])
@pytest.mark.parametrize(
    ("data", "found"),
    [
        (pdf_page(), Format.PDF),
        (b"\xef\xbb\xbf\r\n" + b"junk " * 200 + pdf_page(), Format.PDF),
        (docx(), Format.DOCX),
        (xlsx(), Format.XLSX),
        (odt(), Format.ODT),
        (epub(), Format.EPUB),
        (ofd(), Format.OFD),
        (zipped({"a.txt": POLICY}), Format.ZIP),
        (zipped({"资料/说明.docx": docx()}), Format.ZIP),
        (ole("WordDocument", "1Table"), Format.DOC),
        (ole("1Table", "Data", "ObjectPool", "CompObj", "WordDocument"), Format.DOC),
        (b"{\\rtf1\\ansi abc}", Format.RTF),
        (picture("PNG", (3, 3)), Format.IMAGE),
        (picture("JPEG", (3, 3)), Format.IMAGE),
        (picture("TIFF", (3, 3)), Format.IMAGE),
        (picture("WEBP", (3, 3)), Format.IMAGE),
        (picture("BMP", (3, 3)), Format.IMAGE),
        (HTML, Format.HTML),
        (b"\xef\xbb\xbf\n<!-- x -->\n" + HTML, Format.HTML),
        (HTML.decode().encode("utf-16"), Format.HTML),
        (HTML.decode().encode("gb18030"), Format.HTML),
        (
            b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><body><p>x</p></body></html>',
            Format.HTML,
        ),
    ],
)
def test_the_content_tells_whatever_the_name_says(data: bytes, found: Format, name: str) -> None:
    assert detect(data, name) is found


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("a.txt", Format.TEXT),
        ("a.md", Format.MARKDOWN),
        ("a.MARKDOWN", Format.MARKDOWN),
        ("a.csv", Format.CSV),
        ("a.tsv", Format.CSV),
        ("a", Format.TEXT),
        ("a.docx", Format.TEXT),
    ],
)
def test_the_name_tells_kinds_of_plain_text_apart(name: str, found: Format) -> None:
    assert detect(TEXT, name) is found


@pytest.mark.parametrize(
    "text",
    [
        "网页以 <html> 标签开头,以 </html> 结尾。",
        "用 <p>…</p> 和 <div>…</div> 分段。",
        "说明\n<!DOCTYPE html> 是文档类型声明",
        "文件以 %PDF-1.7 开头的是 PDF。",
        "BM 是位图文件的开头。",
        "MZ 开头的是程序;{\\rtf 开头的是 RTF。",
        "<第一章> 总则",
        "a < b 且 c > d",
        '{"a": "<p>x</p>"}',
    ],
)
def test_a_text_that_speaks_of_a_format_is_a_text(text: str) -> None:
    assert detect(text.encode(), "a.txt") is Format.TEXT


def test_a_readme_that_opens_with_a_tag_is_markdown() -> None:
    assert detect(b"<div align=center><p>x</p></div>\n\n# Title", "README.md") is Format.MARKDOWN


def test_a_spreadsheet_that_holds_a_document_is_a_spreadsheet() -> None:
    inner = ole("Workbook") + "WordDocument".encode("utf-16-le")
    with pytest.raises(ReadError, match=r"^这是 XLS 表格文件,请另存为 XLSX 或 CSV$"):
        detect(inner, "a.doc")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"7z\xbc\xaf\x27\x1c\0\x04", "这是 7z 压缩文件,请解压后上传其中的文件,或改用 ZIP 压缩"),
        (b"\x1f\x8b\x08\0", "这是 GZIP 压缩文件"),
        (b"\x7fELF\x02", "这是可执行文件"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "请另存为 XLSX 或 CSV"),
        (zipped({"ppt/presentation.xml": ""}), "这是 PPTX 演示文件"),
        (ole("EncryptedPackage"), "密码"),
        (ole("Something"), "OLE 复合文件"),
        (b"GIF89a\x01", "GIF 图片文件,请另存为 PNG 或 JPEG"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>', "另存为 DOCX"),
        (b'<?xml version="1.0"?><rows><row/></rows>', "XML 数据"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n", "MHT 网页"),
    ],
)
def test_what_no_reader_takes_is_named_with_the_mend(data: bytes, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        detect(data, "a.txt")


@given(
    st.binary(max_size=400)
    | st.sampled_from([docx(), ole("WordDocument"), pdf_page()]).flatmap(
        lambda d: st.integers(0, len(d)).map(lambda n: d[:n])
    )
)
def test_whatever_comes_is_a_format_or_a_reason(data: bytes) -> None:
    try:
        found: Format | str = detect(data, "a.txt")
    except ReadError as error:
        found = str(error)
    assert isinstance(found, Format) or len(found.splitlines()) == 1


def test_every_format_but_those_that_hold_files_has_a_reader() -> None:
    assert set(_READERS) == set(Format) - {Format.ZIP, Format.EML, Format.MSG}
    assert {".docx", ".html", ".zip", ".ofd", ".webp"} <= set(SUFFIXES)


def test_names_without_the_flag_for_utf8_are_read_as_written() -> None:
    data = zipped({"AAAAAAAA.txt": POLICY}).replace(b"AAAAAAAA", "政策文件".encode("gb18030"))
    assert [name for name, _content in members(data)] == ["政策文件.txt"]
    assert [name for name, _content in members(zipped({"政策/甲.txt": POLICY}))] == ["政策/甲.txt"]


def test_names_lead_nowhere() -> None:
    names = [
        name
        for name, _content in members(zipped({"../../a.txt": "", "/etc/b.txt": "", "C:\\d\\e.txt": "", "f\n.txt": ""}))
    ]
    assert names == ["a.txt", "etc/b.txt", "d/e.txt", "f .txt"]


def test_a_locked_member_does_not_lock_the_rest() -> None:
    good, locked = zipped({"a.txt": POLICY}), encrypted(zipped({"a.txt": POLICY}))
    assert [str(content) for _name, content in members(locked)] == ["设有密码;请去除密码后重新压缩"]
    assert [content for _name, content in members(good)] == [TEXT]


def test_limits_are_counted_on_what_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 3000)
    with pytest.raises(ReadError, match="解开后超过"):
        list(members(zipped({f"{n}.txt": b"x" * 1000 for n in range(4)})))
    monkeypatch.undo()
    (_, content), (_, other) = members(zipped({"a.txt": b"\0" * 3 * 2**20, "b.txt": POLICY}))
    assert "压缩比" in str(content)
    assert other == TEXT


def test_members_keep_their_names_and_have_their_own_readers() -> None:
    data = zipped({"a/甲.txt": POLICY, "b.md": "# 标题\n\n" + POLICY}, zipfile.ZIP_STORED)
    found = list(read(data, "x.zip"))
    assert [one.name for one in found] == ["a/甲.txt", "b.md"]
    assert found[1].lines[0].heading
