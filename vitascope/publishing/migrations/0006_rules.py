"""What weighs how much among the findings in a catalogue's masters, as JSON."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "catalogue_rules",
        sa.Column("catalogue_id", sa.Text(), primary_key=True),
        sa.Column("rules", sa.Text(), nullable=False),
    )
