"""Sessions that have not ended are found without reading all that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    chosen = sa.text("ended_at_ms IS NULL")
    for name, columns in (
        ("sessions_under_way", ["started_at_ms", "id"]),
        ("sessions_under_way_by_account", ["account_id"]),
    ):
        op.create_index(name, "sessions", columns, sqlite_where=chosen, postgresql_where=chosen)
