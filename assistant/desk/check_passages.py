"""The passages of the sources that a sentence of a draft may come from, the likeliest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from assistant.desk.check_alignment import plain
from assistant.desk.check_attribution import label_end
from assistant.desk.check_names import Lexicon
from assistant.desk.check_reading import Reading
from assistant.desk.sentences import Sentences
from vectorstore.dense import Vector
from vectorstore.lexical import bigram_tokens
from vectorstore.records import Address, Kind, Span, Unit
from vectorstore.sources import Sources
from vectorstore.text import fold

LOOKED_AT = 16  # units that a search brings
READ = 4  # passages that are laid beside the sentence
_RUN = 4  # sentences in a row that may have been made one
_GAIN = 0.1  # what a further sentence must add
_TOKENS = 120
_HEADING, _FOR_HEADINGS = 16, 64
_SCANNED = 4  # characters that a scan is worth


@dataclass(frozen=True, slots=True)
class Passage:
    """The sentences ``first`` to ``last`` of a unit; ``span`` is where they stand in the document."""

    unit: Unit
    first: int
    last: int

    @property
    def address(self) -> Address:
        """Where its unit is."""
        return self.unit.document_id, self.unit.ordinal

    @property
    def span(self) -> Span:
        """Its place in the document."""
        return Span(self.unit.sentences[self.first].start, self.unit.sentences[self.last].end)

    @property
    def text(self) -> str:
        """What it says, without the number in front of a paragraph; that of a heading belongs to it."""
        start = label_end(self.unit.text) if self.first == 0 and self.unit.type.citable else 0
        printed = self.unit.text[self.span.start - self.unit.start : self.span.end - self.unit.start]
        return printed[max(0, start - (self.span.start - self.unit.start)) :]


def pairs_of(text: str) -> frozenset[str]:
    """Return the pairs of characters of ``text`` without its punctuation."""
    bare = plain(text)[0]
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1)) or frozenset((bare,))


class Passages:
    """Finds passages; what it reads of the sources it keeps for the next sentence of the same draft."""

    def __init__(self, sources: Sources, sentences: Sentences) -> None:
        self._sources = sources
        self._sentences = sentences
        self.lexicon = Lexicon(sources.analyzer, frozenset(sources.terms()))
        self.reading = lru_cache(4096)(self._reading)
        self._pairs = lru_cache(4096)(self._read_pairs)
        self._plain = lru_cache(1024)(lambda address: plain(self._sources.unit(address).text))
        self.weight = lru_cache(8192)(lambda word: self._sources.rarity(word)[0])
        self._above = lru_cache(256)(self._read_above)
        self._is_news = lru_cache(1024)(lambda document: self._sources.document(document).kind is Kind.NEWS)

    def _reading(self, passage: Passage) -> Reading:
        return Reading(passage.text, self.lexicon)

    def _read_pairs(self, address: Address) -> list[frozenset[str]]:
        unit = self._sources.unit(address)
        return [pairs_of(Passage(unit, at, at).text) for at in range(len(unit.sentences))]

    def _read_above(self, document_id: str) -> dict[str, Unit]:
        return {plain(unit.text)[0]: unit for unit in self._sources.units(document_id) if not unit.type.citable}

    def is_news(self, passage: Passage) -> bool:
        """Whether it stands in a report."""
        return self._is_news(passage.unit.document_id)

    def known(self, unit: Unit) -> str:
        """Return what surrounds ``unit`` and may be named of it without being in it, folded."""
        document = self._sources.document(unit.document_id)
        above = (document.title, document.issuer or "", document.region or "", *unit.heading_path, unit.text)
        return fold("\n".join(above))

    def near_in_words(self, text: str) -> list[Unit]:
        """Return the units that hold ``text``, those nearest to it in words, and titles and headings above these that are it."""
        core = fold(text).strip(" \t\n,。;:!?")
        exact = self._sources.containing(core) if len(core) >= _SCANNED else []
        tokens = list(dict.fromkeys(bigram_tokens(text)))[:_TOKENS]
        # a heading is a few words that many units hold
        matching = self._sources.matching(tokens, LOOKED_AT if len(core) > _HEADING else _FOR_HEADINGS)
        near = list(dict.fromkeys([*exact, *(self._sources.unit(address) for address in matching)]))
        bare = plain(core)[0]
        above = (self._above(document).get(bare) for document in dict.fromkeys(unit.document_id for unit in near))
        return near + [unit for unit in above if unit]

    def holding(self, text: str, units: Iterable[Unit]) -> list[Passage]:
        """Return the passages of ``units`` that hold ``text``, white space and punctuation aside."""
        bare = plain(text)[0]
        found = []
        for unit in units if len(bare) > 1 else ():
            said, offsets = self._plain((unit.document_id, unit.ordinal))
            at = said.find(bare)
            if at < 0 or not (unit.type.citable or len(said) <= len(bare) + 6):
                continue
            start, end = unit.start + offsets[at], unit.start + offsets[at + len(bare) - 1] + 1
            touched = [i for i, span in enumerate(unit.sentences) if span.start < end and start < span.end]
            if touched:
                found.append(Passage(unit, touched[0], touched[-1]))
        return found

    def likest(self, text: str, units: Iterable[Unit]) -> list[Passage]:
        """Return the passages of ``units`` that share most with ``text``, at most ``READ``, the best first."""
        mine = pairs_of(text)
        scored: list[tuple[float, Unit, int]] = []
        for unit in units:
            if unit.type.citable:
                for at, theirs in enumerate(self._pairs((unit.document_id, unit.ordinal))):
                    common = len(mine & theirs)
                    scored.append((common / len(mine) + 0.3 * common / max(1, len(theirs)), unit, at))
        scored.sort(key=lambda one: -one[0])
        return list(dict.fromkeys(self._widened(mine, unit, at) for score, unit, at in scored[:READ] if score > 0))

    def _widened(self, mine: frozenset[str], unit: Unit, at: int) -> Passage:
        """Take in the neighbours of a sentence that hold what it lacks of ``mine``."""
        theirs = self._pairs((unit.document_id, unit.ordinal))
        first = last = at
        held = mine & theirs[at]
        while last - first + 1 < _RUN:
            sides = [n for n in (first - 1, last + 1) if 0 <= n < len(theirs)]
            gains = {n: len((mine & theirs[n]) - held) / len(mine) for n in sides}
            best = max(gains, key=lambda n: gains[n], default=None)
            if best is None or gains[best] < _GAIN or gains[best] * len(mine) < 0.4 * len(theirs[best]):
                break
            held |= mine & theirs[best]
            first, last = min(first, best), max(last, best)
        return Passage(unit, first, last)

    def near_in_meaning(self, vector: Vector) -> list[tuple[float, Passage]]:
        """Return the sentences nearest to ``vector`` with their cosines, the best first."""
        units = [self._sources.unit(address) for address in self._sources.nearest(vector, LOOKED_AT)]
        cosines = self._sentences.cosines(units, vector)
        found = [
            (cosines[unit.document_id, span], Passage(unit, part, part))
            for unit in units
            for part, span in enumerate(unit.sentences)
        ]
        return sorted(found, key=lambda one: -one[0])[:READ]
