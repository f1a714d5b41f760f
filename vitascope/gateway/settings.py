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

    largest_body: int = 1_048_576
    """Bytes of a JSON body. Uploads have their own limits."""

    trusted_proxies: tuple[str, ...] = ()
    """Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed."""

    edge_origins: tuple[str, ...] = ("http://*.localhost:*",)
    """Where the web app may fetch films from (content security policy)."""

    drain_s: float = 8.0
    """How long requests that are being answered may go on when the service is stopped."""

    slow_request_ms: int = 1000
    """Requests slower than this are logged with a warning; streams are not."""
