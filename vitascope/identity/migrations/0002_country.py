"""An account has a country, which was called a region."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE accounts RENAME COLUMN region TO country")
