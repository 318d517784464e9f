"""What a sentence of a draft changes of its source: figures, what limits them, names, a yes into a no.

In: both read, and laid beside one another. Out: each change, with the words of both sides. What is only worded
otherwise is no change here.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.desk.check_alignment import Alignment, Pair, plain
from assistant.desk.check_names import Lexicon, Name, same_name, within
from assistant.desk.check_reading import OPPOSITES, TURNS, Limit, Reading
from assistant.figures import Figure
from vectorstore.lexical import bigrams
from vectorstore.records import Span
from vectorstore.text import fold

_SHORT = 16  # characters: what replaces so much replaces a word; more is another wording
_SAME_MATTER = 0.4  # share of what is said around a figure, where it has moved
_ALONE = 4  # characters besides a figure in a clause that says no more than 到2028年
_KEPT = 0.5  # share of a clause that must stand in the draft before a figure of it was left out
_NUMERAL = re.compile(r"[\d一二两三四五六七八九十百千]+")
_LISTED = re.compile(r"[\s、,和与及以]*")
_EDGES = " \t\n,，。;；:：、"


@dataclass(frozen=True, slots=True)
class Change:
    """``draft`` stands instead of ``source``; ``at`` is where, in the draft's sentence."""

    draft: str
    source: str
    at: int


class Alterations:
    """Finds the changes of one sentence. ``known`` is text of the source's surroundings, folded: what it names is no news."""

    def __init__(self, draft: Reading, source: Reading, alignment: Alignment, lexicon: Lexicon, known: str) -> None:
        self._draft, self._source, self._known = draft, source, known
        self._alignment = alignment
        self._lexicon = lexicon
        region = alignment.region
        self._differing = [p for p in alignment.pairs if not p.same]
        self._inner = [p for p in self._differing if p.new.end > p.new.start or _inside(p.old, region)]

    def all(self) -> list[Change]:
        """Return the changes, in the draft's order, each once."""
        found = [*self._figures(), *self._hedges(), *self._turns(), *self._numerals(), *self._names()]
        each = dict.fromkeys((one.draft.strip(_EDGES), one.source.strip(_EDGES)) for one in found)
        at = {(one.draft.strip(_EDGES), one.source.strip(_EDGES)): one.at for one in reversed(found)}
        return sorted((Change(*key, at[key]) for key in each if key[0] != key[1]), key=lambda change: change.at)

    def _figures(self) -> Iterator[Change]:
        pairs, lone, lost = self._paired_figures()
        for mine, theirs in pairs:
            if not mine.same(theirs):
                yield Change(mine.text, theirs.text, mine.start)
            else:
                yield from self._limits(mine, theirs)
        for mine in lone:
            yield Change(mine.text, "", mine.start)
        for theirs in lost:
            if self._is_left_out(theirs):
                yield Change("", theirs.text, len(self._draft.text))

    def _paired_figures(self) -> tuple[list[tuple[Figure, Figure]], list[Figure], list[Figure]]:
        """Return which figures stand for one another, and those of the draft and of the source that stand alone."""
        pairs: list[tuple[Figure, Figure]] = []
        lone: list[Figure] = []
        lost: list[Figure] = []
        for pair in self._alignment.pairs:
            mine, theirs = _in(self._draft.figures, pair.new), _in(self._source.figures, pair.old)
            if pair.same:
                pairs += zip(mine, theirs, strict=False)
                continue
            for fits in (_same, _one_dimension):
                for one in list(mine):
                    if other := next((o for o in theirs if fits(one, o)), None):
                        pairs.append((one, other))
                        mine.remove(one)
                        theirs.remove(other)
            pairs += zip(mine, theirs, strict=False)
            both = min(len(mine), len(theirs))
            lone += mine[both:]
            lost += theirs[both:]
        for likely in (self._moved, self._of_one_matter):
            for one in list(lone):
                if other := next((o for o in lost if likely(one, o)), None):
                    pairs.append((one, other))
                    lone.remove(one)
                    lost.remove(other)
        return pairs, lone, lost

    def _moved(self, mine: Figure, theirs: Figure) -> bool:
        if not mine.same(theirs):
            return False
        alone = all(
            r.clause(f.start)[1] - r.clause(f.start)[0] <= len(f.text) + _ALONE for r, f in self._both(mine, theirs)
        )
        return alone or self._matter(mine, theirs) >= _SAME_MATTER

    def _both(self, mine: Figure, theirs: Figure) -> tuple[tuple[Reading, Figure], ...]:
        return (self._draft, mine), (self._source, theirs)

    def _of_one_matter(self, mine: Figure, theirs: Figure) -> bool:
        return _one_dimension(mine, theirs) and self._matter(mine, theirs) > 0

    def _matter(self, mine: Figure, theirs: Figure) -> float:
        one, other = set(bigrams(self._draft.around(mine))), set(bigrams(self._source.around(theirs)))
        return len(one & other) / max(1, min(len(one), len(other)))

    def _is_left_out(self, figure: Figure) -> bool:
        """Whether the draft says the clause of ``figure`` without it; at the edge of a quotation it was not quoted."""
        if not any(p.old.start <= figure.start < p.old.end for p in self._inner) or self._at_edge(figure.start):
            return False
        return self._kept_of(figure.start) >= _KEPT

    def _kept_of(self, at: int) -> float:
        start, end = self._source.clause(at)
        kept = sum(max(0, min(p.old.end, end) - max(p.old.start, start)) for p in self._alignment.pairs if p.same)
        return kept / max(1, end - start)

    def _at_edge(self, at: int) -> bool:
        """Whether ``at`` lies before the first or behind the last words that the draft shares with its source."""
        same = [p for p in self._alignment.pairs if p.same and p.old.end - p.old.start > 1]
        return not same or at < min(p.old.start for p in same) or at >= max(p.old.end for p in same)

    def _limits(self, mine: Figure, theirs: Figure) -> Iterator[Change]:
        here, there = self._draft.limits(mine), self._source.limits(theirs)
        gained, lost = _beyond(here, there), _beyond(there, here)
        for at in range(max(len(gained), len(lost))):
            draft = gained[at].text if at < len(gained) else ""
            source = lost[at].text if at < len(lost) else ""
            yield Change(draft, source, gained[at].start if draft else mine.start)

    def _hedges(self) -> Iterator[Change]:
        """力争 left out or put in, with a figure or without."""
        here, there = self._draft.hedges(), self._source.hedges()
        lost = [h for h in there if self._differs_in_source(h.start) and self._kept_of(h.start) >= _KEPT]
        gained = [h for h in here if any(p.new.start <= h.start < p.new.end for p in self._differing)]
        for hedge in lost[len(gained) :]:
            yield Change("", hedge.text, 0)
        for hedge in gained[len(lost) :]:
            yield Change(hedge.text, "", hedge.start)

    def _differs_in_source(self, at: int) -> bool:
        region = self._alignment.region
        return region.start <= at < region.end and any(p.old.start <= at < p.old.end for p in self._differing)

    def _turns(self) -> Iterator[Change]:
        """A negation left out or put in; a word for its opposite."""
        region = self._alignment.region
        theirs = list(TURNS.finditer(self._source.folded, region.start, region.end))
        mine = list(TURNS.finditer(self._draft.folded))
        if len(mine) != len(theirs):  # 没有…不能 says what 未…不得 says
            lost = [m for m in theirs if self._differs_in_source(m.start()) and self._kept_of(m.start()) >= _KEPT]
            gained = [m for m in mine if self._differs_in_draft(m.start(), m.end())]
            yield from (Change("", match.group(), 0) for match in lost[len(gained) :])
            yield from (Change(match.group(), "", match.start()) for match in gained[len(lost) :])
        for pair in self._differing:
            old, new = self._texts(pair)
            for one, other in OPPOSITES:
                for there, here in ((one, other), (other, one)):
                    if there in old and here in new and there not in new:
                        yield Change(here, there, pair.new.start)

    def _differs_in_draft(self, start: int, end: int) -> bool:
        return any(p.new.start < end and start < p.new.end for p in self._differing)

    def _texts(self, pair: Pair) -> tuple[str, str]:
        return self._source.folded[pair.old.start : pair.old.end], self._draft.folded[pair.new.start : pair.new.end]

    def _numerals(self) -> Iterator[Change]:
        """三地 for 两地: numerals that are no figures."""
        for pair in self._differing:
            old, new = self._texts(pair)
            if max(len(old), len(new)) > _SHORT or _in(self._draft.figures, pair.new):
                continue
            here, there = _NUMERAL.findall(new), _NUMERAL.findall(old)
            if here and there and here != there and _NUMERAL.sub("", new) == _NUMERAL.sub("", old):
                yield Change(new, old, pair.new.start)

    def _names(self) -> Iterator[Change]:
        found = [change for pair in self._differing if (change := self._name(pair))]
        for change in found:
            if not any(self._are_listed(change, other) for other in found):
                yield change

    def _name(self, pair: Pair) -> Change | None:
        old, new = (plain(text)[0] for text in self._texts(pair))
        if not new or old == new:
            return None
        here, there = within(self._draft.names, pair.new), within(self._source.names, pair.old)
        if not old:
            return self._put_in(here, pair)
        return self._long(here, there) if max(len(old), len(new)) > _SHORT else self._short(pair, here, there)

    def _short(self, pair: Pair, here: Sequence[Name], there: Sequence[Name]) -> Change | None:
        """A name for a name; one word for another where one of them may be a name and both name something."""
        old, new = self._source.text[pair.old.start : pair.old.end], self._draft.text[pair.new.start : pair.new.end]
        mine, theirs = _whole(self._draft, pair.new, here), _whole(self._source, pair.old, there)
        if (not here and not there) or same_name(mine, theirs) or same_name(new.strip(_EDGES), old.strip(_EDGES)):
            return None
        if _in(self._draft.figures, pair.new) or _in(self._source.figures, pair.old):
            return None
        return Change(mine, theirs, pair.new.start) if self._is_a_name(pair, here, there) else None

    def _is_a_name(self, pair: Pair, here: Sequence[Name], there: Sequence[Name]) -> bool:
        """Whether a name was exchanged: both sides are names, or the one is and the other could be."""
        old, new = self._source.text[pair.old.start : pair.old.end], self._draft.text[pair.new.start : pair.new.end]
        nouns = [self._lexicon.names_something(text) for text in (old, new)]
        made = {name.made for name in here}, {name.made for name in there}
        if "quoted" in made[0] & made[1]:
            return True
        if "set" in made[0] & made[1]:
            return any(nouns)
        if all(nouns):
            return bool(made[0] and made[1]) or bool({"set", "quoted"} & (made[0] | made[1]))
        return self._is_inside(pair, here, there)

    def _is_inside(self, pair: Pair, here: Sequence[Name], there: Sequence[Name]) -> bool:
        """Whether ``pair`` lies in the middle of a name on either side."""
        in_both = any(n.start < pair.new.start and n.end > pair.new.end for n in here) and any(
            n.start < pair.old.start and n.end > pair.old.end for n in there
        )
        old, new = self._source.text[pair.old.start : pair.old.end], self._draft.text[pair.new.start : pair.new.end]
        return in_both and self._lexicon.fits_in_name(old) and self._lexicon.fits_in_name(new)

    def _long(self, here: Sequence[Name], there: Sequence[Name]) -> Change | None:
        """A name that the source does not know, in a passage that is worded otherwise."""
        unknown = next((n for n in here if n.sure and not self._is_known(n.text)), None)
        if not unknown:
            return None
        gone = [n for n in there if n.sure and fold(n.text) not in self._draft.folded]
        if any(same_name(unknown.text, name.text) for name in gone):
            return None
        return Change(unknown.text, gone[0].text if gone else "", unknown.start)

    def _put_in(self, here: Sequence[Name], pair: Pair) -> Change | None:
        inside = [n for n in here if n.sure and pair.new.start <= n.start and n.end <= pair.new.end]
        unknown = next((name for name in inside if not self._is_known(name.text)), None)
        return Change(unknown.text, "", unknown.start) if unknown else None

    def _is_known(self, name: str) -> bool:
        return fold(name) in self._source.folded or fold(name) in self._known

    def _are_listed(self, change: Change, other: Change) -> bool:
        """Whether two names of a list have changed places."""
        if change is other or (change.draft, change.source) != (other.source, other.draft):
            return False
        first, last = sorted((self._draft.text.find(change.draft), self._draft.text.find(other.draft)))
        between = self._draft.folded[first:last]
        for name in sorted(self._draft.names, key=lambda one: one.start - one.end):
            between = between.replace(fold(name.text), "")
        return first >= 0 and bool(_LISTED.fullmatch(between))


def _whole(reading: Reading, span: Span, names: Sequence[Name]) -> str:
    """Return the words of ``span`` with all of the name that they are part of."""
    first = names[:1]
    start = min([span.start, *(name.start for name in first)])
    return reading.text[start : max([span.end, *(name.end for name in first)])]


def _in(found: Sequence[Figure], span: Span) -> list[Figure]:
    return [figure for figure in found if span.start < figure.end and figure.start < span.end]


def _inside(span: Span, region: Span) -> bool:
    return span.start < region.end and region.start < span.end


def _same(one: Figure, other: Figure) -> bool:
    return one.same(other)


def _one_dimension(one: Figure, other: Figure) -> bool:
    return one.dimension == other.dimension


def _beyond(mine: Sequence[Limit], theirs: Sequence[Limit]) -> list[Limit]:
    """Return the limits of ``mine`` that ``theirs`` has none of the same kind for."""
    left = Counter(limit.kind for limit in theirs)
    found = []
    for limit in mine:
        if left[limit.kind]:
            left[limit.kind] -= 1
        else:
            found.append(limit)
    return found
