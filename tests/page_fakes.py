"""Services for the tests of the page: two invented documents, one of them hostile, and an assistant that obeys cues."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from assistant.answer import Answer, Citation, Sentence, Turn
from ui.settings import Settings
from ui.state.records import Conversation, Exchange
from ui.wiring import Services, open_state
from vectorstore.editions import CURRENT, Standing
from vectorstore.errors import NotFoundError, StoreLockedError
from vectorstore.records import Document, Kind, Span, Unit, UnitType

MOMENT = datetime(2024, 5, 6, 7, 8, tzinfo=UTC)
RUN = "window.__ran = true"
HOSTILE = f"""<script>{RUN}</script><img src=x onerror="{RUN}">[链接](javascript:{RUN})"""
OVERRIDE = "\u202e颠倒\u2067"

_POLICY = [
    (UnitType.TITLE, "标题", (), "青梧市推进便民服务行动方案"),
    (UnitType.PARAGRAPH, "第1段", (), "为方便群众办事，制定本方案。"),
    (UnitType.HEADING, "一", (), "一、重点任务"),
    *(
        (
            UnitType.TASK,
            f"重点任务{n}",
            ("一、重点任务",),
            f"{n}.第{n}项服务。新建服务点{n * 10}个。{'说明文字，' * 30}到此为止。",
        )
        for n in range(1, 31)
    ),
]
_HOSTILE = [
    (UnitType.TITLE, "标题", (), f"{HOSTILE}的标题"),
    (UnitType.PARAGRAPH, f"第1段{HOSTILE}", (f"一、{HOSTILE}",), f"{HOSTILE}{OVERRIDE}"),
    (UnitType.PARAGRAPH, "第2段", (f"一、{HOSTILE}",), "长" + "x" * 10_000),
]


def make_document(
    document_id: str, lines: Sequence[tuple[UnitType, str, tuple[str, ...], str]], **known: Any
) -> tuple[Document, list[Unit]]:
    """Return a document of these (type, label, heading path, text) with its units, one line each."""
    units: list[Unit] = []
    start = 0
    for ordinal, (type_, label, path, text) in enumerate(lines):
        end = start + len(text)
        number = int(label[4:]) if type_ is UnitType.TASK else None
        units.append(
            Unit(document_id, ordinal, type_, (label,), number, label, path, start, end, text, (Span(start, end),))
        )
        start = end + 1
    text = "\n".join(line[-1] for line in lines)
    about: dict[str, Any] = {
        "kind": Kind.POLICY,
        "issuer": "青梧市人民政府",
        "date": "2024-05-06",
        "number": None,
        "source": "a.txt",
    }
    return Document(document_id, title=lines[0][-1], text=text, **(about | known)), units


POLICY, POLICY_UNITS = make_document("policy", _POLICY)
HOSTILE_DOCUMENT, HOSTILE_UNITS = make_document("hostile", _HOSTILE, kind=Kind.NEWS, issuer=HOSTILE, date=HOSTILE)


class FakeStore:
    """As much of the store as the page reads."""

    def __init__(self, *held: tuple[Document, Sequence[Unit]]) -> None:
        self._documents = {document.id: document for document, _ in held}
        self._units = {document.id: list(units) for document, units in held}

    def is_empty(self) -> bool:
        return not self._documents

    def documents(self) -> list[Document]:
        return list(self._documents.values())

    records = documents

    def revision(self) -> int:
        return 0

    def standing(self, _document_id: str) -> Standing:
        return CURRENT

    def document(self, document_id: str) -> Document:
        if document_id not in self._documents:
            raise NotFoundError(f"没有文档 {document_id}")
        return self._documents[document_id]

    def units(self, document_id: str | None = None) -> list[Unit]:
        return self._units[document_id] if document_id else [unit for units in self._units.values() for unit in units]

    def terms(self) -> list[str]:
        return []

    def containing(self, _folded: str) -> list[Unit]:
        return []

    def vectors(self, _ids: Sequence[str]) -> dict[str, Any]:
        return {}

    def files(self) -> dict[str, Any]:
        return {}

    def close(self) -> None:
        pass


class FakeAssistant:
    """Answers by cues in the question; ``asked`` remembers what came, ``gate`` holds the question 慢 back."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[Turn], str | None]] = []
        self.gate = threading.Event()

    def ask(self, question: str, history: Sequence[Turn] = (), *, conversation_id: str | None = None) -> Answer:
        self.asked.append((question, list(history), conversation_id))
        if question.startswith("慢"):
            assert self.gate.wait(20)
        if question.startswith("坏"):
            raise RuntimeError("秘密 <b>secret</b>")
        if question.startswith("锁"):
            raise StoreLockedError("另一个进程正在写入 /data；请等它结束后重试")
        if question.startswith("没有"):
            return answer(question, "来源中没有找到。", status="refused", nearest=[cite(1, 29)])
        if question.startswith("全部"):
            cited = [cite(n, n) for n in range(1, 13)]
            return answer(question, f"共12处。{''.join(f'[{c.id}]' for c in cited)}", cited)
        if question.startswith("那"):
            return answer(question, "第28项。[1]", [cite(1, 28)], standalone_question=f"重点任务28{question}")
        if HOSTILE in question or len(question) > 5000:
            cited = [cite(1, 1, HOSTILE_DOCUMENT, HOSTILE_UNITS), cite(2, 2, HOSTILE_DOCUMENT, HOSTILE_UNITS)]
            return answer(question, f"{question}[1]\n{OVERRIDE}[2]", cited, standalone_question=f"{question}？")
        return answer(question, "重点任务25写的是：“新建服务点250个。”[1]", [cite(1, 25)])

    def stream(self, *asked: Any, **known: Any) -> Iterator[SimpleNamespace]:
        known.pop("within", None)
        yield SimpleNamespace(answer=self.ask(*asked, **known), ranking=(), written=0, dropped=0)


def cite(number: int, task: int, document: Document = POLICY, units: Sequence[Unit] = POLICY_UNITS) -> Citation:
    """Cite the second sentence of a task of the policy, or all of a paragraph of another document."""
    unit = next((unit for unit in units if unit.task_number == task), units[task])
    if unit.task_number is None:
        return Citation.of(number, document, unit, unit.start, unit.end)
    sentence = f"新建服务点{task * 10}个。"
    start = document.text.index(sentence, unit.start)
    return Citation.of(number, document, unit, start, start + len(sentence))


def answer(question: str, text: str, citations: Sequence[Citation] = (), **known: Any) -> Answer:
    """Return an answer with this text."""
    filled: dict[str, Any] = {"standalone_question": question, "status": "answered", "engine": "fake"} | known
    sentences = [Sentence(text=text, citations=[c.id for c in citations], support="supported")]
    return Answer(question=question, answer=text, sentences=sentences, citations=list(citations), **filled)


def exchange(question: str, given: Answer | None = None, problem: str | None = None, **known: Any) -> Exchange:
    """Return an exchange as the database gives it back."""
    filled: dict[str, Any] = {"id": "e", "asked_at": MOMENT} | known
    return Exchange(question=question, answer=given, problem=problem, **filled)


def conversation(*exchanges: Exchange, **known: Any) -> Conversation:
    """Return a conversation as the database gives it back."""
    filled: dict[str, Any] = {"id": "c", "owner": "o", "name": "名", "created_at": MOMENT, "updated_at": MOMENT} | known
    return Conversation(exchanges=exchanges, **filled)


def fake_services(
    assistant: FakeAssistant | None = None, *, empty: bool = False, folder: Path | None = None, **settings: Any
) -> Services:
    """Return services on the fake store, or on an empty one; with a real database where there is a ``folder`` for it."""
    held = () if empty else ((POLICY, POLICY_UNITS), (HOSTILE_DOCUMENT, HOSTILE_UNITS))
    parts: dict[str, Any] = {
        "store": FakeStore(*held),
        "embedder": None,
        "ranker": None,
        "assistant": assistant or FakeAssistant(),
    }
    given = {"max_question_chars": 20_000, "data_dir": folder or Path("data")} | settings
    chosen = Settings(**given)
    return Services(settings=chosen, kept=open_state(chosen) if folder else None, **cast("Any", parts))
