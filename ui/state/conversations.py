"""Conversations with their exchanges, and the feedback on answers.

Every method that takes an ``owner`` sees what is that owner's only; what belongs to another is not there for it.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from assistant.answer import Answer
from ui.state.columns import clean
from ui.state.database import Database
from ui.state.errors import InputError
from ui.state.records import Conversation, Exchange, Feedback, Rating, Reason, Summary
from ui.state.shapes import conversation_of, exchange_of, feedback_of
from ui.state.tables import (
    ANSWERED,
    FAILED,
    PENDING,
    STOPPED,
    ConversationRow,
    ExchangeRow,
    FeedbackRow,
    now,
)
from vectorstore.errors import NotFoundError
from vectorstore.records import Filter

MAX_NAME = 80
MAX_FIRST_NAME = 30
MAX_COMMENT = 2000
MAX_SEARCH = 200


class Conversations:
    """What people asked and were told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, owner: str) -> Conversation:
        """Begin a conversation; its first question will name it."""
        moment = now()
        row = ConversationRow(owner=owner, created_at=moment, updated_at=moment)
        with self._database.session() as session:
            session.add(row)
            session.flush()
            return conversation_of(row, ())

    def get(self, owner: str, id: str) -> Conversation:  # noqa: A002 - what it is
        """Return a conversation with the exchanges that are shown. Raises NotFoundError."""
        with self._database.reading() as session:
            return _whole(session, _own(session, owner, id))

    def rename(self, owner: str, id: str, name: str) -> Conversation:  # noqa: A002
        """Give a conversation another name. Raises InputError where it is empty or too long, NotFoundError."""
        name = clean(" ".join(name.split()))
        if not name:
            raise InputError("对话的名称是空的；请写出名称")
        if len(name) > MAX_NAME:
            raise InputError(f"对话的名称有 {len(name)} 个字，上限是 {MAX_NAME} 个；请缩短")
        with self._database.session() as session:
            row = _own(session, owner, id, locked=True)
            row.name, row.searchable = name, _folded(name)
            return _whole(session, row)

    def delete(self, owner: str, id: str) -> None:  # noqa: A002
        """Forget a conversation with its exchanges and the feedback on them. Raises NotFoundError."""
        with self._database.session() as session:
            _own(session, owner, id, locked=True)
            session.execute(sa.delete(ConversationRow).where(ConversationRow.id == id))

    def ask(
        self,
        owner: str,
        id: str,  # noqa: A002
        question: str,
        within: Filter,
        replaces: str | None = None,
    ) -> tuple[Conversation, Exchange]:
        """Append a question that is being answered; return the conversation with it and the exchange itself.

        The exchange ``replaces`` and all later ones are kept but no longer shown. Raises NotFoundError, also where
        that is not an exchange of the conversation.
        """
        question = clean(question.strip())
        with self._database.session() as session:
            row = _own(session, owner, id, locked=True)
            if replaces is not None:
                _supersede(session, row.id, replaces)
            last = session.scalar(
                sa.select(sa.func.max(ExchangeRow.position)).where(ExchangeRow.conversation_id == row.id)
            )
            moment = now()
            asked = ExchangeRow(
                conversation_id=row.id,
                position=0 if last is None else last + 1,
                question=question,
                asked_at=moment,
                within={name: value for name, value in asdict(within).items() if value},
                searchable=_folded(question),
            )
            session.add(asked)
            row.updated_at = moment
            if not row.name:
                row.name = _first_name(question)
                row.searchable = _folded(row.name)
            session.flush()
            return _whole(session, row), exchange_of(asked, None)

    def finish(self, exchange_id: str, answer: Answer, trace: dict[str, Any]) -> Exchange:
        """Store the answer of an exchange that waits for one; return the exchange as it is. Raises NotFoundError."""
        return self._end(exchange_id, ANSWERED, answer=answer.model_dump(mode="json"), said=answer.answer, trace=trace)

    def fail(self, exchange_id: str, problem: str) -> Exchange:
        """Store why there is no answer, otherwise as ``finish``."""
        return self._end(exchange_id, FAILED, problem=problem)

    def stop(self, exchange_id: str) -> Exchange:
        """Store that nobody waits for the answer any more, otherwise as ``finish``."""
        return self._end(exchange_id, STOPPED)

    def _end(
        self,
        exchange_id: str,
        state: str,
        *,
        answer: dict[str, Any] | None = None,
        problem: str | None = None,
        said: str = "",
        trace: dict[str, Any] | None = None,
    ) -> Exchange:
        with self._database.session() as session:
            conversation, row = _locked(session, exchange_id)
            if row.state == PENDING:
                row.state, row.answer, row.problem = state, answer, problem and clean(problem)
                row.trace = trace or {}
                row.searchable = _folded(f"{row.question}\n{clean(said)}")
                conversation.updated_at = now()
            # read back: what was cleaned on the way in is what later readers get
            session.flush()
            session.expire(row)
            return exchange_of(row, _rating(session, row.id))

    def interrupt_pending(self, started_before: datetime) -> int:
        """Mark what was asked before then and still waits as stopped; return how many that were."""
        left = sa.select(ExchangeRow).where(ExchangeRow.state == PENDING, ExchangeRow.asked_at < started_before)
        with self._database.session() as session:
            # what another process holds is being changed by it; waiting for several at once could deadlock
            rows = session.scalars(left.with_for_update(skip_locked=True)).all()
            for row in rows:
                row.state = STOPPED
            return len(rows)

    def rate(
        self,
        owner: str,
        exchange_id: str,
        rating: Rating | None,
        reason: Reason | None = None,
        comment: str = "",
    ) -> Exchange:
        """Store what ``owner`` thinks of an answer, in place of what they thought before; None withdraws it.

        Raises NotFoundError, InputError where the comment is too long or nothing is there yet to be rated.
        """
        comment = clean(comment.strip())
        if len(comment) > MAX_COMMENT:
            raise InputError(f"意见有 {len(comment)} 个字，上限是 {MAX_COMMENT} 个；请缩短")
        with self._database.session() as session:
            conversation, row = _locked(session, exchange_id)
            if conversation.owner != clean(owner):
                raise _no_exchange()
            session.execute(sa.delete(FeedbackRow).where(FeedbackRow.exchange_id == row.id))
            if rating is None:
                return exchange_of(row, None)
            if row.state == PENDING:
                raise InputError("这个问题还没有回答；请等回答完成后再评价")
            given = FeedbackRow(
                exchange_id=row.id,
                owner=owner,
                rating=rating,
                reason=reason,
                comment=comment,
                question=row.question,
                trace={"answer": row.answer, **row.trace},
                given_at=now(),
            )
            session.add(given)
            return exchange_of(row, rating)

    def feedback(self, limit: int = 500) -> list[Feedback]:
        """Return the feedback of everybody, newest first."""
        query = sa.select(FeedbackRow).order_by(FeedbackRow.given_at.desc(), FeedbackRow.id).limit(limit)
        with self._database.reading() as session:
            return [feedback_of(row) for row in session.scalars(query)]

    def list(self, owner: str, search: str = "", limit: int = 200) -> list[Summary]:
        """Return the conversations of ``owner``, the one with the latest change first.

        Every word of ``search`` (of which the first 200 characters count) must be in the name, a question or an answer
        that is shown, in any case.
        """
        shown = sa.and_(ExchangeRow.conversation_id == ConversationRow.id, ExchangeRow.superseded.is_(False))
        count = sa.select(sa.func.count()).where(shown).scalar_subquery()
        query = sa.select(ConversationRow.id, ConversationRow.name, ConversationRow.updated_at, count)
        query = query.where(ConversationRow.owner == owner)
        for word in clean(search[:MAX_SEARCH]).split():
            said = sa.exists().where(shown, _holds(ExchangeRow.searchable, word))
            query = query.where(sa.or_(_holds(ConversationRow.searchable, word), said))
        query = query.order_by(ConversationRow.updated_at.desc(), ConversationRow.id).limit(limit)
        with self._database.reading() as session:
            return [Summary(*row) for row in session.execute(query)]


def _own(session: Session, owner: str, id: str, *, locked: bool = False) -> ConversationRow:  # noqa: A002
    query = sa.select(ConversationRow).where(ConversationRow.id == id, ConversationRow.owner == owner)
    row = session.scalar(query.with_for_update() if locked else query)
    if row is None:
        raise NotFoundError("没有这个对话；它可能已被删除，请从列表中另选一个")
    return row


def _locked(session: Session, exchange_id: str) -> tuple[ConversationRow, ExchangeRow]:
    """Return an exchange and its conversation; that is always locked first, so that no two writers deadlock."""
    whose = sa.select(ExchangeRow.conversation_id).where(ExchangeRow.id == exchange_id)
    query = sa.select(ConversationRow).where(ConversationRow.id == whose.scalar_subquery())
    conversation = session.scalar(query.with_for_update())
    row = session.get(ExchangeRow, clean(exchange_id), with_for_update=True)
    if conversation is None or row is None:
        raise _no_exchange()
    return conversation, row


def _no_exchange() -> NotFoundError:
    return NotFoundError("没有这个问答；它可能已被删除，请刷新对话")


def _supersede(session: Session, conversation_id: str, exchange_id: str) -> None:
    mine = sa.and_(ExchangeRow.conversation_id == conversation_id, ExchangeRow.superseded.is_(False))
    position = session.scalar(sa.select(ExchangeRow.position).where(mine, ExchangeRow.id == exchange_id))
    if position is None:
        raise _no_exchange()
    session.execute(sa.update(ExchangeRow).where(mine, ExchangeRow.position >= position).values(superseded=True))


def _whole(session: Session, row: ConversationRow) -> Conversation:
    query = (
        sa.select(ExchangeRow, FeedbackRow.rating)
        .outerjoin(FeedbackRow, FeedbackRow.exchange_id == ExchangeRow.id)
        .where(ExchangeRow.conversation_id == row.id, ExchangeRow.superseded.is_(False))
        .order_by(ExchangeRow.position)
    )
    return conversation_of(row, tuple(exchange_of(one, rating) for one, rating in session.execute(query)))


def _rating(session: Session, exchange_id: str) -> str | None:
    return session.scalar(sa.select(FeedbackRow.rating).where(FeedbackRow.exchange_id == exchange_id))


def _first_name(question: str) -> str:
    return " ".join(question.split("\n", maxsplit=1)[0].split())[:MAX_FIRST_NAME].strip()


def _folded(text: str) -> str:
    # by Python: the databases differ in which letters they fold
    return text.casefold()


def _holds(column: Any, word: str) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = column.contains(_folded(word), autoescape=True)
    return found
