"""I4: small pictures of where something was found."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.encoding.steps import encoder_in, inspected
from vitascope.encoding.contract.master import PictureFindings

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    "name", ["bbb_480p24_6s.mp4", "bbb_hdr10tag.mp4", "bbb_interlaced.mp4", "picture_rgb.mkv"]
)
async def test_a_picture_is_taken_of_every_place(tmp_path: Path, name: str) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, name)
    middle = source.duration_ms // 2
    first, second = await encoder.run(PictureFindings(source=source, at_ms=(0, middle)))
    assert (first.at_ms, second.at_ms) == (0, middle)
    picture = Image.open(io.BytesIO(await blobs.get(second.key)))
    assert picture.format == "WEBP"
    assert picture.width <= 480
    assert picture.width / picture.height == pytest.approx(source.width / source.height, rel=0.05)
    assert np.asarray(picture.convert("L")).std() > 5


async def test_a_place_that_is_not_there_has_none_and_the_others_are_taken(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path)
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    found = await encoder.run(PictureFindings(source=source, at_ms=(3_600_000, 2000)))
    assert [one.at_ms for one in found] == [2000]
