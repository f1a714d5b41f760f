"""What started a job, when it is published, and whether it replaces what is live."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("publish_at_ms", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("replaces", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("kind", sa.Text(), nullable=True))
    # Jobs of an earlier version replaced what was live, as soon as they were ready.
    op.execute("UPDATE jobs SET publish_at_ms = 0, replaces = TRUE, kind = 'change'")
    op.execute("UPDATE jobs SET kind = 'master' WHERE master_id <> ''")
