"""Subtitles of several kinds in one language, and by how much their times are moved."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "subtitles_of_kinds",
        sa.Column("content_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("blob_key", sa.Text(), nullable=False),
        sa.Column("moved_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("content_id", "language", "kind"),
    )
    op.execute(
        "INSERT INTO subtitles_of_kinds (content_id, language, kind, file_name, blob_key, moved_ms)"
        " SELECT content_id, language, 'full', file_name, blob_key, 0 FROM subtitles"
    )
    op.drop_table("subtitles")
