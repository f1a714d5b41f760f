"""What an operator sees of the service as a whole: its health, what went wrong, its settings."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from vitascope import __version__
from vitascope.engines.http import AnyRequest, RoleNeeded, refusals, require
from vitascope.engines.trace import get_log
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid, VitascopeError
from vitascope.kernel.viewer import Role
from vitascope.operations.error_log import LoggedError, recent
from vitascope.operations.load import LoadHistory, LoadSample

Check = Callable[[], Awaitable[object]]
_CHECK_S = 2.0
_MOST_ERRORS = 200
_log = get_log("operations")


class HealthCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A database or store of the process that answers. `trouble` is empty when all is well."""

    name: str
    trouble: str = ""


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """The disk on which the data folder lies."""

    total_bytes: int
    free_bytes: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    started_at_ms: int  # of the process that answers
    checks: tuple[HealthCheck, ...]
    disk: Disk
    load: tuple[LoadSample, ...]  # of the last hour, oldest first


class ShownSetting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting as TOML. `hidden` when its value is a secret, which is not shown."""

    name: str
    value: str
    about: str
    is_default: bool
    hidden: bool = False


class SettingsSection(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    about: str
    settings: tuple[ShownSetting, ...]


def routes(
    *,
    data: Path,
    checks: Mapping[str, Check],
    load: LoadHistory,
    settings: Callable[[], tuple[SettingsSection, ...]],
    clock: Clock,
) -> Router:
    """Returns the routes. `checks` is read at each call: parts enter theirs when they open.
    `settings` may block."""
    started_at_ms = clock.now_ms()

    @get(
        "/overview",
        operation_id="Overview",
        summary="Health, disk, and what the edges served in the last hour",
        responses=refusals(RoleNeeded),
    )
    async def overview(request: AnyRequest) -> Overview:
        require(request, Role.OPERATOR)
        names = sorted(checks)
        found = await asyncio.gather(*(_check(name, checks[name]) for name in names))
        usage = await asyncio.to_thread(shutil.disk_usage, data)
        return Overview(
            version=__version__,
            started_at_ms=started_at_ms,
            checks=tuple(found),
            disk=Disk(total_bytes=usage.total, free_bytes=usage.free),
            load=load.samples,
        )

    @get(
        "/errors",
        operation_id="Errors",
        summary="Warnings and errors of all processes that share the data folder, newest first",
        responses=refusals(RoleNeeded, Invalid),
    )
    async def errors(request: AnyRequest, limit: FromQuery[int] = 50) -> list[LoggedError]:
        """Returns the last ones. `limit` is at most 200."""
        require(request, Role.OPERATOR)
        if not 0 < limit <= _MOST_ERRORS:
            raise Invalid(f"Ask for 1 to {_MOST_ERRORS} errors.", field="limit")
        return await asyncio.to_thread(recent, data / "logs", limit)

    @get(
        "/settings",
        operation_id="ShownSettings",
        summary="The effective settings; secrets are not shown",
        responses=refusals(RoleNeeded),
    )
    async def shown(request: AnyRequest) -> tuple[SettingsSection, ...]:
        require(request, Role.OPERATOR)
        return await asyncio.to_thread(settings)

    return Router("/api/console", route_handlers=[overview, errors, shown], tags=["operator"])


async def _check(name: str, check: Check) -> HealthCheck:
    try:
        async with asyncio.timeout(_CHECK_S):
            await check()
    except TimeoutError:
        return HealthCheck(name=name, trouble=f"No answer within {_CHECK_S:g} s.")
    except VitascopeError as error:
        return HealthCheck(name=name, trouble=error.detail)
    except Exception as error:  # noqa: BLE001 - what is broken is shown, and the rest beside it
        _log.warning("check_failed", check=name, exc_info=error)
        return HealthCheck(name=name, trouble=type(error).__name__)
    return HealthCheck(name=name)
