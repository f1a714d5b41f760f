"""Versions are found by their asset, for the origin."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("assets_by_id", "assets", ["asset_id", "version"])
