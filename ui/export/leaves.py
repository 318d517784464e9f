"""The nodes of a Pandoc tree, and the ways that a text goes into one without ever being read as markup.

A text only becomes ``Str`` and ``Space`` nodes. Word takes these as they are. Pandoc's Markdown and Typst writers leave
some markup standing (``---``, ``&amp;``), so for these ``literal`` replaces each ``Str`` by raw source made here.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]

# XML takes none of the first, and no program shows anything for the others
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_BREAK = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")  # those of str.splitlines
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_OPENS, _CLOSES = "\u2066\u2067\u2068", "\u2069"
_LIST_MARKER = re.compile(r"^(\(?(?:[0-9]{1,9}|[A-Za-z]|[IVXLCDMivxlcdm]+))([.)])$")
# any - = : but those of a range, of an address and of a time of day, which read better bare
_MARKDOWN = re.compile(
    r"[\\`*_{}\[\]<>&$~^@|#]|^[-+.)=]|(?<=-)-|(?<==)=|=(?==)|(?<![0-9]):|:(?![0-9]+(?![0-9:]))|(?i:(?<=www))\."
)
_UNBROKEN = re.compile("[^\u2e80-\uffff]{40}(?=.)")  # Typst breaks lines within Chinese, but never within such a word


def lines(text: str) -> list[str]:
    """Return the lines of ``text`` that are not blank; each becomes a paragraph."""
    return [line.strip(" \t") for line in text.splitlines() if line.strip()]


def inlines(text: str) -> list[Node]:
    """Return ``text`` in one line; what XML forbids becomes U+FFFD."""
    line = isolated(_FORBIDDEN.sub("\ufffd", _BREAK.sub(" ", text).replace("\t", " ")))
    nodes: list[Node] = []
    for part in re.findall("[^ ]+| +", line):
        if part[0] != " ":
            nodes.append(_node("Str", part))
            continue
        # Pandoc makes one of many spaces; the others of a quote are kept as text
        nodes += [_node("Space"), *([_node("Str", part[1:])] if part[1:] else [])]
    return nodes


def para(*parts: str | Sequence[Node]) -> Node:
    """Return a paragraph of texts and nodes."""
    return _node("Para", joined(*parts))


def header(level: int, text: str) -> Node:
    """Return a heading without an anchor."""
    return _node("Header", [level, ["", [], []], inlines(text)])


def small(*parts: str | Sequence[Node]) -> Node:
    """Return a paragraph in small print."""
    style = [["custom-style", "Small Print"], ["typst:text:size", "8.5pt"], ["typst:text:fill", "luma(90)"]]
    return _node("Div", [["", [], style], [para(*parts)]])


def quoted(blocks: Sequence[Node]) -> Node:
    """Return ``blocks`` set off."""
    return _node("BlockQuote", list(blocks))


def bullets(items: Sequence[Sequence[Node]]) -> Node:
    """Return a list of items, each of blocks."""
    return _node("BulletList", [list(item) for item in items])


def strong(text: str) -> list[Node]:
    """Return ``text`` in bold."""
    return [_node("Strong", inlines(text))]


def link(text: str, url: str) -> list[Node]:
    """Return a link; ``url`` is ASCII and quoted."""
    return [_node("Link", [["", [], []], inlines(text), [url, ""]])]


def note(blocks: Sequence[Node], follows: bool) -> list[Node]:
    """Return a footnote; one that ``follows`` another at once is set off, lest ¹ and ² read as ¹²."""
    comma = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:t>,</w:t></w:r>'
    between = [_raw("openxml", comma), _raw("typst", "#super[,]")] if follows else []
    return [*between, _node("Note", list(blocks))]


def joined(*parts: str | Sequence[Node]) -> list[Node]:
    """Return texts and nodes one after the other."""
    return [node for part in parts for node in (inlines(part) if isinstance(part, str) else part)]


def literal(tree: Any, source: str, write: Callable[[str], str]) -> Any:
    """Return the part of a tree with each ``Str`` written by ``write`` as ``source``: "markdown" or "typst"."""
    if isinstance(tree, list):
        return [literal(part, source, write) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("t") == "Str":
        return _raw(source, write(tree["c"]))
    return {key: literal(part, source, write) for key, part in tree.items()}


def in_markdown(word: str) -> str:
    """Return ``word``, or nothing for spaces, so that Markdown in any of its dialects shows just it."""
    if not word.strip(" "):
        return ""  # Markdown shows no more than one, and four at the start of a line would make code of it
    marked = _LIST_MARKER.sub(lambda match: f"{match[1]}\0{match[2]}", word)
    return _MARKDOWN.sub(lambda match: f"\\{match[0]}", marked).replace("\0", "\\")


def in_typst(text: str) -> str:
    """Return ``text`` as a string of Typst, in which nothing is read as markup; long words may break."""
    escaped = _UNBROKEN.sub("\\g<0>\u200b", text).replace("\\", "\\\\").replace('"', '\\"')
    return f'#"{escaped}";'


def isolated(line: str) -> str:
    """Return ``line`` so that its direction controls end with it: in an isolate that they cannot close."""
    if not _BIDI.search(line):
        return line
    opened = stray = 0
    for character in line:
        if character in _OPENS:
            opened += 1
        elif character == _CLOSES and opened:
            opened -= 1
        elif character == _CLOSES:
            stray += 1
    return "\u2068" * (1 + stray) + line + _CLOSES * (1 + opened)


def _raw(source: str, text: str) -> Node:
    return _node("RawInline", [source, text])


def _node(kind: str, content: Any = None) -> Node:
    return {"t": kind} if content is None else {"t": kind, "c": content}
