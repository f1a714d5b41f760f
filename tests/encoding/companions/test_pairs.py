"""I7: a stereo beside a 5.1 that says nothing of itself is its mix, or something else; two mono
streams are one stereo, or two sounds."""

from pathlib import Path

import numpy as np
import pytest

from tests.encoding.steps import encoder_in, inspected
from vitascope.encoding import CheckQuality, QcReport, Source
from vitascope.encoding.companions.audio import plan_audio
from vitascope.encoding.companions.pairs import are_two, is_mix
from vitascope.encoding.package.sync import RATE, Samples, likeness
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

pytestmark = pytest.mark.long

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
    assert not is_mix([0 * noise(1)], [0 * noise(2)]), "of silence nothing is known"
    assert not is_mix(same, other)


# A film of 24 s in three windows, and what of it goes left and right.
MUSIC = "anoisesrc=d=24:c=pink:r=48000:a=0.2:seed=1"
WORDS = "anoisesrc=d=24:c=brown:r=48000:a=0.8:seed={},tremolo=f=3:d=0.9"
PAIRS = {
    "stereo": ("[m1][w1]amix=normalize=0[l];[m2][w2]amix=normalize=0,volume=0.6[r]", (1, 2)),
    "delayed": ("[m1][w1]amix=normalize=0[l];[m2][w2]amix=normalize=0,adelay=18[r]", (1, 2)),
    "silent": ("[m1][w1]amix=normalize=0,volume=0[l];[m2][w2]amix=normalize=0,volume=0[r]", (1, 2)),
    # nobody speaks where the film begins, in its middle, and for a third of it
    "languages": (
        "[w1]volume=0:enable='lt(mod(t,8),2)'[s1];[w3]volume=0:enable='lt(mod(t,8),2)'[s3];"
        "[w2]anullsink;[m1][s1]amix=normalize=0[l];[m2][s3]amix=normalize=0[r]",
        None,
    ),
    "empty": ("[w2]anullsink;[m1][w1]amix=normalize=0[l];[m2]volume=0[r]", None),
}


@pytest.mark.parametrize("pair", PAIRS)
async def test_two_mono_streams_are_one_stereo_or_two_sounds(tmp_path: Path, pair: str) -> None:
    graph, one = PAIRS[pair]
    third = "" if pair == "languages" else ";[w3]anullsink"
    whole = f"{MUSIC},asplit[m1][m2];{WORDS.format(2)},asplit[w1][w2];{WORDS.format(3)}[w3];{graph}"
    args = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=24", "-filter_complex", whole + third]
    args += ["-map", "0:v", "-map", "[l]", "-map", "[r]", "-t", "24", "-c:v", "libx264"]
    args += ["-preset", "ultrafast", "-c:a", "pcm_s16le", "{out}/film.mov"]
    await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=tmp_path)
    source, report = await judged(tmp_path, tmp_path / "film.mov")
    published = [sound.parts or (sound.index,) for sound in source.audio]
    assert published == ([one] if one else [(1,)] if pair == "empty" else [(1,), (2,)])
    assert ("mono-apart" in {found.code for found in report.findings}) is (one is None)


def test_two_sounds_have_nothing_in_common_in_many_places() -> None:
    music, words = [noise(n) for n in range(6)], [noise(n + 50) for n in range(6)]
    other = [noise(n + 90) for n in range(6)]
    left = [0.3 * m + w for m, w in zip(music, words, strict=True)]
    right = [0.3 * m + w for m, w in zip(music, other, strict=True)]
    assert are_two(left[:3] + music[3:], right[:3] + music[3:])
    assert not are_two(left, [np.roll(each, 100, axis=0) for each in left])
