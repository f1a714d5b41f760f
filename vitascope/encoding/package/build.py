"""One CMAF package: a file per rendition, with DASH and HLS manifests over it. It is encrypted
unless its scheme is `none`.

The packager runs twice: for the picture with a segment length below any distance of keyframes, so
that one keyframe is one segment (asked for 4 s it merges two of 3.958 s), and for sound and
subtitles with the length wanted. It runs with a clock that stands still, so that the same
renditions and keys give the same bytes. Its manifests are taken apart and put together again in
`manifests.py`: two runs make one presentation, in an order that does not depend on its threads.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.contract.companions import AudioRef, TextRef, ThumbnailSet
from vitascope.encoding.contract.package import BuildPackage, Package
from vitascope.encoding.contract.picture import RenditionRef
from vitascope.encoding.contract.programme import Programme
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.package.manifests import (
    Presentation,
    dash,
    hls_main,
    hls_media,
    read_packager,
)
from vitascope.encoding.package.static import tell, told_by
from vitascope.encoding.timing import rate_of, seconds
from vitascope.encoding.workspace import Workspace, sha256_of
from vitascope.engines import media
from vitascope.kernel.ids import AssetId, KeyId
from vitascope.kernel.media import DynamicRange, KeyLabel, Scheme
from vitascope.licensing import ContentKey

SHORTER_THAN_ANY_GOP = 0.2  # seconds
KEY_URI = "skd://one-for-all"


class PackageContents(msgspec.Struct, frozen=True, kw_only=True):
    """What goes into a package, apart from the keys themselves."""

    asset_id: AssetId
    renditions: tuple[RenditionRef, ...]
    audio: tuple[AudioRef, ...]
    text: tuple[TextRef, ...]
    thumbnails: ThumbnailSet | None
    scheme: Scheme
    key_ids: dict[KeyLabel, KeyId]


class _PackageRead(msgspec.Struct, frozen=True, kw_only=True):
    parts: PackageContents
    frames: int
    frame_rate: str
    protection_systems: tuple[str, ...]
    key_uri: str
    segment_s: float
    tool: str


def _parts_of(request: BuildPackage, scheme: Scheme) -> PackageContents:
    scheme = request.scheme or scheme
    keys = () if scheme == "none" else request.keys
    return PackageContents(
        asset_id=request.asset_id,
        renditions=request.renditions,
        audio=request.audio,
        text=tuple(track for track in request.text if track.cues),
        thumbnails=request.thumbnails,
        scheme=scheme,
        key_ids={key.label: key.key_id for key in keys},
    )


async def build_package(
    workspace: Workspace, request: BuildPackage, progress: OnProgress | None = None
) -> Package:
    programme, settings = request.programme, workspace.settings
    parts = _parts_of(request, settings.scheme)
    keys = [key for key in request.keys if key.label in parts.key_ids]
    _refuse_unfit(parts)
    read = _PackageRead(
        parts=parts,
        frames=programme.frames,
        frame_rate=programme.frame_rate,
        protection_systems=settings.protection_systems,
        key_uri=settings.key_uri,
        segment_s=settings.segment_s,
        tool=await workspace.version(media.Tool.PACKAGER),
    )
    name = await workspace.name(programme.id, "package", read)

    async def make() -> Package:
        async with workspace.folder() as folder:
            out = folder / "out"
            await asyncio.to_thread(out.mkdir)
            await _pack(workspace, parts, keys, folder, out)
            if progress:
                progress(0.5)
            moved = await _tell_hdr(workspace, parts, folder, out)
            await _write_manifests(workspace, programme, parts, moved, out)
            await _bring_thumbnails(workspace, parts, out)
            return await _keep(workspace, request, parts, out)

    return await workspace.once(name, Package, make)


def needed_labels(parts: PackageContents) -> set[KeyLabel]:
    if parts.scheme == "none":
        return set()
    labels = {rendition.rung.key_label for rendition in parts.renditions}
    return labels | ({KeyLabel.AUDIO} if parts.audio else set())


def _refuse_unfit(parts: PackageContents) -> None:
    missing = needed_labels(parts) - set(parts.key_ids)
    if missing:
        raise EncodingFailed(f"There is no content key for {', '.join(sorted(missing))}.")
    if len({rendition.keyframes for rendition in parts.renditions}) != 1:
        raise EncodingFailed("The rungs' keyframes are not on the same frames.")


async def _pack(
    workspace: Workspace,
    parts: PackageContents,
    keys: Sequence[ContentKey],
    folder: Path,
    out: Path,
) -> None:
    video = [
        (rendition.rung.name, rendition.key, _video(rendition)) for rendition in parts.renditions
    ]
    other = [(audio.track.name, audio.key, _audio(audio)) for audio in parts.audio]
    other += [(text.track.name, text.key, _text(text)) for text in parts.text]
    await _run(workspace, parts, keys, video, "video", SHORTER_THAN_ANY_GOP, folder, out)
    if other:
        await _run(
            workspace, parts, keys, other, "other", workspace.settings.segment_s, folder, out
        )


def _video(rendition: RenditionRef) -> str:
    name = rendition.rung.name
    return f"in={{in.{name}}},stream=video,{_outputs(name)},drm_label={rendition.rung.key_label}"


def _audio(audio: AudioRef) -> str:
    # no language here: the packager refuses some (und among them); the manifests are ours to write
    name = audio.track.name
    return f"in={{in.{name}}},stream=audio,{_outputs(name)},drm_label={KeyLabel.AUDIO}"


def _text(text: TextRef) -> str:
    name = text.track.name
    kind = "format=vtt+mp4,skip_encryption=1"
    return f"in={{in.{name}}},stream=text,{kind},{_outputs(name)}"


def _outputs(name: str) -> str:
    return f"output={{out}}/{name}.mp4,playlist_name={name}.m3u8"


async def _run(
    workspace: Workspace,
    parts: PackageContents,
    keys: Sequence[ContentKey],
    streams: Sequence[tuple[str, str, str]],
    group: str,
    segment_s: float,
    folder: Path,
    out: Path,
) -> None:
    args = [
        *(descriptor for _, _, descriptor in streams),
        *("--segment_duration", f"{segment_s:g}"),
        *(() if parts.scheme == "none" else _protection(workspace, parts, keys)),
        *("--use_fake_clock_for_muxer", "--temp_dir", "{out}"),
        *("--mpd_output", f"{{out}}/{group}.mpd"),
        *("--hls_master_playlist_output", f"{{out}}/{group}.m3u8"),
    ]
    inputs = {
        name: media.Input(path=await workspace.local(key, folder), trusted=True)
        for name, key, _ in streams
    }
    frames = parts.renditions[0].frames
    await workspace.run(
        media.Tool.PACKAGER, args, inputs, out, frames=frames, secrets=_secrets(keys)
    )


def _protection(
    workspace: Workspace, parts: PackageContents, keys: Sequence[ContentKey]
) -> list[str]:
    systems = [s for s in workspace.settings.protection_systems if _fits(s, parts.scheme)]
    return [
        *("--clear_lead", "0", "--protection_scheme", parts.scheme),
        *("--protection_systems", ",".join(systems)),
        *("--enable_raw_key_encryption", "--keys", ",".join(_key_flag(key) for key in keys)),
        *("--hls_key_uri", KEY_URI),
    ]


def _fits(system: str, scheme: str) -> bool:
    return system != "FairPlay" or scheme == "cbcs"  # FairPlay knows no other scheme


def _key_flag(key: ContentKey) -> str:
    held = f"{{secret.key-{key.label.lower()}}}"
    return f"label={key.label}:key_id={key.key_id}:key={held}:iv={key.iv.hex()}"


def _secrets(keys: Sequence[ContentKey]) -> dict[str, str]:
    return {f"key-{key.label.lower()}": key.key.hex() for key in keys}


async def _tell_hdr(
    workspace: Workspace, parts: PackageContents, folder: Path, out: Path
) -> dict[str, int]:
    """Write into each file what its clear rendition says of its HDR. Returns the bytes by which the
    rest of a file has moved."""
    moved: dict[str, int] = {}
    for rendition in parts.renditions:
        name = rendition.rung.name
        if rendition.rung.dynamic_range is not DynamicRange.SDR:
            clear = await workspace.local(rendition.key, folder)
            told = await asyncio.to_thread(told_by, clear)
            moved[name] = await asyncio.to_thread(tell, out / f"{name}.mp4", told.static)
    return moved


async def _write_manifests(
    workspace: Workspace,
    programme: Programme,
    parts: PackageContents,
    moved: Mapping[str, int],
    out: Path,
) -> None:
    rate = rate_of(programme.frame_rate)
    presentation = Presentation(
        duration_s=seconds(programme.frames, rate),
        rungs=tuple(rendition.rung for rendition in parts.renditions),
        audio=tuple(audio.track for audio in parts.audio),
        text=tuple(text.track for text in parts.text),
        frame_rate=programme.frame_rate,
        is_protected=parts.scheme != "none",
    )

    def write() -> None:
        streams = {}
        for file in sorted(out.glob("*.mpd")):
            streams.update(read_packager(file.read_text(), moved))
            file.unlink()
            file.with_suffix(".m3u8").unlink()
        for file in sorted(out.glob("*.m3u8")):
            uri = _key_uri(workspace, parts, file.stem)
            told = hls_media(file.read_text(), KEY_URI, uri, moved.get(file.stem, 0))
            file.write_text(told)
        (out / "manifest.mpd").write_text(dash(presentation, streams))
        (out / "main.m3u8").write_text(hls_main(presentation, streams))

    await asyncio.to_thread(write)


def _key_uri(workspace: Workspace, parts: PackageContents, name: str) -> str:
    """The packager writes one address into every playlist, whatever its key: each gets its own."""
    labels = {rendition.rung.name: rendition.rung.key_label for rendition in parts.renditions}
    label = labels.get(name, KeyLabel.AUDIO)
    return workspace.settings.key_uri.format(key_id=parts.key_ids.get(label, ""))


async def _bring_thumbnails(workspace: Workspace, parts: PackageContents, out: Path) -> None:
    if parts.thumbnails is None:
        return
    names = [f"thumbs-{number}.jpg" for number in range(len(parts.thumbnails.keys))]
    for name, key in zip(names, parts.thumbnails.keys, strict=True):
        sprite = await workspace.blobs.get(key)
        await asyncio.to_thread((out / name).write_bytes, sprite)
    described = msgspec.to_builtins(parts.thumbnails) | {"keys": names}
    text = msgspec.json.encode(described)
    await asyncio.to_thread((out / "thumbnails.json").write_bytes, text)


async def _keep(
    workspace: Workspace, request: BuildPackage, parts: PackageContents, out: Path
) -> Package:
    programme = request.programme
    made = await asyncio.to_thread(lambda: sorted(file for file in out.iterdir()))
    hashes = {file.name: await sha256_of(file) for file in made}
    version = hashlib.sha256(msgspec.json.encode(hashes)).hexdigest()[:16]
    prefix = f"assets/{parts.asset_id}/{version}"
    sizes = {file.name: await workspace.keep(f"{prefix}/{file.name}", file) for file in made}
    ordered = sorted(parts.renditions, key=lambda rendition: rendition.rung.bitrate_kbps)
    return Package(
        asset_id=parts.asset_id,
        version=version,
        prefix=prefix,
        duration_ms=round(1000 * seconds(programme.frames, rate_of(programme.frame_rate))),
        ladder=tuple(rendition.rung for rendition in ordered),
        audio=tuple(audio.track for audio in parts.audio),
        text=tuple(text.track for text in parts.text),
        key_ids={label: parts.key_ids[label] for label in sorted(needed_labels(parts))},
        scheme=parts.scheme,
        files=hashes,
        sizes=sizes,
        clear={
            **{rendition.rung.name: rendition.key for rendition in ordered},
            **{audio.track.name: audio.key for audio in parts.audio},
        },
        thumbnails=parts.thumbnails,
        frames=programme.frames,
        frame_rate=programme.frame_rate,
        phone_vmaf={r.rung.name: r.vmaf_phone for r in ordered if r.vmaf_phone},
        planned_vmaf={r.rung.name: r.planned_vmaf for r in ordered if r.planned_vmaf is not None},
        source=request.source,
        sounds=request.sounds,
    )
