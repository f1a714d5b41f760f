"""Check the machine and the installation, with advice for what is not well."""

import asyncio
import enum
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Collection
from pathlib import Path

import msgspec

from vitascope.engines.media import Media, Tool, ToolFailed, ToolMissing
from vitascope.operations import shipped

SQLITE_WITHOUT_WAL_RACE = (3, 51, 3)


_LENDING = (
    "If no other edge is open to all, run one without [edge] isp, or set "
    "lend_network_edges = true in [steering]."
)


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


async def need_tools(media: Media) -> None:
    """Raises `ToolMissing` or `ToolFailed` unless films can be encoded here."""
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
    if kind == "bubblewrap":
        return Diagnosis(
            subject="Sandbox", health=DiagnosisState.GOOD, seen="bubblewrap, without network"
        )
    return Diagnosis(
        subject="Sandbox",
        health=DiagnosisState.WARNING,
        seen="resource limits only",
        advice="Install bubblewrap (Debian: apt install bubblewrap), so that uploads are opened in "
        "a sandbox without network.",
    )


def _sqlite() -> Diagnosis:
    seen = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= SQLITE_WITHOUT_WAL_RACE:
        return Diagnosis(subject="SQLite", health=DiagnosisState.GOOD, seen=seen)
    return Diagnosis(
        subject="SQLite",
        health=DiagnosisState.WARNING,
        seen=seen,
        advice="Before 3.51.3 the write-ahead log has a rare race that can corrupt a database when "
        "several processes write. Use a newer Python build, or PostgreSQL ([engines] rows).",
    )


def _web() -> Diagnosis:
    if (shipped.web_app() / "index.html").exists():
        return Diagnosis(subject="Web app", health=DiagnosisState.GOOD, seen="built")
    return Diagnosis(
        subject="Web app",
        health=DiagnosisState.WARNING,
        seen="not built",
        advice="`./vita up` builds it.",
    )
