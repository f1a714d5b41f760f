"""Titles, the contents one can press play on, and every version of their assets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "titles",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("partner_id", sa.Text, nullable=True, index=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "assets",
        sa.Column("content_id", sa.Text, primary_key=True),
        sa.Column("asset_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("added_at_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "pointers",
        sa.Column("content_id", sa.Text, primary_key=True),
        sa.Column("title_id", sa.Text, nullable=False, index=True),
        sa.Column("asset_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("flipped_at_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "change_count",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
