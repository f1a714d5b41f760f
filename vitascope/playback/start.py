"""Starting playback: one function, from the viewer's request to all that a player needs.

Three things must answer: **catalog** (may this viewer see it, and what is there to play),
**leases** (is a stream free) and **licensing** (may it be decrypted). Without billing the plan last
seen holds, without viewing one starts at the beginning, without steering the edges last named are
tried, without previews there are none; each is named in `degraded`. Questions that need no answer
of each other are asked at once.
"""

from vitascope.billing import Plan, Subscription, SubscriptionState
from vitascope.catalog import Playable
from vitascope.engines.cache import EDGES, SUBSCRIPTIONS
from vitascope.engines.neighbours import Asking, at_once
from vitascope.kernel.characters import has_control_characters
from vitascope.kernel.errors import Invalid, Unavailable
from vitascope.kernel.ids import AccountId, ContentId, SessionId, new_id
from vitascope.kernel.media import KeyLabel
from vitascope.kernel.money import Money
from vitascope.kernel.viewer import Viewer
from vitascope.playback import previews, streams
from vitascope.playback.context import Context
from vitascope.playback.contract import (
    LicenceGrant,
    ManifestUrls,
    PlayAnswer,
    PlayMissing,
    PlayRequest,
    SubscriptionNeeded,
    Thumbnails,
)
from vitascope.playback.grant import grant, prefix_of
from vitascope.playback.session import Session
from vitascope.steering import EdgeRank, Where
from vitascope.viewing import Progress

_DAY_MS = 86_400_000
_LONGEST_DEVICE_NAME = 200
_PREVIEW = Plan(
    id="preview",
    name="Preview",
    streams=2,
    max_height=4320,
    key_labels=tuple(KeyLabel),
    price=Money(minor=0, currency="EUR"),
)
"""What a partner has of its own titles."""


async def start(context: Context, viewer: Viewer, request: PlayRequest, address: str) -> PlayAnswer:
    """Raises as `Playback.start`. A stream that was taken is released when a later step fails."""
    _check_device_name(request.device_name)
    asking = context.neighbours.asking()
    playable, plan = await at_once(
        context.catalog.playable(request.content_id, viewer),
        _plan(context, viewer.account_id, asking),
    )
    return await _begin(context, viewer, request, address, playable, plan, asking)


async def preview(
    context: Context, viewer: Viewer, request: PlayRequest, playable: Playable, address: str
) -> PlayAnswer:
    """Raises as `Playback.preview`."""
    _check_device_name(request.device_name)
    asking = context.neighbours.asking()
    return await _begin(context, viewer, request, address, playable, _PREVIEW, asking)


async def _begin(
    context: Context,
    viewer: Viewer,
    request: PlayRequest,
    address: str,
    playable: Playable,
    plan: Plan,
    asking: Asking[PlayMissing],
) -> PlayAnswer:
    session_id = SessionId(new_id("ses"))
    granted = grant(
        playable,
        viewer,
        plan,
        request.capabilities,
        software_max=context.settings.software_drm_max_height,
        until_ms=_grant_ends_ms(context, playable),
        preview=plan is _PREVIEW,
    )
    resume_ms, thumbnails, edges = await at_once(
        _resume(context, viewer, playable, asking),
        _thumbnails(context, playable, asking),
        _edges(context, viewer, playable, session_id, address, asking),
    )

    note = streams.Note(
        session_id=session_id,
        device_id=viewer.device_id,
        device=request.device_name,
        title=playable.name,
        profile_id=viewer.profile_id,
    )
    lease = await streams.take(context, viewer, request, note, limit=plan.streams)
    try:
        session = Session(
            id=session_id,
            grant=granted,
            slot=lease.holder,
            edges=edges,
            started_at_ms=context.clock.now_ms(),
            host=request.host,
            is_secure=request.is_secure,
        )
        until_ms = session.until_ms(lease)
        licence = await context.licence(session, until_ms)
        await context.sessions.add(session)
    except BaseException:
        await context.leases.release(lease.subject, lease.holder)
        raise
    return _answer(context, session, playable, licence, until_ms, resume_ms, thumbnails, asking)


def _grant_ends_ms(context: Context, playable: Playable) -> int:
    """With the viewer's window at the latest: no token is good for longer."""
    kept_until_ms = context.clock.now_ms() + context.settings.keep_sessions_days * _DAY_MS
    return min(kept_until_ms, playable.until_ms or kept_until_ms)


def _check_device_name(name: str) -> None:
    """Raises `Invalid`: others of the account read it, and a database keeps it."""
    if len(name) > _LONGEST_DEVICE_NAME or has_control_characters(name):
        raise Invalid(
            f"A device's name has at most {_LONGEST_DEVICE_NAME} characters, none of them control "
            "characters.",
            field="device_name",
        )


async def _plan(context: Context, account_id: AccountId, asking: Asking[PlayMissing]) -> Plan:
    """Raises `SubscriptionNeeded`."""
    subscription = await asking.ask(
        "billing",
        lambda: context.billing.subscription(account_id),
        otherwise=_nothing,
        missing="subscription",
    )
    if subscription is None:
        subscription = await _last_seen(context, account_id)
    else:
        await context.cache.put(account_id, subscription, returns=Subscription, tier=SUBSCRIPTIONS)
    if not subscription.may_watch or subscription.plan is None:
        raise SubscriptionNeeded("Choose a plan to watch this.")
    return subscription.plan


async def _last_seen(context: Context, account_id: AccountId) -> Subscription:
    seen = await context.cache.get(account_id, returns=Subscription, tier=SUBSCRIPTIONS)
    return seen or Subscription(
        account_id=account_id, state=SubscriptionState.ACTIVE, plan=_grace_plan(context)
    )


def _grace_plan(context: Context) -> Plan:
    """Returns the plan for accounts that billing cannot tell anything about: those who pay are not
    locked out while it is down, and those who do not get little."""
    height = context.settings.grace_max_height
    return Plan(
        id="grace",
        name="Grace",
        streams=context.settings.grace_streams,
        max_height=height,
        key_labels=tuple(dict.fromkeys((KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.of_height(height)))),
        price=Money(minor=0, currency="EUR"),
    )


async def _resume(
    context: Context, viewer: Viewer, playable: Playable, asking: Asking[PlayMissing]
) -> int:
    """Returns where one stopped; a film seen to the end begins anew."""
    content_id = playable.content_id
    places = await asking.ask(
        "viewing",
        lambda: context.viewing.positions(viewer.profile_id, [content_id]),
        otherwise=dict[ContentId, Progress],
        missing="resume",
    )
    seen = places.get(content_id)
    return 0 if seen is None or seen.finished else seen.position_ms


async def _thumbnails(
    context: Context, playable: Playable, asking: Asking[PlayMissing]
) -> Thumbnails | None:
    return await asking.ask(
        "blobs",
        lambda: previews.of(context, playable.asset),
        otherwise=_nothing,
        missing="thumbnails",
    )


def _nothing() -> None:
    """Returns None: there is no lesser answer."""


async def _edges(
    context: Context,
    viewer: Viewer,
    playable: Playable,
    session_id: SessionId,
    address: str,
    asking: Asking[PlayMissing],
) -> tuple[EdgeRank, ...]:
    where = Where(
        country=viewer.country,
        address=address,
        wants=prefix_of(playable.asset),
        viewer_key=session_id,
    )
    ranked = await asking.ask(
        "steering", lambda: context.steering.rank(where, spares=True), otherwise=list[EdgeRank]
    )
    if ranked:
        await context.cache.put("last", tuple(ranked), returns=tuple[EdgeRank, ...], tier=EDGES)
        return tuple(ranked)
    named = await context.cache.get("last", returns=tuple[EdgeRank, ...], tier=EDGES)
    last = named or context.fallback_edges
    if not last:
        raise Unavailable("No edge is available right now. Try again in a few seconds.")
    return last


def _licence(context: Context, token: str | None, until_ms: int) -> LicenceGrant | None:
    if token is None:
        return None
    return LicenceGrant(
        clear_key_url=context.url("/api/licence/clearkey"),
        raw_key_url=context.url("/api/licence/key/{key_id}"),
        token=token,
        expires_at_ms=until_ms,
    )


def _answer(
    context: Context,
    session: Session,
    playable: Playable,
    licence: str | None,
    until_ms: int,
    resume_ms: int,
    thumbnails: Thumbnails | None,
    asking: Asking[PlayMissing],
) -> PlayAnswer:
    return PlayAnswer(
        session_id=session.id,
        content_id=playable.content_id,
        title_id=playable.title_id,
        name=playable.name,
        asset_id=playable.asset.id,
        version=playable.asset.version,
        duration_ms=playable.asset.duration_ms,
        resume_position_ms=resume_ms,
        manifests=ManifestUrls(
            dash=context.manifest_url(session.id, "main.mpd"),
            hls=context.manifest_url(session.id, "main.m3u8"),
        ),
        licence=_licence(context, licence, until_ms),
        edges=tuple(context.opened(edge, session, until_ms) for edge in session.edges),
        steering_url=context.steering_url(session.id),
        heartbeat_s=context.settings.heartbeat_s,
        rungs=session.grant.ladder,
        thumbnails=thumbnails,
        next_content_id=playable.next_content_id,
        credits_start_ms=playable.asset.credits_start_ms,
        degraded=asking.missing,
    )
