"""An account's streams: at most as many at once as the plan has, under any race."""

from collections.abc import Iterable, Iterator

import msgspec

from vitascope.engines.leases import Claim, Lease
from vitascope.kernel.ids import DeviceId, ProfileId, SessionId
from vitascope.kernel.viewer import Viewer
from vitascope.playback.context import Context
from vitascope.playback.contract import PlayRequest, Stream, TooManyStreams
from vitascope.playback.session import subject_of


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What a lease says of its holder, for the person who has to choose what to stop."""

    session_id: SessionId
    device_id: DeviceId
    device: str
    title: str
    profile_id: ProfileId = ProfileId("")  # "" in a lease from before


async def take(
    context: Context, viewer: Viewer, request: PlayRequest, note: Note, *, limit: int
) -> Lease:
    """Take a stream for `note.session_id`: that of `request.session_id`, which ends, where one is
    given. Raises `TooManyStreams`."""
    if request.session_id is not None:
        inherited = await _inherit(context, viewer, request.session_id, note)
        if inherited is not None:
            return inherited
    claim = await context.leases.claim(
        subject_of(viewer.account_id),
        note.session_id,
        limit=limit,
        ttl_s=context.settings.lease_s,
        note=msgspec.json.encode(note).decode(),
    )
    if claim.lease is not None:
        return claim.lease
    for silent in _fallen_silent(context, viewer, claim):
        inherited = await _inherit(context, viewer, silent, note)
        if inherited is not None:
            return inherited
    raise _too_many(claim, viewer)


async def claimed(context: Context, subject: str, holder: str, note: Note, *, limit: int) -> Lease:
    """Take a stream for whoever has an address. Raises `TooManyStreams`, which does not tell them
    of the account's devices."""
    claim = await context.leases.claim(
        subject,
        holder,
        limit=limit,
        ttl_s=context.settings.lease_s,
        note=msgspec.json.encode(note).decode(),
    )
    if claim.lease is None:
        raise TooManyStreams("Your plan's streams are all in use. Stop one, and open it again.")
    return claim.lease


def shown_to(viewer: Viewer, leases: Iterable[Lease]) -> list[Stream]:
    """Returns the account's streams. A profile with limits is told of its own alone: neither what
    others watch nor on which devices."""
    notes = [(lease, msgspec.json.decode(lease.note, type=Note)) for lease in leases]
    if viewer.is_restricted:
        notes = [(lease, note) for lease, note in notes if note.profile_id == viewer.profile_id]
    return [_stream(lease, note) for lease, note in notes]


def _stream(lease: Lease, note: Note) -> Stream:
    return Stream(
        session_id=note.session_id,
        device=note.device,
        title=note.title,
        since_ms=lease.taken_at_ms,
    )


async def _inherit(
    context: Context, viewer: Viewer, session_id: SessionId, note: Note
) -> Lease | None:
    """Ends a session of this device and takes over its stream. Returns None when another request
    was first or the stream has expired."""
    slot = await context.sessions.hand_over(
        session_id, viewer.account_id, viewer.device_id, context.clock.now_ms()
    )
    if slot is None:
        return None
    await context.end_licences(session_id)
    return await context.leases.renew(
        subject_of(viewer.account_id),
        slot,
        ttl_s=context.settings.lease_s,
        note=msgspec.json.encode(note).decode(),
    )


def _fallen_silent(context: Context, viewer: Viewer, claim: Claim) -> Iterator[SessionId]:
    """Sessions of this very device that missed a heartbeat: a page that was reloaded, a player
    that crashed. They must not lock their own device out until they expire."""
    heard_by = context.clock.now_ms() - context.settings.heartbeat_s * 1500
    for lease in claim.holders:
        last_heard_ms = lease.expires_at_ms - context.settings.lease_s * 1000
        note = msgspec.json.decode(lease.note, type=Note)
        if note.device_id == viewer.device_id and last_heard_ms < heard_by:
            yield note.session_id


def _too_many(claim: Claim, viewer: Viewer) -> TooManyStreams:
    streams = shown_to(viewer, claim.holders)
    shown = "; ".join(f"{s.device} is playing {s.title}" for s in streams)
    if viewer.is_restricted:
        sentence = "Your family's streams are all in use. Ask a grown-up to stop one."
    else:
        sentence = (
            f"Your plan's streams are all in use: {shown}. Stop one of them, or choose a larger "
            "plan."
        )
    return TooManyStreams(
        sentence,
        devices=[{"device": s.device, "title": s.title, "since_ms": s.since_ms} for s in streams],
    )
