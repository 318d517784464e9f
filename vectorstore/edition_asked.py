"""Which edition a question asks for: 2020年的条例, 旧版怎么说. In: the question and the sources. Out: ids of documents.

A year counts only where an edition of a policy that the question names is of that year, so that the years which a question
asks about (到2027年) move nothing.
"""

import re
from collections.abc import Iterator, Sequence

from vectorstore.editions import edition_words, policy_name
from vectorstore.records import Record
from vectorstore.sources import Sources
from vectorstore.text import fold

_YEAR = re.compile(
    r"(?<!到)(?<!至)(?<!\d)((?:19|20)\d{2})年?(?=的|版|年|修|本|[^\d]{0,12}(?:条例|办法|法|规定|细则|通知|方案|要点|意见|标准))"
)
_OLD = re.compile(r"旧[版法]|原来的|以前的|上一版|修[订改正]前|老版|原(?:条例|办法|规定)|前一版")
_LEAST = 4  # letters of a name that a question repeats
_EDGE = re.compile(r"^(?:中华人民共和国|[\u4e00-\u9fff]{2,8}?(?:省|市|自治区|县|区))")


def edition_asked(question: str, sources: Sources) -> tuple[str, ...]:
    """Return the ids of the editions, no longer in force, that ``question`` asks for; none where it asks for none."""
    folded = fold(question)
    years, old = set(_YEAR.findall(folded)), bool(_OLD.search(folded))
    if not years and not old:
        return ()
    asked: list[str] = []
    for editions in _named(folded, sources):
        *earlier, newest = editions
        of_year = [one.id for one in editions if years & _years(one)]
        if of_year:
            asked += [document_id for document_id in of_year if document_id != newest.id]
        elif old:
            asked += [one.id for one in earlier[-1:]]
    return tuple(dict.fromkeys(asked))


def _named(folded: str, sources: Sources) -> Iterator[Sequence[Record]]:
    """Yield the editions, oldest first, of every policy that the question names."""
    records = {record.id: record for record in sources.records()}
    seen: set[str] = set()
    for record in records.values():
        if record.id in seen:
            continue
        ids = sources.editions(record.id)
        seen.update(ids)
        if len(ids) > 1 and _names(folded, policy_name(record.title)):
            yield [records[one] for one in ids if one in records]


def _names(folded: str, name: str) -> bool:
    """Whether ``folded`` repeats the name, or what of it stands behind the place."""
    return any(len(one) >= min(_LEAST, len(name)) and one in folded for one in (name, _EDGE.sub("", name)))


def _years(record: Record) -> set[str]:
    words = "".join(sorted(edition_words(record.title)))
    return {year[:4] for year in (record.date or "", *re.findall(r"(?:19|20)\d{2}", words)) if year}
