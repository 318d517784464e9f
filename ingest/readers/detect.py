"""What format the bytes of a file are: told from the content; the name only decides between kinds of plain text.

    bytes → a container looked into (ZIP, OLE2) | a signature | mark-up | plain text, whose kind its name tells

What no reader could ever take is refused here, with the way to make a readable file of it.
"""

import re
import struct
import zipfile
from enum import StrEnum
from io import BytesIO
from pathlib import PurePath

from vectorstore.errors import ReadError

_HEAD = 65536
_PDF_JUNK = 1024  # bytes before %PDF that viewers put up with
_MARKDOWN = (".md", ".markdown")
_TABLES = (".csv", ".tsv")
_PAGES = (".html", ".htm", ".xhtml", ".shtml")
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
_ENTRY = 128  # bytes of an entry in the directory of an OLE2 file
_END = 0xFFFFFFFA  # this and all above mark ends and free sectors
_MOST_SECTORS = 4096  # that are looked at: a directory is small


class Format(StrEnum):
    """A format that a reader may know; the value is what people call it."""

    TEXT = "文本"
    MARKDOWN = "Markdown"
    HTML = "HTML"
    CSV = "CSV"
    DOCX = "DOCX"
    XLSX = "XLSX"
    ODT = "ODT"
    EPUB = "EPUB"
    RTF = "RTF"
    DOC = "DOC/WPS"
    PDF = "PDF"
    OFD = "OFD"
    IMAGE = "图片"
    EML = "邮件"
    MSG = "MSG 邮件"
    ZIP = "ZIP"


_UNPACK = "请解压后上传其中的文件,或改用 ZIP 压缩"
_TO_XLSX = "请另存为 XLSX 或 CSV"
_TO_SLIDES = "请另存为 PDF"
_TO_PNG = "请另存为 PNG 或 JPEG"
_NO_TEXT = "不是文档,请只上传文档"
_NO_SOUND = "不含文字,请上传它的文字稿"

_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_REFUSED = (  # offset, signature, what it is, the mend
    (0, b"7z\xbc\xaf\x27\x1c", "7z 压缩", _UNPACK),
    (0, b"Rar!\x1a\x07", "RAR 压缩", _UNPACK),
    (0, b"\x1f\x8b", "GZIP 压缩", _UNPACK),
    (0, b"BZh", "BZIP2 压缩", _UNPACK),
    (0, b"\xfd7zXZ\0", "XZ 压缩", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard 压缩", _UNPACK),
    (0, b"MSCF\0", "CAB 压缩", _UNPACK),
    (257, b"ustar", "TAR 打包", _UNPACK),
    (0, b"\x7fELF", "可执行", _NO_TEXT),
    (0, b"\xca\xfe\xba\xbe", "可执行", _NO_TEXT),
    (0, b"\xcf\xfa\xed\xfe", "可执行", _NO_TEXT),
    (0, b"L\0\0\0\x01\x14\x02\0", "快捷方式", "请上传它指向的文档"),
    (0, b"SQLite format 3\0", "SQLite 数据库", _NO_TEXT),
    (0, b"-----BEGIN ", "证书或密钥", "不应入库,请移走"),
    (0, b"ID3", "MP3 音频", _NO_SOUND),
    (0, b"OggS", "OGG 音频", _NO_SOUND),
    (0, b"fLaC", "FLAC 音频", _NO_SOUND),
    (0, b"#!AMR", "AMR 音频", _NO_SOUND),
    (0, b"\x1aE\xdf\xa3", "MKV 视频", _NO_SOUND),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMV 视频", _NO_SOUND),
    (0, b"FLV\x01", "FLV 视频", _NO_SOUND),
    (4, b"ftypheic", "HEIC 图片", _TO_PNG),
    (4, b"ftypmif1", "HEIC 图片", _TO_PNG),
    (4, b"ftypavif", "AVIF 图片", _TO_PNG),
    (4, b"ftyp", "MP4 视频", _NO_SOUND),
    (0, b"GIF8", "GIF 图片", _TO_PNG),
    (0, b"8BPS", "PSD 图片", _TO_PNG),
    (0, b"%!PS", "PostScript", "请转换为 PDF"),
    (0, b"\0\x01\0\0\0", "字体", _NO_TEXT),
    (0, b"OTTO\0", "字体", _NO_TEXT),
)
_CONTAINED = (  # what a ZIP container holds
    (re.compile(r"word/document\d*\.xml"), Format.DOCX),
    (re.compile(r"xl/workbook\d*\.xml"), Format.XLSX),
    (re.compile(r"OFD\.xml"), Format.OFD),
    (re.compile(r"ppt/.*"), ("PPTX 演示", _TO_SLIDES)),
    (re.compile(r"xl/workbook\.bin"), ("XLSB 表格", _TO_XLSX)),
    (re.compile(r"visio/.*"), ("VSDX 绘图", _TO_SLIDES)),
    (re.compile(r"AndroidManifest\.xml"), ("APK 安装", _NO_TEXT)),
    (re.compile(r"META-INF/MANIFEST\.MF"), ("JAR 程序", _NO_TEXT)),
    (re.compile(r"META-INF/container\.xml"), Format.EPUB),
)
_MIMETYPES: dict[str, Format | tuple[str, str]] = {
    "application/vnd.oasis.opendocument.text": Format.ODT,
    "application/vnd.oasis.opendocument.text-template": Format.ODT,
    "application/epub+zip": Format.EPUB,
    "application/vnd.oasis.opendocument.spreadsheet": ("ODS 表格", _TO_XLSX),
    "application/vnd.oasis.opendocument.presentation": ("ODP 演示", _TO_SLIDES),
}
_STREAMS: tuple[tuple[str, Format | tuple[str, str]], ...] = (
    ("WordDocument", Format.DOC),
    ("Workbook", ("XLS 表格", _TO_XLSX)),
    ("Book", ("XLS 表格", _TO_XLSX)),
    ("PowerPoint Document", ("PPT 演示", _TO_SLIDES)),
    ("VisioDocument", ("VSD 绘图", _TO_SLIDES)),
    ("__properties_version1.0", Format.MSG),
)
_WHOLE_PAGE = re.compile(r"<!doctype\s+html|<(?:html|head|body)[\s>]", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"<(?:meta|title|link|style|script|div|p|table|h[1-6]|section|article|main|center)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_CLOSING = re.compile(
    r"</(?:html|head|body|title|div|p|table|td|h[1-6]|section|article|main|center|span|a)\s*>", re.IGNORECASE
)
_MAIL_HEAD = re.compile(
    r"(?:[!-9;-~]{1,60}:(?:[ \t].*)?\r?\n(?:[ \t].*\r?\n)*){3,}"
)  # fields, some of them over several lines
_SENT = re.compile(r"^From:(?!\s*<?Saved by)", re.IGNORECASE | re.MULTILINE)
_MAIL_FIELD = re.compile(
    r"^(?:To|Cc|Subject|Date|Message-ID|MIME-Version|Received|Return-Path):", re.IGNORECASE | re.MULTILINE
)
_PREAMBLE = re.compile(r"(?:\ufeff|\s|<\?xml[^>]*\?>|<!--.*?-->)+", re.DOTALL)


def detect(data: bytes, name: str) -> Format:
    """Return the format of ``data``, a file called ``name``. Raises ReadError where no reader could ever take it."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _settled(_contained(data))
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _settled(_compound(data))
    if re.match(rb"\s*\{\\rtf", data):
        return Format.RTF
    if _is_pdf(data):
        return Format.PDF
    if data.startswith(_IMAGES) or _is_bitmap(data) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return Format.IMAGE
    for offset, signature, what, mend in _REFUSED:
        if data.startswith(signature, offset):
            return _settled((what, mend))
    if data.startswith(b"MZ") and b"\0" in data[:64]:
        return _settled(("EXE 程序", _NO_TEXT))
    if data.startswith(b"RIFF") and data[8:12] in (b"WAVE", b"AVI "):
        return _settled(("音视频", _NO_SOUND))
    if data[:1] == b"\xff" and data[1:2] in (b"\xfb", b"\xf3", b"\xf2") and b"\0" in data[:512]:
        return _settled(("MP3 音频", _NO_SOUND))
    return _settled(_written(_opening(data), PurePath(name).suffix.lower()))


def _settled(found: Format | tuple[str, str]) -> Format:
    if isinstance(found, Format):
        return found
    what, mend = found
    before, after = (" " if end.isascii() else "" for end in (what[0], what[-1]))
    raise ReadError(f"这是{before}{what}{after}文件,{mend}")


def _is_pdf(data: bytes) -> bool:
    """Whether it is a PDF, perhaps behind junk; a text may speak of ``%PDF-1.7`` but holds no objects."""
    return data.startswith(b"%PDF-") or (
        re.search(rb"%PDF-\d\.\d", data[: _PDF_JUNK + 8]) is not None and re.search(rb"\d \d+ obj\b", data) is not None
    )


def _is_bitmap(data: bytes) -> bool:
    return data.startswith(b"BM") and len(data) > 18 and int.from_bytes(data[14:18], "little") in _BMP_HEADERS


def _contained(data: bytes) -> Format | tuple[str, str]:
    """Tell ZIP containers apart by what is in them."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as container:
            names = container.namelist()
            mimetype = _MIMETYPES.get(_mimetype(container)) if "mimetype" in names else None
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise ReadError("文件不完整或已损坏(压缩目录缺失);请重新下载或重新保存后再试") from None
    if mimetype:
        return mimetype
    for pattern, found in _CONTAINED:
        if any(pattern.fullmatch(name) for name in names):
            return found
    return Format.ZIP


def _mimetype(container: zipfile.ZipFile) -> str:
    try:
        with container.open("mimetype") as member:
            return member.read(100).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError):
        return ""  # the other names tell


def _compound(data: bytes) -> Format | tuple[str, str]:
    """Tell OLE2 files apart by the streams at their root; those of embedded objects lie deeper."""
    streams = _root_streams(data)
    if "EncryptedPackage" in streams:
        raise ReadError("文档设有打开密码;请去除密码后重试")
    for stream, found in _STREAMS:
        if stream in streams:
            return found
    if not streams:
        raise ReadError("文件不完整或已损坏;请用 Word 或 WPS 打开后重新保存")
    return "OLE 复合", "其中没有可读的正文;请另存为 DOCX 或 PDF"


def _root_streams(data: bytes) -> set[str]:
    """Return the names of streams and storages at the root of ``data``; empty where its directory cannot be read."""
    try:
        return _children_of_root(_directory(data))
    except (struct.error, IndexError, UnicodeDecodeError):
        return set()


def _directory(data: bytes) -> list[bytes]:
    """Return the entries of the directory, found by its chain of sectors."""
    size = 1 << min(struct.unpack_from("<H", data, 30)[0], 16)
    tables = [sector for sector in struct.unpack_from("<109I", data, 76) if sector < _END]
    entries: list[bytes] = []
    sector = struct.unpack_from("<I", data, 48)[0]
    for _ in range(_MOST_SECTORS):
        if sector >= _END:
            break
        block = data[(sector + 1) * size : (sector + 2) * size]
        entries += [block[at : at + _ENTRY] for at in range(0, len(block), _ENTRY)]
        table, within = divmod(sector, size // 4)
        sector = struct.unpack_from("<I", data, (tables[table] + 1) * size + 4 * within)[0]
    return entries


def _children_of_root(entries: list[bytes]) -> set[str]:
    """Walk the tree of siblings under the first entry."""
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [struct.unpack_from("<I", entries[0], 76)[0]]
    while waiting:
        at = waiting.pop()
        if at >= len(entries) or at in seen:
            continue
        seen.add(at)
        entry = entries[at]
        length = struct.unpack_from("<H", entry, 64)[0]
        names.add(entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le"))
        waiting += struct.unpack_from("<2I", entry, 68)
    return names


def _opening(data: bytes) -> str:
    """Return the first characters of a text; tags are ASCII, so the encoding matters only where it is UTF-16."""
    head = data[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    if b"\0" in head[:4]:
        return head.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", "replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _written(text: str, suffix: str) -> Format | tuple[str, str]:
    """Tell mark-up from plain text, and kinds of plain text by ``suffix``."""
    preamble = _PREAMBLE.match(text)
    body = text[preamble.end() :] if preamble else text
    if _WHOLE_PAGE.match(body) and (_CLOSING.search(body) or suffix in _PAGES):
        return Format.HTML
    if re.match(r"<svg[\s>]|<!DOCTYPE svg", body):
        return "SVG 图形", "请导出为 PDF 或 PNG"
    if "<w:wordDocument" in body[:4096] or 'progid="Word.Document"' in text[:1024]:
        return "Word 2003 XML", "请用 Word 或 WPS 另存为 DOCX"
    if text.lstrip("\ufeff \r\n\t").startswith("<?xml") and not _FRAGMENT.match(body):
        return "XML 数据", "请转换为文本、CSV 或 DOCX"
    if (head := _MAIL_HEAD.match(body)) and _SENT.search(head[0]) and len(_MAIL_FIELD.findall(head[0])) > 1:
        return Format.EML
    if re.search(r"^Content-Type:\s*multipart/related", body[:4096], re.IGNORECASE | re.MULTILINE):
        return "MHT 网页", "请另存为 HTML 或 PDF"
    if suffix in _MARKDOWN:
        return Format.MARKDOWN
    if len(_CLOSING.findall(body)) >= 2 and (_FRAGMENT.match(body) or (suffix in _PAGES and _FRAGMENT.search(body))):
        return Format.HTML
    return Format.CSV if suffix in _TABLES else Format.TEXT
