"""A partner may work in the catalogue of another."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "catalogue_rights",
        sa.Column("account_id", sa.Text, primary_key=True),
        sa.Column("catalogue_id", sa.Text, primary_key=True),
    )
