"""A session names the viewer's country, which it called a region."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

sessions = sa.table("sessions", sa.column("id", sa.Text), sa.column("body", sa.LargeBinary))


def upgrade() -> None:
    connection = op.get_bind()
    for session_id, body in connection.execute(sa.select(sessions.c.id, sessions.c.body)).all():
        session = json.loads(body)
        if "region" in session:
            session["country"] = session.pop("region")
        renamed = json.dumps(session, ensure_ascii=False, separators=(",", ":")).encode()
        here = sessions.c.id == session_id
        connection.execute(sa.update(sessions).where(here).values(body=renamed))
