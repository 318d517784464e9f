"""The tables; ``ui.state.migrations`` makes them, and a test holds that the two agree.

    conversations ─< exchanges ─ feedback        users ─< sessions        uploads
    api_keys        key_use        audit

What is below goes with what is above it.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ui.state.columns import Json, Moment, Words

PENDING, ANSWERED, FAILED, STOPPED = "pending", "answered", "failed", "stopped"


def new_id() -> str:
    """Return an id that nobody can guess."""
    return uuid4().hex


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """All tables; the names of constraints are fixed, so that later migrations can name them."""

    metadata = sa.MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )
    type_annotation_map = {str: Words, datetime: Moment, dict[str, Any]: Json, list[str]: Json}  # noqa: RUF012


class ConversationRow(Base):
    """A conversation. ``searchable`` is its name as a search compares it."""

    __tablename__ = "conversations"
    __table_args__ = (sa.Index(None, "owner", "updated_at"), sa.Index(None, "updated_at"))

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    owner: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    searchable: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ExchangeRow(Base):
    """A question and what came of it (``state``). ``searchable`` is question and answer as a search compares them."""

    __tablename__ = "exchanges"
    __table_args__ = (sa.UniqueConstraint("conversation_id", "position"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(sa.ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int]
    superseded: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default=PENDING, index=True)
    question: Mapped[str]
    asked_at: Mapped[datetime]
    within: Mapped[dict[str, Any]]
    answer: Mapped[dict[str, Any] | None]
    problem: Mapped[str | None]
    trace: Mapped[dict[str, Any]] = mapped_column(default=dict)
    searchable: Mapped[str]


class FeedbackRow(Base):
    """What the owner thinks of an answer."""

    __tablename__ = "feedback"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    exchange_id: Mapped[str] = mapped_column(sa.ForeignKey("exchanges.id", ondelete="CASCADE"), unique=True)
    owner: Mapped[str]
    rating: Mapped[str]
    reason: Mapped[str | None]
    comment: Mapped[str]
    question: Mapped[str]
    trace: Mapped[dict[str, Any]]
    given_at: Mapped[datetime] = mapped_column(index=True)


class UserRow(Base):
    """A user; ``key`` is the name as it is compared."""

    __tablename__ = "users"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    password: Mapped[str]
    role: Mapped[str]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """A signed-in browser; ``digest`` is the SHA-256 of its token."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(primary_key=True)
    user_key: Mapped[str] = mapped_column(sa.ForeignKey("users.key", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class UploadRow(Base):
    """One version of an uploaded file."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(index=True)
    path: Mapped[str]
    digest: Mapped[str]
    size: Mapped[int] = mapped_column(sa.BigInteger)
    by: Mapped[str]
    uploaded_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    done: Mapped[float] = mapped_column(default=0.0)
    active: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[dict[str, Any]] = mapped_column(default=dict)
    warnings: Mapped[list[str]] = mapped_column(default=list)


class ApiKeyRow(Base):
    """A key for programs; ``digest`` is the SHA-256 of the whole, ``beginning`` what a list shows of it."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    beginning: Mapped[str]
    scopes: Mapped[list[str]]
    per_minute: Mapped[int | None]
    per_day: Mapped[int | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class KeyUseRow(Base):
    """How many requests a key sent on a day (UTC, ISO), counted for its quota by all workers together."""

    __tablename__ = "key_use"

    key_id: Mapped[str] = mapped_column(sa.ForeignKey("api_keys.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    requests: Mapped[int] = mapped_column(default=0)


class AuditRow(Base):
    """Who did what. ``digest`` covers the row and ``previous``, the digest of the row before: a chain."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    owner: Mapped[str] = mapped_column(index=True)
    action: Mapped[str]
    details: Mapped[dict[str, Any]]
    previous: Mapped[str]
    digest: Mapped[str]
