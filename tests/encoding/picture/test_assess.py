"""I10: what is measured decides, not what was planned."""

import itertools
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.encoding.steps import shots_of
from vitascope.encoding import (
    Check,
    Correction,
    EncodingFailed,
    FrameScores,
    Package,
    PlannedRung,
)
from vitascope.encoding.package.protection import hidden_frames, locked_check, unseen_check
from vitascope.encoding.package.verify import quality_checks, segments_check
from vitascope.encoding.picture.assess import FURTHEST, correction_of, quality_of
from vitascope.encoding.picture.vmaf import Looks, looks, read_log
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
SHOTS = shots_of(96, 96)


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


def corrected(*scores: float, rung: PlannedRung = PLANNED) -> Correction | None:
    return correction_of(rung, SHOTS.chunks, scores, SETTINGS)


def test_a_rung_near_its_plan_is_left_alone() -> None:
    assert corrected(84.5, 84.5) is None
    assert corrected(86.5, 86.5) is None
    assert corrected(79.0, 91.0) is None, "one chunk is worse and one is better"


def test_a_rung_that_missed_its_plan_moves_by_what_the_miss_is_worth() -> None:
    found = corrected(82.0, 82.0)
    assert found is not None
    assert found.rung.crfs == (22.5, 24.5)
    assert found.chunks == (0, 1)
    better = corrected(89.0, 89.0)
    assert better is not None
    assert better.rung.crfs == (26.0, 28.0)


def test_only_chunks_that_are_to_blame_are_encoded_again() -> None:
    found = corrected(85.0, 79.0)
    assert found is not None
    assert (found.chunks, found.rung.crfs) == ((1,), (24.0, 23.0))


def test_each_chunk_is_held_against_its_own_plan() -> None:
    rung = msgspec.structs.replace(PLANNED, vmafs=(90.0, 80.0))
    found = corrected(84.0, 80.0, rung=rung)
    assert found is not None
    assert found.chunks == (0,)


def test_a_correction_goes_only_so_far() -> None:
    found = corrected(20.0, 20.0)
    assert found is not None
    assert found.rung.crfs == (24.0 - FURTHEST, 26.0 - FURTHEST)


def test_what_was_not_planned_is_not_corrected() -> None:
    assert corrected(20.0, 20.0, rung=msgspec.structs.replace(PLANNED, vmaf=None)) is None


def scores_of(*display: float) -> FrameScores:
    return FrameScores(
        frames=tuple(7 * (n + 1) for n in range(len(display))),
        display=display,
        phone=tuple(min(100.0, each + 5) for each in display),
    )


def test_a_rendition_is_worth_what_its_frames_are_and_chunks_count_by_their_length() -> None:
    found = quality_of([scores_of(90.0, 90.0), scores_of(60.0)], shots_of(96, 48), 24.0, "m")
    assert found.vmaf == 80.0
    assert found.phone == 85.0
    assert found.harmonic == pytest.approx(1 / (2 / 3 / 91 + 1 / 3 / 61) - 1, abs=0.01)
    assert (found.low, found.worst_second, found.worst_second_ms) == (60.0, 60.0, 4000)
    assert (found.scored, found.model) == (3, "m")


def test_vmaf_over_unequal_numbers_of_frames_is_refused(tmp_path: Path) -> None:
    log = tmp_path / "vmaf.json"
    frame = '{"frameNum": %d, "metrics": {"display": %d, "phone": 95.0}}'
    log.write_text('{"frames": [' + ",".join(frame % (n, 80 + n) for n in (0, 5, 10)) + "]}")
    found = read_log(log, Looks("", tuple(range(14)), 5))
    assert (found.frames, found.display) == ((5, 10), (85.0, 90.0)), "the first seems not to move"
    for planned in (20, 9):
        with pytest.raises(EncodingFailed, match="frames where"):
            read_log(log, Looks("", tuple(range(planned)), 5))
    log.write_text('{"frames": [' + frame % (0, 80) + "]}")
    assert read_log(log, Looks("", (0, 1, 2), 5)).display == (80.0,)


@given(frames=st.integers(1, 60), every=st.integers(1, 25))
def test_frames_are_scored_with_their_neighbours(frames: int, every: int) -> None:
    """At least one is, they are as far apart as asked for, and each has both neighbours beside it
    where there are any."""
    found = looks(frames, every)
    scored = [frame for _, frame in found.scored]
    assert scored
    assert all(b - a == every for a, b in itertools.pairwise(scored))
    assert frames - 1 - scored[-1] < every or len(scored) == 1
    for place, frame in found.scored:
        assert found.frames[place] == frame
        assert found.frames[place - 1 : place] in ((), (frame - 1,))
        assert frame == frames - 1 or found.frames[place + 1] == frame + 1


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
