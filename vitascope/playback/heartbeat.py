"""Heartbeats: the one write path for liveness and progress, and how a session ends."""

import functools
from collections.abc import Sequence

from vitascope.engines.neighbours import Asking
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import EdgeId, SessionId
from vitascope.kernel.viewer import Viewer
from vitascope.playback.context import Context
from vitascope.playback.contract import Beat, BeatAnswer, PlayMissing, PlayState
from vitascope.playback.session import Session, ended
from vitascope.viewing import Progress


async def beat(context: Context, viewer: Viewer, said: Beat) -> BeatAnswer:
    """Extend the lease if it is live and the title is still there for this viewer, and never revive
    it; progress is kept either way, because where one was is true even if one may not go on.
    Raises `SessionEnded`, `Invalid`."""
    _refuse_nonsense(said)
    session, over = await _mine(context, viewer, said.session_id)
    lease = None
    if not over:
        lease = await context.leases.renew(
            session.subject, session.slot, ttl_s=context.settings.lease_s
        )
    asking = context.neighbours.asking()
    await asking.ask(
        "viewing",
        lambda: context.viewing.record([_progress(context, session, said)]),
        otherwise=_nothing,
        missing="progress",
        within_s=context.settings.record_deadline_s,
    )
    if lease is None or session.until_ms(lease) <= context.clock.now_ms():
        await context.sessions.end(session.id, context.clock.now_ms())
        raise ended()
    if not await _may_go_on(context, asking, session, viewer):
        await _end(context, session)
        raise ended()
    await _pass_on_complaints(context, asking, session, said.failed_edges)
    if said.state is PlayState.STOPPED:
        await _end(context, session)
        return _answer(context, context.clock.now_ms(), asking)
    until_ms = session.until_ms(lease)
    policy = session.policy(until_ms)
    licence = await asking.ask(
        "licensing", lambda: context.licensing.token(policy), otherwise=_nothing, missing="licence"
    )
    path = context.path_token(session, until_ms)
    return _answer(context, until_ms, asking, path, licence)


async def _may_go_on(
    context: Context, asking: Asking[PlayMissing], session: Session, viewer: Viewer
) -> bool:
    """Returns False when the title was taken down, or left what this profile may see. While the
    catalog cannot say, a film that began goes on."""
    content_id = session.grant.content_id
    shown = await asking.ask(
        "catalog",
        lambda: context.catalog.contents([content_id], viewer),
        otherwise=_nothing,
        missing="rights",
    )
    return shown is None or content_id in shown


async def _pass_on_complaints(
    context: Context, asking: Asking[PlayMissing], session: Session, failed: Sequence[EdgeId]
) -> None:
    """Tells steering of the failed edges that this session was given: a player knows no others."""
    given = [edge.edge_id for edge in session.edges if edge.edge_id in failed]
    if given:
        complain = functools.partial(context.steering.complain, given, session.id)
        await asking.ask("steering", complain, otherwise=_nothing)


async def stop(context: Context, viewer: Viewer, session_id: SessionId) -> None:
    """End a session, for any device of its account: this is also how a stream is freed from afar.
    Harmless when it has ended already. Raises `SessionEnded` for another account's."""
    found = await context.sessions.find(session_id)
    if found is None or found[0].grant.account_id != viewer.account_id:
        raise ended()
    await _end(context, found[0])


async def _end(context: Context, session: Session) -> None:
    """Only who ends the session frees its slot: a successor may have inherited it."""
    if await context.sessions.end(session.id, context.clock.now_ms()):
        await context.leases.release(session.subject, session.slot)
        await context.end_licences(session.id)


async def _mine(context: Context, viewer: Viewer, session_id: SessionId) -> tuple[Session, bool]:
    """Returns the viewer's session, and True if it has ended. A session beats only from the device
    and profile that began it: a stream is not shared. Raises `SessionEnded`."""
    found = await context.sessions.find(session_id)
    if found is None:
        raise ended()
    session = found[0]
    if not session.grant.is_of(viewer):
        raise ended()
    return found


def _refuse_nonsense(said: Beat) -> None:
    if not 0 <= said.sequence < 2**53 or not 0 <= said.position_ms < 2**53:
        raise Invalid("`sequence` and `position_ms` count up from 0.")


def _progress(context: Context, session: Session, said: Beat) -> Progress:
    return Progress(
        profile_id=session.grant.profile_id,
        content_id=session.grant.content_id,
        title_id=session.grant.title_id,
        position_ms=min(said.position_ms, session.grant.asset.duration_ms),
        duration_ms=session.grant.asset.duration_ms,
        session_id=session.id,
        session_started_at_ms=session.started_at_ms,
        sequence=said.sequence,
        at_ms=context.clock.now_ms(),
    )


def _answer(
    context: Context,
    expires_at_ms: int,
    asking: Asking[PlayMissing],
    path_token: str | None = None,
    licence_token: str | None = None,
) -> BeatAnswer:
    return BeatAnswer(
        expires_at_ms=expires_at_ms,
        path_token=path_token,
        licence_token=licence_token,
        heartbeat_s=context.settings.heartbeat_s,
        degraded=asking.missing,
    )


def _nothing() -> None:
    """Returns None: there is no lesser answer."""
