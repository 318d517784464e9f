"""From the bytes of a file to its text: UTF-8 (with or without BOM), UTF-16 and GB18030 told apart.

Strict decoding decides, not statistics: a text that is valid UTF-8 is UTF-8, and GB18030 is taken only where what it
gives reads as Chinese. What is none of these is refused with a reason, never guessed into mojibake.
"""

import codecs

from vectorstore.errors import ReadError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 4096


def decode(data: bytes) -> str:
    """Return the text of ``data``. Raises ReadError with the reason in Chinese."""
    if not data.strip(b"\0 \t\r\n\f"):
        raise ReadError("文件是空的")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data, encoding, f"文件以 {encoding} 标记开头,但内容不是有效的 {encoding} 文本")
    for encoding in ("utf-16-le", "utf-16-be") if b"\0" in data[:_SAMPLE] or _looks_utf16(data) else ():
        text = _try(data, encoding)
        if text is not None and _reads_as_text(text):
            return text
    if b"\0" in data:
        raise ReadError("不是文本文件(含二进制内容)")
    for encoding in ("utf-8", "gb18030"):
        text = _try(data, encoding)
        if text is not None and _reads_as_text(text):
            return text
    raise ReadError("无法识别文字编码;请另存为 UTF-8、UTF-16 或 GB18030 后重试")


def _strict(data: bytes, encoding: str, complaint: str) -> str:
    text = _try(data, encoding)
    if text is None or not _reads_as_text(text):
        raise ReadError(complaint)
    if not text.strip("\ufeff \t\r\n\f"):
        raise ReadError("文件是空的")
    return text


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _looks_utf16(data: bytes) -> bool:
    """Chinese in UTF-16 without BOM holds no zero byte, but every other byte lies in the range of 4E–9F."""
    if len(data) % 2 or data[:_SAMPLE].isascii():
        return False  # plain ASCII has small letters in that range, too
    sample = data[:_SAMPLE]
    return any(sum(0x4E <= b <= 0x9F for b in half) > 0.7 * len(half) for half in (sample[::2], sample[1::2]))


def _reads_as_text(text: str) -> bool:
    """Whether ``text`` is free of control characters and made mostly of letters and marks that documents use."""
    sample = text[: 4 * _SAMPLE]
    controls = sum((c < " " and c not in "\t\r\n\f\v\x1a") or c == "\ufffd" for c in sample)
    private = sum("\ue000" <= c <= "\uf8ff" or "\x80" <= c <= "\x9f" for c in sample)
    rare = sum(c >= "\u0250" and not _common(c) for c in sample)
    return controls == 0 and private <= 0.02 * len(sample) and rare <= 0.3 * len(sample)


def _common(c: str) -> bool:
    return (
        "\u2000" <= c <= "\u27bf" or "\u3000" <= c <= "\u33ff" or "\u4e00" <= c <= "\u9fff" or "\uff00" <= c <= "\uffef"
    )
