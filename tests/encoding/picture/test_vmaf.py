"""I10: what a measurement of some frames tells of all of them."""

from pathlib import Path

import pytest

from tests.encoding.steps import SMALL, encoder_in, inspected
from vitascope.encoding import Chunk, Encode, FindShots, FrameScores
from vitascope.encoding.picture.chunks import encode_at
from vitascope.encoding.picture.frames import display_of
from vitascope.encoding.picture.vmaf import measure
from vitascope.kernel.media import H264_SDR

pytestmark = pytest.mark.long

ALL = 1


async def test_a_frame_has_the_score_that_it_has_among_all_of_them(tmp_path: Path) -> None:
    """And the mean of one in seven is that of all to within a third of a point."""
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "street_432p12.5_6s.mp4")
    picture = (await encoder.run(FindShots(source=source))).picture
    workspace, chunk = encoder._workspace, Chunk(index=0, start=5, end=70, keyframes=(5,))
    encodes = tuple(Encode(width=w, height=h, crf=34) for w, h in ((214, 120), (320, 180)))
    files = await encode_at(workspace, source, picture, chunk, H264_SDR, encodes, tmp_path)

    async def scored(every: int) -> list[FrameScores]:
        display = display_of(source, SMALL.heights)
        return await measure(workspace, source, picture, chunk, files, display, every)

    whole, some = await scored(ALL), await scored(7)
    for every_frame, few in zip(whole, some, strict=True):
        known = dict(zip(every_frame.frames, every_frame.display, strict=True))
        assert len(few.frames) == 9
        for frame, score in zip(few.frames, few.display, strict=True):
            assert score == pytest.approx(known[frame], abs=0.01)
        assert mean(few) == pytest.approx(mean(every_frame), abs=0.33)
    assert mean(whole[0]) < mean(whole[1]) - 3, "the files are told apart"


def mean(scores: FrameScores) -> float:
    return sum(scores.display) / len(scores.display)
