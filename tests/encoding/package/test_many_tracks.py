"""I7: a title with 34 tracks of subtitles and 24 of sound is packaged and verified."""

from collections import Counter
from pathlib import Path

import pytest

from tests.encoding.steps import (
    KEYS,
    MEDIA,
    encoder_in,
    inspected,
    package_of,
    quick_parts,
    subtitles_of,
)
from vitascope.encoding import VerifyPackage
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

pytestmark = pytest.mark.long

SPOKEN = ("eng", "fra", "deu", "spa", "ita", "por", "nld", "pol", "swe", "dan", "jpn", "kor")
WRITTEN = (
    *SPOKEN,
    *("nor", "fin", "ces", "hun", "ron", "ell", "tur", "heb", "ara", "hin", "tha", "vie"),
    *("ind", "ukr", "bul", "hrv", "slk"),
)  # 29
CAPTIONS, FORCED = ("eng", "fra", "deu"), ("eng", "jpn")
SRT = "1\n00:00:00,500 --> 00:00:01,900\nTrack {}\n\n2\n00:00:02,100 --> 00:00:03,500\n<i>{}</i>\n"


async def dubbed_and_subtitled(folder: Path) -> Path:
    """Four seconds: each of twelve languages with its film sound and a description."""
    texts = [
        *[(language, "0") for language in WRITTEN],
        *[(language, "hearing_impaired") for language in CAPTIONS],
        *[(language, "forced") for language in FORCED],
    ]
    inputs = {"film": Input(path=MEDIA / "bbb_480p24_6s.mp4", trusted=True)}
    read = ["-v", "error", "-i", "{in.film}", "-f", "lavfi", "-i", "sine=f=330:d=4:r=48000"]
    said = ["-map", "0:v:0"]
    for number, (language, kind) in enumerate(texts):
        file = folder / f"{number}.srt"
        file.write_text(SRT.format(number, language))
        inputs[f"text{number}"] = Input(path=file, trusted=True)
        read += ["-f", "srt", "-i", f"{{in.text{number}}}"]
        said += ["-map", f"{number + 2}:0", f"-metadata:s:s:{number}", f"language={language}"]
        said += [f"-disposition:s:{number}", kind]
    for number in range(2 * len(SPOKEN)):
        said += ["-map", "1:a", f"-metadata:s:a:{number}", f"language={SPOKEN[number // 2]}"]
        said += [f"-disposition:a:{number}", "visual_impaired" if number % 2 else "0"]
    made = ["-t", "4", "-c:v", "copy", "-c:a", "aac", "-b:a", "48k", "-c:s", "srt"]
    await SandboxedMedia().run(
        Tool.FFMPEG, [*read, *said, *made, "{out}/many.mkv"], inputs=inputs, output=folder
    )
    return folder / "many.mkv"


async def test_34_tracks_of_subtitles_and_24_of_sound_are_packaged_and_verified(
    tmp_path: Path,
) -> None:
    encoding, blobs = encoder_in(tmp_path)
    film = await dubbed_and_subtitled(tmp_path)
    source = await inspected(encoding, blobs, str(film))
    assert (len(source.audio), len(source.text)) == (24, 34)
    pictures, sound = await quick_parts(encoding, source)
    text = await encoding.run(subtitles_of(source))
    assert [one.cues for one in text] == [2] * 34
    package = await encoding.run(package_of(source, pictures, sound, text))
    assert (len(package.audio), len(package.text)) == (24, 34)
    names = {track.name for track in package.audio} | {track.name for track in package.text}
    assert len(names) == 58, "each has a name of its own"
    kinds = Counter((one.forced, one.closed_captions) for one in package.text)
    assert kinds == {(False, False): 29, (False, True): 3, (True, False): 2}
    roles = Counter(one.descriptive for one in package.audio)
    assert roles == {False: 12, True: 12}
    verified = await encoding.run(VerifyPackage(package=package, keys=tuple(KEYS)))
    assert verified.failures == ()
    hls = (await blobs.get(f"{package.prefix}/main.m3u8")).decode()
    assert hls.count("TYPE=SUBTITLES") == 34
    assert hls.count("TYPE=AUDIO") == 24
    dash = (await blobs.get(f"{package.prefix}/manifest.mpd")).decode()
    assert dash.count("wvtt") == 34
