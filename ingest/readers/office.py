"""What office files share: the zip package of the newer formats, the compound file of the older, and LibreOffice.

A package is looked through before any library opens it: a part that unpacks to more than a document could need, a
password, a document type (which is how XML would be made to grow or to reach for other files) are refused.
"""

import shutil
import signal
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from os import defpath, environ, killpg
from pathlib import Path
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from ingest.lines import HEADLINE_CHARS, Extracted, Line, whole_line
from vectorstore.errors import ReadError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PASSWORD = "文档有密码保护;请去掉密码后重试"  # noqa: S105 - what a user is told
MOST_PART = 200 * 2**20
MOST_WHOLE = 2 * MOST_PART
MOST_PARTS = 20_000
SECONDS = 60.0
_SENTENCE_END = frozenset("。!?！？;；")
BROKEN = (BadZipFile, LargeZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError)
_BLOCK = 2**20
_XML = (".xml", ".rels", ".vml")
_PAGES = (".xhtml", ".html", ".htm", ".opf", ".ncx")  # of a book
_DOCTYPE = b"<!DOCTYPE"
_ENTRY_NAME = 64  # bytes that a name takes in the directory of a compound file
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
</item>
</oor:items>
"""


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


def read_doc(data: bytes) -> Extracted:
    """Return the lines of a .doc or .wps file, which LibreOffice makes a .docx of. Raises ReadError."""
    from ingest.readers.docx import read_docx  # which itself opens its package with this module

    if data.startswith(OLE):
        refuse_password(data)
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise ReadError("需要 LibreOffice 才能读 .doc/.wps 文件;请安装 libreoffice-writer,或另存为 .docx 后重试")
    with tempfile.TemporaryDirectory(prefix="zhengce-", ignore_cleanup_errors=True) as folder:
        return read_docx(_converted(program, data, Path(folder)))


def _converted(program: str, data: bytes, folder: Path) -> bytes:
    """Return the .docx that LibreOffice makes of ``data``, with a profile of its own in which no macro runs."""
    source, result, profile = folder / "document.doc", folder / "out" / "document.docx", folder / "profile"
    source.write_bytes(data)
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
    command += ["--convert-to", "docx", "--outdir", str(result.parent), str(source)]
    surroundings = {"PATH": environ.get("PATH", defpath), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    try:
        _run(command, surroundings)
        return result.read_bytes()
    except subprocess.TimeoutExpired as error:
        raise ReadError(f"LibreOffice 转换超过 {SECONDS:g} 秒,已停止;请另存为 .docx 后重试") from error
    except (OSError, subprocess.CalledProcessError) as error:
        raise ReadError("LibreOffice 打不开这个文件;请用原来的软件另存为 .docx 后重试") from error


def _run(command: list[str], surroundings: dict[str, str]) -> None:
    """Run ``command`` in a session of its own: soffice is a script, and the program behind it has to end with it."""
    with subprocess.Popen(  # noqa: S603 - no shell, no argument from outside
        command,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            status = process.wait(SECONDS)
        except BaseException:
            killpg(process.pid, signal.SIGKILL)
            raise
    if status:
        raise subprocess.CalledProcessError(status, command[0])


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
