"""Masters that replace what is live, and when they are published."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("uploads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("publish_at_ms", sa.BigInteger(), nullable=True))
    # Uploads of an earlier version replaced what was live, as soon as they were ready.
    op.execute("UPDATE uploads SET replaces = TRUE, publish_at_ms = 0")
