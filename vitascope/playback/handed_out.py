"""Addresses for other players: VLC, ffmpeg, the player of a television.

Such a player has no account and sends no heartbeats. The address names a session of its own, whose
requests are its signs of life: it takes one of the account's streams when it is first opened and
again after a pause, and extends it while it plays. Its files are asked of us, which redirect to an
edge with a path token of that moment (`native.m3u8`).
"""

import msgspec

from vitascope.engines.leases import Lease
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import DeviceId, SessionId, new_id
from vitascope.kernel.viewer import Viewer
from vitascope.playback import streams
from vitascope.playback.context import Context
from vitascope.playback.contract import SubscriptionNeeded
from vitascope.playback.session import Session, ended

_HOUR_MS = 3_600_000
_DEVICE = "Another player"
_NO_DEVICE = DeviceId("")  # no device of the account may take its stream over


async def hand_out(context: Context, viewer: Viewer, session_id: SessionId) -> str:
    """Returns the address of a playlist with which another player plays what this session plays.
    Raises `SessionEnded`, and `Invalid` for a protected title."""
    found = await context.sessions.find(session_id)
    if found is None or found[1] or not found[0].grant.is_of(viewer):
        raise ended()
    session = found[0]
    if session.grant.asset.is_protected:
        raise Invalid("A protected title plays in the web app alone.")
    now_ms = context.clock.now_ms()
    until_ms = min(session.grant.until_ms, now_ms + context.settings.address_hours * _HOUR_MS)
    own = SessionId(new_id("ses"))
    given = msgspec.structs.replace(
        session,
        id=own,
        slot=own,
        grant=msgspec.structs.replace(session.grant, until_ms=until_ms),
        started_at_ms=now_ms,
        is_secure=False,  # other players do not know the authority of this installation
        handed_out=await _name_of(context, session),
    )
    await context.sessions.add(given)
    return context.manifest_url(own, "native.m3u8")


async def held(context: Context, session: Session) -> Lease:
    """Returns the lease of an address in use, extended, or taken anew. Raises `TooManyStreams`,
    `SubscriptionNeeded`."""
    lease_s, heartbeat_s = context.settings.lease_s, context.settings.heartbeat_s
    for lease in await context.leases.holders(session.subject):
        left_ms = lease.expires_at_ms - context.clock.now_ms()
        if lease.holder == session.slot and left_ms > (lease_s - heartbeat_s) * 1000:
            return lease
    renewed = await context.leases.renew(session.subject, session.slot, ttl_s=lease_s)
    return renewed or await _taken(context, session)


async def _taken(context: Context, session: Session) -> Lease:
    subscription = await context.billing.subscription(session.grant.account_id)
    if subscription.plan is None or not subscription.may_watch:
        raise SubscriptionNeeded("Choose a plan to watch this.")
    note = streams.Note(
        session_id=session.id,
        device_id=_NO_DEVICE,
        device=_DEVICE,
        title=session.handed_out,
        profile_id=session.grant.profile_id,
    )
    return await streams.claimed(
        context, session.subject, session.slot, note, limit=subscription.plan.streams
    )


async def _name_of(context: Context, session: Session) -> str:
    """Returns what the session's own stream is said to play."""
    for lease in await context.leases.holders(session.subject):
        note = msgspec.json.decode(lease.note, type=streams.Note)
        if note.session_id == session.id:
            return note.title
    raise ended()
