"""Sessions that ended before their licence tokens did."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "ended_sessions",
        sa.Column("session_id", sa.Text, primary_key=True),
        sa.Column("until_ms", sa.BigInteger, nullable=False, index=True),
    )
