"""ZIP archives: the files in them one by one, in memory, within limits that the headers have no say in.

Names are only names: nothing is ever written to a path. What one member holds never keeps the others from being read.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import PurePosixPath

from ingest.lines import Extracted
from vectorstore.errors import ReadError

MOST_MEMBERS = 1000
MOST_BYTES = 256 * 2**20  # of all members, unpacked
MOST_MEMBER_BYTES = 64 * 2**20
MOST_RATIO = 200  # unpacked to packed; text that people write stays below 20
_RATIO_FROM = 2**20  # smaller members may be as repetitive as they like
_BLOCK = 2**16
_MOST_WARNINGS = 20
_MOST_REASONS = 3
_NAME_CHARS = 40
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1
_NO_DOCUMENTS = re.compile(r"(?:^|/)(?:__MACOSX(?:/|$)|\.(?!\.?(?:/|$))|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


def read_archive(
    data: bytes, read: Callable[[bytes, str], list[Extracted]], suffixes: Sequence[str]
) -> list[Extracted]:
    """Return what the members of ``data`` with one of ``suffixes`` hold, each under its name.

    The reasons of those that cannot be read are warnings on the others. Raises ReadError where none can be read or the
    archive as a whole breaks a limit.
    """
    found: list[Extracted] = []
    refused: list[str] = []
    for name, content in members(data):
        try:
            if isinstance(content, ReadError):
                raise content
            if not name.lower().endswith(tuple(suffixes)):
                raise ReadError("不支持的文件类型,已跳过")
            found += [replace(one, name="!/".join(filter(None, (name, one.name)))) for one in read(content, name)]
        except ReadError as error:
            refused.append(f"压缩包内 {_short(name)}:{error}")
    if not found:
        raise ReadError(_reasons(refused))
    shown = refused[:_MOST_WARNINGS]
    if len(refused) > len(shown):
        shown.append(f"压缩包内另有 {len(refused) - len(shown)} 个文件未能读取")
    return [replace(one, warnings=(*one.warnings, *shown)) for one in found]


def members(data: bytes) -> Iterator[tuple[str, bytes | ReadError]]:
    """Yield the name and content of each file in the ZIP archive ``data``, or why it cannot be had.

    Raises ReadError where the archive is damaged or holds too much.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except _FAULTS:
        raise ReadError("压缩包不完整或已损坏;请重新压缩后再试") from None
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_MEMBERS:
            raise ReadError(f"压缩包里有 {len(infos)} 个文件,上限 {MOST_MEMBERS} 个;请分成几个压缩包")
        total = 0
        for info in infos:
            name = _name(info)
            if _NO_DOCUMENTS.search(name):
                continue
            content = _content(archive, info, MOST_BYTES - total)
            total += len(content) if isinstance(content, bytes) else 0
            yield _harmless(name), content


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> bytes | ReadError:
    """Unpack one member, counting what really comes out; ``left`` bytes may still come in all. Raises ReadError."""
    if info.flag_bits & _ENCRYPTED:
        return ReadError("设有密码;请去除密码后重新压缩")
    blocks: list[bytes] = []
    size = 0
    try:
        with archive.open(info) as member:
            while block := member.read(_BLOCK):
                size += len(block)
                if size > left:
                    raise ReadError(f"压缩包解开后超过 {MOST_BYTES // 2**20} MB;请分成几个压缩包")
                if size > MOST_MEMBER_BYTES:
                    return ReadError(f"解开后超过 {MOST_MEMBER_BYTES // 2**20} MB,已跳过")
                if size > _RATIO_FROM and size > MOST_RATIO * max(info.compress_size, 1):
                    return ReadError(f"压缩比超过 {MOST_RATIO} 倍,疑似压缩炸弹,已跳过")
                blocks.append(block)
    except NotImplementedError:
        return ReadError("压缩方式不支持;请用普通 ZIP 方式重新压缩")
    except _FAULTS:
        return ReadError("内容不完整或已损坏;请重新压缩后再试")
    return b"".join(blocks)


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name that the archiver meant: without the flag for UTF-8 it wrote the bytes of its own code page."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8_NAME:
        raw = name.encode("cp437")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.partition("\0")[0].replace("\\", "/")


def _harmless(name: str) -> str:
    """Return ``name`` without the parts that would lead out of a folder or break a line."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..") and not part.endswith(":")]
    return "".join(c if c.isprintable() else " " for c in "/".join(parts)) or "(无名)"


def _short(name: str) -> str:
    last = PurePosixPath(name).name
    return last if len(last) <= _NAME_CHARS else last[: _NAME_CHARS // 2] + "…" + last[-_NAME_CHARS // 2 :]


def _reasons(refused: list[str]) -> str:
    if not refused:
        return "压缩包里没有文件"
    more = f";另有 {len(refused) - _MOST_REASONS} 个文件" if len(refused) > _MOST_REASONS else ""
    return ";".join(dict.fromkeys(refused[:_MOST_REASONS])) + more
