"""One TOML file plus the environment, composed of the settings of every domain.

A setting is a documented field of a frozen struct; its section is the name of the domain. Where a
value comes from, the last one wins: the default, the file, then the environment, in which
`[playback] heartbeat_s` is written `VITASCOPE_PLAYBACK__HEARTBEAT_S`. A wrong one is refused by
name before anything starts.
"""

import ast
import difflib
import inspect
import itertools
import os
import re
import textwrap
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from vitascope.billing.settings import BillingSettings
from vitascope.edge.settings import EdgeSettings
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.blobs import S3Settings
from vitascope.gateway.settings import GatewaySettings
from vitascope.homepage.settings import HomepageSettings
from vitascope.identity.settings import IdentitySettings
from vitascope.ingest.settings import IngestSettings
from vitascope.kernel.errors import Invalid
from vitascope.licensing.settings import LicensingSettings
from vitascope.playback.settings import PlaybackSettings
from vitascope.publishing.settings import PublishingSettings
from vitascope.recommend.settings import RecommendSettings
from vitascope.steering.settings import SteeringSettings

PREFIX = "VITASCOPE_"
_OLDER_SECTIONS = {"house": "service"}  # still understood; what a newer name says goes first
_RENAMED = {("service", "region"): "country"}
_HIDDEN = re.compile("secret|password|_url")  # an address of a database has its password


_URLS = (
    ("rows", "sqlite", "postgres_url"),
    ("cache", "memory", "cache_url"),
    ("leases", "rows", "leases_url"),
)  # what is not embedded needs an address


class BadSettings(Invalid):
    code = "bad-settings"


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What concerns the whole installation."""

    data: str = "data"
    """Folder for everything that is kept: databases, masters, packages, secrets, edge caches."""

    host: str = "127.0.0.1"
    """Address the service listens on. Put a TLS proxy before it to serve other machines."""

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
    """Edges that `up` starts. Each is reached as NAME.localhost: players tell edges by hostname."""

    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "FR"
    """Country (ISO 3166-1) of edges started by `up`, and of accounts whose country is not known."""

    sandbox: Literal["auto", "bubblewrap", "limits"] = "auto"
    """How media tools are held: `bubblewrap`, `limits`, or `auto` for the better one that works."""

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


def documentation(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Returns the string written beneath each field of `struct`, by field name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(struct)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for field, text in itertools.pairwise(body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
        ):
            found[field.target.id] = inspect.cleandoc(str(text.value.value))
    return found


def sections() -> dict[str, type[msgspec.Struct]]:
    """Returns every section's struct, by the section's name."""
    return {f.name: f.type for f in msgspec.structs.fields(Settings)}


def load(
    file: Path | None = None, environ: Mapping[str, str] = os.environ, **service: Any
) -> "Settings":
    """Returns the effective settings. `service` overrides `[service]`, for the command line's
    options.

    Raises `BadSettings`, which names the setting, where it stands and what was wanted.
    """
    said = _from_file(file) if file else {}
    for section, values in _from_environment(environ).items():
        said.setdefault(section, {}).update(values)
    said.setdefault("service", {}).update({k: v for k, v in service.items() if v is not None})
    _follow_older(said)
    return Settings(**{name: _section(name, said.pop(name, {})) for name in sections()})


def _follow_older(said: dict[str, dict[str, Any]]) -> None:
    """`[service] database_url` is what `[engines]` says now. Raises `BadSettings`."""
    engines = said.setdefault("engines", {})
    if url := said["service"].get("database_url"):
        engines.setdefault("rows", "postgres")
        engines.setdefault("postgres_url", url)
    for port, embedded, url in _URLS:
        named = str(engines.get(port, embedded))
        if named != embedded and not engines.get(url):
            raise BadSettings(
                f'[engines] {port} = "{named}" needs [engines] {url}: the address of the server.'
            )


def _from_file(file: Path) -> dict[str, dict[str, Any]]:
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadSettings(f"There is no settings file {file}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{file} is not valid TOML: {error}.") from None
    for name, values in said.items():
        if name not in sections() and name not in _OLDER_SECTIONS:
            raise BadSettings(f"{file}: there is no section [{name}]{_meant(name, sections())}")
        if not isinstance(values, dict):
            raise BadSettings(f"{file}: [{name}] must be a section, not a value.")
    for older, name in _OLDER_SECTIONS.items():
        if older in said and name in said:
            raise BadSettings(f"{file}: [{older}] is called [{name}] now: put its settings there.")
    return {_OLDER_SECTIONS.get(name, name): values for name, values in said.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    said: dict[str, dict[str, Any]] = {}
    older: dict[str, dict[str, Any]] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or "__" not in variable:
            continue
        section, _, name = variable.removeprefix(PREFIX).lower().partition("__")
        if section in _OLDER_SECTIONS:
            older.setdefault(_OLDER_SECTIONS[section], {})[name] = _Text(text)
        elif section in sections():
            said.setdefault(section, {})[name] = _Text(text)
        else:
            raise BadSettings(
                f"{variable}: there is no section [{section}]{_meant(section, sections())}"
            )
    return said | {
        section: {**values, **said.get(section, {})} for section, values in older.items()
    }


class _Text(str):
    """A value from the environment: text that stands for whatever type is wanted."""


def _section(name: str, values: dict[str, Any]) -> Any:
    struct = sections()[name]
    wanted = get_type_hints(struct, include_extras=True)
    for key in values:
        if key not in wanted:
            now = _RENAMED.get((name, key))
            hint = f": it is called `{now}` now." if now else _meant(key, wanted)
            raise BadSettings(f"[{name}] has no setting `{key}`{hint}")
    return struct(**{key: _value(name, key, value, wanted[key]) for key, value in values.items()})


def _unconstrained(wanted: Any) -> Any:
    """Returns the container that is wanted, whatever its values must be; None for a plain value."""
    if get_origin(wanted) is Annotated:
        return _unconstrained(get_args(wanted)[0])
    return get_origin(wanted)


def _value(section: str, key: str, value: Any, wanted: Any) -> Any:
    try:
        if isinstance(value, _Text):
            kind = _unconstrained(wanted)
            if kind is dict:
                value = msgspec.json.decode(str(value).encode())
            elif kind is tuple:
                value = [part.strip() for part in value.split(",") if part.strip()]
            else:
                value = str(value)  # a plain one: a kept setting is written into keys and logs
            return msgspec.convert(value, wanted, strict=False)
        return msgspec.convert(value, wanted)
    except msgspec.DecodeError as error:
        shown = "a hidden value" if _HIDDEN.search(key) else repr(value)
        raise BadSettings(
            f"[{section}] {key} cannot be {shown}: {_reason(error, wanted)}."
        ) from None


def _reason(error: msgspec.DecodeError, wanted: Any) -> str:
    if get_origin(wanted) is Literal:
        return f"it is one of {', '.join(get_args(wanted))}"
    return str(error)[0].lower() + str(error)[1:]


def _meant(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else f" (there are {', '.join(sorted(known))})."


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All sections. A domain is given its own and never sees the others."""

    service: ServiceSettings = ServiceSettings()
    engines: EngineSettings = EngineSettings()
    wire: WireSettings = WireSettings()
    discovery: DiscoverySettings = DiscoverySettings()
    gateway: GatewaySettings = GatewaySettings()
    identity: IdentitySettings = IdentitySettings()
    billing: BillingSettings = BillingSettings()
    licensing: LicensingSettings = LicensingSettings()
    steering: SteeringSettings = SteeringSettings()
    ingest: IngestSettings = IngestSettings()
    encoding: EncodingSettings = EncodingSettings()
    publishing: PublishingSettings = PublishingSettings()
    homepage: HomepageSettings = HomepageSettings()
    recommend: RecommendSettings = RecommendSettings()
    playback: PlaybackSettings = PlaybackSettings()
    edge: EdgeSettings = EdgeSettings()
    s3: S3Settings = S3Settings()


def shown(settings: Settings) -> str:
    """Returns the effective settings as a commented TOML file, which can be saved and edited."""
    lines: list[str] = []
    for name, struct in sections().items():
        section = getattr(settings, name)
        lines += [f"# {line}" for line in inspect.cleandoc(struct.__doc__ or "").split("\n")[:1]]
        lines.append(f"[{name}]")
        for key, text in documentation(struct).items():
            lines += [f"# {line}" for line in textwrap.wrap(" ".join(text.split()), 98)]
            lines.append(f"{key} = {_toml(getattr(section, key))}")
        lines.append("")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{k}" = {_toml(v)}' for k, v in value.items()) + " }"
    if value is None:
        return '""  # not set'
    return msgspec.json.encode(value).decode()


def inner_address(settings: Settings, *, gateway: bool = True) -> tuple[str, int]:
    """Returns host and port of a process's inner listener; `gateway` if it has the public port
    too."""
    service = settings.service
    host, port = service.inner_host, service.inner_port
    return host, port or (service.port - 1 if gateway else service.port)
