"""I5, I6: what is tried, and what a trial tells."""

import itertools

import msgspec

from tests.encoding.steps import shots_of
from vitascope.encoding import Chunk, Encode, PlannedRung
from vitascope.encoding.picture.chunks import together
from vitascope.encoding.picture.packets import Packet
from vitascope.encoding.picture.recipes import recipe_of
from vitascope.encoding.picture.trials import choose_samples, in_two, near_rungs, weights_of
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.media import H264_SDR

SETTINGS = EncodingSettings()


def chunks_of(*complexities: float) -> list[Chunk]:
    chunks = shots_of(*[96] * len(complexities)).chunks
    return [
        msgspec.structs.replace(chunk, complexity=complexity)
        for chunk, complexity in zip(chunks, complexities, strict=True)
    ]


def rung_of(height: int, *crfs: float) -> PlannedRung:
    return PlannedRung(
        name=f"v{height}", width=height * 16 // 9, height=height, crfs=crfs, bitrate_kbps=1.0
    )


def test_samples_are_middles_of_shots() -> None:
    (sample,) = choose_samples(chunks_of(1.0), 24, 8)
    assert (sample.chunk, sample.start, sample.frames) == (0, 36, 24)


def test_a_short_shot_is_sampled_whole() -> None:
    (sample,) = choose_samples(shots_of(10).chunks, 24, 8)
    assert (sample.start, sample.frames) == (0, 10)


def test_samples_spread_over_the_range_of_complexity() -> None:
    chunks = chunks_of(*[1.0] * 8, *[50.0] * 8, *[900.0] * 8)
    chosen = choose_samples(chunks, 24, 3)
    assert [chunks[sample.chunk].complexity for sample in chosen] == [1.0, 50.0, 900.0]


def test_what_is_tried_first_spreads_over_the_range_too_and_nothing_is_tried_twice() -> None:
    chosen = choose_samples(chunks_of(*map(float, range(12))), 24, 12)
    early, late = in_two(chosen, 4)
    assert [sample.chunk for sample in early] == [1, 4, 7, 10]
    assert sorted(sample.chunk for sample in (*early, *late)) == list(range(12))
    assert in_two(chosen[:2], 4) == (chosen[:2], ())


def test_other_samples_are_tried_where_the_shots_of_a_rung_may_lie() -> None:
    tried = near_rungs([rung_of(720, 24.0, 28.0)], recipe_of(H264_SDR), SETTINGS)
    assert {(each.width, each.height) for each in tried} == {(1280, 720)}
    crfs = [each.crf for each in tried]
    assert (crfs[0], crfs[-1]) == (26 - SETTINGS.crf_spread, 26 + SETTINGS.crf_spread)
    assert len(crfs) >= 3
    assert max(b - a for a, b in itertools.pairwise(crfs)) <= 5.5


def test_two_rungs_of_a_size_are_tried_together_and_no_further_than_the_wide_range() -> None:
    tried = near_rungs([rung_of(480, 20.0), rung_of(480, 30.0)], recipe_of(H264_SDR), SETTINGS)
    crfs = [each.crf for each in tried]
    assert (crfs[0], crfs[-1]) == (SETTINGS.trial_crfs[0], 34.0)
    assert len(crfs) == len(set(crfs)) == 4


def test_a_trial_keeps_a_keyframes_bytes_apart_from_the_others() -> None:
    packets = [Packet(pts=n, size=size, key=n == 0) for n, size in enumerate((900, 100, 200))]
    assert weights_of(packets) == (900.0, 150.0)
    assert weights_of(packets[:1]) == (900.0, 900.0)


def test_as_many_encodes_are_made_together_as_memory_allows() -> None:
    hd, uhd = Encode(width=1920, height=1080, crf=20), Encode(width=3840, height=2160, crf=20)
    assert together([hd] * 8) == [list(range(8))]
    assert together([hd] * 9) == [list(range(8)), [8]]
    assert together([uhd, uhd, hd, uhd]) == [[0, 1], [2, 3]]
    huge = Encode(width=15360, height=8640, crf=20)
    assert together([huge, huge]) == [[0], [1]], "each by itself, however large"
