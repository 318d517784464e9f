"""One reader for each format: the bytes of a file in, the lines that it holds out (``ingest.lines.Extracted``).

    data, name → detect(data, name) → the reader of that format → Extracted (an archive: one for each file in it)

A reader is a function ``read_x(data: bytes) -> Extracted`` that raises ReadError with one Chinese line naming the
reason and, where there is one, the mend. What it needs is imported when the first such file comes. It runs in a process
of its own under limits of memory and time (``ingest.isolation``), so it need not defend itself against either.
"""

from collections.abc import Callable, Iterator
from importlib import import_module

from ingest.lines import Extracted
from ingest.readers.archive import read_archive
from ingest.readers.detect import Format, detect
from vectorstore.errors import ReadError

Read = Callable[[bytes], Extracted]

_MAILS = (Format.EML, Format.MSG)

SUFFIXES = (  # what folders are searched for and uploads accept
    ".txt", ".md", ".markdown", ".html", ".htm", ".docx", ".docm", ".doc", ".wps", ".odt", ".rtf", ".epub", ".pdf", ".ofd",
    ".xlsx", ".csv", ".tsv", ".eml", ".msg", ".zip", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp",
)  # fmt: skip
_READERS = {
    Format.TEXT: "plain:read_plain",
    Format.MARKDOWN: "plain:read_markdown",
    Format.HTML: "html:read_html",
    Format.CSV: "spreadsheet:read_csv",
    Format.DOCX: "docx:read_docx",
    Format.XLSX: "spreadsheet:read_xlsx",
    Format.ODT: "pandoc:read_odt",
    Format.EPUB: "pandoc:read_epub",
    Format.RTF: "pandoc:read_rtf",
    Format.DOC: "doc:read_doc",
    Format.PDF: "pdf:read_pdf",
    Format.OFD: "ofd:read_ofd",
    Format.IMAGE: "image:read_image",
}


def read(data: bytes, name: str) -> Iterator[Extracted]:
    """Yield what the file ``name`` holds. Raises ReadError."""
    format_ = detect(data, name)
    if format_ is Format.ZIP:
        yield from read_archive(data, _read_member, SUFFIXES)
    elif format_ in _MAILS:
        yield from _mail(format_, data)
    else:
        yield _read_one(data, name)


def _mail(format_: Format, data: bytes) -> list[Extracted]:
    from ingest.readers import mail

    return (mail.read_eml if format_ is Format.EML else mail.read_msg)(data, _read_one)


def _read_member(data: bytes, name: str) -> list[Extracted]:
    """Return what a member of an archive holds: more than one thing where it is a mail."""
    format_ = detect(data, name)
    return _mail(format_, data) if format_ in _MAILS else [_read_one(data, name)]


def _read_one(data: bytes, name: str) -> Extracted:
    format_ = detect(data, name)
    if format_ is Format.ZIP:
        raise ReadError("里面的压缩包不再逐层展开;请解压后上传")
    if format_ in _MAILS:
        raise ReadError("里面的邮件不再逐层展开;请另存后上传")
    module, _, function = _READERS[format_].partition(":")
    read_it: Read = getattr(import_module(f"ingest.readers.{module}"), function)
    return read_it(data)
