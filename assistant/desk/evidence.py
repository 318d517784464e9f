"""News as evidence (报道印证): which paragraphs of reports bear on which tasks of policies."""

import re
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from assistant.answer import Citation
from assistant.desk.citing import Citations
from assistant.desk.evidence_meeting import Meeting, Weigher
from assistant.desk.evidence_pairs import pairs
from assistant.desk.sentences import sentences_by
from prompts import load_prompts
from vectorstore.embedding import Embedder
from vectorstore.errors import DeskError
from vectorstore.records import Address, Document, Kind, Unit, UnitType
from vectorstore.sources import Sources

Level = Literal["strong", "medium", "weak"]
STRONG, MEDIUM, WEAK = 0.70, 0.50, 0.30  # below weak there is no link
_PER_TASK = 5
_BEARING = (UnitType.TASK, UnitType.ITEM, UnitType.MEASURE, UnitType.ARTICLE)
_NUMBERED = (UnitType.TASK, UnitType.ARTICLE)
_OFFICIAL = (Kind.POLICY, Kind.LAW)
_GENRE = re.compile(
    r"(方案|计划|意见|规划|纲要|条例|办法|规定|细则|通知|措施|决定|报告|公告|通告|章程|法)(?=\W*[\d\W年—至]*$)"
)
_MARKER = re.compile(r"\[(\d+)\]")  # in a source it is text, in a statement a citation


class Link(BaseModel):
    """A task and a report's paragraph that bears on it.

    ``policy`` and ``news`` quote the sentences that meet; ``shared`` are the words on which they do; ``strength`` is 0–1.
    ``statement`` says both in Chinese, each by its authority: 方案要求…[1] 据报道…[2], with the ids of the two citations.
    """

    policy: Citation
    news: Citation
    strength: float
    level: Level
    shared: list[str]
    statement: str


class Evidence(BaseModel):
    """All links, by task in document order and then the strongest first; ``unreported`` are the tasks without any."""

    links: list[Link]
    unreported: list[Citation]


def evidence(sources: Sources, embedder: Embedder, *, policy: str | None = None, report: str | None = None) -> Evidence:
    """Return the links between tasks and reports, of one policy or report where its document id is given.

    A link is as strong as it is among all sources, whichever part of them is asked for. Raises NotFoundError where there
    is no such document, DeskError where it is not of that kind.
    """
    _must_be(sources, policy, _OFFICIAL, "不是政策文件或法规")
    _must_be(sources, report, (Kind.NEWS,), "不是新闻报道")
    documents = {document.id: document for document in sources.documents()}
    official = [document for document in documents.values() if document.kind in _OFFICIAL]
    tasks = [unit for document in official for unit in sources.units(document.id) if unit.type in _BEARING]
    paragraphs = [
        unit
        for document in documents.values()
        if document.kind is Kind.NEWS
        for unit in sources.units(document.id)
        if unit.type.citable
    ]
    weigher = Weigher(sources, frozenset(document.region for document in official if document.region), tasks)
    met = _links(weigher.weigh(pair) for pair in pairs(tasks, paragraphs, sentences_by(embedder)))
    citations = Citations(sources)
    links: list[Link] = []
    unreported: list[Unit] = []
    for task in tasks:
        if policy and task.document_id != policy:
            continue
        of_task = [m for m in met.get(_address(task), ()) if not report or m.pair.news.unit.document_id == report]
        links += [_link(meeting, documents[task.document_id], citations) for meeting in of_task[:_PER_TASK]]
        if not of_task and task.type in _NUMBERED:
            unreported.append(task)
    return Evidence(links=links, unreported=[citations.cite(task) for task in unreported])


def _must_be(sources: Sources, document_id: str | None, kinds: tuple[Kind, ...], otherwise: str) -> None:
    if document_id and (document := sources.document(document_id)).kind not in kinds:
        raise DeskError(f"《{document.title}》{otherwise};zhengce documents 列出全部文档和它们的种类")


def _address(unit: Unit) -> Address:
    return unit.document_id, unit.ordinal


def _links(meetings: Iterable[Meeting]) -> dict[Address, list[Meeting]]:
    """Return, by task, the strongest meeting with each paragraph that is strong enough, the strongest first."""
    best: dict[tuple[Address, Address], Meeting] = {}
    for meeting in meetings:
        key = meeting.pair.policy.address, meeting.pair.news.address
        if meeting.strength >= WEAK and (key not in best or best[key].strength < meeting.strength):
            best[key] = meeting
    found: dict[Address, list[Meeting]] = {}
    for meeting in sorted(best.values(), key=lambda meeting: meeting.strength, reverse=True):
        found.setdefault(meeting.pair.policy.address, []).append(meeting)
    return found


def _link(meeting: Meeting, policy: Document, citations: Citations) -> Link:
    required = citations.cite(meeting.pair.policy.unit, meeting.pair.policy.span)
    reported = citations.cite(meeting.pair.news.unit, meeting.pair.news.span)
    genre = _GENRE.findall(policy.title)
    statement = load_prompts("frames")["evidence"].fill(
        document=genre[-1] if genre else "文件",
        required=_plain(required.quote),
        reported=_plain(reported.quote),
        first=f"[{required.id}]",
        second=f"[{reported.id}]",
    )
    strength = round(meeting.strength, 3)
    return Link(
        policy=required,
        news=reported,
        strength=strength,
        level="strong" if strength >= STRONG else "medium" if strength >= MEDIUM else "weak",
        shared=list(meeting.shared),
        statement=statement,
    )


def _plain(quote: str) -> str:
    return _MARKER.sub(r"［\1］", quote)
