"""What an export says: a conversation as a Pandoc tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.answer import Answer
from ui.export.footnotes import Footnotes, say_isolated
from ui.export.leaves import (
    Node,
    bullets,
    header,
    inlines,
    isolated,
    joined,
    lines,
    para,
    quoted,
    small,
    strong,
)
from ui.export.texts import say
from ui.page.transcript import Piece, paragraphs
from ui.state.records import Conversation, Exchange
from ui.texts import Lang
from vectorstore.records import Filter

LONGEST_HEADING = 80  # characters of a question; a longer one stands below a numbered heading


def build(conversation: Conversation, lang: Lang, base_url: str, at: datetime) -> Node:
    """Return ``conversation`` as the tree of a document whose first block is its name as the one heading of level 1."""
    author = _Author(lang, Footnotes(lang, base_url.rstrip("/")), at, _titles(conversation))
    name = " ".join(conversation.name.split()) or say("unnamed", lang)
    blocks = [
        header(1, name),
        small(author.say("exported", at=author.time(at, zone=True), count=len(conversation.exchanges))),
    ]
    for number, exchange in enumerate(conversation.exchanges, 1):
        blocks += author.exchange(number, exchange)
    blocks.append(small(author.say("generated")))
    return {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": blocks}


@dataclass(slots=True)
class _Author:
    """Writes the blocks of one document; ``notes`` writes its footnotes."""

    lang: Lang
    notes: Footnotes
    at: datetime
    titles: dict[str, str]

    def say(self, key: str, **values: object) -> str:
        """Return our text ``key``; a direction control within a value does not reach beyond it."""
        return say_isolated(key, self.lang, **values)

    def time(self, when: datetime, *, zone: bool = False) -> str:
        local = when.astimezone(self.at.tzinfo)
        return local.isoformat(" ", "minutes") if zone else local.strftime("%Y-%m-%d %H:%M")

    def exchange(self, number: int, exchange: Exchange) -> list[Node]:
        """Return a question and whatever came of it."""
        asked = lines(exchange.question)
        if len(asked) == 1 and len(asked[0]) <= LONGEST_HEADING:
            blocks = [header(2, asked[0])]
        else:
            blocks = [header(2, self.say("long_question", number=number)), quoted([para(line) for line in asked])]
        if exchange.within:
            blocks.append(small(self.say("limits", limits=self._limits(exchange.within))))
        if exchange.answer:
            blocks += self._answer(exchange.question, exchange.answer)
        elif exchange.problem is not None:
            blocks.append(para(self.say("problem", problem=exchange.problem)))
        else:
            blocks.append(para(self.say("stopped" if exchange.stopped else "pending")))
        at = self.time(exchange.asked_at)
        told = self.say("answered_by", at=at, engine=exchange.answer.engine) if exchange.answer else at
        return [*blocks, small(told)]

    def _answer(self, question: str, answer: Answer) -> list[Node]:
        blocks: list[Node] = []
        if answer.standalone_question.strip() != question.strip():
            blocks.append(small(self.say("understood", question=answer.standalone_question)))
        if answer.status != "answered":
            blocks.append(para(strong(self.say(f"status_{answer.status}"))))
        numbers: dict[int, int] = {}
        blocks += [para(*(self._piece(piece, numbers) for piece in pieces)) for pieces in paragraphs(answer)]
        if answer.nearest:
            blocks += [para(self.say("nearest")), bullets([self.notes.cited(one) for one in answer.nearest])]
        return blocks

    def _piece(self, piece: Piece, numbers: dict[int, int]) -> list[Node]:
        """Return a piece of an answer; ``numbers`` are those of the footnotes that this answer has so far, by id."""
        if piece.unsupported:
            return joined(piece.text, self.say("unsupported"))
        if not piece.citations:
            return inlines(piece.text)
        return joined(*(self.notes.note(cited, numbers, place > 0) for place, cited in enumerate(piece.citations)))

    def _limits(self, within: Filter) -> str:
        """Return the limits of a question in words; a document that no answer cites is told by its id."""
        kinds = [say(f"kind_{kind.value}", self.lang) for kind in within.kinds]
        documents = [self.say("title", title=self.titles.get(one, one)) for one in within.documents]
        dates = "between" if within.since and within.until else "since" if within.since else "until"
        limits = [
            self.say("limit_documents", names=self._listed(documents)) if documents else "",
            self.say("limit_kinds", names=self._listed(kinds)) if kinds else "",
            self.say(f"limit_{dates}", since=within.since, until=within.until) if within.since or within.until else "",
            self.say("limit_section", section=within.section) if within.section else "",
            self.say("limit_regions", names=self._listed(within.regions)) if within.regions else "",
            self.say("limit_as_of", date=within.as_of) if within.as_of else "",
            self.say("limit_title", title=within.title) if within.title else "",
            self.say("limit_number", number=within.number) if within.number else "",
            self.say("limit_issuers", names=self._listed(within.issuers)) if within.issuers else "",
            self.say("limit_topics", names=self._listed(within.topics)) if within.topics else "",
        ]
        return self.say("limits_join").join(filter(None, limits))

    def _listed(self, names: Sequence[str]) -> str:
        return self.say("list_join").join(isolated(name) for name in names)


def _titles(conversation: Conversation) -> dict[str, str]:
    """Return the titles of the cited documents by id."""
    answers = [exchange.answer for exchange in conversation.exchanges if exchange.answer]
    return {one.document_id: one.title for answer in answers for one in (*answer.citations, *answer.nearest)}
