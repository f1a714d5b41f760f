"""Edges ask about sessions by their ids: those that ended need no order."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.drop_index("sessions_by_end", "sessions")
