"""Entries whose phrases are folded already, in place of documents. What was indexed before is
indexed again from the catalogue."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.drop_table("documents")
    op.create_table(
        "entries",
        sa.Column("title_id", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
