"""How one edge appliance serves, keeps and fills."""

import enum
from typing import Annotated

import msgspec


class FillMode(enum.StrEnum):
    ASKED = "asked"
    PUBLISHED = "published"


class EdgeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One edge appliance."""

    public_url: Annotated[str, msgspec.Meta(pattern="^(https?://[^/ ]+/?)?$")] = ""
    """Where viewers reach this edge, such as `https://edge-a.example`. `{host}` stands for the host
    by which the viewer's page came. Empty for `http://{host}:PORT` where the service listens beyond
    this machine, else for `http://NAME.localhost:PORT`. Players tell edges by host and port."""

    secure_url: Annotated[str, msgspec.Meta(pattern="^(https://[^/ ]+/?)?$")] = ""
    """Where viewers whose page came over TLS reach it. Empty for `public_url`, or for
    `https://{host}:PORT` of [tls]."""

    origin: str = ""
    """URL of the origin that files are pulled from; empty for that of this installation."""

    isp: str = ""
    """Network that this edge stands in, as steering names it; empty when it is open to all."""

    capacity_mbps: int = 1000
    """What the edge may send at once, in Mbit/s. Steering spreads viewers by the share in use."""

    disk_bytes: int = 20_000_000_000
    """Most that cached files may take, in bytes. The least recently used go first."""

    pinned: tuple[str, ...] = ()
    """Prefixes (`asset/version`) that are never evicted."""

    fills: int = 4
    """Files pulled from the origin at the same time. Further misses are only passed through."""

    fill: FillMode = FillMode.ASKED
    """What is pulled from the origin. `asked`: a file that a viewer asked for. `published`: also
    whatever is published, before the first viewer asks, as long as there is free room."""

    fill_s: float = 10.0
    """Seconds between looks at what was published."""

    report_s: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    """Seconds between reports to steering. It drops an edge that is silent for about three."""

    idle_report_s: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    """The same for an edge that serves nobody and of which nothing changes. It says in each report
    when the next one comes. Up to a third of [steering] `longest_silence_s`."""

    origin_timeout_s: float = 5.0
    """Seconds without a byte from the origin after which a read is given up."""

    drain_s: float = 5.0
    """Seconds that answers under way may take when the edge is stopped."""

    head_s: float = 10.0
    """Seconds in which the head of a request must arrive."""

    idle_s: float = 30.0
    """Seconds for which a connection stays open between two requests."""

    send_s: float = 60.0
    """Seconds that sending an answer may take, besides what its length allows."""

    slowest_bytes_per_second: float = 16_384.0
    """Bytes a second that a viewer must take of a long answer, on average."""

    retry_fill_s: float = 30.0
    """Seconds after a failed fill in which the same file is not tried again."""
