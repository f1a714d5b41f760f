"""I10: what is measured decides, not what was planned."""

from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import shots_of
from vitascope.encoding import Check, EncodingFailed, Package, PlannedRung, RenditionRef
from vitascope.encoding.package.protection import hidden_frames, locked_check, unseen_check
from vitascope.encoding.package.verify import quality_checks, segments_check
from vitascope.encoding.picture.assess import FURTHEST, correction_of, judged
from vitascope.encoding.picture.vmaf import Scores, read_log
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import Codec, Rung

SETTINGS = EncodingSettings()
PLANNED = PlannedRung(
    name="v720",
    width=1280,
    height=720,
    crfs=(24.0, 26.0),
    bitrate_kbps=1000.0,
    vmaf=85.0,
    vmaf_per_crf=2.0,
)


def rung_of(name: str, height: int, vmaf: float, model: str = "vmaf_v0.6.1") -> Rung:
    return Rung(
        name=name,
        width=height * 16 // 9,
        height=height,
        codec=Codec.H264,
        bitrate_kbps=1000,
        peak_kbps=1500,
        vmaf=vmaf,
        vmaf_model=model,
    )


def package_of(
    *rungs: Rung,
    phone: dict[str, float] | None = None,
    planned: dict[str, float] | None = None,
) -> Package:
    return Package(
        asset_id=AssetId("ast_1"),
        version="1",
        prefix="assets/ast_1/1",
        duration_ms=4000,
        ladder=rungs,
        audio=(),
        text=(),
        key_ids={},
        scheme="cbcs",
        files={},
        sizes={},
        frames=96,
        frame_rate="24/1",
        phone_vmaf=phone or {},
        planned_vmaf=planned or {},
    )


def failed(checks: list[Check]) -> list[str]:
    return [check.subject for check in checks if not check.passed]


def test_a_rung_near_its_plan_is_left_alone() -> None:
    assert correction_of(PLANNED, 84.5, SETTINGS) is None
    assert correction_of(PLANNED, 86.5, SETTINGS) is None


def test_a_rung_that_missed_its_plan_moves_by_what_the_miss_is_worth() -> None:
    corrected = correction_of(PLANNED, 82.0, SETTINGS)
    assert corrected is not None
    assert corrected.crfs == (22.5, 24.5)
    better = correction_of(PLANNED, 89.0, SETTINGS)
    assert better is not None
    assert better.crfs == (26.0, 28.0)


def test_a_correction_goes_only_so_far() -> None:
    corrected = correction_of(PLANNED, 20.0, SETTINGS)
    assert corrected is not None
    assert corrected.crfs == (24.0 - FURTHEST, 26.0 - FURTHEST)


def test_what_was_not_planned_is_not_corrected() -> None:
    assert correction_of(msgspec.structs.replace(PLANNED, vmaf=None), 20.0, SETTINGS) is None


def test_an_assessment_names_the_worst_shot() -> None:
    scores = Scores(display={0: 90.0, 50: 90.0, 100: 60.0}, phone={0: 95.0, 50: 95.0, 100: 80.0})
    clear = RenditionRef(
        key="k", sha256="s", rung=rung_of("v720", 720, 0.0, ""), frames=144, keyframes=(0,), size=1
    )
    found = judged(PLANNED, clear, shots_of(96, 48), scores, SETTINGS)
    assert (found.worst_chunk, found.worst_vmaf) == (1, 60.0)
    assert found.rendition.rung.vmaf == 80.0
    assert found.rendition.rung.vmaf_model == SETTINGS.vmaf_model
    assert found.rendition.vmaf_phone == 90.0


def test_vmaf_over_unequal_numbers_of_frames_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "vmaf.json"
    frame = '{"frameNum": %d, "metrics": {"display": 90.0, "phone": 95.0}}'
    log.write_text('{"frames": [' + ",".join(frame % n for n in (0, 5, 10)) + "]}")
    assert read_log(log, 14, 5).mean(0, 14) == 90.0
    for planned in (20, 9):
        with pytest.raises(EncodingFailed, match="frames where"):
            read_log(log, planned, 5)


def test_i10_the_best_hd_rung_must_reach_93_and_the_phone_rung_80() -> None:
    low, high = rung_of("v480", 480, 62.0), rung_of("v1080", 1080, 94.0)
    plan = {"v480": 70.0, "v1080": 97.0}
    good = package_of(low, high, phone={"v480": 81.0}, planned=plan)
    assert not failed(quality_checks(good, SETTINGS))
    poor = rung_of("v1080", 1080, 92.0)
    bad = package_of(low, poor, phone={"v480": 79.0}, planned=plan)
    assert failed(quality_checks(bad, SETTINGS)) == ["v1080", "v480"]


def test_a_title_that_can_not_be_better_is_published_as_planned() -> None:
    low, high = rung_of("v480", 480, 52.0), rung_of("v1080", 1080, 84.0)
    plan = {"v480": 53.0, "v1080": 85.5}
    grainy = package_of(low, high, phone={"v480": 71.0}, planned=plan)
    checks = quality_checks(grainy, SETTINGS)
    assert not failed(checks)
    assert "84.0 was reached and 85.5 planned" in checks[0].sentence


def test_what_was_not_planned_is_told_and_held_against_nothing() -> None:
    low, high = rung_of("v480", 480, 52.0), rung_of("v1080", 1080, 84.0)
    checks = quality_checks(package_of(low, high, phone={"v480": 71.0}), SETTINGS)
    assert [(check.passed, check.value) for check in checks] == [(True, 84.0), (True, 71.0)]
    assert quality_checks(package_of(rung_of("v480", 480, 0.0, "")), SETTINGS) == []


def test_a_merged_segment_is_seen() -> None:
    package = package_of(rung_of("v480", 480, 62.0))
    assert segments_check("v480", "#EXTINF:2.000,\n#EXTINF:2.000,\n", (0, 48), package).passed
    assert not segments_check("v480", "#EXTINF:4.000,\n", (0, 48), package).passed


def test_one_clear_packet_is_not_locked_but_a_tiny_one_may_be() -> None:
    locked = [(500, "a"), (500, "b"), (8, "tiny")]
    assert locked_check("v", locked, [(500, "x"), (500, "y"), (8, "tiny")]).passed
    assert not locked_check("v", locked, [(500, "x"), (500, "b"), (8, "tiny")]).passed


def test_pictures_that_come_out_without_a_key_are_seen() -> None:
    frames = [(100, str(n)) for n in range(10)]
    assert unseen_check("v", [], frames, range(10)).passed
    assert unseen_check("v", [(100, "grey")] * 10, frames, range(10)).passed
    assert not unseen_check("v", frames, frames, range(10)).passed
    assert not unseen_check("v", frames, frames, [7, 8]).passed


def test_what_is_too_small_to_be_locked_may_be_seen() -> None:
    """Of three groups the second has a packet that is locked: from there to the next keyframe
    nothing may be seen without the key."""
    packets = [(23, "black"), (10, ""), (23, "black"), (300, ""), (10, ""), (23, "black"), (10, "")]
    assert hidden_frames(packets, {0, 2, 5}) == [3, 4]
    frames = [(100, str(n)) for n in range(7)]
    assert hidden_frames([(23, "")] * 7, {0}) == []
    assert unseen_check("v", frames, frames, []).passed
