"""I10: every track is compared with the stream that it was made from."""

from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import KEYS, encoder_in, inspected, package_of, quick_parts
from vitascope.encoding import Check, VerifyPackage
from vitascope.encoding.contract.package import Package
from vitascope.encoding.local import LocalEncoding


async def checks_of(encoder: LocalEncoding, package: Package) -> dict[str, Check]:
    found = await encoder.run(VerifyPackage(package=package, keys=tuple(KEYS)))
    return {check.subject: check for check in found.checks if check.name == "sync"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "decided"),
    [
        ("sound_main_and_commentary.mkv", [False, True]),
        ("sound_two_without_language.mp4", [False, True]),
        ("sound_beats_longer_than_picture.mp4", [False]),
        ("sound_stereo_then_51.ts", [False, False]),
    ],
)
async def test_tracks_alike_and_sounds_that_repeat_themselves_pass(
    tmp_path: Path, name: str, decided: list[bool]
) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, name)
    made, sound = await quick_parts(encoder, source)
    checks = await checks_of(encoder, await encoder.run(package_of(source, made, sound)))
    assert [check.passed for check in checks.values()] == [True] * len(sound)
    assert [check.decided for check in checks.values()] == decided


@pytest.mark.long
async def test_planted_the_sound_of_another_track_is_seen(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "sound_main_and_commentary.mkv")
    made, (main, commentary) = await quick_parts(encoder, source)
    wrong = msgspec.structs.replace(main, key=commentary.key, sha256=commentary.sha256)
    checks = await checks_of(encoder, await encoder.run(package_of(source, made, [wrong])))
    (check,) = checks.values()
    assert not check.passed
    assert "another track" in check.sentence
