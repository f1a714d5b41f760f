"""I6, I10: the pictures of a master are counted in what is published, whatever rate was decided."""

from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import (
    KEYS,
    SMALL,
    encoder_in,
    inspected,
    package_of,
    quick_parts,
    rendition,
)
from vitascope.encoding import (
    CheckQuality,
    PlanQuick,
    VerifyPackage,
)
from vitascope.encoding.contract.package import Check
from vitascope.encoding.package.pictures import pictures_check

pytestmark = pytest.mark.long


async def checked(folder: Path, name: str, **wrong: object) -> dict[str, Check]:
    """The first version, verified; `wrong` is what inspection is made to say."""
    encoder, blobs = encoder_in(folder)
    source = await inspected(encoder, blobs, name)
    source = (await encoder.run(CheckQuality(source=source))).as_decoded(source)
    source = msgspec.structs.replace(source, **wrong)
    made, sound = await quick_parts(encoder, source)
    package = await encoder.run(package_of(source, made, sound))
    found = await encoder.run(VerifyPackage(package=package, keys=tuple(KEYS)))
    return {check.name: check for check in found.checks}


async def test_all_pictures_of_a_film_timed_by_fields_are_published(tmp_path: Path) -> None:
    pictures = (await checked(tmp_path, "picture_soft_telecine.mkv"))["pictures"]
    assert pictures.passed, pictures.sentence
    assert pictures.wanted is not None
    assert pictures.wanted > 90


async def test_planted_half_of_the_pictures_left_out_are_missed(tmp_path: Path) -> None:
    halved = {"frame_rate": "12000/1001", "frames": 49, "duration_ms": 4087}
    # the count of the whole is that of the master's pictures, which no plan can lower
    checks = await checked(tmp_path, "picture_soft_telecine.mkv", **halved, pictures=49)
    assert not checks["pictures"].passed


def test_a_few_of_many_may_be_lost() -> None:
    assert pictures_check("v480", 970, 1000).passed
    assert not pictures_check("v480", 960, 1000).passed


async def test_the_first_version_has_a_score(tmp_path: Path) -> None:
    settings = msgspec.structs.replace(SMALL, quick_crf=12.0)
    encoder, blobs = encoder_in(tmp_path, settings)
    source = await inspected(encoder, blobs, "picture_jitter.mkv")
    quick = await encoder.run(PlanQuick(source=source))
    (rung,) = quick.ladder.rungs
    made = await rendition(encoder, source, quick.shots, rung, measure=True)
    assert 60 < (made.rung.vmaf or 0) <= 100
