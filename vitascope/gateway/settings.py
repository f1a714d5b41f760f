"""What an operator may set about the gateway."""

import msgspec


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits and headers of the public API."""

    address_per_second: float = 100.0
    """Requests a second that one address may keep up, whoever is behind it; 0 for no limit."""

    address_burst: int = 600
    """Requests that one address may make at once before the limit above holds."""

    account_per_second: float = 50.0
    """Requests a second that one account may keep up from all its devices; 0 for no limit."""

    account_burst: int = 400
    """Requests that one account may make at once before the limit above holds."""

    sign_up_per_second: float = 0.5
    """New accounts a second from one address; 0 for no limit."""

    sign_up_burst: int = 60
    """New accounts from one address at once."""

    event_streams: int = 10
    """Streams of events (live updates of the studio) that an account may follow at once."""

    largest_body: int = 1_048_576
    """Bytes of a JSON body. Uploads have their own limits."""

    connections: int = 8192
    """Connections that may be open at once; more wait to be taken. Fewer where the system allows
    the process fewer open files."""

    idle_s: float = 20.0
    """Seconds in which a request's head must arrive, and for which a connection stays open between
    two requests. A proxy in front must close its idle connections sooner."""

    body_s: float = 30.0
    """Seconds that a request's body may take, besides what its bytes earn."""

    body_bytes_per_second: float = 4096.0
    """Bytes of a body that earn it another second. A slower upload is cut off, and resumed."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    edge_origins: tuple[str, ...] = ()
    """Where browsers may load films from (content security policy), such as `https://*.example`,
    beside the edges in `[playback] fallback_edges`. `up` names the edges that it starts there.
    `{host}` stands for the host by which the page came."""

    drain_s: float = 8.0
    """How long requests that are being answered may go on when the service is stopped."""

    slow_request_ms: int = 1000
    """Requests slower than this are logged with a warning; streams are not."""
