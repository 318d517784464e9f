"""What a reader of a web page does not see, and what looks hidden but is shown once its scripts have run.

Hidden is what a style or a rule of the page's own style sheet takes off the page, makes as white as the paper or of no
size. It is dropped: nobody who published it stands by it. A page whose text comes to view only by script is the exception:
one whose body is hidden, and an element that scripts can show where hardly a text would be left without it.
"""

import re
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
_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"[.#]([\w-]+)")
_SHOWING = re.compile(r"display|visibility|\.show\(|fadeIn|slideDown|removeAttr|removeClass|hidden")
_ALL_BUT = 4  # times the text of the rest, which an element without a name must hold


class Hidden:
    """What is hidden on the page ``root``, read before its styles and scripts are dropped."""

    def __init__(self, root: "HtmlElement") -> None:
        rules = _MEDIA.sub("", "".join(element.text or "" for element in root.iter("style")))
        self._names = {
            simple[0]
            for selectors, style in _RULE.findall(rules)
            if _HIDING.search(style)
            for selector in selectors.split(",")
            if (simple := re.findall(_SIMPLE.pattern + "$", selector.strip())) and _SIMPLE.fullmatch(selector.strip())
        }
        scripts = list(root.iter("script"))
        self._scripts = "".join(script.text or "" for script in scripts)
        self._scripted = any(script.get("src") for script in scripts) or bool(_SHOWING.search(self._scripts))

    def dropped_from(self, root: "HtmlElement") -> "HtmlElement":
        """Return ``root`` without what is hidden and stays so."""
        from lxml.etree import Element

        for element in [element for element in root.iter(Element) if self._hides(element)]:
            if element.tag not in ("html", "body") and not self._shown_later(element, root):
                element.drop_tree()
        return root

    def _hides(self, element: "HtmlElement") -> bool:
        if element.get("hidden") is not None or not self._names.isdisjoint(_names(element)):
            return True
        style = element.get("style", "")
        return bool(style and _HIDING.search(style)) or _is_white(element, style)

    def _shown_later(self, element: "HtmlElement", root: "HtmlElement") -> bool:
        """Whether scripts show ``element``: one that names it, or any where hardly a text is left without it."""
        own = len(bare(element.text_content()))
        if own < PROSE_CHARS or not self._scripted:
            return False
        rest = len(bare(root.text_content())) - own
        named = any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self._scripts) for name in _names(element))
        return own > (rest if named else _ALL_BUT * rest)


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
