"""Citations as footnotes: the source, the quote, and the link to its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from assistant.answer import Citation
from ui.export.leaves import Node, inlines, isolated, joined, lines, link, note, para
from ui.export.texts import say
from ui.texts import Lang


@dataclass(slots=True)
class Footnotes:
    """Writes the footnotes of one document, and counts them as every reader of them will.

    ``base_url`` is where the page is served; with it each citation links to its place.
    """

    lang: Lang
    base_url: str
    count: int = field(default=0)

    def note(self, citation: Citation, numbers: dict[int, int], follows: bool) -> list[Node]:
        """Return a footnote: the citation, or where it was given before, as Word cannot point twice at one.

        ``numbers`` are those of the footnotes so far, by id of the citation; it is added to.
        """
        self.count += 1
        known = numbers.setdefault(citation.id, self.count)
        if known != self.count:
            return note([para(self._say("same_note", number=known))], follows)
        return note(self.cited(citation), follows)

    def cited(self, citation: Citation) -> list[Node]:
        """Return the source, the quote with its lines, and the link to its place."""
        said = lines(citation.quote) or [""]
        opening: list[str] = [self._source(citation) + self._say("quote_opens")] + [""] * (len(said) - 1)
        closing: list[Sequence[Node]] = [[] for _ in said[1:]] + [self._closing(citation)]
        return [para(*parts) for parts in zip(opening, said, closing, strict=True)]

    def _closing(self, citation: Citation) -> list[Node]:
        closed = self._say("quote_closes")
        if not self.base_url:
            return inlines(closed)
        at = {"document": citation.document_id, "start": citation.start, "end": citation.end}
        url = f"{quote(self.base_url, safe=':/?#[]@!$&*+,;=%~')}/?{urlencode(at, errors='replace')}"
        return joined(f"{closed} ", link(self._say("open"), url))

    def _source(self, citation: Citation) -> str:
        place = citation.label
        if path := " › ".join(citation.heading_path):
            place = self._say("place", label=place, path=path)
        page = self._say("page", page=citation.page) if citation.page is not None else None
        about = [isolated(part) for part in (citation.issuer, citation.date, page) if part]
        return self._say("source_join").join([self._say("title", title=citation.title) + place, *about])

    def _say(self, key: str, **values: object) -> str:
        return say_isolated(key, self.lang, **values)


def say_isolated(key: str, lang: Lang, **values: object) -> str:
    """Return our text ``key``; a direction control within a value does not reach beyond it."""
    return say(key, lang, **{k: isolated(v) if isinstance(v, str) else v for k, v in values.items()})
