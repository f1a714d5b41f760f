"""How long a stream is granted for, and what devices may have."""

import msgspec


class PlaybackSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Playback sessions."""

    heartbeat_s: int = 30
    """Seconds between a player's heartbeats."""

    lease_s: int = 150
    """Seconds after the last heartbeat for which a stream counts as in use. Licences and edge
    addresses expire with it."""

    software_drm_max_height: int = 1080
    """Highest picture for devices without a secure decoder. Studios often want 720 or less."""

    steering_ttl_s: int = 10
    """Seconds after which players ask again which edge to use."""

    soft_deadline_s: float = 0.8
    """Longest that playback waits for something it can do without: steering, resume point, plan."""

    record_deadline_s: float = 5.0
    """Longest that a heartbeat waits for progress to be kept before it answers that it was not."""

    grace_streams: int = 1
    """Streams an account may have while billing cannot be asked and its plan was never seen."""

    grace_max_height: int = 576
    """Highest picture in that case."""

    fallback_edges: tuple[str, ...] = ()
    """Addresses of edges to try while steering names none and has named none since the start, such
    as `https://edge-a.example`, where an edge is called by the first part of its hostname, or
    `edge-a=http://10.0.0.5:8401`. `up` names the edges that it starts."""

    address_hours: int = 12
    """Hours for which an address for another player, copied from a title that is not protected, may
    be opened. Whoever has it plays on one of the account's streams."""

    keep_sessions_days: int = 7
    """Days after which a session ends, however often its player reports, and is forgotten."""

    public_url: str = ""
    """Put before the addresses in answers and manifests; empty for addresses relative to the
    server that was asked."""
