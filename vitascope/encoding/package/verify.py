"""Before anything is published: the package is opened as a player would open it.

Every rendition is decrypted and decoded; its packets must be those of the clear rendition, and
its frames as many as planned. What is not protected must ask for no key. Of what is, without the
key no packet may be the clear one, and the same
pictures must not come out (ffmpeg ends with 0 either way, so frames are compared). Integrity is
by SHA-256: ten of ten flipped bits decoded without a complaint.
"""

import asyncio
import re
from collections.abc import Awaitable, Mapping
from pathlib import Path

from vitascope.encoding.contract.master import SoundSource, StaticMetadata
from vitascope.encoding.contract.package import Check, Package, Verification, VerifyPackage
from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.package.hashes import Hashes, hashes_of, seen_without_key
from vitascope.encoding.package.pictures import pictures_checks
from vitascope.encoding.package.protection import (
    default_key_id,
    hidden_frames,
    key_check,
    locked_check,
    open_check,
    unseen_check,
)
from vitascope.encoding.package.static import ColourTags, told_by
from vitascope.encoding.package.sync import OFFSET_MS, Agreement, agreement, stream_of
from vitascope.encoding.picture.packets import packets_of
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import rate_of
from vitascope.encoding.workspace import Workspace, sha256_of
from vitascope.engines import media
from vitascope.kernel.media import AudioTrack, Codec, DynamicRange, Format, KeyLabel, Rung
from vitascope.licensing import ContentKey

_PLAN_MISSED = 3  # times the tolerance: a rung further from its plan is a fault of the encode
SD_LINES = 576
HD_LINES = 720


async def verify_package(
    workspace: Workspace, request: VerifyPackage, progress: OnProgress | None = None
) -> Verification:
    package = request.package
    by_label = {key.label: key for key in request.keys}
    labels = {rung.name: rung.key_label for rung in package.ladder}
    labels |= {track.name: KeyLabel.AUDIO for track in package.audio}
    async with workspace.folder() as folder:
        files = await _fetch(workspace, package, folder)
        looks: list[Awaitable[list[Check]]] = [_integrity(package, files)]
        looks += [
            _rendition(workspace, package, name, files[f"{name}.mp4"], by_label[label], folder)
            if package.scheme != "none"
            else _unprotected(workspace, package, name, files[f"{name}.mp4"], label, folder)
            for name, label in labels.items()
        ]
        looks += [
            _aligned(workspace, package, files),
            _sync(workspace, package, by_label, files, folder),
            pictures_checks(workspace, package),
        ]
        checks: list[Check] = []
        for number, look in enumerate(looks, start=1):
            checks += await look
            if progress:
                progress(number / len(looks))
        checks += await _range_checks(workspace, package, files, folder)
    checks += quality_checks(package, workspace.settings)
    return Verification(passed=all(check.passed for check in checks), checks=tuple(checks))


async def _fetch(workspace: Workspace, package: Package, folder: Path) -> dict[str, Path]:
    return {
        name: await workspace.local(f"{package.prefix}/{name}", folder) for name in package.files
    }


async def _integrity(package: Package, files: Mapping[str, Path]) -> list[Check]:
    wrong = [
        name for name, digest in package.files.items() if await sha256_of(files[name]) != digest
    ]
    sentence = f"Altered: {', '.join(wrong)}." if wrong else "Every file has its SHA-256."
    return [Check(name="integrity", subject="package", passed=not wrong, sentence=sentence)]


async def _rendition(
    workspace: Workspace, package: Package, name: str, file: Path, key: ContentKey, folder: Path
) -> list[Check]:
    kind = "a" if key.label is KeyLabel.AUDIO else "v"
    clear = await workspace.local(package.clear[name], folder)
    whole = media.Input(path=clear, trusted=True)
    locked = media.Input(path=file, trusted=True)
    wanted, _ = await hashes_of(workspace, whole, kind, decode=False)
    try:
        packets, frames = await hashes_of(workspace, locked, kind, key=key)
    except EncodingFailed as failure:
        told = f"It does not decode with its key: {failure.detail}"
        return [Check(name="decrypts", subject=name, passed=False, sentence=told)]
    sliced = any(rung.name == name and rung.codec is Codec.H264 for rung in package.ladder)
    raw, _ = await hashes_of(workspace, locked, kind, decode=False, slices=sliced)
    if sliced:
        inside, _ = await hashes_of(workspace, whole, kind, decode=False, slices=True)
    else:
        inside = wanted
    checks = [
        _decrypts(name, packets, wanted),
        locked_check(name, raw, inside),
        key_check(name, key, await asyncio.to_thread(default_key_id, file)),
    ]
    if kind == "v":
        unseen = await _unseen(workspace, name, locked, inside, frames)
        checks += [unseen, _counted(name, len(frames), package.frames)]
    return checks


async def _unseen(
    workspace: Workspace, name: str, file: media.Input, packets: Hashes, frames: Hashes
) -> Check:
    told = await packets_of(workspace, file.path)
    keyframes = {number for number, packet in enumerate(told) if packet.key}
    hidden = [n for n in hidden_frames(packets, keyframes) if n < len(frames)]
    seen = await seen_without_key(workspace, file, hidden[-1] + 1) if hidden else []
    return unseen_check(name, seen, frames, hidden)


async def _unprotected(
    workspace: Workspace, package: Package, name: str, file: Path, label: KeyLabel, folder: Path
) -> list[Check]:
    kind = "a" if label is KeyLabel.AUDIO else "v"
    clear = await workspace.local(package.clear[name], folder)
    wanted, _ = await hashes_of(
        workspace, media.Input(path=clear, trusted=True), kind, decode=False
    )
    asks = open_check(name, await asyncio.to_thread(default_key_id, file))
    try:
        packets, frames = await hashes_of(workspace, media.Input(path=file, trusted=True), kind)
    except EncodingFailed as failure:
        told = f"It does not decode: {failure.detail}"
        return [Check(name="decodes", subject=name, passed=False, sentence=told), asks]
    same = packets == wanted and bool(wanted)
    sentence = f"{len(packets)} packets, {len(wanted)} in the rendition, " + (
        "all equal." if same else "not the same."
    )
    checks = [Check(name="decodes", subject=name, passed=same, sentence=sentence), asks]
    return [*checks, _counted(name, len(frames), package.frames)] if kind == "v" else checks


async def _range_checks(
    workspace: Workspace, package: Package, files: Mapping[str, Path], folder: Path
) -> list[Check]:
    """Whether the packaged pictures say of their colours what the clear ones do, or the master."""
    checks: list[Check] = []
    for rung in package.ladder:
        clear = await workspace.local(package.clear[rung.name], folder)
        wanted = (await asyncio.to_thread(told_by, clear)).static
        if package.source and rung.dynamic_range is not DynamicRange.SDR:
            wanted = package.source.static
        found = await asyncio.to_thread(told_by, files[f"{rung.name}.mp4"])
        checks += range_check(rung, found, wanted)
    return checks


def range_check(rung: Rung, found: ColourTags, wanted: StaticMetadata) -> list[Check]:
    """Returns a check of what HDR says of itself, or of SDR that says what is true of HDR alone."""
    if rung.dynamic_range is DynamicRange.SDR:
        if found.static == StaticMetadata():
            return []
        sentence = "It is in SDR, and names the display and light of HDR."
        return [Check(name="range", subject=rung.name, passed=False, sentence=sentence)]
    transfer = 16 if rung.dynamic_range is DynamicRange.HDR10 else 18
    right = found.colours == (9, transfer, 9) and rung.bit_depth >= 10
    kept = found.static == wanted
    sentence = (
        f"Its colours are {found.colours} of H.273 in {rung.bit_depth} bits"
        f"{'' if right else f', not (9, {transfer}, 9) in 10'}; its mastering display and light "
        f"are {'the master’s' if kept else 'not the master’s'}."
    )
    return [Check(name="range", subject=rung.name, passed=right and kept, sentence=sentence)]


def _decrypts(name: str, packets: Hashes, wanted: Hashes) -> Check:
    same = packets == wanted and bool(wanted)
    sentence = f"{len(packets)} decrypted packets, {len(wanted)} in the clear rendition, " + (
        "all equal." if same else "not the same."
    )
    return Check(name="decrypts", subject=name, passed=same, sentence=sentence)


def _counted(name: str, frames: int, planned: int) -> Check:
    return Check(
        name="frames",
        subject=name,
        passed=frames == planned,
        sentence=f"{frames} frames decoded, {planned} were planned.",
        value=float(frames),
        wanted=float(planned),
    )


async def _aligned(
    workspace: Workspace, package: Package, files: Mapping[str, Path]
) -> list[Check]:
    """Keyframes of all rungs on the same frames, and one segment for each of them."""
    marks: dict[str, tuple[int, ...]] = {}
    checks: list[Check] = []
    for rung in package.ladder:
        packets = await packets_of(workspace, files[f"{rung.name}.mp4"])
        marks[rung.name] = tuple(n for n, packet in enumerate(packets) if packet.key)
        playlist = await asyncio.to_thread(files[f"{rung.name}.m3u8"].read_text)
        checks.append(segments_check(rung.name, playlist, marks[rung.name], package))
    same = len(set(marks.values())) == 1
    sentence = (
        f"All {len(marks)} rungs have keyframes on the same frames."
        if same
        else f"Keyframes differ: {', '.join(f'{n} has {len(m)}' for n, m in marks.items())}."
    )
    return [*checks, Check(name="aligned", subject="ladder", passed=same, sentence=sentence)]


def segments_check(name: str, playlist: str, keyframes: tuple[int, ...], package: Package) -> Check:
    rate = float(rate_of(package.frame_rate))
    ends = [*keyframes[1:], package.frames]
    wanted = [(end - begin) / rate for begin, end in zip(keyframes, ends, strict=True)]
    found = [float(length) for length in re.findall(r"#EXTINF:([\d.]+)", playlist)]
    right = len(found) == len(wanted) and all(
        abs(a - b) < 0.01 for a, b in zip(found, wanted, strict=True)
    )
    sentence = f"{len(found)} segments for {len(wanted)} keyframes" + (
        ", each as long as planned." if right else ", not as planned."
    )
    return Check(name="segments", subject=name, passed=right, sentence=sentence)


async def _sync(
    workspace: Workspace,
    package: Package,
    keys: Mapping[KeyLabel, ContentKey],
    files: Mapping[str, Path],
    folder: Path,
) -> list[Check]:
    """Sound against picture, by comparing the packaged sound with what was delivered."""
    checks: list[Check] = []
    for track in package.audio:
        sound = _origin_of(package, track)
        if sound is None:
            continue  # it was compared when it was first published
        delivered = await workspace.local(sound.key, folder)
        heard = await agreement(
            workspace,
            sound,
            track,
            delivered,
            files[f"{track.name}.mp4"],
            keys.get(KeyLabel.AUDIO),
        )
        checks.append(sync_check(track.name, heard))
    return checks


_UNDECIDED = {
    "silent": "There is next to nothing to hear where it was compared with what was delivered",
    "short": "There is less than half a second of sound to compare",
    "repeats": "The sound repeats itself, as tones and beats do",
    "unlike": "The sound has too little in common with what was delivered to be compared with it",
}


def sync_check(name: str, heard: Agreement) -> Check:
    """Returns a check that fails for a sound in the wrong place, or of another stream. One that
    cannot decide passes, and says so."""
    offset = heard.offset_ms
    if heard.outcome == "another":
        sentence = "This is the sound of another track of the master."
    elif offset is None:
        sentence = f"{_UNDECIDED[heard.outcome]}, so sync can't be measured. Watch a passage."
    else:
        sentence = f"Sound is {offset:+.0f} ms from where it was delivered."
    return Check(
        name="sync",
        subject=name,
        passed=heard.outcome != "another" and abs(offset or 0.0) <= OFFSET_MS,
        decided=heard.outcome in ("known", "another"),
        sentence=sentence,
        value=None if offset is None else round(offset, 1),
        wanted=0.0,
    )


def _origin_of(package: Package, track: AudioTrack) -> SoundSource | None:
    master = (package.source.sound,) if package.source else ()
    return next((one for one in (*package.sounds, *master) if stream_of(one, track)), None)


def quality_checks(package: Package, settings: EncodingSettings) -> list[Check]:
    """Returns, of each format, checks of the VMAF of the best HD rung and of the rung meant for
    phones. What was not planned (the first version, or one made from a version that is live) is
    held against nothing."""
    formats = dict.fromkeys(rung.format for rung in package.ladder)
    return [check for format in formats for check in _quality_of(format, package, settings)]


def _quality_of(format: Format, package: Package, settings: EncodingSettings) -> list[Check]:
    rungs = [rung for rung in package.ladder if rung.format == format]
    large = [(rung.vmaf, rung) for rung in rungs if rung.vmaf and rung.height >= HD_LINES]
    scores = package.phone_vmaf
    small = [(scores[r.name], r) for r in rungs if r.height <= SD_LINES and r.name in scores]
    checks: list[Check] = []
    if large:
        score, best = max(large, key=lambda scored: scored[0])
        checks.append(_good_enough(best, score, settings.hd_vmaf, "", package, settings))
    if small:
        score, best = max(small, key=lambda scored: scored[0])
        where = " on a phone"
        checks.append(_good_enough(best, score, settings.phone_vmaf, where, package, settings))
    return checks


def _good_enough(
    rung: Rung,
    score: float,
    wanted: float,
    where: str,
    package: Package,
    settings: EncodingSettings,
) -> Check:
    plan = package.planned_vmaf.get(rung.name)
    told = f"{score:.1f} under {rung.vmaf_model}{where}"
    reached = rung.vmaf or 0.0
    met = plan is None or reached >= plan - _PLAN_MISSED * settings.tolerance_vmaf
    if plan is None:
        sentence = f"{told}; nothing was planned."
    elif score >= wanted:
        sentence = f"{told}, wanted {wanted:g}."
    else:
        sentence = f"{told}, wanted {wanted:g}; {reached:.1f} was reached and {plan:.1f} planned."
    return Check(
        name="vmaf",
        subject=rung.name,
        passed=score >= wanted or met,
        sentence=sentence,
        value=score,
        wanted=wanted,
    )
