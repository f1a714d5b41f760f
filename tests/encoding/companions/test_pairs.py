"""I7: a stereo beside a 5.1 that says nothing of itself is its mix, or something else."""

from pathlib import Path

import numpy as np
import pytest

from tests.encoding.steps import encoder_in, inspected
from vitascope.encoding import CheckQuality, QcReport, Source
from vitascope.encoding.companions.audio import plan_audio
from vitascope.encoding.companions.pairs import is_mix
from vitascope.encoding.package.sync import RATE, Samples, likeness
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

MEDIA = SandboxedMedia()
FILM = (
    "anoisesrc=d=6:c=pink:r=48000:a=0.4:seed=1,asplit=6[a][b][c][d][e][f];"
    "[b]adelay=7[b2];[c]highpass=300[c2];[d]lowpass=100[d2];[e]adelay=19[e2];[f]adelay=23[f2];"
    "[a][b2][c2][d2][e2][f2]join=inputs=6:channel_layout=5.1"
)
# By other hands: other levels, compressed, a little late.
MIXED = (
    "pan=stereo|FL=0.6*FL+0.5*FC+0.2*BL|FR=0.6*FR+0.5*FC+0.2*BR,"
    "acompressor=threshold=0.1:ratio=3,adelay=4:all=1"
)
VOICE = "anoisesrc=d=6:c=brown:r=48000:a=0.8:seed=5,tremolo=f=3:d=0.9"
STEREOS = {
    "mix": f"[5.1]{MIXED}[s]",
    "another": f"[5.1]anullsink;{VOICE},pan=stereo|FL=c0|FR=c0[s]",
    # as commentaries are made: the film is heard below the voice
    "over the film": f"[5.1]{MIXED},volume=0.1[low];{VOICE},pan=stereo|FL=c0|FR=c0[voice];"
    "[low][voice]amix=inputs=2:normalize=0[s]",
    "silent": "[5.1]pan=stereo|FL=FL|FR=FR,volume=0[s]",
}


async def film(folder: Path, stereo: str, *options: str) -> Path:
    args = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=6", "-filter_complex"]
    args += [f"{FILM}[whole];[whole]asplit[main][5.1];{STEREOS[stereo]}"]
    args += ["-map", "0:v", "-map", "[main]", "-map", "[s]", "-t", "6"]
    args += ["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=eng", *options]
    args += ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "ac3", "{out}/film.mkv"]
    await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=folder)
    return folder / "film.mkv"


async def judged(folder: Path, master: Path) -> tuple[Source, QcReport]:
    encoder, blobs = encoder_in(folder / "encoder")
    source = await inspected(encoder, blobs, str(master))
    report = await encoder.run(CheckQuality(source=source))
    return report.as_decoded(source), report


async def test_a_stereo_mix_is_the_stereo_of_the_51(tmp_path: Path) -> None:
    source, report = await judged(tmp_path, await film(tmp_path, "mix"))
    assert [(plan.track.name, plan.stream.index) for plan in plan_audio(source.sound)] == [
        ("a-en-2", 2),
        ("a-en-51", 1),
    ]
    assert "stereo-mix" in {found.code for found in report.findings}


@pytest.mark.parametrize("stereo", ["another", "over the film", "silent"])
async def test_an_unmarked_commentary_is_not_the_only_stereo(tmp_path: Path, stereo: str) -> None:
    """It is offered, and told; what plays is made of the 5.1."""
    source, report = await judged(tmp_path, await film(tmp_path, stereo))
    assert [(plan.track.name, plan.stream.index) for plan in plan_audio(source.sound)] == [
        ("a-en-2", 1),
        ("a-en-51", 1),
        ("a-en-2-x2", 2),
    ]
    (told,) = [found for found in report.findings if found.code == "stereo-apart"]
    assert "stream 2" in told.sentence and "by default" in told.sentence


def noise(seed: int) -> Samples:
    mono = np.random.default_rng(seed).normal(0, 0.1, 2 * RATE)
    return np.stack([mono, mono], axis=1)


def test_likeness_is_of_the_same_place() -> None:
    late = np.roll(noise(1), round(0.01 * RATE), axis=0)
    assert likeness(noise(1), 0.3 * late) == pytest.approx(1, abs=0.05)
    assert (likeness(noise(1), np.roll(noise(1), RATE // 2, axis=0)) or 0) < 0.2
    assert likeness(noise(1), 0 * noise(1)) == 0.0
    assert likeness(0 * noise(1), 0 * noise(1)) is None, "nothing is heard of either"


def test_one_place_that_differs_is_enough() -> None:
    """A description is the mix, and a voice where nobody speaks."""
    same, other = [noise(1), noise(2), 0 * noise(3)], [noise(1), noise(4), 0 * noise(3)]
    assert is_mix(same, same)
    assert not is_mix(same, other)
