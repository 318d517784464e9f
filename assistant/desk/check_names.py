"""Names in a text: of places, bodies, projects, persons; what is quoted, and what a dictionary does not know."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from assistant.lexicon import places
from vectorstore.lexical import Analyzer
from vectorstore.records import Span
from vectorstore.text import fold

_CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
_LATIN = re.compile(r"[a-z][a-z0-9+.]*(?:-[a-z0-9]+)*")
_QUOTED = re.compile(r'["\'《]([^"\'《》\n]{2,40})["\'》]')
_SUFFIXED = re.compile(  # what a body, a place or a project is called at its end
    r"(?:部|委|局|厅|署|院|校|大学|学院|集团|公司|银行|协会|学会|联盟|联合会|商会|委员会|管委会|办公室|办|部门|法院|检察院|政府|党委|实验室|基地|中心|平台|园区?|新城|新区"
    r"|示范区|试验区|保税区|开发区|合作区|先行区|自贸区|小镇|公园|水库|机场|港|港区|码头|航道|铁路|公路|高铁|地铁|运河|河|江|湖|湾|岛|山|省|市|区|县|旗|州|镇|乡|村|街道|社区"
    r"|工程|行动|专项|基金|走廊|枢纽|廊道|书房|博物馆|图书馆|医院|学校|条例|方案|规划)$"
)
_NO_NAME = frozenset("各全本该我其此每某市县区省有两三多")  # 全市, 各区, 本县: whichever the text speaks of
_GENERIC = re.compile(
    r"(?:各|全|本|该|我|其|此|每|当|上述|有关|相关)(?:省|市|区|县|州|镇|乡|村|地|级|部门|单位|院|校|园区)*"
)
_SHORTENED = re.compile(
    r"省|市|区|县|镇|乡|村|街道|人民|中华|共和国|国家|委员会|有限|责任|股份|公司|集团|办公室|自治|特别行政|中共|和|与|及|委|的"
)
_NOUNS = frozenset(("n", "nz", "nt", "ns", "nr", "nrt", "nrfg", "ng", "x", "j", "s", "l", "i", "f"))
_IN_NAMES = _NOUNS | {"vn", "a", "b", "an"}
_STRONG = frozenset(("ns", "nt"))
_WEAK = frozenset(("nz", "nr", "nrt", "nrfg"))
_JOINED = 4  # words that stand before a suffix and belong to the name


@dataclass(frozen=True, slots=True)
class Name:
    """A name at ``[start:end]``; ``made`` says how it is known.

    set: quoted, Latin, in the dictionary as a name or taught by the sources. joined: by what it ends in (…实验室).
    unsure: it may be a common word, and counts only against another noun.
    """

    start: int
    end: int
    text: str
    made: Literal["quoted", "set", "joined", "unsure"]

    @property
    def sure(self) -> bool:
        """Whether it is a name, whatever stands in its place."""
        return self.made != "unsure"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What tells names: the dictionary, and the terms that the sources have taught."""

    analyzer: Analyzer
    terms: Collection[str]

    def names(self, text: str, words: Sequence[str]) -> list[Name]:
        """Return the names of ``text``, which is cut into ``words``; they may lie within one another."""
        folded = fold(text)
        starts = [0, *accumulate(map(len, words))]
        found = [Name(m.start(1), m.end(1), text[m.start(1) : m.end(1)], "quoted") for m in _QUOTED.finditer(folded)]
        found += [Name(*m.span(), text[m.start() : m.end()], "set") for m in _LATIN.finditer(folded)]
        for at, word in enumerate(words):
            plain = fold(word)
            if self._is_set(plain):
                found.append(Name(starts[at], starts[at + 1], word, "set"))
            elif self._may_be_one(plain):
                found.append(Name(starts[at], starts[at + 1], word, "unsure"))
            if self._ends_name(plain):
                first = self._first_of_name(words, at)
                if starts[at + 1] - starts[first] > 2:
                    found.append(Name(starts[first], starts[at + 1], text[starts[first] : starts[at + 1]], "joined"))
        return found

    def _is_set(self, word: str) -> bool:
        if not _CHINESE.fullmatch(word) or _GENERIC.fullmatch(word):
            return False
        return self.analyzer.word_class(word) in _STRONG or word in places() or word in self.terms

    def _ends_name(self, word: str) -> bool:
        return bool(_SUFFIXED.search(word)) and not _GENERIC.fullmatch(word) and self.analyzer.word_class(word) != "v"

    def _may_be_one(self, word: str) -> bool:
        if not _CHINESE.fullmatch(word) or word[0] in _NO_NAME:
            return False
        kind = self.analyzer.word_class(word)
        return kind in _WEAK or kind == "x"

    def _first_of_name(self, words: Sequence[str], at: int) -> int:
        """Return where the name begins that ends with the word at ``at``: nouns before it belong to it."""
        first = at
        while first and at - first < _JOINED and self._is_of_class(words[first - 1], _IN_NAMES):
            first -= 1
        return first

    def names_something(self, words: str) -> bool:
        """Whether ``words`` end in one that names something, or that is in no dictionary."""
        last = self._last(words)
        return bool(last) and (
            not _CHINESE.search(last) or self._is_of_class(last, _NOUNS) or bool(_SUFFIXED.search(last))
        )

    def fits_in_name(self, words: str) -> bool:
        """Whether ``words`` may stand in the middle of a name: 先进传动实验室."""
        return self._is_of_class(self._last(words), _NOUNS | {"vn"})

    def _last(self, words: str) -> str:
        return next(reversed(self.analyzer.words(words)), "")

    def _is_of_class(self, word: str, classes: frozenset[str]) -> bool:
        plain = fold(word)
        return bool(_CHINESE.fullmatch(plain)) and self.analyzer.word_class(plain) in classes


def within(names: Sequence[Name], span: Span) -> list[Name]:
    """Return the names that ``span`` touches, the longest first."""
    touched = [name for name in names if name.start < span.end and span.start < name.end]
    return sorted(touched, key=lambda name: (not name.sure, name.start - name.end))


def same_name(one: str, other: str) -> bool:
    """Whether two names are of one thing: 天津 and 天津市, 发展改革委 and 发展和改革委员会."""
    a, b = (_SHORTENED.sub("", fold(name)) or fold(name) for name in (one, other))
    short, long = sorted((a, b), key=len)
    if short == long:
        return True
    # 北大 for 北京大学: a short form takes characters out of the long one, and begins with it
    return 2 <= len(short) <= 3 and len(long) >= len(short) + 2 and short[0] == long[0] and _is_taken_from(short, long)


def _is_taken_from(short: str, long: str) -> bool:
    rest = iter(long)
    return all(char in rest for char in short)
