"""News as evidence (报道印证): which paragraphs of reports bear on which tasks of policies."""

from typing import Literal

from pydantic import BaseModel

from assistant.answer import Citation
from vectorstore.sources import Sources

Level = Literal["strong", "medium", "weak"]


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


def evidence(sources: Sources, *, policy: str | None = None, report: str | None = None) -> Evidence:
    """Return the links between tasks and reports, of one policy or report where its document id is given.

    Raises NotFoundError where there is no such document, DeskError where it is not of that kind.
    """
    raise NotImplementedError
