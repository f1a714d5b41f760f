"""Progress, what was removed from history, my list and thumbs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "progress",
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("content_id", sa.Text, primary_key=True),
        sa.Column("title_id", sa.Text, nullable=False),
        sa.Column("position_ms", sa.BigInteger, nullable=False),
        sa.Column("duration_ms", sa.BigInteger, nullable=False),
        sa.Column("session_id", sa.Text, nullable=False),
        sa.Column("session_started_at_ms", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("progress_by_time", "progress", ["profile_id", "at_ms", "content_id"])
    op.create_table(
        "forgotten",
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("title_id", sa.Text, primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "list_items",
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("title_id", sa.Text, primary_key=True),
        sa.Column("added_at_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "thumbs",
        sa.Column("profile_id", sa.Text, primary_key=True),
        sa.Column("title_id", sa.Text, primary_key=True),
        sa.Column("thumb", sa.Text, nullable=False),
    )
