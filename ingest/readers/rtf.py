"""RTF as Pandoc can read it.

Pandoc knows none of the code pages that Chinese is written in there, and it counts the items of a list by itself,
while the file holds the labels as they were printed.
"""

import codecs
import re

_TOKEN = re.compile(
    rb"\\'[0-9a-fA-F]{2}|\\([a-zA-Z]{1,32})(-?\d{1,9})? ?|\\[^a-zA-Z]|[{}]|[\r\n]+|[^\\{}\r\n]+", re.DOTALL
)
_MARKUP = re.compile(rb"\\[a-zA-Z]+-?\d* ?|\\.|[{}\s]", re.DOTALL)
_PROPERTIES = re.compile(rb"(?:\s|[{}]|\\\*|\\[a-zA-Z]+-?\d*)*")
_CHARSETS = {b"134": "gb18030", b"136": "big5", b"128": "cp932", b"129": "cp949"}
_PAGES = {b"936": "gb18030", b"950": "big5", b"932": "cp932", b"949": "cp949"}
_HIGH, _LOW, _END = 0xD800, 0xDC00, 0xE000  # where the halves of a character beyond 16 bits lie


def plainer(data: bytes) -> bytes:
    """Return the RTF document ``data`` in UTF-8, the labels of its lists as text, without bullets."""
    return _Rtf(data).rewritten()


class _Rtf:
    """Goes through the tokens of a document and writes them anew."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._out: list[bytes] = []
        self._decoder = codecs.getincrementaldecoder(_encoding(data))("replace")
        self._after = [1]  # characters that stand in for a Unicode one, in each group that is open
        self._skip = 0
        self._half = 0  # the first half of a character beyond 16 bits
        self._label: tuple[int, int] | None = None  # groups that are open in a label, and where it begins

    def rewritten(self) -> bytes:
        """Return the whole document."""
        at = 0
        while token := _TOKEN.match(self._data, at):
            at = token.end()
            if token[1] is not None:
                at += self._word(token[0], token[1], int(token[2] or 0))
                if token[1] == b"row" and self._ends_table(at):
                    self._out.append(b"\\pard\\~\\par ")  # before an empty one Pandoc would lose the table
            elif token[0] in (b"{", b"}"):
                self._group(token[0])
            elif token[0].startswith(b"\\'"):
                self._text(bytes.fromhex(token[0][2:].decode()))
            elif token[0].startswith(b"\\"):
                self._out += [] if self._skipped() else [token[0]]
            elif token[0].isspace():
                self._out.append(token[0])
            else:
                self._text(token[0])
        return b"".join(self._out)

    def _word(self, token: bytes, name: bytes, number: int) -> int:
        """Take a control word; return how many bytes of something else follow it."""
        if name == b"u":
            self._unicode(number % 0x10000)
        elif self._skipped():
            pass
        elif name == b"uc":
            self._after[-1] = max(0, number)
        elif name == b"bin":
            return max(0, number)
        elif name in (b"listtext", b"pntext"):
            self._label = (len(self._after), len(self._out))
        elif name not in (b"ls", b"ansicpg"):
            self._out.append(token)
        return 0

    def _ends_table(self, at: int) -> bool:
        """Whether what comes at ``at``, after a row, is neither another row nor a cell."""
        properties = _PROPERTIES.match(self._data, at)
        return not properties or not re.search(rb"\\(?:intbl|trowd)", properties[0])

    def _unicode(self, unit: int) -> None:
        self._skip = self._after[-1]
        if _HIGH <= unit < _LOW:
            self._half = unit
        elif not _LOW <= unit < _END:
            self._out.append(_escaped(chr(unit)))
        elif self._half:
            self._out.append(_escaped(chr(0x10000 + ((self._half - _HIGH) << 10) + unit - _LOW)))
            self._half = 0

    def _group(self, brace: bytes) -> None:
        self._skip = 0
        self._decoder.reset()
        if brace == b"{":
            self._after.append(self._after[-1])
        else:
            if self._label and self._label[0] == len(self._after):
                self._end_label(self._label[1])
            if len(self._after) > 1:
                self._after.pop()
        self._out.append(brace)

    def _end_label(self, start: int) -> None:
        """Drop what was written since ``start`` where it is a bullet: a single sign that counts nothing."""
        self._label = None
        shown = _MARKUP.sub(b"", b"".join(self._out[start:])).decode()
        if len(shown) <= 1 and not shown.isnumeric():
            del self._out[start:]

    def _text(self, raw: bytes) -> None:
        taken = min(self._skip, len(raw))
        self._skip -= taken
        self._out.append(_escaped(self._decoder.decode(raw[taken:])))

    def _skipped(self) -> bool:
        """Whether a control word is one of those that stand in for a character."""
        if self._skip:
            self._skip -= 1
            return True
        self._decoder.reset()
        return False


def _encoding(data: bytes) -> str:
    """Return the encoding of an RTF file: that of its code page, or of its fonts where those are East Asian."""
    page = re.search(rb"\\ansicpg(\d+)", data)
    if page and page[1] in _PAGES:
        return _PAGES[page[1]]
    for charset, encoding in _CHARSETS.items():
        if re.search(rb"\\fcharset" + charset + rb"(?!\d)", data):
            return encoding
    try:
        return codecs.lookup(f"cp{page[1].decode()}").name if page else "cp1252"
    except LookupError:
        return "cp1252"


def _escaped(text: str) -> bytes:
    """Write ``text`` in UTF-8, its braces and backslashes as text."""
    return re.sub(r"([\\{}])", r"\\\1", text).encode()
