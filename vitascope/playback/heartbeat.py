"""Heartbeats: the one write path for liveness and progress, and how a session ends."""

import functools
from collections.abc import Sequence

from vitascope.billing import Subscription
from vitascope.engines.neighbours import Asking, at_once
from vitascope.kernel.errors import Forbidden, Invalid
from vitascope.kernel.ids import EdgeId, SessionId
from vitascope.kernel.viewer import Viewer
from vitascope.playback.context import Context
from vitascope.playback.contract import Beat, BeatAnswer, PlayMissing, PlayState
from vitascope.playback.session import Session, ended
from vitascope.viewing import Progress

_MOST_OF_AN_ACCOUNT = 1000


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
    if not session.grant.preview:
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
        await end(context, session)
        raise ended()
    await _pass_on_complaints(context, asking, session, said.failed_edges)
    if said.state is PlayState.STOPPED:
        await end(context, session)
        return _answer(context, context.clock.now_ms(), asking)
    until_ms = session.until_ms(lease)
    licence = await asking.ask(
        "licensing",
        lambda: context.licence(session, until_ms),
        otherwise=_nothing,
        missing="licence",
    )
    path = context.path_token(session, until_ms)
    return _answer(context, until_ms, asking, path, licence)


async def report(context: Context, viewer: Viewer, content_id: str, position_ms: int) -> None:
    """Beat for the last session of this device and profile that plays it. Reports are ordered by
    when they come. Raises `SessionEnded`, `Invalid`."""
    under_way = await context.sessions.of_account(viewer.account_id, _MOST_OF_AN_ACCOUNT)
    mine = [
        session
        for session in under_way
        if session.grant.is_of(viewer)
        and not session.handed_out
        and content_id in (session.grant.title_id, session.grant.content_id)
    ]
    if not mine:
        raise ended()
    last = max(mine, key=lambda session: session.started_at_ms)
    now = context.clock.now_ms()
    await beat(context, viewer, Beat(session_id=last.id, sequence=now, position_ms=position_ms))


async def _may_go_on(
    context: Context, asking: Asking[PlayMissing], session: Session, viewer: Viewer
) -> bool:
    """Returns False when the title was taken down, or left what this profile may see in its
    country, or when the account's plan does not include any more what was granted. While nobody can
    say, a film that began goes on."""
    if session.grant.preview:
        return True
    content_id = session.grant.content_id
    shown, subscription = await at_once(
        asking.ask(
            "catalog",
            lambda: context.catalog.contents([content_id], viewer),
            otherwise=_nothing,
            missing="rights",
        ),
        asking.ask(
            "billing",
            lambda: context.billing.subscription(viewer.account_id),
            otherwise=_nothing,
            missing="subscription",
        ),
    )
    is_shown = shown is None or content_id in shown
    return is_shown and (subscription is None or _includes(subscription, session))


def _includes(subscription: Subscription, session: Session) -> bool:
    plan = subscription.plan
    if plan is None or not subscription.may_watch:
        return False
    return all(rung.height <= plan.max_height for rung in session.grant.ladder)


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
    Harmless when it has ended already. Raises `SessionEnded` for another account's, and
    `Forbidden` for a restricted profile and what others watch."""
    found = await context.sessions.find(session_id)
    if found is None or found[0].grant.account_id != viewer.account_id:
        raise ended()
    if viewer.is_restricted and found[0].grant.profile_id != viewer.profile_id:
        raise Forbidden("A restricted profile can't stop what others watch.")
    await end(context, found[0])


async def end(context: Context, session: Session) -> None:
    """End a session, its stream and its licences; harmless when that is done already. Only who ends
    the session frees its slot: a successor may have inherited it."""
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
