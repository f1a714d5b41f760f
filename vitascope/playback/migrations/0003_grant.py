"""What a session may play is a grant within it; where the viewer was is not kept."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

sessions = sa.table("sessions", sa.column("id", sa.Text), sa.column("body", sa.LargeBinary))

_GRANTED = (
    "account_id",
    "profile_id",
    "device_id",
    "content_id",
    "title_id",
    "labels",
    "rungs",
)
_WEEK_MS = 7 * 86_400_000


def upgrade() -> None:
    connection = op.get_bind()
    for session_id, body in connection.execute(sa.select(sessions.c.id, sessions.c.body)).all():
        session = json.loads(body)
        if "grant" in session:
            continue
        grant = {name: session.pop(name) for name in _GRANTED}
        session["grant"] = grant | {"until_ms": session["started_at_ms"] + _WEEK_MS}
        for name in ("country", "address"):
            session.pop(name, None)
        written = json.dumps(session, ensure_ascii=False, separators=(",", ":")).encode()
        here = sessions.c.id == session_id
        connection.execute(sa.update(sessions).where(here).values(body=written))
