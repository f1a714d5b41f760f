"""A change of a live title, from the order to what viewers get, without what the queue adds.

    python -m benchmarks.changes [FILE] [--seconds N]

Two changes of a film with two rungs: new subtitles, and a dubbed sound track (5.1 in FLAC). Each is
what its job does (`publishing/republish.py`): inspect and compare the sound, open the live version,
encode the sound, package, verify; publishing is one row after that. The reference is encoding the
two rungs at one quality, whose frames a new master would encode again. Target: 10 s for 30 s of
film. Without FILE, the 4 s test clip is repeated to N seconds (30).
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

import msgspec

from benchmarks.encoding import CLIP, KEYS, Lap, encoded, joined, package_of, repeated
from vitascope.encoding import (
    BuildPackage,
    CompareSound,
    EncodeAudio,
    Inspect,
    InspectSound,
    MakeSubtitles,
    OpenedPackage,
    OpenPackage,
    Package,
    PlanQuick,
    QcReport,
    SoundSource,
    TextSource,
    VerifyPackage,
)
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines import media
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import Language
from vitascope.publishing.plans import EncodingPlan

HEIGHTS = (480, 720)
TARGET_S = 10.0
CUES = b"1\n00:00:01,000 --> 00:00:02,000\nBonjour !\n"


async def published(encoder: LocalEncoding) -> tuple[Package, float, float]:
    """A film that is live; seconds of the clock and of processors that its two rungs took."""
    inspection = await encoder.run(Inspect(master_key="masters/m/bytes"))
    source = inspection.source
    assert source is not None, inspection.findings
    quick = await encoder.run(PlanQuick(source=source))
    lap = Lap()
    whole = EncodingPlan(source=source, shots=quick.shots, rungs=quick.ladder.rungs)
    refs = await encoded(encoder, whole)
    made = await joined(encoder, whole, refs)
    wall, cpu = lap.read()
    sound = await encoder.run(EncodeAudio(sound=source.sound, qc=QcReport()))
    return await encoder.run(package_of(source, made, sound)), wall, cpu


async def opened_of(encoder: LocalEncoding, live: Package) -> OpenedPackage:
    return await encoder.run(
        OpenPackage(
            prefix=live.prefix,
            duration_ms=live.duration_ms,
            ladder=live.ladder,
            audio=live.audio,
            text=live.text,
            files=live.files,
            keys=KEYS,
        )
    )


async def with_subtitles(encoder: LocalEncoding, live: Package) -> Package:
    opened = await opened_of(encoder, live)
    text = (TextSource(language=Language("fr"), codec="subrip", key="subtitles/m/fr"),)
    words = await encoder.run(MakeSubtitles(programme=opened.programme, text=text))
    asked = msgspec.structs.replace(again(opened), text=(*opened.text, *words))
    return await verified(encoder, asked)


async def with_sound(encoder: LocalEncoding, live: Package) -> Package:
    key = "masters/dub/bytes"
    found = await encoder.run(
        InspectSound(key=key, duration_ms=live.duration_ms, language=Language("fr"))
    )
    assert found.stream is not None, found.findings
    opened = await opened_of(encoder, live)
    sound = SoundSource(
        key=key,
        sha256=found.sha256,
        format=found.format,
        programme=opened.programme,
        streams=(found.stream,),
    )
    await encoder.run(CompareSound(sound=sound, beside=opened.audio[0]))
    new = await encoder.run(EncodeAudio(sound=sound, qc=found.qc))
    asked = msgspec.structs.replace(again(opened), audio=(*opened.audio, *new), sounds=(sound,))
    return await verified(encoder, asked)


def again(opened: OpenedPackage) -> BuildPackage:
    return BuildPackage(
        asset_id=AssetId("ast_1"),
        programme=opened.programme,
        renditions=opened.renditions,
        audio=opened.audio,
        text=opened.text,
        keys=KEYS,
    )


async def verified(encoder: LocalEncoding, asked: BuildPackage) -> Package:
    package = await encoder.run(asked)
    found = await encoder.run(VerifyPackage(package=package, keys=KEYS))
    assert found.passed, found.failures
    return package


async def dubbed(file: Path, folder: Path) -> Path:
    """The film's sound in a file by itself, another voice over it."""
    voice = "aevalsrc=0.02*sin(2*PI*(300+9*t)*t)*gt(sin(9*t)\\,0):s=48000:c=5.1"
    await SandboxedMedia().run(
        media.Tool.FFMPEG,
        [
            *("-i", "{in.film}", "-f", "lavfi", "-i", voice),
            *("-filter_complex", "[0:a:0][1:a]amix=duration=first:normalize=0[a]"),
            *("-map", "[a]", "-c:a", "flac", "{out}/dub.flac"),
        ],
        inputs={"film": media.Input(path=file)},
        output=folder,
    )
    return folder / "dub.flac"


async def main(file: Path, folder: Path) -> None:
    # outside bubblewrap, which keeps the processor time of what it ran to itself
    tools = SandboxedMedia(sandbox="limits")
    blobs = DiskBlobs(root=folder / "blobs")
    settings = EncodingSettings(quick_heights=HEIGHTS)
    encoder = LocalEncoding(blobs=blobs, media=tools, folder=folder / "work", settings=settings)
    await blobs.put_file("masters/m/bytes", file)
    await blobs.put_file("masters/dub/bytes", await dubbed(file, folder))
    await blobs.put("subtitles/m/fr", CUES)
    live, plain, plain_cpu = await published(encoder)
    print(f"{live.duration_ms / 1000:.0f} s of film, {len(live.ladder)} rungs")
    print(f"reference: encoding them             {plain:6.1f} s   {plain_cpu:6.1f} CPU-s")
    # opened once each: what is opened stays, and would make the second change cheaper
    for what, change in (("sound track", with_sound), ("subtitles", with_subtitles)):
        await blobs.delete_prefix("encodes/")
        lap = Lap()
        await change(encoder, live)
        wall, cpu = lap.read()
        print(
            f"{what:36} {wall:6.1f} s   {cpu:6.1f} CPU-s   {wall / plain:4.2f} x the reference, "
            f"{cpu / plain_cpu:4.2f} x its CPU   target {TARGET_S:.0f} s idle"
        )


async def run() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", nargs="?", type=Path)
    asked.add_argument("--seconds", type=float, default=30.0)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="vitascope-workspace-") as name:
        folder = Path(name)
        await main(given.file or await repeated(CLIP, given.seconds, folder), folder)


if __name__ == "__main__":
    asyncio.run(run())
