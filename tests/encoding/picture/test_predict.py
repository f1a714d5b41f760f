"""Effort `fast`: ladders that nothing was tried for."""

import itertools

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.encoding.steps import shots_of, source_of
from vitascope.encoding import (
    EncodingFailed,
    LadderPlan,
    PlannedRung,
    Quality,
    RenditionRef,
    Source,
)
from vitascope.encoding.contract.picture import Detail, PlanLadder, ShotPlan
from vitascope.encoding.efforts import settings_at
from vitascope.encoding.picture.details import detail_sizes
from vitascope.encoding.picture.ladders import _predicted, predicted_ladder
from vitascope.encoding.picture.predict import Moved, predicted_planes
from vitascope.encoding.picture.recipes import recipe_of
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.media import H264_SDR, Codec, Format, Rung

SETTINGS = settings_at(EncodingSettings(), "fast")
H264 = recipe_of(H264_SDR)


def film(
    still: float = 0.25,
    moves: float = 0.03,
    *,
    height: int = 1080,
    lengths: tuple[int, ...] = (96,),
) -> tuple[Source, ShotPlan]:
    """A film whose first frames take so many bits a pixel, and others so many, as a camera's do."""
    source = source_of(width=height * 16 // 9, height=height, frames=sum(lengths))
    shots = shots_of(*lengths)
    details = tuple(
        Detail(
            *(size.width * size.height * bits for bits in (still, moves, still / 3, moves / 5)),
        )
        for size in detail_sizes(source)
    )
    chunks = tuple(msgspec.structs.replace(chunk, details=details) for chunk in shots.chunks)
    return source, msgspec.structs.replace(shots, chunks=chunks)


def ladder(still: float = 0.25, moves: float = 0.03, height: int = 1080) -> LadderPlan:
    source, shots = film(still, moves, height=height)
    return predicted_ladder(source, shots, H264, SETTINGS)


@given(
    still=st.floats(0.002, 12.0),
    moves=st.floats(0.0001, 6.0),
    height=st.sampled_from([120, 240, 432, 576, 720, 1080, 1440, 2160]),
)
@examples(max_examples=80, deadline=None)
def test_any_film_has_a_ladder_in_order_within_the_caps_and_not_above_the_master(
    still: float, moves: float, height: int
) -> None:
    rungs = ladder(still, min(still, moves), height).rungs
    assert rungs and all(rung.predicted for rung in rungs)
    rates = [rung.bitrate_kbps for rung in rungs]
    assert all(b >= a * SETTINGS.rung_step_rate**0.5 * 0.99 for a, b in itertools.pairwise(rates))
    on_display = [rung.vmaf or 0 for rung in rungs if rung.height <= 1080]
    assert all(b > a for a, b in itertools.pairwise(on_display))
    assert all(rung.height <= height for rung in rungs)
    assert len({rung.name for rung in rungs}) == len(rungs)
    assert rates[-1] <= SETTINGS.max_kbps or len(rungs) == 1
    crfs = [crf for rung in rungs for crf in rung.crfs]
    assert min(crfs) >= H264.crf_range[0] and max(crfs) <= H264.crf_range[1]


@given(still=st.floats(0.002, 12.0), moves=st.floats(0.0001, 6.0))
@examples(max_examples=60, deadline=None)
def test_coarser_is_never_dearer_nor_better(still: float, moves: float) -> None:
    source, shots = film(still, min(still, moves))
    for plane in predicted_planes(source, shots.chunks, H264, SETTINGS, Moved()):
        assert (np.diff(plane.kbps, axis=1) < 0).all()
        assert (np.diff(plane.vmaf, axis=1) <= 0).all()


def test_what_moves_more_and_has_more_detail_gets_more_bits() -> None:
    rates = [
        ladder(*each).rungs[-1].bitrate_kbps for each in ((0.02, 0.0005), (0.25, 0.03), (0.8, 0.2))
    ]
    assert rates[0] < rates[1] / 3 and rates[1] < rates[2] / 2


def test_a_shot_that_is_harder_gets_a_quality_of_its_own() -> None:
    source, shots = film(lengths=(96, 96))
    easy = tuple(
        msgspec.structs.replace(one, moves=one.moves / 12, moves_coarse=one.moves_coarse / 12)
        for one in shots.chunks[0].details
    )
    chunks = (msgspec.structs.replace(shots.chunks[0], details=easy), shots.chunks[1])
    plan = predicted_ladder(source, msgspec.structs.replace(shots, chunks=chunks), H264, SETTINGS)
    assert any(rung.crf(0) != rung.crf(1) for rung in plan.rungs)


@pytest.mark.parametrize("codec", [Codec.HEVC, Codec.VP9, Codec.AV1])
def test_other_formats_are_foretold_with_fewer_bits_for_the_same(codec: Codec) -> None:
    source, shots = film()
    h264 = predicted_ladder(source, shots, H264, SETTINGS).rungs[-1]
    other = predicted_ladder(source, shots, recipe_of(Format(codec)), SETTINGS).rungs[-1]
    assert other.format == Format(codec)
    assert 0.4 * h264.bitrate_kbps < other.bitrate_kbps < 0.9 * h264.bitrate_kbps


def test_shots_without_details_are_refused() -> None:
    with pytest.raises(EncodingFailed, match="without details"):
        predicted_ladder(source_of(), shots_of(96), H264, SETTINGS)


# -- what was made already


def made_of(rung: PlannedRung, kbps: float, vmaf: float) -> RenditionRef:
    told = Rung(
        name=rung.name,
        width=rung.width,
        height=rung.height,
        codec=rung.format.codec,
        bitrate_kbps=round(kbps),
        peak_kbps=round(kbps * 2),
        vmaf=vmaf,
        vmaf_model="v",
    )
    quality = Quality(
        model="v",
        scored=1,
        vmaf=vmaf,
        harmonic=vmaf,
        low=vmaf,
        worst_second=vmaf,
        worst_second_ms=0,
        phone=vmaf,
    )
    return RenditionRef(
        key="k", sha256="s", rung=told, frames=96, keyframes=(0,), size=1, quality=quality
    )


def planned_with(source: Source, shots: ShotPlan, made: RenditionRef) -> tuple[PlannedRung, ...]:
    request = PlanLadder(source=source, shots=shots, results=(), made=(made,))
    return _predicted(request, SETTINGS)[0].rungs


@pytest.mark.parametrize(("dearer", "worse"), [(1.0, 0.0), (1.8, 6.0), (0.6, -4.0), (3.0, 20.0)])
def test_a_rung_that_is_made_stays_as_it_was_encoded_and_moves_the_others(
    dearer: float, worse: float
) -> None:
    source, shots = film()
    foretold = predicted_ladder(source, shots, H264, SETTINGS).rungs
    low = next(rung for rung in reversed(foretold) if rung.height <= 480)
    kbps, vmaf = low.bitrate_kbps * dearer, max(5.0, (low.vmaf or 0) - worse)
    rungs = planned_with(source, shots, made_of(low, kbps, vmaf))
    there = next(rung for rung in rungs if rung.name == low.name)
    assert (there.crfs, there.max_kbps, there.height) == (low.crfs, low.max_kbps, low.height)
    assert there.bitrate_kbps == round(kbps) and there.vmaf == vmaf
    rates = [rung.bitrate_kbps for rung in rungs]
    assert all(b >= a * 1.18 for a, b in itertools.pairwise(rates))
    assert all((b.vmaf or 0) > (a.vmaf or 0) for a, b in itertools.pairwise(rungs))
    assert len({rung.name for rung in rungs}) == len(rungs)
    if dearer > 1.5 and worse < 10:
        assert rungs[-1].bitrate_kbps > foretold[-1].bitrate_kbps * 1.2


def test_a_rung_that_was_not_foretold_moves_nothing() -> None:
    source, shots = film()
    foretold = predicted_ladder(source, shots, H264, SETTINGS)
    other = made_of(msgspec.structs.replace(foretold.rungs[0], name="v111"), 900, 50)
    assert planned_with(source, shots, other) == foretold.rungs
