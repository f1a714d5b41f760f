"""How edges are judged and viewers spread."""

import msgspec


class SteeringSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ranking of edges."""

    silence_s: float = 6.0
    """An edge that has not reported for this long is dropped: dead, frozen, or cut off. One that
    said that it reports less often comes last once its report is late, and is dropped after three
    times what it said."""

    longest_silence_s: float = 30.0
    """An edge that has not reported for this long is dropped, whatever it said."""

    complaints: int = 3
    """Different sessions that must complain of an edge within `complaint_window_s` to drop it."""

    complaint_window_s: float = 30.0
    """Seconds for which a complaint counts. A dropped edge is tried again after as long."""

    stream_mbps: float = 4.0
    """What a viewer just sent to an edge is taken to need there, until its report shows it."""

    settle_s: float = 10.0
    """Seconds until a new viewer shows in an edge's reports."""

    full_share: float = 0.9
    """Share of its capacity in use from which an edge comes after all that are not full."""

    networks: dict[str, tuple[str, ...]] = {}
    """Which addresses belong to which network: prefixes by the name that edges have as their `isp`,
    such as `example-net = ["192.0.2.0/24", "2001:db8::/32"]`. The longest prefix decides."""

    lend_network_edges: bool = False
    """Let edges that stand in a network serve viewers who are known to be in another one, after the
    edges that are open to all. Viewers whose network is not known are offered them either way."""
