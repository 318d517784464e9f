"""Answers in a model's words: it may only choose among offered sentences, and nothing it says is shown unchecked.

In: the query, the draft of quotes that needs no model, the ranked evidence. Out: the draft with the model's sentences
in front, those that passed the check, each resting on quotes; what they leave out of the quotes stands behind them. If
none passes, the draft of quotes takes over and says so.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Turn
from assistant.asks import Asks
from assistant.claims import Checked, Checker, Claim, Evidence, bare
from assistant.draft import Draft, Quote, Statement, refused
from assistant.evidence import Candidate
from assistant.figures import figures
from assistant.language_model import LanguageModel, Message
from assistant.nearness import Nearness
from assistant.understand import Query
from prompts import load_prompts
from vectorstore.lexical import bigrams
from vectorstore.records import Kind, Span
from vectorstore.sources import Sources
from vectorstore.text import fold

_log = logging.getLogger(__name__)

WRITES = (
    Asks.CONTENT,
    Asks.FIGURE,
    Asks.COMPARE,
    Asks.LIST,
)  # the wording and the list of mentions are never put in other words
SAID_ALREADY = 0.85  # share of a quote's content in the model's sentences from which it is not repeated
MOST_SENTENCES = 6
MOST_CONDENSED = 160  # characters
REFUSAL = Claim("", ())  # what the refusal phrase is read as

ENOUGH = 0.3  # of the best unit's chance to answer, from which a sentence of another is worth a model's time

_PLAIN_END = re.compile(r"[。！？!?\n]")


@dataclass(frozen=True, slots=True)
class Offer:
    """A numbered sentence with the quote that cites it: the draft's own where it lies in one."""

    evidence: Evidence
    quote: Quote


class Writer:
    """Writes with one model over one store. ``most`` and ``budget`` bound what is offered (sentences, characters).

    ``judges``: the model is asked once more about each sentence. ``capable``: its word that the sources hold no answer
    is taken, and it may rewrite a follow-up that no rule resolves; a small model does both badly.
    """

    def __init__(
        self,
        model: LanguageModel,
        store: Sources,
        near: Nearness,
        *,
        most: int = 12,
        budget: int = 1500,
        judges: bool = False,
        capable: bool = False,
    ) -> None:
        self._model, self._store, self._near = model, store, near
        self._most, self._budget = most, budget
        self._judges, self._capable = judges, capable

    @property
    def name(self) -> str:
        """Return the model's name and the version of its prompts: what an answer depends on."""
        prompts = load_prompts("answer")
        return f"{self._model.name}#{prompts['system'].digest}"

    def rewrite(self, query: Query, draft: Draft, candidates: Sequence[Candidate]) -> Iterator[Draft]:
        """Yield the draft sentence by sentence, whole last. Raises LanguageModelError."""
        offered = offers(draft, candidates, self._store, most=self._most, budget=self._budget)
        checker = Checker(
            [one.evidence for one in offered], self._store.analyzer, self._near, self._judge if self._judges else None
        )
        said: list[Statement] = []
        written = dropped = 0
        for claim in self._claims(query, offered):
            if claim == REFUSAL:
                if self._capable and not said:
                    yield refused("refused", [quote for one in draft.statements for quote in one.quotes])
                    return
                continue
            if written == MOST_SENTENCES:
                break
            written += 1
            checked = checker.check(Claim(without_echo(claim.text, query.question), claim.ids))
            if not checked.holds:
                dropped += 1
                _log.info("dropped (%s): %s", checked.why, checked.claim.text)
                continue
            statement = _statement(checked, offered, self._store)
            if statement.values not in [one.values for one in said]:
                said.append(statement)
                yield Draft(draft.status, tuple(said))
        yield replace(_completed(draft, said, silent=written == 0), written=written, dropped=dropped)

    def condense(self, question: str, history: Sequence[Turn]) -> str | None:
        """Return ``question`` as it would read on its own, or None where the model cannot or adds what nobody said."""
        if not self._capable:
            return None
        prompts = load_prompts("condense")
        told = "\n".join(f"{'问' if turn.role == 'user' else '答'}：{turn.content[:300]}" for turn in history[-4:])
        asked = prompts["question"].fill(history=told, question=question)
        text = self._model.say([("system", prompts["system"].text), ("human", asked)]).strip().splitlines()
        return _condensed(text[0].strip() if text else "", told + question)

    def _judge(self, sentence: str, source: str) -> bool:
        prompts = load_prompts("judge")
        asked = prompts["question"].fill(source=source, sentence=sentence)
        verdict = self._model.say([("system", prompts["system"].text), ("human", asked)], 'root ::= "是" | "否"')
        return verdict.strip().startswith("是")

    def _claims(self, query: Query, offered: Sequence[Offer]) -> Iterator[Claim]:
        return read_claims(self._model.write(messages(query.question, offered), grammar(len(offered))))


def offers(draft: Draft, candidates: Sequence[Candidate], store: Sources, *, most: int, budget: int) -> list[Offer]:
    """Return what the model may write from: first the sentences that the draft quotes, then the next best of the ranking.

    At most ``most`` sentences, each whole, of at most ``budget`` characters together, at least one. A character of Chinese
    is at most one token of the models in use, so the budget is one of tokens, too.
    """
    chosen: list[Offer] = []
    left = budget
    for quote, span in dict.fromkeys(_in_order(draft, candidates)):
        cost = span.end - span.start
        if chosen and (cost > left or len(chosen) == most):
            continue
        left -= cost
        document = store.document(quote.unit.document_id)
        names = (quote.unit.label, *quote.unit.heading_path, document.title, document.issuer, document.date)
        text = document.text[span.start : span.end]
        chosen.append(Offer(Evidence(len(chosen) + 1, text, " ".join(filter(None, names)), document.id), quote))
    return chosen


def _in_order(draft: Draft, candidates: Sequence[Candidate]) -> Iterator[tuple[Quote, Span]]:
    quoted = [quote for statement in draft.statements for quote in statement.quotes]
    for quote in quoted:
        for sentence in quote.unit.sentences:
            if quote.span.start <= sentence.start and sentence.end <= quote.span.end:
                yield quote, sentence
    worth = [one for one in candidates if one.score >= ENOUGH * candidates[0].score]
    rest = sorted(
        ((s.score * one.score, s.span, one.unit) for one in worth for s in one.sentences), key=lambda r: -r[0]
    )
    for _score, span, unit in rest:
        if not any(q.unit == unit and q.span.start <= span.start < q.span.end for q in quoted):
            yield Quote(unit, span), span


def messages(question: str, offered: Sequence[Offer]) -> list[Message]:
    """Return what the model is told: the rules, three examples, the numbered sentences, the question."""
    prompts = load_prompts("answer")
    ask = prompts["question"].fill
    example = prompts["example_evidence"].text
    told: list[Message] = [("system", prompts["system"].text)]
    for kind in ("", "_missing", "_premise"):
        told.append(("human", ask(evidence=example, question=prompts[f"example_question{kind}"].text)))
        told.append(("ai", prompts[f"example_answer{kind}"].text))
    evidence = "\n".join(f"[{one.evidence.id}] {_one_line(one.evidence.text)}" for one in offered)
    return [*told, ("human", ask(evidence=evidence, question=_one_line(question)))]


def grammar(count: int) -> str:
    """Return the GBNF grammar of an answer over ``count`` offers: cited sentences, or the refusal."""
    refusal = load_prompts("answer")["refusal"].text
    ids = " | ".join(f'"[{n}]"' for n in range(1, count + 1))
    return (
        f'root ::= "{refusal}。" | sentence{{1,4}}\n'
        f'sentence ::= [^\\[\\]。\\n]{{4,120}} mark{{1,2}} "。"\nmark ::= {ids}'
    )


def read_claims(pieces: Iterator[str]) -> Iterator[Claim]:
    """Yield the sentences of what a model writes as soon as each is whole; the refusal phrase is yielded as REFUSAL."""
    refusal = load_prompts("answer")["refusal"].text
    held = ""
    for piece in pieces:
        held += piece
        while (cut := _whole(held)) is not None:
            text, held = held[:cut], held[cut:]
            yield from _claim(text, refusal)
    yield from _claim(held, refusal)


def _whole(text: str) -> int | None:
    """Where the first sentence of ``text`` ends, once it is sure that no marker belongs to it any more."""
    end = _PLAIN_END.search(text)
    if end is None:
        return None
    behind = re.match(r"(?:\s*[\[【][^\]】]{0,40}[\]】])*\s*", text[end.end() :])
    at = end.end() + (behind.end() if behind else 0)
    return at if at < len(text) and text[at] not in "[【" else None


def _claim(text: str, refusal: str) -> Iterator[Claim]:
    text = text.strip()
    if refusal in text:
        yield REFUSAL
        return
    ids = tuple(
        int(n) for group in re.findall(r"[\[【]([\d\s,，、]+)[\]】]", text) for n in re.findall(r"\d{1,4}", group)
    )
    said = re.sub(r"\s*[\[【][\d\s,，、]*[\]】]", "", text).strip(" \n。") + "。"
    if bigrams(fold(said)):
        yield Claim(said, ids)


def without_echo(text: str, question: str) -> str:
    """Return ``text`` without the clauses in front that only repeat ``question``: what the asker said is no answer."""
    clauses = re.split(r"(?<=[，,；;：:])", text)
    asked = bare(question)
    while len(clauses) > 1 and bare(clauses[0]) in asked:
        clauses.pop(0)
    return "".join(clauses)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _statement(checked: Checked, offered: Sequence[Offer], store: Sources) -> Statement:
    """Put a checked sentence into its frame: a report is named as one, and of several policies the one that says it."""
    quotes = tuple(dict.fromkeys(offered[n - 1].quote for n in checked.claim.ids))
    documents = dict.fromkeys(store.document(quote.unit.document_id) for quote in quotes)
    titles = "".join(f"《{document.title}》" for document in documents)
    values: dict[str, object] = {"text": checked.claim.text, "titles": titles}
    if all(document.kind is Kind.NEWS for document in documents):
        return Statement("said_in_news", quotes, values, "supported")
    if store.policies() > 1:
        return Statement("said_in", quotes, values, "supported")
    return Statement("said", quotes, values, checked.support)


def _completed(draft: Draft, said: Sequence[Statement], *, silent: bool) -> Draft:
    """Put the quotes behind the sentences that leave out part of them; without sentences the quotes take over."""
    if not said:
        notice = Statement("model_silent" if silent else "model_refuted", ())
        return replace(draft, statements=(notice, *draft.statements))
    told = fold("".join(str(one.values["text"]) for one in said))
    rest = [one for one in draft.statements if not all(_said(quote, told) for quote in one.quotes)]
    return replace(draft, statements=(*said, *rest))


def _said(quote: Quote, told: str) -> bool:
    unit = quote.unit
    content = bigrams(fold(unit.text[quote.span.start - unit.start : quote.span.end - unit.start]))
    return sum(pair in told for pair in content) >= SAID_ALREADY * len(content)


def _condensed(text: str, known: str) -> str | None:
    """Return ``text`` where it adds nothing to ``known``: no figure, hardly a word."""
    content = bigrams(fold(text))
    there = fold(known)
    values = {figure.value for figure in figures(known, ordinals=True)}
    if not content or len(text) > MOST_CONDENSED or any(f.value not in values for f in figures(text, ordinals=True)):
        return None
    return text if sum(pair in there for pair in content) >= 0.8 * len(content) else None
