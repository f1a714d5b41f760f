"""What concerns the whole installation: its place, its engines, and where its processes are."""

from typing import Annotated, Literal

import msgspec


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What concerns the whole installation."""

    data: str = "data"
    """Folder for everything that is kept: databases, masters, packages, secrets, edge caches."""

    host: str = "127.0.0.1"
    """Address the service listens on. `up --lan` listens on all; for strangers, put a TLS proxy
    before it."""

    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8400
    """Port of the web app and the API. The edges take the ports that follow it."""

    public_url: str = ""
    """Where viewers reach the service; empty for `http://localhost:PORT`."""

    inner_host: str = "127.0.0.1"
    """Address of the inner listener, which answers other processes, edges and monitoring. To let
    other machines in, name an address of a private network."""

    inner_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """Port of the inner listener. 0 for the one before `port`, or for `port` itself where a process
    has no gateway."""

    database_url: Annotated[str, msgspec.Meta(pattern="^(postgresql://.+)?$")] = ""
    """Older name of `[engines] rows = "postgres"` with its `postgres_url`."""

    worker_id: str = ""
    """A name that this worker keeps over restarts; empty to derive it from host and data folder."""

    workers: Annotated[int, msgspec.Meta(ge=0)] = 1
    """Worker processes that `up` starts. Each encodes one chunk after the other."""

    edges: tuple[str, ...] = ("edge-a", "edge-b")
    """Edges that `up` starts. Each is reached as NAME.localhost, or at the host by which a viewer
    came where the service listens beyond this machine."""

    demo_films: Literal["all", "one"] = "all"
    """Films of the demo that `up` brings in: `all`, while one watches, or `one` alone."""

    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "FR"
    """Country (ISO 3166-1) of edges started by `up`, and of accounts whose country is not known."""

    sandbox: Literal["auto", "bubblewrap", "landlock", "limits"] = "auto"
    """How media tools are held: `bubblewrap`, `landlock`, `limits` (no sandbox: only operators'
    files are taken), or `auto` for the best one that works."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """`debug`, `info`, `warning` or `error`."""

    log_format: Literal["text", "json"] = "text"
    """`text` for people, `json` for machines."""

    otlp_endpoint: str = ""
    """Where spans are sent (OTLP over HTTP); empty to send none."""


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which engine does what, by its name, and where it is."""

    rows: Literal["sqlite", "postgres"] = "sqlite"
    """Databases, and durable work with them: `sqlite` files in the data folder, or `postgres`."""

    blobs: Literal["disk", "s3"] = "disk"
    """Masters, intermediates and packages: in the data folder on `disk`, or in the object store of
    [s3]."""

    bus: Literal["rows"] = "rows"
    """Events: kept in the databases of `rows`."""

    cache: Literal["memory", "redis", "memcached"] = "memory"
    """Forgettable values: in the `memory` of each process, or shared in `redis` or `memcached`."""

    cache_url: str = ""
    """`redis://HOST:PORT/0` or `memcached://HOST:PORT,HOST:PORT`, for `cache`."""

    leases: Literal["rows", "redis"] = "rows"
    """Streams under way: counted in the databases of `rows`, or in `redis`."""

    leases_url: str = ""
    """`redis://HOST:PORT/0`, for `leases`: not the server of `cache`, which may forget."""

    text: Literal["sqlite"] = "sqlite"
    """The index of search: `sqlite` in the data folder."""

    work: Literal["dbos"] = "dbos"
    """Durable work and queues: DBOS, in the database of `rows`."""

    secrets: Literal["file"] = "file"
    """Keys: a `file` each in the data folder."""

    postgres_url: Annotated[str, msgspec.Meta(pattern="^(postgresql://.+)?$")] = ""
    """`postgresql://user:password@host/name`, for whatever is kept in `postgres`."""


class WireSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Calls between processes. For more than one address of each part, see [discovery]."""

    api: str = ""
    """URL of the inner listener of the process that has every part not named elsewhere. Empty: in
    this process."""

    licensing: str = ""
    """URL of a process that runs licensing. Empty: in this process."""

    steering: str = ""
    """URL of a process that runs steering. Empty: in this process."""

    timeout_s: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    """How long one process may take to answer another one that answers people. Then another
    process that runs the same part is asked, if there is one."""


class DiscoverySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a process finds those that run the parts it does not run itself."""

    by: Literal["static", "dns", "leases"] = "static"
    """`static` for `addresses` and [wire], `dns` for names, `leases` for a list in the leases store
    in which every process enters itself."""

    addresses: dict[str, tuple[str, ...]] = {}
    """URLs of inner listeners by part, `{ catalog = ["http://10.0.0.5:8399"] }`; `"*"` stands for
    all parts that are not named. In the environment, as JSON."""

    dns_name: str = "vitascope-{part}"
    """The name asked for, with {part} in it. One that begins with `_` is asked for SRV records,
    which have the port; any other for addresses."""

    dns_port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8399
    """Port of the inner listeners that are found by their addresses."""

    advertise: str = ""
    """URL by which others reach this process's inner listener, entered in `leases`. Empty for
    `inner_host` and `inner_port`."""

    refresh_s: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    """After how many seconds addresses are read again, while calls are made."""

    heartbeat_s: Annotated[float, msgspec.Meta(gt=0)] = 2.0
    """Seconds between confirmations in `leases`. A process that misses two is taken out."""

    linger_s: Annotated[float, msgspec.Meta(ge=0)] = 2.5
    """Where there may be several processes of a part: how long one that is told to stop refuses
    calls and says at `/readyz` that it drains, before it closes its port. A little more than
    `refresh_s`; with `dns`, as long as an answer is kept, if that is longer."""
