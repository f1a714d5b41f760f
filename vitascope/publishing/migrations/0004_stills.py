"""Stills that a job took from its film, as JSON; jobs are found by their film or episode."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("stills", sa.Text(), nullable=True))
        batch_op.create_index("jobs_by_content", ["content_id", "created_at_ms"], unique=False)
