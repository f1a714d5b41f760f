"""Edges ask which sessions have ended lately."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("sessions_by_end", "sessions", ["ended_at_ms", "id"])
