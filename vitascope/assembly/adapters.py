"""The table of engines: for each port, the adapters that the settings `[engines]` can name.

To add an adapter: a function here, a line in `ADAPTERS`, and its word in `EngineSettings`. Each
imports its driver when it is chosen, so that what is not used need not be installed.
"""

import importlib.util
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vitascope.engines.blobs import Blobs
from vitascope.engines.bus import Bus
from vitascope.engines.cache import Cache
from vitascope.engines.discovery import Discovery
from vitascope.engines.leases import Leases
from vitascope.engines.mail import Mail
from vitascope.engines.media import Media
from vitascope.engines.notices import Notices
from vitascope.engines.rows import Rows
from vitascope.engines.secrets import Secrets
from vitascope.engines.text import Text
from vitascope.engines.work import Queue, Work, Worker
from vitascope.kernel.errors import Invalid
from vitascope.settings import Settings

if TYPE_CHECKING:
    from vitascope.assembly.engines import Engines


class Adapters(msgspec.Struct, frozen=True, kw_only=True):
    """By port, by the word in settings. A test replaces one with `msgspec.structs.replace`."""

    rows: Mapping[str, Callable[["Engines", str, Sequence[str]], Awaitable[Rows]]]
    notices: Mapping[str, Callable[["Engines"], Notices]]
    blobs: Mapping[str, Callable[["Engines"], Blobs]]
    bus: Mapping[str, Callable[["Engines"], Awaitable[Bus]]]
    cache: Mapping[str, Callable[["Engines"], Cache]]
    leases: Mapping[str, Callable[["Engines"], Awaitable[Leases]]]
    text: Mapping[str, Callable[["Engines"], Awaitable[Text]]]
    work: Mapping[str, Callable[["Engines"], Work]]
    worker: Mapping[str, Callable[["Engines", Sequence[Queue]], Worker]]
    secrets: Mapping[str, Callable[..., Secrets]]
    """Given the folder that they lie in, and optionally another name than `secrets` there."""

    media: Mapping[str, Callable[[Settings], Media]]
    discovery: Mapping[str, Callable[["Engines"], Awaitable[Discovery]]]


async def _sqlite_rows(engines: "Engines", domain: str, migrations: Sequence[str]) -> Rows:
    from vitascope.engines.rows.sqlite import SqliteRows

    return await SqliteRows.open(
        domain, folder=engines.data / "rows", migrations=migrations, clock=engines.clock
    )


async def _postgres_rows(engines: "Engines", domain: str, migrations: Sequence[str]) -> Rows:
    from vitascope.engines.rows.postgres import PostgresRows

    url = engines.settings.engines.postgres_url
    return await PostgresRows.open(domain, url=url, migrations=migrations, clock=engines.clock)


def _disk_blobs(engines: "Engines") -> Blobs:
    from vitascope.engines.blobs.disk import DiskBlobs

    return DiskBlobs(root=engines.data / "blobs")


def _s3_blobs(engines: "Engines") -> Blobs:
    from vitascope.engines.blobs.s3 import S3Blobs

    blobs = S3Blobs(engines.settings.s3)
    engines.stack.push_async_callback(blobs.close)
    engines.checks["blobs"] = lambda: blobs.list("", limit=1)
    return blobs


async def _rows_bus(engines: "Engines") -> Bus:
    from vitascope.engines.bus.rows import MIGRATIONS, RowsBus

    rows = await engines.rows("bus", MIGRATIONS)
    return RowsBus(rows=rows, notices=engines.notices, clock=engines.clock)


def _memory_cache(engines: "Engines") -> Cache:
    from vitascope.engines.cache.memory import MemoryCache

    return MemoryCache(clock=engines.clock, metrics=engines.metrics)


async def _rows_leases(engines: "Engines") -> Leases:
    from vitascope.engines.leases.rows import MIGRATIONS, RowsLeases

    return RowsLeases(rows=await engines.rows("leases", MIGRATIONS), clock=engines.clock)


async def _sqlite_text(engines: "Engines") -> Text:
    from vitascope.engines.text.sqlite import MIGRATIONS, SqliteText

    rows = await _sqlite_rows(engines, "text", [MIGRATIONS])
    return SqliteText(engines.watched("text", rows))


def _dbos_work(engines: "Engines") -> Work:
    from vitascope.engines.work.dbos import DbosWork

    work = DbosWork(engines.work_url(), notices=engines.notices)
    engines.stack.push_async_callback(work.close)
    return work


def _dbos_worker(engines: "Engines", queues: Sequence[Queue]) -> Worker:
    from vitascope.engines.work.dbos_worker import DbosWorker

    settings = engines.settings.publishing
    return DbosWorker(
        engines.work_url(),
        name=engines.name,
        queues=queues,
        notices=engines.notices,
        poll_s=settings.poll_s,
        dead_after_s=settings.dead_after_s,
    )


def _socket_notices(engines: "Engines") -> Notices:
    from vitascope.engines.notices.sockets import SocketNotices

    return SocketNotices(folder=engines.data / "notices")


def _postgres_notices(engines: "Engines") -> Notices:
    from vitascope.engines.notices.postgres import PostgresNotices

    return PostgresNotices(url=engines.settings.engines.postgres_url)


def _file_secrets(data: Path, name: str = "secrets") -> Secrets:
    from vitascope.engines.secrets.file import FileSecrets

    return FileSecrets(folder=data / name)


def _boxed_media(settings: Settings) -> Media:
    from vitascope.engines.media.sandboxed import SandboxedMedia

    return SandboxedMedia(sandbox=settings.service.sandbox)


async def _static_discovery(engines: "Engines") -> Discovery:
    from vitascope.engines.discovery.static import ANY, StaticDiscovery

    said, wire = engines.settings.discovery.addresses, engines.settings.wire
    older = {ANY: wire.api, "licensing": wire.licensing, "steering": wire.steering}
    return StaticDiscovery({part: (url,) for part, url in older.items() if url} | dict(said))


def _redis_cache(engines: "Engines") -> Cache:
    from vitascope.engines.cache.redis import redis_cache

    url = engines.settings.engines.cache_url
    cache = redis_cache(url, clock=engines.clock, metrics=engines.metrics)
    engines.stack.push_async_callback(cache.close)
    return cache


def _memcached_cache(engines: "Engines") -> Cache:
    from vitascope.engines.cache.memcached import memcached_cache

    url = engines.settings.engines.cache_url
    cache = memcached_cache(url, clock=engines.clock, metrics=engines.metrics)
    engines.stack.push_async_callback(cache.close)
    return cache


async def _redis_leases(engines: "Engines") -> Leases:
    from vitascope.engines.leases.redis import redis_leases

    leases = await redis_leases(engines.settings.engines.leases_url)
    engines.stack.push_async_callback(leases.close)
    return leases


async def _dns_discovery(engines: "Engines") -> Discovery:
    from vitascope.engines.discovery.dns import DnsDiscovery

    said = engines.settings.discovery
    return DnsDiscovery(said.dns_name, port=said.dns_port)


async def _leases_discovery(engines: "Engines") -> Discovery:
    from vitascope.engines.discovery.leases import LeasesDiscovery

    heartbeat_s = engines.settings.discovery.heartbeat_s
    return LeasesDiscovery(await engines.leases(), engines.clock, heartbeat_s=heartbeat_s)


ADAPTERS = Adapters(
    rows={"sqlite": _sqlite_rows, "postgres": _postgres_rows},
    notices={"sqlite": _socket_notices, "postgres": _postgres_notices},
    blobs={"disk": _disk_blobs, "s3": _s3_blobs},
    bus={"rows": _rows_bus},
    cache={"memory": _memory_cache, "redis": _redis_cache, "memcached": _memcached_cache},
    leases={"rows": _rows_leases, "redis": _redis_leases},
    text={"sqlite": _sqlite_text},
    work={"dbos": _dbos_work},
    worker={"dbos": _dbos_worker},
    secrets={"file": _file_secrets},
    media={"boxed": _boxed_media},
    discovery={
        "static": _static_discovery,
        "dns": _dns_discovery,
        "leases": _leases_discovery,
    },
)


def mail_of(settings: Settings) -> Mail | None:
    """Returns what sends letters; None where the settings name no server."""
    from vitascope.engines.mail.smtp import SmtpMail

    return SmtpMail(settings.mail) if settings.mail.server else None


def media_tools(settings: Settings) -> Media:
    """Returns ffmpeg, ffprobe and the packager, in the sandbox that the settings name."""
    return ADAPTERS.media["boxed"](settings)


EXTRAS = {"postgres": "asyncpg", "redis": "redis", "memcached": "emcache", "s3": "obstore"}
"""The words that need an extra of the same name, and a module that it brings."""


class MissingExtra(Invalid):
    code = "missing-extra"


def check_extras(settings: Settings) -> None:
    """Raises `MissingExtra` when an engine that the settings name is not installed."""
    named = msgspec.structs.asdict(settings.engines).items()
    wanted = [(f"[engines] {port}", word) for port, word in named if word in EXTRAS]
    if settings.discovery.by == "dns" and settings.discovery.dns_name.startswith("_"):
        wanted.append(("[discovery] by", "dns"))
    for setting, word in wanted:
        if importlib.util.find_spec({**EXTRAS, "dns": "dns"}[word]) is None:
            raise MissingExtra(
                f'{setting} = "{word}" needs what is not installed. Install vitascope[{word}].'
            )
