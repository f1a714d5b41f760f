"""What each profile watched, liked and listed, as weights."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "profiles",
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("erased", sa.Boolean, nullable=False),
    )
    op.create_table(
        "signals",
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("title_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("weight", sa.Float, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
