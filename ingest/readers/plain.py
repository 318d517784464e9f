"""Plain text and Markdown: printed lines, whose wraps the layout heals."""

import re

from ingest.bounds import check_line, check_text
from ingest.decode import decode
from ingest.lines import NOTHING_SAID, Extracted, Line, Said, columns, tidy
from ingest.metadata.days import first_day

_MARKDOWN = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?)|^\s{0,3}(?:-{3,}|\*{3,}|={3,})\s*$|\*\*|(?<!\w)__|__(?!\w)")

_FRONT_MATTER = re.compile(
    r"---[ \t]*\r?\n(?P<keys>(?:[ \t]*(?:[\w-]+[ \t]*:.*|-[ \t].*|#.*)?\r?\n)*)---[ \t]*(?:\r?\n|$)"
)
_KEY = re.compile(r"^([\w-]+)[ \t]*:[ \t]*(\S.*)$", re.MULTILINE)
_SAID_BY = {
    "title": ("title", "标题", "名称"),
    "issuer": ("issuer", "发文机关", "发布机构", "制定机关"),
    "number": ("number", "文号", "发文字号"),
    "date": ("date", "日期", "成文日期", "发布日期"),
    "url": ("url", "link", "source_url", "链接", "网址"),
}


def read_plain(data: bytes) -> Extracted:
    """Return the lines of a text file. Raises ReadError."""
    return Extracted(tuple(read_lines(decode(data))))


def read_markdown(data: bytes) -> Extracted:
    """Return the lines of a Markdown file, without its mark-up. Raises ReadError."""
    said, text = _front_matter(decode(data))
    return Extracted(tuple(read_lines(text, markdown=True)), said)


def _front_matter(text: str) -> tuple[Said, str]:
    """Return what the block of keys and values before a Markdown text says, and the text without it."""
    block = _FRONT_MATTER.match(text.removeprefix("\ufeff"))
    if not block:
        return NOTHING_SAID, text
    values = {key.lower(): value.strip().strip("\"'") for key, value in _KEY.findall(block["keys"])}
    found = {field: next((values[key] for key in keys if values.get(key)), None) for field, keys in _SAID_BY.items()}
    day = first_day(found.pop("date") or "", printed=False)
    return Said(**found, date=day), text.removeprefix("\ufeff")[block.end() :]


def _unclosed(heading: str) -> str:
    """Return the line without the hashes that may close a heading. A pattern would try each blank of a long run."""
    line = heading.rstrip()
    cut = line.rstrip("#")
    return cut.rstrip() if cut != line and cut[-1:].isspace() else heading


def read_lines(text: str, *, markdown: bool = False) -> list[Line]:
    """Split ``text`` into its printed lines; blank ones are counted, mark-up of Markdown is layout.

    Raises ReadError where there are more, or longer ones, than may be.
    """
    lines: list[Line] = []
    blanks = 0
    check_text(len(text), text.count("\n"))
    for raw in text.removeprefix("\ufeff").splitlines():
        check_line(len(raw))
        heading = markdown and raw.lstrip().startswith("#")
        shown = _MARKDOWN.sub("", _unclosed(raw)) if markdown else raw
        body = tidy(shown)
        if not body:
            blanks += 1
            continue
        indented = shown.startswith(("\u3000", "  ", "\t"))
        lines.append(Line(body, columns(shown), indented, blanks, heading))
        blanks = 0
    return lines
