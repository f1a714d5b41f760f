"""Staying alive: one write path for heartbeat and progress, and the way a session ends."""

import functools
from collections.abc import Sequence

from vitascope.engines.neighbours import Asking
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import EdgeId, SessionId
from vitascope.kernel.viewer import Viewer
from vitascope.playback.contract import Beat, BeatAnswer
from vitascope.playback.room import Room
from vitascope.playback.session import Session, ended
from vitascope.viewing import Progress

_STATES = ("playing", "paused", "stopped")


async def beat(room: Room, viewer: Viewer, said: Beat) -> BeatAnswer:
    """The lease is extended if it is live, never revived; progress is kept either way, because
    where one was is true even if one may not go on. Raises `SessionEnded`, `Invalid`."""
    _refuse_nonsense(said)
    session, over = await _mine(room, viewer, said.session_id)
    lease = None
    if not over:
        lease = await room.leases.renew(session.subject, session.slot, ttl_s=room.settings.lease_s)
    asking = room.neighbours.asking()
    await asking.ask(
        "viewing",
        lambda: room.viewing.record([_progress(room, session, said)]),
        otherwise=_nothing,
        missing="progress",
        within_s=room.settings.record_deadline_s,
    )
    if lease is None:
        await room.sessions.end(session.id, room.clock.now_ms())
        raise ended()
    await _pass_on_complaints(room, asking, session, said.failed_edges)
    if said.state == "stopped":
        await _end(room, session)
        return _answer(room, room.clock.now_ms(), asking)
    policy = session.policy(lease.expires_at_ms)
    licence = await asking.ask(
        "licensing", lambda: room.licensing.token(policy), otherwise=_nothing, missing="licence"
    )
    path = room.path_token(session, lease.expires_at_ms)
    return _answer(room, lease.expires_at_ms, asking, path, licence)


async def _pass_on_complaints(
    room: Room, asking: Asking, session: Session, failed: Sequence[EdgeId]
) -> None:
    """Of edges that this session was given: a player knows nothing of others."""
    given = [edge.edge_id for edge in session.edges if edge.edge_id in failed]
    if given:
        complain = functools.partial(room.steering.complain, given, session.id)
        await asking.ask("steering", complain, otherwise=_nothing)


async def stop(room: Room, viewer: Viewer, session_id: SessionId) -> None:
    """By any device of the account: this is also how one frees a place from afar. Harmless when it
    has ended already."""
    found = await room.sessions.find(session_id)
    if found is None or found[0].account_id != viewer.account_id:
        raise ended()
    await _end(room, found[0])


async def _end(room: Room, session: Session) -> None:
    """Only who ends the session frees its slot: a successor may have inherited it."""
    if await room.sessions.end(session.id, room.clock.now_ms()):
        await room.leases.release(session.subject, session.slot)


async def _mine(room: Room, viewer: Viewer, session_id: SessionId) -> tuple[Session, bool]:
    """A session beats from the device and profile that began it: a place is not shared."""
    found = await room.sessions.find(session_id)
    if found is None:
        raise ended()
    session = found[0]
    if (session.account_id, session.profile_id, session.device_id) != (
        viewer.account_id,
        viewer.profile_id,
        viewer.device_id,
    ):
        raise ended()
    return found


def _refuse_nonsense(said: Beat) -> None:
    if said.state not in _STATES:
        raise Invalid(f"`state` is one of {', '.join(_STATES)}.")
    if not 0 <= said.sequence < 2**53 or not 0 <= said.position_ms < 2**53:
        raise Invalid("`sequence` and `position_ms` count up from 0.")


def _progress(room: Room, session: Session, said: Beat) -> Progress:
    return Progress(
        profile_id=session.profile_id,
        content_id=session.content_id,
        title_id=session.title_id,
        position_ms=min(said.position_ms, session.asset.duration_ms),
        duration_ms=session.asset.duration_ms,
        session_id=session.id,
        session_started_at_ms=session.started_at_ms,
        sequence=said.sequence,
        at_ms=room.clock.now_ms(),
    )


def _answer(
    room: Room,
    expires_at_ms: int,
    asking: Asking,
    path_token: str | None = None,
    licence_token: str | None = None,
) -> BeatAnswer:
    return BeatAnswer(
        expires_at_ms=expires_at_ms,
        path_token=path_token,
        licence_token=licence_token,
        heartbeat_s=room.settings.heartbeat_s,
        degraded=asking.missing,
    )


def _nothing() -> None:
    """There is no lesser answer."""
