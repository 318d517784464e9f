"""What a reader of a web page does not see, and what looks hidden but is shown once its scripts have run.

Hidden is what a style or a rule of the page's own style sheet takes off the page, makes as white as the paper or of no
size. It is dropped: nobody who published it stands by it. A page whose text comes to view only by script is the exception:
one whose body is hidden, and an element that scripts can show where hardly a text would be left without it.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.readers.html_metadata import PROSE_CHARS, bare

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0*)?\s*(?:[;!]|$)"
    r"|font-size\s*:\s*0(?:\.0*)?\s*(?:px|pt|em|rem|%)?\s*(?:[;!]|$)|(?:left|right|top|text-indent)\s*:\s*-\d{4,}(?:px|pt)?",
    re.IGNORECASE,
)
_WHITE = re.compile(
    r"(?<![\w-])color\s*:\s*(?:#f{3}(?:f{3})?|white|transparent|rgb\(\s*255\s*,\s*255\s*,\s*255\s*\))\s*(?:[;!]|$)",
    re.IGNORECASE,
)
_WHITE_NAMES = ("white", "#fff", "#ffffff")
_BEHIND = ("background", "bgcolor")
_BRACE = re.compile(r"[{}]")
_WORD = re.compile(r"[\w-]+")
_SIMPLE = re.compile(r"[.#]([\w-]+)")
_SHOWING = re.compile(r"display|visibility|\.show\(|fadeIn|slideDown|removeAttr|removeClass|hidden")
_ALL_BUT = 4  # times the text of the rest, which an element without a name must hold


class Hidden:
    """What is hidden on the page ``root``, read before its styles and scripts are dropped."""

    def __init__(self, root: "HtmlElement") -> None:
        rules = _without_media(_without_comments("".join(element.text or "" for element in root.iter("style"))))
        self._names = {
            simple[0]
            for selectors, style in _rules(rules)
            if _HIDING.search(" ".join(style.split()))
            for selector in selectors.split(",")
            if (simple := re.findall(_SIMPLE.pattern + "$", selector.strip())) and _SIMPLE.fullmatch(selector.strip())
        }
        scripts = list(root.iter("script"))
        texts = [script.text or "" for script in scripts]
        self._words = {word for text in texts for word in _WORD.findall(text)}
        self._scripted = any(script.get("src") for script in scripts) or any(map(_SHOWING.search, texts))
        self._chars = 0  # on the page, as it is left

    def dropped_from(self, root: "HtmlElement") -> "HtmlElement":
        """Return ``root`` without what is hidden and stays so."""
        from lxml.etree import Element

        self._chars = len(bare(root.text_content())) if self._scripted else 0
        for element in [element for element in root.iter(Element) if self._hides(element)]:
            if element.tag not in ("html", "body") and not self._shown_later(element):
                if self._scripted and element.getroottree().getroot() is root:  # not within what is dropped already
                    self._chars -= len(bare(element.text_content()))
                element.drop_tree()
        return root

    def _hides(self, element: "HtmlElement") -> bool:
        if element.get("hidden") is not None or not self._names.isdisjoint(_names(element)):
            return True
        style = " ".join(element.get("style", "").split())
        return bool(style and _HIDING.search(style)) or _is_white(element, style)

    def _shown_later(self, element: "HtmlElement") -> bool:
        """Whether scripts show ``element``: one that names it, or any where hardly a text is left without it."""
        if not self._scripted or (own := len(bare(element.text_content()))) < PROSE_CHARS:
            return False
        rest = self._chars - own
        named = any(self._words.issuperset(_WORD.findall(name) or [name]) for name in _names(element))
        return own > (rest if named else _ALL_BUT * rest)


def _without_comments(css: str) -> str:
    kept, at = [], 0
    while (begin := css.find("/*", at)) >= 0 and (end := css.find("*/", begin + 2)) >= 0:
        kept.append(css[at:begin])
        at = end + 2
    return "".join([*kept, css[at:]])


def _without_media(css: str) -> str:
    """Leave out the rules for some media only, each up to the brace that closes it."""
    kept, at = [], 0
    while (begin := css.find("@media", at)) >= 0:
        depth = 0
        for brace in _BRACE.finditer(css, begin):
            depth += 1 if brace[0] == "{" else -1
            if depth <= 0:
                kept.append(css[at:begin])
                at = brace.end()
                break
        else:
            break
    return "".join([*kept, css[at:]])


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Yield the selectors and the style of each rule."""
    for rule in css.split("}")[:-1]:
        before, brace, style = rule.rpartition("{")
        if brace:
            yield before.rpartition("{")[2], style


def _names(element: "HtmlElement") -> list[str]:
    return [name for name in (element.get("id", ""), *element.get("class", "").split()) if name]


def _is_white(element: "HtmlElement", style: str) -> bool:
    """Whether its text is white, and nothing says that what is behind it is not."""
    white = bool(style and _WHITE.search(style)) or (element.get("color") or "").lower() in _WHITE_NAMES
    return white and not any(
        name in above.get("style", "") or above.get(name)
        for above in (element, *element.iterancestors())
        for name in _BEHIND
    )
