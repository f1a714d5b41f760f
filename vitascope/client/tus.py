"""Sending a file by tus 1.0 over a link that breaks."""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import httpx

from vitascope.client.http import Http, Refused, ServerUnreachable, passes
from vitascope.ingest import SoundDraft

PART = 4 * 1024 * 1024
MOST_PAUSES = 8


def metadata(words: dict[str, str]) -> str:
    """Returns the header Upload-Metadata."""
    return ",".join(f"{key} {_base64(value.encode())}" for key, value in words.items())


def sound_words(sound: SoundDraft | None) -> dict[str, str]:
    """Returns what is said of a file that is a sound track for what is published."""
    if sound is None:
        return {}
    return {
        "sound_language": sound.language,
        "sound_role": sound.role,
        "sound_label": sound.label,
        "sound_replaces": "yes" if sound.replaces else "no",
    }


async def begin(http: Http, headers: dict[str, str]) -> str:
    """Create an upload. Returns its path."""
    made = await http.raw("POST", "/api/uploads", headers={"Tus-Resumable": "1.0.0", **headers})
    return httpx.URL(made.headers["Location"]).path


async def send_pieces(
    http: Http, file: Path, size: int, connections: int, on_bytes: Callable[[int, int], None]
) -> list[str]:
    """Send `file` in as many pieces as `connections`, all at once. Returns their paths, in order.
    `on_bytes` as for `send_file`."""
    length = -(-size // connections)
    ranges = [range(start, min(start + length, size)) for start in range(0, size, length)]
    there = dict.fromkeys(ranges, 0)

    async def send(piece: range) -> str:
        def heard(done: int, _: int) -> None:
            there[piece] = done
            on_bytes(sum(there.values()), size)

        announced = {"Upload-Concat": "partial", "Upload-Length": str(len(piece))}
        location = await begin(http, announced)
        await send_file(http, file, location, len(piece), heard, start=piece.start)
        return location

    sending = [asyncio.create_task(send(piece)) for piece in ranges]
    try:
        return await asyncio.gather(*sending)
    finally:
        for task in sending:  # one that failed ends the others
            task.cancel()


async def send_file(
    http: Http,
    file: Path,
    location: str,
    size: int,
    on_bytes: Callable[[int, int], None],
    *,
    start: int = 0,
) -> None:
    """Send `size` bytes of `file` from `start` on to the upload at `location`, part by part, and go
    on where the service stands after passing troubles. `on_bytes` hears how many of how many bytes
    are there."""
    offset, pauses = 0, 0
    while offset < size:
        try:
            wanted = min(PART, size - offset)
            part = await asyncio.to_thread(_read, file, start + offset, wanted)
            answer = await http.raw("PATCH", location, content=part, headers=_patch(offset, part))
            offset, pauses = int(answer.headers["Upload-Offset"]), 0
        except (ServerUnreachable, Refused) as error:
            if not passes(error):
                raise
            pauses += 1
            if pauses > MOST_PAUSES:
                raise
            await asyncio.sleep(min(0.25 * 2**pauses, 10))
            offset = await _offset(http, location, offset)
        on_bytes(offset, size)


async def _offset(http: Http, location: str, known: int) -> int:
    try:
        answer = await http.raw("HEAD", location, headers={"Tus-Resumable": "1.0.0"})
    except (ServerUnreachable, Refused) as error:
        if not passes(error):
            raise
        return known
    return int(answer.headers["Upload-Offset"])


def _patch(offset: int, part: bytes) -> dict[str, str]:
    return {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(offset),
        "Upload-Checksum": f"sha1 {_base64(hashlib.sha1(part, usedforsecurity=False).digest())}",
        "Content-Type": "application/offset+octet-stream",
    }


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _read(file: Path, offset: int, size: int) -> bytes:
    with file.open("rb") as source:
        source.seek(offset)
        return source.read(size)
