"""I5, I6: what is tried, and what a trial tells."""

import msgspec
import pytest

from tests.encoding.steps import shots_of
from vitascope.encoding import Chunk, Trial
from vitascope.encoding.picture.packets import Packet
from vitascope.encoding.picture.trials import choose_samples, result_of
from vitascope.encoding.picture.vmaf import Scores


def chunks_of(*complexities: float) -> list[Chunk]:
    chunks = shots_of(*[96] * len(complexities)).chunks
    return [
        msgspec.structs.replace(chunk, complexity=complexity)
        for chunk, complexity in zip(chunks, complexities, strict=True)
    ]


def test_samples_are_middles_of_shots() -> None:
    (sample,) = choose_samples(chunks_of(1.0), 24, 8)
    assert (sample.chunk, sample.start, sample.frames) == (0, 36, 24)


def test_a_short_shot_is_sampled_whole() -> None:
    (sample,) = choose_samples(shots_of(10).chunks, 24, 8)
    assert (sample.start, sample.frames) == (0, 10)


def test_samples_spread_over_the_range_of_complexity() -> None:
    chunks = chunks_of(*[1.0] * 8, *[50.0] * 8, *[900.0] * 8)
    chosen = choose_samples(chunks, 24, 3)
    assert sorted(chunks[sample.chunk].complexity for sample in chosen) == [1.0, 50.0, 900.0]
    assert [sample.start for sample in chosen] == sorted(sample.start for sample in chosen)


def test_a_trial_keeps_a_keyframes_bytes_apart_from_the_others() -> None:
    trial = Trial(name="t", height=240, crf=24.0, samples_key="k", samples=((0, 3), (4, 2)))
    sizes = (900, 100, 200, 500, 50)
    packets = [Packet(pts=n, size=size, key=n in (0, 3)) for n, size in enumerate(sizes)]
    scores = Scores(display={0: 80.0, 2: 90.0, 4: 60.0}, phone={})
    result = result_of(trial, packets, scores, "vmaf_v0.6.1")
    assert result.chunks == (0, 4)
    assert result.key_bytes == (900.0, 500.0)
    assert result.frame_bytes == (150.0, 50.0)
    assert result.vmaf == pytest.approx((85.0, 60.0))
