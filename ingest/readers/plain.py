"""Plain text and Markdown: printed lines, whose wraps the layout heals."""

import re

from ingest.decode import decode
from ingest.lines import Extracted, Line, columns, tidy

_MARKDOWN = re.compile(
    r"^\s{0,3}(?:#{1,6}\s+|>\s?)|\s+#+\s*$|^\s{0,3}(?:-{3,}|\*{3,}|={3,})\s*$|\*\*|(?<!\w)__|__(?!\w)"
)


def read_plain(data: bytes) -> Extracted:
    """Return the lines of a text file. Raises ReadError."""
    return Extracted(tuple(read_lines(decode(data))))


def read_markdown(data: bytes) -> Extracted:
    """Return the lines of a Markdown file, without its mark-up. Raises ReadError."""
    return Extracted(tuple(read_lines(decode(data), markdown=True)))


def read_lines(text: str, *, markdown: bool = False) -> list[Line]:
    """Split ``text`` into its printed lines; blank ones are counted, mark-up of Markdown is layout."""
    lines: list[Line] = []
    blanks = 0
    for raw in text.removeprefix("\ufeff").splitlines():
        heading = markdown and raw.lstrip().startswith("#")
        shown = _MARKDOWN.sub("", raw) if markdown else raw
        body = tidy(shown)
        if not body:
            blanks += 1
            continue
        indented = shown.startswith(("\u3000", "  ", "\t"))
        lines.append(Line(body, columns(shown), indented, blanks, heading))
        blanks = 0
    return lines
