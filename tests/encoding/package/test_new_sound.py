"""I7: a sound track for a version that is live: in step, and nothing else is new."""

from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import KEYS, encoder_in, inspected, package_of, quick_parts, runs_of
from tests.encoding.test_pipeline import verified
from vitascope.encoding import (
    BuildPackage,
    CompareSound,
    EncodeAudio,
    InspectSound,
    OpenedPackage,
    OpenPackage,
    Package,
    SoundSource,
)
from vitascope.encoding.local import LocalEncoding
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import Language

pytestmark = pytest.mark.long

Live = tuple[LocalEncoding, DiskBlobs, Package]
FILM = "bbb_480p24_6s.mp4"
MEDIA = Path(__file__).parents[2] / "media"
DUB = "masters/mas_dub/bytes"


@pytest.fixture
async def live(tmp_path: Path) -> Live:
    encoding, blobs = encoder_in(tmp_path)
    source = await inspected(encoding, blobs, FILM)
    made, sound = await quick_parts(encoding, source)
    return encoding, blobs, await encoding.run(package_of(source, made, sound))


async def opened_of(encoding: LocalEncoding, package: Package) -> OpenedPackage:
    return await encoding.run(
        OpenPackage(
            prefix=package.prefix,
            duration_ms=package.duration_ms,
            ladder=package.ladder,
            audio=package.audio,
            text=package.text,
            files=package.files,
            keys=tuple(KEYS),
        )
    )


async def dubbed(folder: Path, blobs: DiskBlobs, *, late_s: float = 0.0) -> None:
    """The film's music with another voice over it, in 5.1, louder than the film has it."""
    voice = "aevalsrc=0.02*sin(2*PI*(300+90*t)*t)*gt(sin(9*t)\\,0):s=48000:d=6"
    begin = f"adelay={round(late_s * 1000)}:all=1," if late_s else ""
    graph = (
        f"[0:a]{begin}apad=whole_dur=6,atrim=end=6,pan=mono|c0=FL,volume=1.5[film];"
        "[film][1:a]amix=normalize=0,pan=5.1|FL=c0|FR=c0|FC=c0[a]"
    )
    await SandboxedMedia().run(
        Tool.FFMPEG,
        [
            *("-i", "{in.film}", "-f", "lavfi", "-i", voice),
            *("-filter_complex", graph, "-map", "[a]", "{out}/dub.flac"),
        ],
        inputs={"film": Input(path=MEDIA / FILM)},
        output=folder,
    )
    await blobs.put_file(DUB, folder / "dub.flac", overwrite=True)


async def understood(
    encoding: LocalEncoding, opened: OpenedPackage, label: str = ""
) -> tuple[SoundSource, EncodeAudio]:
    found = await encoding.run(
        InspectSound(key=DUB, duration_ms=opened.programme.duration_ms, language=Language("fr"))
    )
    assert found.stream is not None, found.findings
    sound = SoundSource(
        key=DUB,
        sha256=found.sha256,
        format=found.format,
        programme=opened.programme,
        streams=(msgspec.structs.replace(found.stream, label=label),),
    )
    return sound, EncodeAudio(sound=sound, qc=found.qc)


def again(opened: OpenedPackage) -> BuildPackage:
    return BuildPackage(
        asset_id=AssetId("ast_1"),
        programme=opened.programme,
        renditions=opened.renditions,
        audio=opened.audio,
        text=opened.text,
        keys=tuple(KEYS),
    )


async def test_a_dubbed_version_is_published_beside_the_original(
    live: Live, tmp_path: Path
) -> None:
    encoding, blobs, package = live
    await dubbed(tmp_path, blobs)
    runs = runs_of(encoding)
    before = len(runs)
    opened = await opened_of(encoding, package)
    sound, encode = await understood(encoding, opened, "Version française")
    original = opened.audio[0]
    lag = await encoding.run(CompareSound(sound=sound, beside=original))
    assert lag.lag_ms == pytest.approx(0, abs=2)
    new = await encoding.run(encode)
    asked = msgspec.structs.replace(again(opened), audio=(*opened.audio, *new), sounds=(sound,))
    made = await encoding.run(asked)
    assert [track.name for track in made.audio] == [
        *(track.name for track in package.audio),
        "a-fr-2",
        "a-fr-51",
    ]
    found = await verified(encoding, made)
    assert found.passed, found.failures
    in_step = {one.subject: one.value for one in found.checks if one.name == "sync"}
    assert set(in_step) == {"a-fr-2", "a-fr-51"}, "the new sound was not laid beside its file"
    pictures = {name for name in package.files if name.startswith("v")}
    assert pictures
    assert {made.files[name] for name in pictures} == {package.files[name] for name in pictures}
    encoded = [run for run in runs[before:] if run.startswith("ffmpeg") and "{out}" in run]
    assert not any("chunk" in run for run in encoded), "a picture was encoded"
    assert sum("/a-fr-" in run for run in encoded) == 2
    main = (await blobs.get(f"{made.prefix}/main.m3u8")).decode()
    assert main.count('NAME="Français (Version française)"') == 2
    mpd = (await blobs.get(f"{made.prefix}/manifest.mpd")).decode()
    assert mpd.count("<Label>Version française</Label>") == 2
    # and once more, from that version: its name is kept
    assert (await opened_of(encoding, made)).audio[-1].track.label == "Version française"


@pytest.mark.parametrize("late_s", [0.25, 0.6])
async def test_sound_that_is_out_of_step_is_noticed(
    live: Live, tmp_path: Path, late_s: float
) -> None:
    encoding, blobs, package = live
    await dubbed(tmp_path, blobs, late_s=late_s)
    opened = await opened_of(encoding, package)
    sound, _ = await understood(encoding, opened)
    lag = await encoding.run(CompareSound(sound=sound, beside=opened.audio[0]))
    assert lag.lag_ms == pytest.approx(1000 * late_s, abs=3)
    assert lag.lag_ms is not None
    assert lag.lag_ms > lag.allowed_ms


async def test_planted_new_sound_that_slips_in_packaging_does_not_verify(
    live: Live, tmp_path: Path
) -> None:
    encoding, blobs, package = live
    await dubbed(tmp_path, blobs)
    opened = await opened_of(encoding, package)
    sound, encode = await understood(encoding, opened)
    new = await encoding.run(encode)
    early = msgspec.structs.replace(sound, starts_s=0.2)  # as if the film began later in the file
    asked = msgspec.structs.replace(again(opened), audio=(*opened.audio, *new), sounds=(early,))
    found = await verified(encoding, await encoding.run(asked))
    assert {one.name for one in found.failures} == {"sync"}
