"""How often somebody guessed wrong, by what was guessed at and from where."""

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from vitascope.engines.rows import upsert
from vitascope.identity.store.tables import guesses, values_of
from vitascope.identity.throttle import Guesses


def guesses_of(connection: Connection, subjects: Sequence[str]) -> dict[str, Guesses]:
    query = sa.select(guesses).where(guesses.c.subject.in_(subjects))
    found = {
        row["subject"]: msgspec.convert(values_of(row), Guesses)
        for row in connection.execute(query).mappings()
    }
    return {subject: found.get(subject, Guesses()) for subject in subjects}


def save_guesses(connection: Connection, state: Mapping[str, Guesses]) -> None:
    values = [{"subject": s, **msgspec.structs.asdict(g)} for s, g in state.items()]
    connection.execute(upsert(connection, guesses, values, key=("subject",)))


def forget_guesses(connection: Connection, before_ms: int) -> None:
    connection.execute(sa.delete(guesses).where(guesses.c.last_at_ms < before_ms))
