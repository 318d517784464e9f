"""Conversations by age, for the deletion of old ones."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])
