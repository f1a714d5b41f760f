"""A title's windows name a country, which they called a region."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

titles = sa.table("titles", sa.column("id", sa.Text), sa.column("body", sa.LargeBinary))


def upgrade() -> None:
    connection = op.get_bind()
    for title_id, body in connection.execute(sa.select(titles.c.id, titles.c.body)).all():
        title = json.loads(body)
        for window in title.get("windows", ()):
            if "region" in window:
                window["country"] = window.pop("region")
        renamed = json.dumps(title, ensure_ascii=False, separators=(",", ":")).encode()
        connection.execute(sa.update(titles).where(titles.c.id == title_id).values(body=renamed))
