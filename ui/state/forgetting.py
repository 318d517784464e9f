"""What is kept of people, and how it goes: all of one owner at once, or what has become too old."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ui.state.actions import EXPIRED, QUESTION
from ui.state.audit import append, blank, lock
from ui.state.columns import clean
from ui.state.database import Database
from ui.state.tables import AuditRow, ConversationRow, ExchangeRow, FeedbackRow, SessionRow, UploadRow, UserRow, now

_AT_ONCE = 200  # rows of one transaction, so that readers and writers wait for none of them long
_ROWS = 1000  # of the audit log that are looked at in one


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much went: conversations with their questions, ratings and sessions; how many audit rows were blanked."""

    conversations: int = 0
    feedback: int = 0
    sessions: int = 0
    audit: int = 0

    def __bool__(self) -> bool:
        return any((self.conversations, self.feedback, self.sessions, self.audit))


def forget(database: Database, owner: str) -> Forgotten:
    """Delete what is kept of ``owner``, all of it or, where that fails, nothing. Raises StateError.

    The name is also taken off the files that they brought, which stay. A user stays a user, signed in nowhere.
    """
    owner = clean(owner)
    with database.session() as session:
        lock(session)
        user = session.scalar(sa.select(UserRow.key).where(UserRow.name == owner))
        feedback = session.scalar(sa.select(sa.func.count()).where(FeedbackRow.owner == owner))
        ids = sa.select(ConversationRow.id).where(ConversationRow.owner == owner)
        found = session.scalars(ids.order_by(ConversationRow.id).with_for_update()).all()
        session.execute(sa.delete(ConversationRow).where(ConversationRow.owner == owner))
        session.execute(sa.update(UploadRow).where(UploadRow.by == owner).values(by=""))
        sessions = session.scalar(sa.select(sa.func.count()).where(SessionRow.user_key == user)) if user else 0
        session.execute(sa.delete(SessionRow).where(SessionRow.user_key == user))
        return Forgotten(len(found), feedback or 0, sessions or 0, blank(session, AuditRow.owner == owner))


def expire(database: Database, before: datetime, *, audit: bool = True) -> Forgotten:
    """Delete conversations that did not change since ``before`` and sessions that are over; blank older questions.

    With ``audit`` it is noted how many that were. Works in small transactions; what is done stays done where a later
    one fails. Raises StateError.
    """
    conversations = feedback = blanked = 0
    while True:
        with database.session() as session:
            gone, rated = _drop_conversations(session, before, audit=audit)
        conversations, feedback = conversations + gone, feedback + rated
        if gone < _AT_ONCE:
            break
    with database.reading() as session:
        last = session.scalar(sa.select(sa.func.max(AuditRow.number)).where(AuditRow.at < before)) or 0
    for first in range(1, last + 1, _ROWS):  # by number: what was blanked long ago is gone through once
        rows = AuditRow.number.between(first, first + _ROWS - 1)
        with database.session() as session:
            blanked += blank(session, rows, AuditRow.action == QUESTION, AuditRow.at < before)
    with database.session() as session:
        over = session.scalars(sa.select(SessionRow.digest).where(SessionRow.expires_at <= now())).all()
        session.execute(sa.delete(SessionRow).where(SessionRow.digest.in_(over)))
    return Forgotten(conversations, feedback, len(over), blanked)


def _drop_conversations(session: Session, before: datetime, *, audit: bool) -> tuple[int, int]:
    if audit:
        lock(session)  # before any other row, as everywhere, so that no two wait for each other
    query = sa.select(ConversationRow.id).where(ConversationRow.updated_at < before)
    query = query.order_by(ConversationRow.updated_at, ConversationRow.id)
    ids = session.scalars(query.limit(_AT_ONCE).with_for_update()).all()
    asked = sa.select(ExchangeRow.id).where(ExchangeRow.conversation_id.in_(ids))
    rated = session.scalar(sa.select(sa.func.count()).where(FeedbackRow.exchange_id.in_(asked))) or 0
    session.execute(sa.delete(ConversationRow).where(ConversationRow.id.in_(ids)))
    if ids and audit:
        append(session, "", EXPIRED, {"conversations": len(ids)})
    return len(ids), rated
