"""I6, I8, I9, I10: from a master to a verified package, with real tools, and what goes wrong."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest

from tests.encoding.companions.test_audio import level
from tests.encoding.steps import (
    KEYS,
    SMALL,
    cancelled_at,
    chunk_of,
    encoder_in,
    inspected,
    package_of,
    quick_parts,
    rendition,
    runs_of,
    subtitles_of,
)
from vitascope.encoding import (
    CheckQuality,
    EncodeAudio,
    EncodingFailed,
    FindShots,
    LadderPlan,
    MakeThumbnails,
    Package,
    PlanLadder,
    PlanQuick,
    PlanTrials,
    RunTrial,
    ShotPlan,
    Source,
    TrialResult,
    Verification,
    VerifyPackage,
)
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.picture.frames import display_of
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import AudioTrack, KeyLabel, Rung, Scheme, TextTrack
from vitascope.licensing import ContentKey

pytestmark = pytest.mark.long

MPD = "{urn:mpeg:dash:schema:mpd:2011}"


async def whole_chain(encoder: LocalEncoding, source: Source) -> tuple[Package, LadderPlan]:
    """Every step of the contract, as the pipeline calls them; the package and its plan."""
    qc = await encoder.run(CheckQuality(source=source))
    shots = await encoder.run(FindShots(source=source))
    results = await tried(encoder, source, shots, ())
    results += await tried(encoder, source, shots, results)
    plan = await encoder.run(PlanLadder(source=source, shots=shots, results=results))
    assessed = [await rendition(encoder, source, shots, rung, measure=True) for rung in plan.rungs]
    sound = await encoder.run(EncodeAudio(sound=source.sound, qc=qc))
    text = await encoder.run(subtitles_of(source))
    pictures = await encoder.run(MakeThumbnails(source=source, rendition=assessed[0]))
    asked = package_of(source, assessed, sound, text, thumbnails=pictures)
    return await encoder.run(asked), plan


async def verified(
    encoder: LocalEncoding, package: Package, keys: Iterable[ContentKey] = KEYS
) -> Verification:
    return await encoder.run(VerifyPackage(package=package, keys=tuple(keys)))


async def tried(
    encoder: LocalEncoding, source: Source, shots: ShotPlan, known: tuple[TrialResult, ...]
) -> tuple[TrialResult, ...]:
    trials = await encoder.run(PlanTrials(source=source, shots=shots, known=known))
    asked = [RunTrial(source=source, picture=shots.picture, trial=trial) for trial in trials]
    return tuple(await asyncio.gather(*map(encoder.run, asked)))


async def test_i6_i8_i9_i10_a_master_becomes_a_verified_package(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    package, plan = await whole_chain(encoder, source)
    found = await verified(encoder, package)
    assert found.passed, found.failures
    assert {check.name for check in found.checks} >= {
        *("integrity", "decrypts", "locked", "unseen", "key", "frames"),
        *("segments", "aligned", "sync", "vmaf"),
    }
    assert [rung.name for rung in package.ladder] == [rung.name for rung in plan.rungs]
    assert all(rung.height <= 180 and (rung.vmaf or 0) > 0 for rung in package.ladder)
    await the_manifests_name_every_file(blobs, package)

    before = len(runs_of(encoder))
    again, _ = await whole_chain(encoder, source)
    assert again == package
    assert len(runs_of(encoder)) == before, "a finished step ran again"


async def the_manifests_name_every_file(
    blobs: DiskBlobs, package: Package, *, thumbnails: bool = True
) -> None:
    mpd = ET.fromstring((await blobs.get(f"{package.prefix}/manifest.mpd")).decode())
    ids = [each.get("id", "") for each in mpd.iter(f"{MPD}Representation")]
    tracks: list[Rung | AudioTrack | TextTrack] = [*package.ladder, *package.audio, *package.text]
    assert sorted(ids) == sorted(track.name for track in tracks)
    hls = (await blobs.get(f"{package.prefix}/main.m3u8")).decode()
    for track in tracks:
        assert f"{track.name}.m3u8" in hls
        assert {f"{track.name}.mp4", f"{track.name}.m3u8"} <= set(package.files)
    systems = {each.get("schemeIdUri") for each in mpd.iter(f"{MPD}ContentProtection")}
    assert {
        "urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed",  # Widevine
        "urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95",  # PlayReady
    } <= systems
    assert ({"thumbnails.json", "thumbs-0.jpg"} <= set(package.files)) is thumbnails


@pytest.mark.parametrize("scheme", ["cbcs", "cenc"])
async def test_i9_each_playlist_names_its_own_key_and_the_opening_is_locked(
    tmp_path: Path, scheme: Scheme
) -> None:
    encoder, blobs = encoder_in(tmp_path, msgspec.structs.replace(SMALL, scheme=scheme))
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    made, sound = await quick_parts(encoder, source)
    package = await encoder.run(package_of(source, made, sound, []))
    assert package.scheme == scheme
    found = await verified(encoder, package)
    assert found.passed, found.failures
    key_ids = {key.label: key.key_id for key in KEYS}
    playlists = {made[0].rung.name: KeyLabel.SD, sound[0].track.name: KeyLabel.AUDIO}
    for name, label in playlists.items():
        text = (await blobs.get(f"{package.prefix}/{name}.m3u8")).decode()
        first_segment = text.index("#EXTINF")
        assert "#EXT-X-KEY" in text[:first_segment]
        if scheme == "cbcs":
            assert f'"skd://{key_ids[label]}"' in text
            assert "com.apple.streamingkeydelivery" in text


async def test_i9_what_is_not_protected_has_no_trace_of_a_key(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path, msgspec.structs.replace(SMALL, scheme="none"))
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    made, sound = await quick_parts(encoder, source)
    package = await encoder.run(package_of(source, made, sound, []))
    assert (package.scheme, package.key_ids) == ("none", {})
    found = await verified(encoder, package, keys=())
    assert found.passed, found.failures
    assert {"integrity", "decodes", "open", "frames", "segments", "aligned", "sync"} <= {
        check.name for check in found.checks
    }
    for name in package.files:
        content = await blobs.get(f"{package.prefix}/{name}")
        words = (b"ContentProtection", b"EXT-X-KEY", b"EXT-X-SESSION-KEY", b"tenc", b"pssh")
        assert not any(word in content for word in words), name


async def test_planted_a_rendition_left_locked_is_seen_where_nothing_is_protected(
    tmp_path: Path,
) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    made, _ = await quick_parts(encoder, source)
    locked = await encoder.run(package_of(source, made))
    said_open = msgspec.structs.replace(locked, scheme="none", key_ids={})
    found = await verified(encoder, said_open, keys=())
    failed = {(check.name, check.subject) for check in found.failures}
    assert ("open", made[0].rung.name) in failed
    assert ("decodes", made[0].rung.name) in failed


async def test_i7_i9_languages_and_subtitles_are_in_the_package(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "bbb_multi.mkv")
    made, sound = await quick_parts(encoder, source)
    text = await encoder.run(subtitles_of(source))
    package = await encoder.run(package_of(source, made, sound, text))
    found = await verified(encoder, package)
    assert found.passed, found.failures
    assert [track.name for track in package.audio] == ["a-en-2", "a-en-51", "a-fr-2"]
    assert [track.name for track in package.text] == ["t-en", "t-fr"]
    await the_manifests_name_every_file(blobs, package, thumbnails=False)
    for name, word in (("t-en", "Hello"), ("t-fr", "Bonjour")):
        # subtitles are never locked: they can be read as they lie there
        assert word.encode() in await blobs.get(f"{package.prefix}/{name}.mp4")


async def test_i4_what_is_loud_is_packaged_at_the_usual_loudness(tmp_path: Path) -> None:
    tone = "aevalsrc=0.5*sin(2*PI*1000*t)|0.5*sin(2*PI*1000*t):s=48000:d=4"
    made = ["-f", "lavfi", "-i", "testsrc=s=64x64:d=4", "-f", "lavfi", "-i", tone]
    made += ["-c:a", "pcm_s24le", "{out}/loud.mov"]
    await SandboxedMedia().run(Tool.FFMPEG, made, inputs={}, output=tmp_path)
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, str(tmp_path / "loud.mov"))
    qc = await encoder.run(CheckQuality(source=source))
    (sound,) = await encoder.run(EncodeAudio(sound=source.sound, qc=qc))
    assert qc.loudness_lufs == pytest.approx(-6.0, abs=0.1)
    assert await level(await blobs.fetch(sound.key, tmp_path / "sound")) == pytest.approx(
        -23, abs=0.3
    )


async def test_i6_vmaf_sees_what_hardly_differs_as_hardly_different(tmp_path: Path) -> None:
    """And a picture that is one frame late as another one: both sides begin with the same frame."""
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "street_432p12.5_6s.mp4")
    shots = await encoder.run(FindShots(source=source))
    (plan,) = (await encoder.run(PlanQuick(source=source))).ladder.rungs
    display = display_of(source, SMALL.heights)
    fine = msgspec.structs.replace(plan, width=display.width, height=display.height, crfs=(4.0,))
    found = await rendition(encoder, source, shots, fine, measure=True)
    assert (found.rung.vmaf or 0) > 96


async def test_no_key_is_in_the_package_or_in_what_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "street_432p12.5_6s.mp4")
    made, sound = await quick_parts(encoder, source)
    package = await encoder.run(package_of(source, made, sound, []))
    await verified(encoder, package)
    logged = caplog.text.lower()
    assert "--flagfile=" in logged  # the packager and ffmpeg are there, with their keys elsewhere
    assert "-f concat" in logged
    for key in KEYS:
        assert logged.find(key.key.hex()) == -1
        for kept in [*await blobs.list("assets/"), *await blobs.list("encodes/")]:
            content = await blobs.get(kept.key)
            assert content.find(key.key) == -1, kept.key
            assert content.find(key.key.hex().encode()) == -1, kept.key


async def test_the_same_master_and_keys_give_the_same_bytes_elsewhere(tmp_path: Path) -> None:
    versions = set()
    for place in ("here", "there"):
        encoder, blobs = encoder_in(tmp_path / place)
        source = await inspected(encoder, blobs, "street_432p12.5_6s.mp4")
        made, sound = await quick_parts(encoder, source)
        versions.add((await encoder.run(package_of(source, made, sound, []))).version)
    assert len(versions) == 1


async def test_i2_a_cancelled_encode_repeats_only_what_was_in_flight(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    shots = await encoder.run(FindShots(source=source))
    rung = msgspec.structs.replace(
        (await encoder.run(PlanQuick(source=source))).ladder.rungs[0], width=854, height=480
    )
    first, last = shots.chunks[0], shots.chunks[-1]
    done = await encoder.run(chunk_of(source, shots, rung, first))
    runs = runs_of(encoder)
    in_flight = encoder.run(chunk_of(source, shots, rung, last))
    await cancelled_at(encoder, "chunk0.mp4", in_flight)
    assert not list((tmp_path / "work").iterdir()), "a cancelled step left its folder"
    before = len(runs)
    assert await encoder.run(chunk_of(source, shots, rung, first)) == done
    assert len(runs) == before


async def test_i2_a_chunk_is_found_again_by_all_that_went_into_it(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    slower, _ = encoder_in(tmp_path, msgspec.structs.replace(SMALL, preset="superfast"))
    source = await inspected(encoder, blobs, "street_432p12.5_6s.mp4")
    quick = await encoder.run(PlanQuick(source=source))
    (rung,), (chunk,) = quick.ladder.rungs, quick.shots.chunks
    rarer = msgspec.structs.replace(chunk, keyframes=chunk.keyframes[:1])
    asked = [
        (encoder, rung, chunk),
        (slower, rung, chunk),
        (encoder, msgspec.structs.replace(rung, crfs=(40.0,)), chunk),
        (encoder, msgspec.structs.replace(rung, width=106, height=60), chunk),
        (encoder, msgspec.structs.replace(rung, max_kbps=50), chunk),
        (encoder, rung, rarer),
    ]
    made = [await who.run(chunk_of(source, quick.shots, at, what)) for who, at, what in asked]
    assert len({each.key for (each,) in made}) == len(asked)
    again, _ = encoder_in(tmp_path)
    assert await again.run(chunk_of(source, quick.shots, rung, chunk)) == made[0]
    assert runs_of(again) == []


async def test_planted_an_altered_file_and_a_foreign_key_are_seen(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "street_432p12.5_6s.mp4")
    made, sound = await quick_parts(encoder, source)
    package = await encoder.run(package_of(source, made, sound, []))
    foreign = [msgspec.structs.replace(key, key=b"\x7f" * 16) for key in KEYS]
    seen = {check.name for check in (await verified(encoder, package, foreign)).failures}
    assert "decrypts" in seen
    name = f"{package.prefix}/{made[0].rung.name}.mp4"
    content = bytearray(await blobs.get(name))
    content[-100] ^= 1
    await blobs.put(name, bytes(content), overwrite=True)
    seen = {check.name for check in (await verified(encoder, package)).failures}
    assert "integrity" in seen


async def test_planted_a_rendition_left_clear_is_seen(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    made, _ = await quick_parts(encoder, source)
    package = await encoder.run(package_of(source, made, [], []))
    name = f"{made[0].rung.name}.mp4"
    await blobs.put(f"{package.prefix}/{name}", await blobs.get(made[0].key), overwrite=True)
    left_clear = msgspec.structs.replace(package, files=package.files | {name: made[0].sha256})
    seen = {check.name for check in (await verified(encoder, left_clear)).failures}
    assert {"locked", "unseen", "key"} <= seen
    assert "integrity" not in seen


async def test_planted_a_lost_frame_and_a_late_sound_are_seen(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    made, sound = await quick_parts(encoder, source)
    package = await encoder.run(package_of(source, made, sound, []))
    late = msgspec.structs.replace(source, video_start_s=0.144)  # the sound should come that early
    faulty = msgspec.structs.replace(package, frames=package.frames + 1, source=late)
    failures = {check.name: check for check in (await verified(encoder, faulty)).failures}
    assert {"frames", "sync"} <= set(failures)
    assert failures["sync"].value == pytest.approx(144, abs=1)


async def test_planted_rungs_that_are_not_cut_alike_are_refused_and_seen(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "street_432p12.5_6s.mp4")
    quick = await encoder.run(PlanQuick(source=source))
    (low,), (chunk,) = quick.ladder.rungs, quick.shots.chunks
    high = msgspec.structs.replace(low, name="v180", width=320, height=180)
    rarer = msgspec.structs.replace(chunk, keyframes=chunk.keyframes[:-1])
    other = msgspec.structs.replace(quick.shots, chunks=(rarer,))
    made = await rendition(encoder, source, quick.shots, low)
    odd = await rendition(encoder, source, other, high)
    with pytest.raises(EncodingFailed, match="not on the same frames"):
        await encoder.run(package_of(source, [made, odd], [], []))
    said_to_be_alike = msgspec.structs.replace(odd, keyframes=made.keyframes)
    package = await encoder.run(package_of(source, [made, said_to_be_alike], [], []))
    seen = {check.name for check in (await verified(encoder, package)).failures}
    assert seen == {"aligned"}


async def test_a_package_needs_a_key_for_everything_in_it(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "street_432p12.5_6s.mp4")
    made, _ = await quick_parts(encoder, source)
    audio_only = [key for key in KEYS if key.label is KeyLabel.AUDIO]
    with pytest.raises(EncodingFailed, match="no content key for SD"):
        await encoder.run(package_of(source, made, keys=audio_only))


@pytest.mark.parametrize(
    "name", ["bbb_interlaced.mp4", "bbb_vfr.mp4", "bbb_rot90.mp4", "bbb_hdr10tag.mp4"]
)
async def test_i3_odd_masters_are_encoded_as_they_are_meant(tmp_path: Path, name: str) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, name)
    shots = await encoder.run(FindShots(source=source))
    plan = (await encoder.run(PlanQuick(source=source))).ladder.rungs[0]
    made = await rendition(encoder, source, shots, plan, measure=True)
    assert made.frames == source.frames
    assert (made.rung.vmaf or 0) > 60, "a shifted or wrongly shaped picture scores far below"
    assert (made.rung.width > made.rung.height) == (source.width > source.height)


async def test_forgetting_a_master_keeps_the_package(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "street_432p12.5_6s.mp4")
    made, sound = await quick_parts(encoder, source)
    package = await encoder.run(package_of(source, made, sound, []))
    assert await encoder.sweep(0) == 0
    assert await encoder.sweep(2**60, keep=[source.sha256]) == 0
    assert await encoder.sweep(2**60) == 1
    assert await blobs.list("encodes/") == []
    assert len(await blobs.list(f"{package.prefix}/")) == len(package.files)


def test_the_settings_of_these_tests_try_enough() -> None:
    assert len(SMALL.trial_crfs) >= 4
