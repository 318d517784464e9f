"""The first tables: conversations, exchanges, feedback, users, sessions, uploads."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    _conversations()
    _accounts()
    _uploads()


def downgrade() -> None:
    """Drop them."""
    for table in ("uploads", "sessions", "users", "feedback", "exchanges", "conversations"):
        op.drop_table(table)


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _conversations() -> None:
    op.create_table(
        "conversations",
        _text("id"),
        _text("owner"),
        _text("name"),
        _text("searchable"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_owner", "conversations", ["owner", "updated_at"])
    op.create_table(
        "exchanges",
        _text("id"),
        _text("conversation_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        _text("state"),
        _text("question"),
        _moment("asked_at"),
        sa.Column("within", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        _text("problem", nullable=True),
        sa.Column("trace", sa.JSON(), nullable=False),
        _text("searchable"),
        sa.PrimaryKeyConstraint("id", name="pk_exchanges"),
        sa.UniqueConstraint("conversation_id", "position", name="uq_exchanges_conversation_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_exchanges_conversation_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_exchanges_state", "exchanges", ["state"])
    op.create_table(
        "feedback",
        _text("id"),
        _text("exchange_id"),
        _text("owner"),
        _text("rating"),
        _text("reason", nullable=True),
        _text("comment"),
        _text("question"),
        sa.Column("trace", sa.JSON(), nullable=False),
        _moment("given_at"),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("exchange_id", name="uq_feedback_exchange_id"),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchanges.id"], name="fk_feedback_exchange_id", ondelete="CASCADE"),
    )
    op.create_index("ix_feedback_given_at", "feedback", ["given_at"])


def _accounts() -> None:
    op.create_table(
        "users",
        _text("key"),
        _text("name"),
        _text("password"),
        _text("role"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("key", name="pk_users"),
    )
    op.create_table(
        "sessions",
        _text("digest"),
        _text("user_key"),
        _moment("created_at"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user_key"], ["users.key"], name="fk_sessions_user_key", ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_user_key", "sessions", ["user_key"])


def _uploads() -> None:
    op.create_table(
        "uploads",
        _text("id"),
        _text("name"),
        _text("path"),
        _text("digest"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _text("by"),
        _moment("uploaded_at"),
        _text("state"),
        sa.Column("done", sa.Double(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_name", "uploads", ["name"])
