"""Check the machine and the installation, with advice for what is not well."""

import asyncio
import enum
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Collection
from pathlib import Path

import httpx
import msgspec

from vitascope.engines import sqlite_library
from vitascope.engines.media import Media, Tool, ToolFailed, ToolMissing
from vitascope.operations import shipped
from vitascope.operations.folder import readable_by_others

_FIGURES_S = 3.0
_UNLISTED = re.compile(r'^vitascope_unlisted_proxies\{peer="([^"]+)"\} 1', re.MULTILINE)
_LENDING = (
    "If no other edge is open to all, run one without [edge] isp, or set "
    "lend_network_edges = true in [steering]."
)


_WALLED = {
    "bubblewrap": "bubblewrap: without network and other files",
    "landlock": "Landlock: without network and other files",
}


class DiagnosisState(enum.StrEnum):
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What was found about one subject. `advice` says what to do unless all is well."""

    subject: str
    health: DiagnosisState
    seen: str
    advice: str = ""


async def examine(media: Media, data: Path) -> AsyncIterator[Diagnosis]:
    """Look at the machine and the installation; yields each diagnosis as soon as it is known."""
    yield _python()
    yield _cores()
    yield await asyncio.to_thread(_disk, data)
    if await asyncio.to_thread(data.exists):
        yield await asyncio.to_thread(_privacy, data)
    for tool in Tool:
        yield await _tool(media, tool)
    yield await _sandbox(media)
    yield _sqlite()
    yield await asyncio.to_thread(_web)


def network(isp: str, networks: Collection[str], *, lends: bool) -> Diagnosis:
    """Who is served by an edge in the network `isp`, where viewers of `networks` are known."""
    others = sorted(name for name in networks if name != isp)
    refused = bool(others) and not lends
    return Diagnosis(
        subject="Network",
        health=DiagnosisState.WARNING if refused else DiagnosisState.GOOD,
        seen=f"the edge serves {isp}" + (f", and not {', '.join(others)}" if refused else ""),
        advice=_LENDING if refused else "",
    )


async def proxies(inner: str) -> Diagnosis | None:
    """Who forwards requests of others to the service that runs, as `inner`, the URL of its inner
    listener, tells. Returns None when it does not answer."""
    try:
        async with httpx.AsyncClient(timeout=_FIGURES_S) as client:
            figures = (await client.get(f"{inner}/metrics")).raise_for_status().text
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    unlisted = sorted(_UNLISTED.findall(figures))
    return Diagnosis(
        subject="Proxies",
        health=DiagnosisState.WARNING if unlisted else DiagnosisState.GOOD,
        seen=f"{', '.join(unlisted)} forwarded requests and is not trusted"
        if unlisted
        else "no request came through one that is not trusted",
        advice="If this is your proxy, name it in trusted_proxies of [gateway]: until then all who "
        "come through it share one limit of requests, and wait for each other's wrong passwords."
        if unlisted
        else "",
    )


async def need_machine(media: Media) -> None:
    """Raises `ToolMissing`, `ToolFailed` or `SqliteTooOld` unless the service can run here."""
    sqlite_library.need_new()
    for tool in Tool:
        await media.version(tool)


def _python() -> Diagnosis:
    seen = sys.version.split()[0]
    fit = (3, 11) <= sys.version_info < (3, 15)
    advice = "" if fit else "Use Python 3.11 to 3.14."
    return Diagnosis(
        subject="Python",
        health=DiagnosisState.GOOD if fit else DiagnosisState.BAD,
        seen=seen,
        advice=advice,
    )


def _cores() -> Diagnosis:
    cores = os.cpu_count() or 1
    few = cores < 2
    advice = "Encoding will compete with serving; two cores or more are better." if few else ""
    return Diagnosis(
        subject="Processor",
        health=DiagnosisState.WARNING if few else DiagnosisState.GOOD,
        seen=f"{cores} cores",
        advice=advice,
    )


def _disk(data: Path) -> Diagnosis:
    place = next(folder for folder in (data, *data.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free / 1e9
    health = (
        DiagnosisState.BAD
        if free < 0.5
        else DiagnosisState.WARNING
        if free < 10
        else DiagnosisState.GOOD
    )
    advice = (
        ""
        if health is DiagnosisState.GOOD
        else "A two-hour film takes about 20 GB while it is encoded."
    )
    return Diagnosis(
        subject="Disk", health=health, seen=f"{free:.1f} GB free at {place}", advice=advice
    )


def _privacy(data: Path) -> Diagnosis:
    open_to_others = readable_by_others(data)
    return Diagnosis(
        subject="Data folder",
        health=DiagnosisState.WARNING if open_to_others else DiagnosisState.GOOD,
        seen=f"{data.absolute()}, open to "
        + ("other users of this machine" if open_to_others else "the service's user alone"),
        advice=f"Masters, accounts and keys lie there. Give it to the service's user and close it: "
        f"chown -R USER {data.absolute()}; chmod 700 {data.absolute()}"
        if open_to_others
        else "",
    )


async def _tool(media: Media, tool: Tool) -> Diagnosis:
    try:
        return Diagnosis(
            subject=tool.value, health=DiagnosisState.GOOD, seen=await media.version(tool)
        )
    except ToolFailed as error:
        return _bad(tool.value, "does not start", error)
    except ToolMissing as error:
        missing = error.extra["tool"]  # the sandbox is tried with ffmpeg, whichever tool is asked
        seen = "missing" if missing == tool.value else f"not tried without {missing}"
        return _bad(tool.value, seen, error)


def _bad(subject: str, seen: str, error: ToolFailed | ToolMissing) -> Diagnosis:
    return Diagnosis(subject=subject, health=DiagnosisState.BAD, seen=seen, advice=error.detail)


async def _sandbox(media: Media) -> Diagnosis:
    try:
        kind = await media.sandbox()
    except ToolMissing as error:
        return _bad("Sandbox", "not tried", error)
    if kind in _WALLED:
        return Diagnosis(subject="Sandbox", health=DiagnosisState.GOOD, seen=_WALLED[kind])
    return Diagnosis(
        subject="Sandbox",
        health=DiagnosisState.WARNING,
        seen="resource limits only: a decoder may do what the service may",
        advice="Install bubblewrap (Debian: apt install bubblewrap), or use Linux 5.13 or newer "
        "with Landlock, so that uploads are opened without network and without the service's "
        "files. Until then workers of this machine open only operators' files, and partners' are "
        "refused unless another worker has a sandbox. Bring in only films that you trust.",
    )


def _sqlite() -> Diagnosis:
    seen = sqlite_library.version()
    try:
        sqlite_library.need_new()
    except sqlite_library.SqliteTooOld as error:
        return Diagnosis(
            subject="SQLite", health=DiagnosisState.BAD, seen=seen, advice=error.detail
        )
    return Diagnosis(subject="SQLite", health=DiagnosisState.GOOD, seen=seen)


def _web() -> Diagnosis:
    if (shipped.web_app() / "index.html").exists():
        return Diagnosis(subject="Web app", health=DiagnosisState.GOOD, seen="built")
    return Diagnosis(
        subject="Web app",
        health=DiagnosisState.WARNING,
        seen="not built",
        advice="`./vita up` builds it.",
    )
