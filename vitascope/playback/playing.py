"""What is streaming in the whole service, for operators, and ending what an account plays.

A session that fell silent has not ended, but holds no lease: whoever comes by it here ends it, so
that the list does not fill with such.
"""

import asyncio

import msgspec

from vitascope.engines.leases import Lease
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, DeviceId, SessionId
from vitascope.kernel.pages import page_token as token_of
from vitascope.kernel.pages import place_of
from vitascope.playback.context import Context
from vitascope.playback.contract import PlayingPage, PlayingStream
from vitascope.playback.heartbeat import end
from vitascope.playback.session import Session, ended
from vitascope.playback.streams import Note

_LARGEST_PAGE = 100
_MOST_OF_AN_ACCOUNT = 1000


async def playing(context: Context, page_token: str | None, limit: int) -> PlayingPage:
    """Raises `Invalid`, `BadPageToken`."""
    if not 0 < limit <= _LARGEST_PAGE:
        raise Invalid(f"A page has from 1 to {_LARGEST_PAGE} streams.", field="limit")
    before = place_of(page_token, tuple[int, str]) if page_token is not None else None
    found = await context.sessions.under_way(before, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    held = await asyncio.gather(*(_living(context, session) for session in found[:limit]))
    return PlayingPage(
        streams=tuple(
            _told(session, lease)
            for session, lease in zip(found, held, strict=False)
            if lease is not None
        ),
        next_page_token=token_of((last.started_at_ms, last.id)) if last else None,
    )


async def end_any(context: Context, session_id: SessionId) -> None:
    """Raises `SessionEnded` when there never was one."""
    found = await context.sessions.find(session_id)
    if found is None:
        raise ended()
    await end(context, found[0])


async def end_all(context: Context, account_id: AccountId, *, but: DeviceId | None = None) -> None:
    """End what an account plays, on all its devices `but` one."""
    for session in await context.sessions.of_account(account_id, _MOST_OF_AN_ACCOUNT):
        if session.grant.device_id != but:
            await end(context, session)


async def _living(context: Context, session: Session) -> Lease | None:
    held = await context.leases.holders(session.subject)
    lease = next((lease for lease in held if lease.holder == session.slot), None)
    if lease is None:
        await context.sessions.end(session.id, context.clock.now_ms())
    return lease


def _told(session: Session, lease: Lease) -> PlayingStream:
    note = msgspec.json.decode(lease.note, type=Note)
    return PlayingStream(
        session_id=session.id,
        account_id=session.grant.account_id,
        device=note.device,
        title=note.title,
        title_id=session.grant.title_id,
        since_ms=session.started_at_ms,
    )
