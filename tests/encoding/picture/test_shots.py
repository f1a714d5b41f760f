"""I5, I8: shots are the chunks, and every rung is cut at the same frames."""

from fractions import Fraction
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.encoding.companions.test_thumbnails import film
from tests.encoding.steps import encoder_in, inspected, shots_of
from vitascope.encoding import FindShots
from vitascope.encoding.picture.shots import choose_cuts, cut_at, plan_chunks, read_scores
from vitascope.encoding.settings import EncodingSettings

SETTINGS = EncodingSettings()
RATES = st.sampled_from([Fraction(24), Fraction(25, 2), Fraction(30000, 1001), Fraction(60)])


def test_of_two_cuts_within_a_second_the_clearer_one_stays() -> None:
    scores = {100: 12.0, 110: 40.0, 300: 20.0, 400: 3.0}
    assert choose_cuts(scores, 720, Fraction(24), SETTINGS) == [110, 300]


async def test_i5_every_shot_of_a_film_is_a_chunk(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, str(await film(tmp_path)))
    shots = await encoder.run(FindShots(source=source))
    assert [(chunk.start, chunk.end) for chunk in shots.chunks] == [(0, 20), (20, 40), (40, 60)]
    assert all(chunk.complexity > 0 for chunk in shots.chunks)


def test_a_cut_next_to_the_end_makes_no_sliver_of_a_shot() -> None:
    assert choose_cuts({5: 50.0, 715: 50.0}, 720, Fraction(24), SETTINGS) == []


def test_long_shots_are_split_equally_and_chunks_never_span_a_cut() -> None:
    chunks = plan_chunks([285], 720, Fraction(24), SETTINGS)
    assert chunks[0].keyframes == (0, 95, 190)
    assert 285 in {chunk.start for chunk in chunks}


@given(
    frames=st.integers(1, 5000),
    places=st.lists(st.integers(0, 5000), max_size=20),
    rate=RATES,
)
def test_i8_every_frame_is_in_one_chunk_and_no_segment_is_too_long(
    frames: int, places: list[int], rate: Fraction
) -> None:
    scores = {place: 10.0 + place % 7 for place in places if place < frames}
    cuts = choose_cuts(scores, frames, rate, SETTINGS)
    chunks = plan_chunks(cuts, frames, rate, SETTINGS)
    assert [chunk.start for chunk in chunks] == [0, *(chunk.end for chunk in chunks[:-1])]
    assert chunks[-1].end == frames
    marks = [frame for chunk in chunks for frame in chunk.keyframes]
    lengths = [b - a for a, b in zip(marks, [*marks[1:], frames], strict=True)]
    assert all(chunk.keyframes[0] == chunk.start for chunk in chunks)
    assert max(lengths) <= round(SETTINGS.shot_max_s * rate) + 1
    assert min(lengths) >= min(frames, int(SETTINGS.shot_min_s * rate) - 1)


def test_complexity_is_bits_per_frame_of_the_chunk() -> None:
    chunks = plan_chunks([48], 96, Fraction(24), SETTINGS, sizes=[100] * 48 + [300] * 48)
    assert [chunk.complexity for chunk in chunks] == [800.0, 2400.0]


def test_scores_are_read_by_frame_also_after_a_detected_cut(tmp_path: Path) -> None:
    file = tmp_path / "scores.txt"
    file.write_text(
        "frame:0    pts:0 pts_time:0\nlavfi.scd.mafd=0\nlavfi.scd.score=0.5\n"
        "frame:1    pts:1 pts_time:0.04\nlavfi.scd.score=22.5\nlavfi.scd.time=0.04\n"
    )
    assert read_scores(file) == {0: 0.5, 1: 22.5}


def test_a_plan_can_have_the_keyframes_of_a_version_that_is_there() -> None:
    found = shots_of(100, 50, 90).chunks
    found = tuple(
        msgspec.structs.replace(chunk, complexity=float(n)) for n, chunk in enumerate(found)
    )
    chunks = cut_at(found, (0, 40, 95, 130, 150, 236), 60)
    assert [(chunk.start, chunk.end) for chunk in chunks] == [
        *((0, 40), (40, 95), (95, 150), (150, 236), (236, 240)),
    ]
    assert [chunk.keyframes for chunk in chunks] == [(0,), (40,), (95, 130), (150,), (236,)]
    assert [chunk.index for chunk in chunks] == [0, 1, 2, 3, 4]
    assert [chunk.complexity for chunk in chunks] == [0.0, 0.0, 1.0, 2.0, 2.0]
