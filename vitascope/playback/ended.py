"""Which sessions have ended, for edges to refuse."""

from collections.abc import Sequence

from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import SessionId
from vitascope.playback.context import Context
from vitascope.playback.contract import MOST_SESSIONS_ASKED, EndedSession


async def which_ended(context: Context, session_ids: Sequence[SessionId]) -> list[EndedSession]:
    """Raises `Invalid`."""
    if len(session_ids) > MOST_SESSIONS_ASKED:
        raise Invalid(f"Ask about at most {MOST_SESSIONS_ASKED} sessions at once.")
    lease_ms = context.settings.lease_s * 1000
    found = await context.sessions.ended_among(session_ids)
    return [EndedSession(session_id=one, until_ms=at + lease_ms) for at, one in found]
