"""What office files share: the zip package of the newer formats, the compound file of the older.

A package is looked through before any library opens it: a part that unpacks to more than a document could need, a
password, a document type (which is how XML would be made to grow or to reach for other files) are refused.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from ingest.lines import HEADLINE_CHARS, Line, whole_line
from vectorstore.errors import ReadError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PASSWORD = "文档有密码保护;请去掉密码后重试"  # noqa: S105 - what a user is told
MOST_PART = 200 * 2**20
MOST_WHOLE = 2 * MOST_PART
MOST_PARTS = 20_000
_SENTENCE_END = frozenset("。!?！？;；")
BROKEN = (BadZipFile, LargeZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError)
_BLOCK = 2**20
_XML = (".xml", ".rels", ".vml")
_PAGES = (".xhtml", ".html", ".htm", ".opf", ".ncx")  # of a book
_DOCTYPE = b"<!DOCTYPE"
_ENTRY_NAME = 64  # bytes that a name takes in the directory of a compound file


def open_package(data: bytes, what: str, *, doctype: bool = False) -> ZipFile:
    """Return the zip package ``data`` of a ``what`` file, all its parts looked through. Raises ReadError.

    ``doctype``: whether its XML may declare a document type, as that of a book may.
    """
    try:
        package = ZipFile(BytesIO(data))
        parts = package.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_WHOLE:
            raise ReadError(f"{what} 文件解压后过大;请拆成小文件后重试")
        for part in parts:
            _look_through(package, part, what, doctype)
    except BROKEN as error:
        raise ReadError(damaged(what)) from error
    return package


def damaged(what: str) -> str:
    """Return what is said of a ``what`` file that cannot be opened."""
    return f"{what} 文件已损坏,无法读取;请用原来的软件打开并另存后重试"


def text_lines(text: str, *, heading: bool = False) -> Iterator[Line]:
    """Yield the lines of a paragraph; one that is long or a sentence is no heading, whatever its style."""
    for part in text.split("\n"):
        short = len(part) <= HEADLINE_CHARS and _SENTENCE_END.isdisjoint(part)
        if line := whole_line(part, heading=heading and short):
            yield line


def ole_has(data: bytes, name: str) -> bool:
    """Whether the directory of the compound file ``data`` lists a stream called ``name``."""
    size = 2 * len(name) + 2  # with the zero that ends it
    return name.encode("utf-16-le").ljust(_ENTRY_NAME, b"\0") + size.to_bytes(2, "little") in data


def refuse_password(data: bytes) -> None:
    """Raise ReadError where the compound file ``data`` is an encrypted document, new or old."""
    flags = int.from_bytes(data[522:524], "little")  # of a Word document that begins in the first sector
    if ole_has(data, "EncryptedPackage") or (data[512:514] == b"\xec\xa5" and flags & 0x0100):
        raise ReadError(PASSWORD)


def _look_through(package: ZipFile, part: ZipInfo, what: str, doctype: bool) -> None:
    """Unpack ``part`` once, block by block, and refuse it where it is locked, too large or declares a type."""
    if part.flag_bits & 1:
        raise ReadError(PASSWORD)
    if part.file_size > MOST_PART:
        raise ReadError(f"{what} 文件解压后过大;请拆成小文件后重试")
    name = part.filename.lower()
    if not name.endswith(_XML + _PAGES):
        return
    size, tail = 0, b""
    with package.open(part) as stream:
        while block := stream.read(_BLOCK):
            size += len(block)
            seen = tail + block.replace(b"\0", b"")  # UTF-16 reads as ASCII then
            if size > MOST_PART:
                raise ReadError(f"{what} 文件解压后过大;请拆成小文件后重试")
            if not doctype and name.endswith(_XML) and _DOCTYPE in seen:
                raise ReadError(f"{what} 文件含有文档类型声明,可能有害,已拒绝;请用原来的软件另存后重试")
            tail = seen[-len(_DOCTYPE) :]
