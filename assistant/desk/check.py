"""Wording check (校核): every sentence of a draft, matched to the sources."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel, Field

from assistant.answer import Citation
from assistant.desk.check_alteration import Change
from assistant.desk.check_attribution import NOTHING_CLAIMED, Attribution, Claimed, claimed_by, read_attribution
from assistant.desk.check_comparison import Comparison, compare
from assistant.desk.check_passages import Passage, Passages, pairs_of
from assistant.desk.check_reading import Reading
from assistant.desk.citing import Citations
from assistant.desk.sentences import sentences_by
from vectorstore.embedding import Embedder
from vectorstore.records import Span, Unit
from vectorstore.sources import Sources
from vectorstore.text import sentence_spans

FOUND = 0.62  # share of a sentence's content, by rarity, that its source must hold
NEARLY = 0.42  # the same where the meaning is as near as NEAR
NEAR = 0.90  # cosine of two sentences; unrelated ones of one policy lie around 0.80–0.87 with the embedded model
MEANT = 0.94  # the same, by itself
SURE = 0.80  # explained so far, no further passage is looked for
_ENDS = "。！？!?；;…”’」』）)》\"'"  # what a line that does not break off ends in
LONGEST = 3000  # characters: what is longer is no sentence, and is only looked up as it stands
PART = 6  # characters that a part of a sentence with a source of its own has at least
CLAIMED, OFFICIAL = 0.05, 0.01  # what likeness gains in the place that the sentence names; and in no report


class Verdict(StrEnum):
    """What a sentence of a draft is to the sources; the first that holds, from the gravest."""

    NOT_FOUND = "not_found"
    ALTERED = "altered"  # a figure, a limit of it, a date or a name differs
    MISATTRIBUTED = "misattributed"  # said of another task or document than the one that says it
    REWORDED = "reworded"  # the same meaning in other words
    VERBATIM = "verbatim"


class Difference(BaseModel):
    """What the draft says and what stands in the source instead; "" where the one has nothing for the other."""

    draft: str
    source: str


class CheckedSentence(BaseModel):
    """One sentence of the draft; ``start`` and ``end`` are its place in the draft's text, in characters."""

    text: str
    verdict: Verdict
    differences: list[Difference]
    citation: Citation | None
    start: int = Field(exclude=True)
    end: int = Field(exclude=True)


class Check(BaseModel):
    """A checked draft, sentence by sentence in order."""

    sentences: list[CheckedSentence]


def check(draft: str, sources: Sources, embedder: Embedder) -> Check:
    """Return what each sentence of ``draft`` is to ``sources``."""
    return Check(sentences=list(_Checker(draft, sources, embedder).sentences()))


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of the draft, where it says that it stands, and the best that was found for its parts, the main one first."""

    span: Span
    text: str
    attribution: Attribution
    claimed: Claimed
    found: tuple[Comparison, ...] = ()

    @property
    def said(self) -> str:
        """The sentence without its attribution."""
        return self.text[self.attribution.start : self.attribution.end]

    @property
    def explained(self) -> float:
        return self.found[0].explained if self.found else 0.0


class _Checker:
    """Checks one draft."""

    def __init__(self, draft: str, sources: Sources, embedder: Embedder) -> None:
        self._draft, self._sources, self._embedder = draft, sources, embedder
        self._passages = Passages(sources, sentences_by(embedder))
        self._documents = sources.documents()
        self._citations = Citations(sources)

    def sentences(self) -> Iterator[CheckedSentence]:
        """Yield each sentence, checked."""
        read = [self._in_words(span) for span in self._spans()]
        unsure = [one for one in read if one.explained < FOUND and PART <= len(one.said) <= LONGEST]
        meant = self._in_meaning(unsure)
        for one in read:
            yield self._judged(meant.get(one.span.start, one))

    def _spans(self) -> Iterator[Span]:
        """Yield the sentences. A line that breaks off goes on in the next one where both together stand in a source."""
        held: Span | None = None
        for span in sentence_spans(self._draft):
            if held and (whole := self._wrapped(held, span)):
                held = whole
                continue
            if held:
                yield held
            held = span
        if held:
            yield held

    def _wrapped(self, first: Span, then: Span) -> Span | None:
        whole = Span(first.start, then.end)
        between = self._draft[first.end : then.start]
        if between.count("\n") != 1 or self._draft[first.end - 1] in _ENDS or whole.end - whole.start > LONGEST:
            return None
        text = self._draft[whole.start : whole.end]
        plainly = _Sentence(whole, text, Attribution("", 0, len(text)), NOTHING_CLAIMED)
        return whole if self._quoted(plainly, self._passages.near_in_words(text)) else None

    def _in_words(self, span: Span) -> _Sentence:
        text = self._draft[span.start : span.end]
        plainly = _Sentence(span, text, Attribution("", 0, len(text)), NOTHING_CLAIMED)
        if quoted := self._quoted(plainly, self._passages.near_in_words(text)):
            return quoted
        if len(text) > LONGEST:
            return plainly
        attribution = read_attribution(text)
        one = replace(plainly, attribution=attribution, claimed=claimed_by(attribution, self._sources, self._documents))
        units = self._passages.near_in_words(one.said)
        units += [self._sources.unit(key) for key in sorted(one.claimed.units or ())]
        units = list(dict.fromkeys(units))
        return self._quoted(one, units) or self._likest(one, units)

    def _quoted(self, one: _Sentence, units: Sequence[Unit]) -> _Sentence | None:
        """Return ``one`` with the passage that it quotes, or None."""
        found = [self._compared(one.said, passage) for passage in self._passages.holding(one.said, units)]
        verbatim = [comparison for comparison in found if comparison.is_verbatim]
        return replace(one, found=(self._best(one, verbatim),)) if verbatim else None

    def _likest(self, one: _Sentence, units: Sequence[Unit]) -> _Sentence:
        found = [self._compared(one.said, passage) for passage in self._passages.likest(one.said, units)]
        if not found:
            return one
        best = self._best(one, found)
        if best.explained >= SURE:
            return replace(one, found=(best,))
        return replace(one, found=self._by_parts(one, best, units) or (best,))

    def _by_parts(self, one: _Sentence, best: Comparison, units: Sequence[Unit]) -> tuple[Comparison, ...]:
        """Return what is found for each part of ``one`` where it joins what stands in several places, else nothing."""
        held = pairs_of(best.passage.text)
        clauses = Reading(one.said, self._passages.lexicon).clauses
        parts: list[list[tuple[int, int]]] = [[], []]
        for start, end in clauses:
            pairs = pairs_of(one.said[start:end])
            parts[len(pairs & held) < 0.5 * len(pairs)].append((start, end))
        texts = [",".join(one.said[start:end] for start, end in part) for part in parts]
        if min(map(len, texts)) < PART:
            return ()
        found = []
        for text in texts:
            near = list(dict.fromkeys([*units, *self._passages.near_in_words(text)]))
            likest = [self._compared(text, passage) for passage in self._passages.likest(text, near)]
            if not likest or (of_part := self._best(one, likest)).explained < SURE:
                return ()
            found.append(of_part)
        return tuple(found)

    def _compared(self, text: str, passage: Passage) -> Comparison:
        lexicon = self._passages.lexicon
        source, known = self._passages.reading(passage), self._passages.known(passage.unit)
        return compare(Reading(text, lexicon), passage, source, known, lexicon, self._passages.weight)

    def _best(self, one: _Sentence, found: Sequence[Comparison]) -> Comparison:
        """Return the comparison that explains most; where several do, that of the named place, then of a policy."""

        def worth(comparison: Comparison) -> float:
            unit = comparison.passage.unit
            claimed = CLAIMED * (one.claimed.holds(unit) and one.claimed is not NOTHING_CLAIMED)
            official = OFFICIAL * (unit.type.citable + (not self._passages.is_news(comparison.passage)))
            return comparison.likeness + comparison.explained + claimed + official

        return max(found, key=worth)

    def _in_meaning(self, unsure: Sequence[_Sentence]) -> dict[int, _Sentence]:
        """Return, by where they start, those of ``unsure`` that are sentences of the sources in other words, or none."""
        if not unsure:
            return {}
        vectors = self._embedder.embed_documents([one.said for one in unsure])
        return {
            one.span.start: self._meant(one, self._passages.near_in_meaning(vector))
            for one, vector in zip(unsure, vectors, strict=True)
        }

    def _meant(self, one: _Sentence, near: Sequence[tuple[float, Passage]]) -> _Sentence:
        cosines = {passage: cosine for cosine, passage in near}
        found = [self._compared(one.said, passage) for passage in cosines]
        found += [best for best in one.found if best.passage not in cosines]
        meant = [
            comparison
            for comparison in found
            if (cosine := cosines.get(comparison.passage, 0.0)) >= MEANT
            or (cosine >= NEAR and comparison.explained >= NEARLY)
        ]
        return replace(one, found=(self._best(one, meant),) if meant else ())

    def _judged(self, one: _Sentence) -> CheckedSentence:
        verdict, changes = Verdict.NOT_FOUND, list[Change]()
        citation = None
        if one.found:
            passage = one.found[0].passage
            citation = self._citations.cite(passage.unit, passage.span)
            altered = [change for comparison in one.found for change in comparison.changes]
            wrong = self._misattributed(one)
            wording = [change for comparison in one.found for change in comparison.wording]
            wording = [w for w in wording if not any(_overlap(w, change) for change in altered)]
            verbatim = len(one.found) == 1 and one.found[0].is_verbatim
            verdict = Verdict.VERBATIM if verbatim or not (wording or len(one.found) > 1) else Verdict.REWORDED
            verdict = Verdict.ALTERED if altered else Verdict.MISATTRIBUTED if wrong else verdict
            changes = [*altered, *wrong, *([] if verbatim else wording)]
        return CheckedSentence(
            text=one.text,
            verdict=verdict,
            differences=[Difference(draft=change.draft, source=change.source) for change in changes],
            citation=citation,
            start=one.span.start,
            end=one.span.end,
        )

    def _misattributed(self, one: _Sentence) -> list[Change]:
        """Return what the sentence says of its place and where it stands instead, where these differ."""
        unit = one.found[0].passage.unit
        if any(one.claimed.holds(comparison.passage.unit) for comparison in one.found):
            return []
        title = self._sources.document(unit.document_id).title
        found = []
        if not one.claimed.right_document(unit):
            found.append(Change("、".join(f"《{said}》" for said in one.attribution.titles), f"《{title}》", 0))
        if one.claimed.units is not None and (unit.document_id, unit.ordinal) not in one.claimed.units:
            said = one.claimed.labels[0] if one.claimed.labels else one.attribution.place or ""
            if said != unit.label:
                found.append(Change(said, unit.label, 0))
        return found


def _overlap(wording: Change, change: Change) -> bool:
    """Whether a difference of words is (part of) a change that is named already."""
    one = bool(change.draft) and (change.draft in wording.draft or wording.draft in change.draft)
    other = bool(change.source) and (change.source in wording.source or wording.source in change.source)
    return (one and bool(wording.draft)) or (other and bool(wording.source))
