"""The draft of an answer, and how it is written out: fixed frames around verbatim text, numbered citations, nothing else.

In: a draft, a list of statements each resting on quotes. Out: the Answer. Ids run from 1 in the order of first use;
the same place is cited once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.answer import Citation, Sentence, Support
from assistant.answer import Status as AnswerStatus
from prompts import load_prompts
from vectorstore.editions import Status
from vectorstore.records import Kind, Span, Unit
from vectorstore.sources import Sources

NEAREST = 3
MOST_ECHOED = 40  # characters of a question that an answer repeats
_ECHOED = ("term", "claim", "asked", "reference")  # values that come from the question
_MARKER = re.compile(r"\[(\d+)\]")  # in a source it is text, in an answer a citation
_MARKUP = re.compile(
    r"\x1b\[[\d;]*[A-Za-z]|<[^>]*>|\[\d+\]|!?\[[^\]]*\]\([^)]*\)|https?://\S+|javascript:\S*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A place that a statement rests on."""

    unit: Unit
    span: Span


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the answer: a frame, what fills it, and the quotes that carry it.

    ``support`` is read off the frame where it is not given: a frame with a quote in it is verbatim.
    """

    frame: str
    quotes: tuple[Quote, ...]
    values: dict[str, object] = field(default_factory=dict)
    support: Support | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is written out. ``nearest`` are units close to a question that cannot be answered.

    ``written`` and ``dropped`` count the sentences of a model that were checked for it, and those that did not hold.
    """

    status: AnswerStatus
    statements: tuple[Statement, ...]
    nearest: tuple[Quote, ...] = ()
    written: int = 0
    dropped: int = 0


def write(draft: Draft, store: Sources) -> tuple[list[Sentence], list[Citation], list[Citation], str]:
    """Return the sentences, citations, nearest citations and text of ``draft``."""
    frames = load_prompts("frames")
    citations: dict[Quote, Citation] = {}
    sentences: list[Sentence] = []
    for statement in draft.statements:
        for quote in statement.quotes:
            citations.setdefault(quote, _cite(len(citations) + 1, quote, store))
        frame = frames[statement.frame]
        text = _MARKER.sub(r"［\1］", frame.fill(**_values(statement, store)))
        support: Support = statement.support or ("verbatim" if "$quote" in frame.text else "supported")
        sentences.append(Sentence(text=text, citations=[citations[q].id for q in statement.quotes], support=support))
    nearest = [_cite(number, quote, store) for number, quote in enumerate(draft.nearest[:NEAREST], 1)]
    if nearest and draft.status == "refused":
        labels = "、".join(dict.fromkeys(named(quote.unit, store) for quote in draft.nearest[:NEAREST]))
        sentences.append(Sentence(text=frames["nearest"].fill(labels=labels), citations=[], support="supported"))
    text = "\n".join(s.text + "".join(f"[{n}]" for n in s.citations) for s in sentences)  # ids are the only [n] in it
    return sentences, list(citations.values()), nearest, text


def refused(frame: str, nearest: Sequence[Quote] = (), **values: object) -> Draft:
    """Return a draft that refuses with the words of ``frame``."""
    return Draft("refused", (Statement(frame, (), values),), tuple(nearest))


def whole(unit: Unit) -> Quote:
    """Quote all of ``unit``."""
    return Quote(unit, Span(unit.start, unit.end))


def statements_of(quotes: Sequence[Quote], store: Sources, frame: str | None = None) -> list[Statement]:
    """Return one statement per quote, in the frame that its kind of source calls for."""
    return [Statement(frame or _frame(quote, store), (quote,)) for quote in quotes]


def _frame(quote: Quote, store: Sources) -> str:
    return "news" if store.document(quote.unit.document_id).kind is Kind.NEWS else "policy"


def named(unit: Unit, store: Sources) -> str:
    """Return the label of ``unit``, with the title of its document where another document could be meant."""
    document = store.document(unit.document_id)
    alone = document.kind is not Kind.NEWS and store.policies() == 1
    ended = store.standing(document.id).status is Status.EXPIRED
    label = f"{unit.label}（有效期至{document.expires}，已过）" if ended else unit.label
    return label if alone else f"《{document.title}》{label}"


def _echo(value: object) -> object:
    """Return what a question said as it may stand in an answer: short, without markers, tags, links and control marks."""
    if not isinstance(value, str):
        return value
    bare = "".join(c for c in _MARKUP.sub("", value) if c.isprintable() and c not in "<>[]{}|\\`")
    return bare if len(bare) <= MOST_ECHOED else f"{bare[:MOST_ECHOED]}…"


def _values(statement: Statement, store: Sources) -> dict[str, object]:
    values = {name: _echo(value) if name in _ECHOED else value for name, value in statement.values.items()}
    if len(statement.quotes) == 1:
        quote = statement.quotes[0]
        document = store.document(quote.unit.document_id)
        values.setdefault("quote", document.text[quote.span.start : quote.span.end])
        values.setdefault("label", quote.unit.label if statement.frame == "news" else named(quote.unit, store))
        values.setdefault("title", document.title)
    return values


def _cite(number: int, quote: Quote, store: Sources) -> Citation:
    document = store.document(quote.unit.document_id)
    return Citation.of(number, document, quote.unit, quote.span.start, quote.span.end)
