"""How much one file may hold once it is read: a small file can be a long line, and a long line a great deal of work.

What the product is made for is far below: a book has a million characters, a long paragraph some thousands. Whatever is
above is refused with the mend, before the step that it would hold up: characters before lines are made, a paragraph while
it is healed, units and chunks as they are counted.
"""

from collections.abc import Iterable, Iterator, Sequence

from ingest.lines import Line
from vectorstore.errors import ReadError
from vectorstore.records import Chunk, Unit

CHARS = 8_000_000
LINES = 300_000
LINE_CHARS = 1_000_000  # a law whose line breaks were lost is one line
PARAGRAPH_CHARS = 200_000
SENTENCE_CHARS = 50_000
UNITS = 50_000
CHUNKS = 50_000
ELEMENTS = 200_000  # of a web page: each takes some KB while the main text is looked for
DEPTH = 400  # elements within elements; a page of many tables within tables has some 60
CELLS = 2_000_000  # of a table, those counted again that a merged cell covers

_SPLIT = "请拆成几个文件后重试"


def check_text(chars: int, lines: int = 0) -> None:
    """Refuse a text of so many characters and lines. Raises ReadError."""
    if chars > CHARS:
        raise ReadError(f"正文有 {chars:,} 字,上限 {CHARS:,} 字;{_SPLIT}")
    if lines > LINES:
        raise ReadError(f"正文有 {lines:,} 行,上限 {LINES:,} 行;{_SPLIT}")


def bounded(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield ``lines`` until they are more than may be, so that no more of them are made. Raises ReadError."""
    chars = 0
    for count, line in enumerate(lines, 1):
        chars += len(line.text)
        check_text(chars, count)
        yield line


def check_page(elements: int, depth: int = 0) -> None:
    """Refuse a web page of so many elements, so deep within each other. Raises ReadError."""
    if elements > ELEMENTS:
        raise ReadError(f"网页有 {elements:,} 个标签,上限 {ELEMENTS:,} 个;请拆成几个文件,或另存为 TXT、DOCX 后重试")
    if depth > DEPTH:
        raise ReadError(f"网页的标签套了 {DEPTH} 层以上;请在浏览器中打开,把正文复制到 TXT 或 DOCX 文件后重试")


def check_cells(cells: int) -> None:
    """Refuse a table of so many cells. Raises ReadError."""
    if cells > CELLS:
        raise ReadError(f"一张表有 {CELLS:,} 个以上的单元格(合并的按占的格数计);请拆开合并的单元格或拆成几张表后重试")


def check_line(chars: int) -> None:
    """Refuse a line of so many characters. Raises ReadError."""
    if chars > LINE_CHARS:
        raise ReadError(f"有一行长达 {chars:,} 字,上限 {LINE_CHARS:,} 字;请在段落之间换行后重试")


def check_paragraph(chars: int) -> None:
    """Refuse a paragraph of so many characters. Raises ReadError."""
    if chars > PARAGRAPH_CHARS:
        raise ReadError(f"有一段超过 {PARAGRAPH_CHARS:,} 字,中间没有分段;请在段落之间空一行后重试")


def check_units(units: Sequence[Unit]) -> None:
    """Refuse a document of more units than may be, or with a sentence that nobody could read. Raises ReadError."""
    if len(units) > UNITS:
        raise ReadError(f"一份文件有 {len(units):,} 个条目或段落,上限 {UNITS:,} 个;{_SPLIT}")
    for unit in units:
        check_paragraph(len(unit.text))
        longest = max((span.end - span.start for span in unit.sentences), default=0)
        if longest > SENTENCE_CHARS:
            raise ReadError(
                f"有一句长达 {longest:,} 字,上限 {SENTENCE_CHARS:,} 字;请检查是不是缺了标点和换行,改好后重试"
            )


def check_chunks(chunks: Sequence[Chunk]) -> None:
    """Refuse a document of more chunks than may be embedded at once. Raises ReadError."""
    if len(chunks) > CHUNKS:
        raise ReadError(f"一份文件要切成 {len(chunks):,} 个检索片段,上限 {CHUNKS:,} 个;{_SPLIT}")
