"""Passages that tell of detail and motion, where nothing is tried."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.encoding.steps import SMALL, encoder_in, inspected, shots_of, source_of
from vitascope.encoding import FindShots, Inspect, LadderPlan, PlanLadder, PlanQuick
from vitascope.encoding.contract.picture import Detail
from vitascope.encoding.efforts import settings_at
from vitascope.encoding.picture.details import Passages, detailed
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

FAST = settings_at(EncodingSettings(), "fast")


@given(frames=st.integers(1, 2000), rate=st.sampled_from(["24/1", "25/1", "10/1", "60000/1001"]))
def test_every_film_has_passages_within_it(frames: int, rate: str) -> None:
    starts = Passages(source_of(frames=frames, frame_rate=rate)).starts
    assert starts and starts == sorted(set(starts))
    assert starts[0] >= 0 and starts[-1] < frames


def test_a_chunk_has_the_mean_of_its_passages_and_one_without_has_the_nearest() -> None:
    chunks = shots_of(96, 20, 96).chunks
    found = {
        10: (Detail(10.0, 1.0, 5.0, 0.5),),
        90: (Detail(30.0, 3.0, 15.0, 1.5),),
        180: (Detail(100.0, 9.0, 40.0, 4.0),),
    }
    told = [chunk.details[0].still for chunk in detailed(chunks, found)]
    assert told == [20.0, 30.0, 100.0]


async def drawn(folder: Path, name: str, picture: str) -> Path:
    args = ["-f", "lavfi", "-i", picture, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "10"]
    out = ["-pix_fmt", "yuv420p", f"{{out}}/{name}.mp4"]
    await SandboxedMedia().run(Tool.FFMPEG, [*args, *out], inputs={}, output=folder)
    return folder / f"{name}.mp4"


async def ladder_of(folder: Path, file: Path) -> LadderPlan:
    encoder, blobs = encoder_in(folder, FAST)
    await blobs.put_file("masters/mas_1/bytes", file, overwrite=True)
    source = (await encoder.run(Inspect(master_key="masters/mas_1/bytes"))).source
    assert source is not None
    shots = await encoder.run(FindShots(source=source))
    assert all(chunk.details for chunk in shots.chunks)
    return await encoder.run(PlanLadder(source=source, shots=shots, results=()))


@pytest.mark.long
async def test_a_drawing_gets_fewer_bits_than_confetti(tmp_path: Path) -> None:
    box = "drawbox=x='40+t*90':y=100:w=160:h=120:color=0xf0c040:t=fill"
    calm = await drawn(tmp_path, "calm", f"color=c=0x4080c0:s=640x360:r=24:d=3,{box}")
    confetti = "life=s=320x180:mold=10:r=24:ratio=0.1:seed=5:stitch=1,trim=duration=3"
    busy = await drawn(tmp_path, "busy", f"{confetti},scale=640:360:flags=neighbor")
    few = (await ladder_of(tmp_path / "a", calm)).rungs[-1].bitrate_kbps
    many = (await ladder_of(tmp_path / "b", busy)).rungs[-1].bitrate_kbps
    assert few * 10 < many, f"{few} and {many} kbit/s"


@pytest.mark.long
async def test_what_the_first_version_encodes_is_a_rung_of_the_ladder(tmp_path: Path) -> None:
    encoder, blobs = encoder_in(tmp_path, msgspec.structs.replace(SMALL, max_samples=0))
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    quick = await encoder.run(PlanQuick(source=source))
    (rung,) = quick.ladder.rungs
    assert rung.height <= max(SMALL.quick_heights)
    assert quick.shots == await encoder.run(FindShots(source=source))
    whole = await encoder.run(PlanLadder(source=source, shots=quick.shots, results=()))
    assert rung in whole.rungs


async def test_shots_that_are_found_for_trials_keep_their_name(tmp_path: Path) -> None:
    """Only where nothing is tried are passages read, so what is kept of others is found again."""
    encoder, blobs = encoder_in(tmp_path, SMALL)
    source = await inspected(encoder, blobs, "bbb_480p24_6s.mp4")
    shots = await encoder.run(FindShots(source=source))
    assert not any(chunk.details for chunk in shots.chunks)
