"""Jobs of all partners are listed by time."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_index("jobs_by_time", "jobs", ["created_at_ms", "id"])
