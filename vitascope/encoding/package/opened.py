"""A published version, clear again: what another version of it can be made from without encoding.

Pictures and sound are decrypted as they are, packet by packet, or copied where they are not
protected; what came out is counted before it is believed. Subtitles lie in the package unlocked,
thumbnails as they were made.
"""

import asyncio
import hashlib
import re
from pathlib import Path

import msgspec

from vitascope.encoding.companions import cues
from vitascope.encoding.companions.wvtt import read_wvtt
from vitascope.encoding.contract.companions import AudioRef, TextRef, ThumbnailSet
from vitascope.encoding.contract.package import OpenedPackage, OpenPackage
from vitascope.encoding.contract.picture import RenditionRef
from vitascope.encoding.contract.programme import Programme
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.package.static import forget_obus
from vitascope.encoding.picture.packets import packets_of
from vitascope.encoding.timing import rate_of, timescale
from vitascope.encoding.workspace import Workspace, sha256_of
from vitascope.engines import media
from vitascope.kernel.media import AudioTrack, Codec, KeyLabel, Rung, TextTrack

_FRAME_RATE = re.compile(r'frameRate="([0-9/.]+)"')


class _OpenedRead(msgspec.Struct, frozen=True, kw_only=True):
    name: str  # two tracks may have the same bytes
    file: str  # SHA-256
    tool: str


class _Opening:
    """One version being opened."""

    def __init__(self, workspace: Workspace, request: OpenPackage, frame_rate: str) -> None:
        self._workspace = workspace
        self._request = request
        self._frame_rate = frame_rate
        self._keys = {key.label: key for key in request.keys}
        self.id = hashlib.sha256(request.prefix.encode()).hexdigest()

    async def rendition(self, rung: Rung) -> RenditionRef:
        ticks = timescale(rate_of(self._frame_rate))
        scaled = ["-video_track_timescale", str(ticks)]

        name = await self._name(f"{rung.name}.mp4")

        async def make() -> RenditionRef:
            async with self._workspace.folder() as folder:
                file = await self._decrypted(
                    rung.name, rung.key_label_in(self._keys), "v", scaled, folder
                )
                if rung.codec is Codec.AV1:
                    await asyncio.to_thread(forget_obus, file)
                packets = await packets_of(self._workspace, file)
                return RenditionRef(
                    key=f"{name}.mp4",
                    sha256=await sha256_of(file),
                    rung=rung,
                    frames=len(packets),
                    keyframes=tuple(n for n, packet in enumerate(packets) if packet.key),
                    size=await self._workspace.keep(f"{name}.mp4", file),
                )

        return await self._workspace.once(name, RenditionRef, make)

    async def sound(self, track: AudioTrack) -> AudioRef:
        name = await self._name(f"{track.name}.mp4")
        language = ["-metadata:s:a:0", f"language={track.language}"]
        plain = [*language, "-use_editlist", "0", "-avoid_negative_ts", "make_zero"]

        async def make() -> AudioRef:
            async with self._workspace.folder() as folder:
                file = await self._decrypted(track.name, KeyLabel.AUDIO, "a", plain, folder)
                return AudioRef(
                    key=f"{name}.mp4",
                    sha256=await sha256_of(file),
                    track=track,
                    duration_ms=self._request.duration_ms,
                    size=await self._workspace.keep(f"{name}.mp4", file),
                )

        return await self._workspace.once(name, AudioRef, make)

    async def text(self, track: TextTrack) -> TextRef:
        name = await self._name(f"{track.name}.mp4")

        async def make() -> TextRef:
            packaged = await self._workspace.blobs.get(f"{self._request.prefix}/{track.name}.mp4")
            said = await asyncio.to_thread(read_wvtt, packaged)
            async with self._workspace.folder() as folder:
                file = folder / "text.vtt"
                await asyncio.to_thread(file.write_text, cues.webvtt(said), encoding="utf-8")
                digest = await sha256_of(file)
                await self._workspace.keep(f"{name}.vtt", file)
            return TextRef(key=f"{name}.vtt", sha256=digest, track=track, cues=len(said))

        return await self._workspace.once(name, TextRef, make)

    async def thumbnails(self) -> ThumbnailSet | None:
        if "thumbnails.json" not in self._request.files:
            return None
        prefix = self._request.prefix
        told = await self._workspace.blobs.get(f"{prefix}/thumbnails.json")
        found = msgspec.json.decode(told, type=ThumbnailSet)
        return msgspec.structs.replace(found, keys=tuple(f"{prefix}/{n}" for n in found.keys))

    async def _decrypted(
        self, name: str, label: KeyLabel, kind: str, options: list[str], folder: Path
    ) -> Path:
        opened = self._opened_with(label)
        packaged = await self._workspace.local(f"{self._request.prefix}/{name}.mp4", folder)
        await self._workspace.run(
            media.Tool.FFMPEG,
            [
                *("-xerror", *(["-decryption_key", "{secret.key}"] if opened else [])),
                *("-i", "{in.packaged}"),
                *("-map", f"0:{kind}:0", "-c", "copy", "-map_metadata", "-1"),
                *("-fflags", "+bitexact", *options, "{out}/clear.mp4"),
            ],
            {"packaged": media.Input(path=packaged, trusted=True)},
            folder,
            frames=100_000,
            secrets=opened,
        )
        return folder / "clear.mp4"

    def _opened_with(self, label: KeyLabel) -> dict[str, str] | None:
        """Returns the secret that opens what has this label; None for what is not protected."""
        if self._request.scheme == "none":
            return None
        if label not in self._keys:
            raise EncodingFailed(f"There is no content key for {label}.")
        return {"key": self._keys[label].key.hex()}

    async def _name(self, file: str) -> str:
        read = _OpenedRead(
            name=file,
            file=self._request.files[file],
            tool=await self._workspace.version(media.Tool.FFMPEG),
        )
        return await self._workspace.name(self.id, "opened", read)


async def open_package(
    workspace: Workspace, request: OpenPackage, progress: OnProgress | None = None
) -> OpenedPackage:
    manifest = (await workspace.blobs.get(f"{request.prefix}/manifest.mpd")).decode()
    rate = _FRAME_RATE.search(manifest)
    if rate is None:
        raise EncodingFailed(f"The manifest in {request.prefix} names no frame rate.")
    opening = _Opening(workspace, request, rate[1])
    tracks = len(request.ladder) + len(request.audio)
    renditions: list[RenditionRef] = []
    for rung in request.ladder:
        renditions.append(await opening.rendition(rung))
        if progress:
            progress(len(renditions) / tracks)
    counts = {rendition.frames for rendition in renditions}
    if len(counts) != 1:
        raise EncodingFailed(f"The rungs have {sorted(counts)} frames, not the same number.")
    return OpenedPackage(
        programme=Programme(
            id=opening.id,
            frames=counts.pop(),
            frame_rate=rate[1],
            duration_ms=request.duration_ms,
        ),
        renditions=tuple(renditions),
        audio=tuple([await opening.sound(track) for track in request.audio]),
        text=tuple([await opening.text(track) for track in request.text]),
        thumbnails=await opening.thumbnails(),
    )
