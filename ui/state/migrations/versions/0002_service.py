"""Keys for programs with what they used, and the log of who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "api_keys",
        _text("id"),
        _text("name"),
        _text("digest"),
        _text("beginning"),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        _moment("created_at"),
        _moment("expires_at", nullable=True),
        _moment("revoked_at", nullable=True),
        _moment("last_used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_table(
        "key_use",
        _text("key_id"),
        _text("day"),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "day", name="pk_key_use"),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name="fk_key_use_key_id", ondelete="CASCADE"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        _moment("at"),
        _text("owner"),
        _text("action"),
        sa.Column("details", sa.JSON(), nullable=False),
        _text("previous"),
        _text("digest"),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_owner", "audit", ["owner"])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("audit", "key_use", "api_keys"):
        op.drop_table(table)


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
