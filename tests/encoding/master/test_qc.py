"""I4: what a viewer would complain about, with time codes."""

import random
from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import resized
from vitascope.encoding.contract.master import AudioSource, Finding, QcReport, Severity, Source
from vitascope.encoding.master import measured
from vitascope.encoding.master.damage import damage_of, findings_of
from vitascope.encoding.master.inspect import inspect
from vitascope.encoding.master.qc import quality, report
from vitascope.encoding.picture.changes import Changes
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import Language

pytestmark = pytest.mark.long

CLIPS = Path(__file__).parents[2] / "media"


async def checked(path: Path) -> QcReport:
    media = SandboxedMedia()
    source = (await inspect(media, path)).source
    assert source is not None
    return await quality(media, path, source)


def of(found: QcReport, code: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.code == code]


async def test_black_freeze_and_silence_have_time_codes() -> None:
    found = await checked(CLIPS / "synth_black_freeze_silence.mp4")
    times = {
        code: [(seen.from_ms, seen.until_ms) for seen in of(found, code)]
        for code in ("black", "freeze", "silence")
    }
    assert times == {"black": [(0, 3000)], "freeze": [(7000, 10_000)], "silence": [(0, 4000)]}


async def test_a_size_that_changes_is_told_and_all_of_the_sound_is_measured(tmp_path: Path) -> None:
    """As browsers record calls: the second half is upright, and its sound nearly silent."""
    path = await resized(tmp_path)
    found = await checked(path)
    (told,) = of(found, "size-changes")
    assert told.from_ms == pytest.approx(2000, abs=50)
    assert "180x320" in told.sentence
    assert found.loudness[0].integrated_lufs == pytest.approx(-25, abs=1.5)
    assert not of(found, "damaged-parts")


async def test_loudness_is_measured_for_every_track() -> None:
    found = await checked(CLIPS / "bbb_multi.mkv")
    assert [track.index for track in found.loudness] == [1, 2]
    assert all(-23 < track.integrated_lufs < -21 for track in found.loudness)
    assert found.loudness_lufs == found.loudness[0].integrated_lufs


async def test_a_known_tone_has_its_known_loudness(tmp_path: Path) -> None:
    """EBU Tech 3341, case 1: a 1 kHz sine of -23 dBFS in both channels reads -23.0 LUFS."""
    amplitude = 10 ** (-23 / 20)
    tone = f"aevalsrc={amplitude}*sin(2*PI*1000*t)|{amplitude}*sin(2*PI*1000*t):s=48000:d=8"
    made = ["-f", "lavfi", "-i", "testsrc=s=64x64:d=8", "-f", "lavfi", "-i", tone]
    await SandboxedMedia().run(
        Tool.FFMPEG, [*made, "-c:a", "pcm_s24le", "{out}/tone.mov"], inputs={}, output=tmp_path
    )
    (track,) = (await checked(tmp_path / "tone.mov")).loudness
    assert track.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert track.true_peak_dbtp == pytest.approx(-23.0, abs=0.3)


async def test_a_track_without_a_sound_is_told() -> None:
    found = await checked(CLIPS / "street_432p12.5_6s.mp4")
    assert len(of(found, "mute")) == 1
    assert of(found, "loudness") == []


@pytest.mark.parametrize("name", ["bbb_480p24_6s.mp4", "bbb_vfr.mp4"])
async def test_a_damaged_film_is_refused(tmp_path: Path, name: str) -> None:
    """Overwritten in the middle: the headers are whole, the pictures are not."""
    broken = tmp_path / "broken.mp4"
    content = bytearray((CLIPS / name).read_bytes())
    content[400_000:520_000] = bytes(120_000)
    broken.write_bytes(content)
    found = await checked(broken)
    assert [finding.severity for finding in of(found, "damaged")] == [Severity.REFUSAL]


def test_pictures_that_a_decoder_left_out_in_silence_are_missed() -> None:
    film = msgspec.structs.replace(FILM, pictures=FILM.frames, vfr=True)
    for left_out, refused in ((20, False), (100, True)):
        kept = [n / 25 for n in range(film.frames) if not 500 <= n < 500 + left_out]
        seen = Changes(times=tuple(kept), differences=(0.0,) * len(kept))
        found = findings_of(damage_of(film, "", seen), film, 0.02)
        assert [one.severity is Severity.REFUSAL for one in found] == [refused]
        assert "20.0 s" in found[0].sentence


def test_what_is_whole_is_not_called_damaged() -> None:
    seen = Changes(times=tuple(n / 25 for n in range(FILM.frames - 1)))
    assert findings_of(damage_of(FILM, "", seen), FILM, 0.02) == []


@pytest.mark.parametrize(
    "said",
    [
        "t pts_time:4.0\n[vist#0:0/h264 @ 0x5] [dec:h264 @ 0x6] corrupt decoded frame\n",
        "t pts_time:4.0\n      encoder         : corrupt decoded frame\n",
        "t pts_time:4.0 corrupt decoded frame\n mean:[3]\n",
        "t pts_time:4.0\n[h264 @ 0x5] concealing 11 DC, 11 AC, 11 MV errors in B frame\n",
        "t pts_time:4.0\n[h264 @ 0x5] concealing 11 DC, 11 AC, 11 MV errors in B frame\n"
        "[vist#0:0/h264 @ 0x5] [dec:h264 @ 0x6] corrupt decoded frame\n",
    ],
    ids=[
        "a line of its own",
        "within another's line",
        "within a picture's line",
        "concealed and not marked",
        "concealed and marked",
    ],
)
def test_a_complaint_is_heard_wherever_a_decoder_s_thread_wrote_it(said: str) -> None:
    seen = Changes(times=tuple(n / 25 for n in range(FILM.frames)))
    found = damage_of(FILM, said + "t pts_time:5.0\n", seen)
    assert (found.pictures, found.places) == (1, ((4000, 4500),))
    sound = said.replace("[vist#0:0/h264", "[aist#0:1/aac")
    of_the_sound = "aist" in sound and "concealing" not in sound
    assert damage_of(FILM, sound, seen).pictures == (0 if of_the_sound else 1)


def packets_of_the_picture(recording: bytes) -> list[int]:
    """Where in a transport stream the packets of the picture begin."""
    starts = range(0, len(recording), 188)
    return [at for at in starts if ((recording[at + 1] & 31) << 8) | recording[at + 2] == 256]


@pytest.mark.parametrize("fault", ["lost", "noise"])
async def test_one_bad_packet_of_a_recording_is_told_and_does_not_refuse_it(
    tmp_path: Path, fault: str
) -> None:
    whole = (CLIPS / "picture_clock_restarts.ts").read_bytes()
    at = packets_of_the_picture(whole)[60]
    noise = random.Random(3).randbytes(170)
    kept = whole[at : at + 10] + noise + whole[at + 180 : at + 188] if fault == "noise" else b""
    (tmp_path / "bad.ts").write_bytes(whole[:at] + kept + whole[at + 188 :])
    found = await checked(tmp_path / "bad.ts")
    (told,) = of(found, "damaged-parts")
    assert told.severity is Severity.WARNING
    assert told.value == pytest.approx(1.0, abs=1.01)
    assert told.from_ms is not None
    assert found.damaged
    assert "s. The film is published" in told.sentence


async def test_a_recording_that_is_damaged_in_many_places_is_refused(tmp_path: Path) -> None:
    content = bytearray((CLIPS / "picture_clock_restarts.ts").read_bytes())
    for at in packets_of_the_picture(bytes(content))[30:90]:
        content[at + 10 : at + 180] = random.Random(at).randbytes(170)
    (tmp_path / "bad.ts").write_bytes(content)
    (refusal,) = (await checked(tmp_path / "bad.ts")).findings
    assert (refusal.code, refusal.severity) == ("damaged", Severity.REFUSAL)
    assert "2% is the most that is taken" in refusal.sentence


async def test_of_a_sound_film_nothing_but_its_loudness_is_told() -> None:
    assert [finding.code for finding in (await checked(CLIPS / "bbb_480p24_6s.mp4")).findings] == [
        "loudness"
    ]


async def test_progress_ends_at_one() -> None:
    media, told = SandboxedMedia(), list[float]()
    source = (await inspect(media, CLIPS / "bbb_rot90.mp4")).source
    assert source is not None
    await quality(media, CLIPS / "bbb_rot90.mp4", source, progress=told.append)
    assert told[-1] == pytest.approx(1.0, abs=0.05)


SOUND = AudioSource(index=1, language=Language("en"), channels=2, sample_rate=48000, codec="aac")
FILM = Source(
    master_key="",
    sha256="",
    size=1,
    format="mov",
    duration_ms=60_000,
    video_index=0,
    width=64,
    height=64,
    frame_rate="25/1",
    frames=1500,
    audio=(SOUND,),
)
GOOD = measured.Heard(
    integrated_lufs=-23.0, range_lu=8.0, true_peak_dbtp=-3.0, threshold_lufs=-33.0
)


def test_black_is_a_warning_only_inside_the_film() -> None:
    spans = ((0, 2000), (30_000, 33_000), (58_000, None))
    found = report(FILM, measured.Measured(black=spans, frozen=((29_900, 33_000),), sound=(GOOD,)))
    assert [(seen.severity, seen.until_ms) for seen in of(found, "black")] == [
        (Severity.NOTE, 2000),
        (Severity.WARNING, 33_000),
        (Severity.NOTE, 60_000),
    ]
    assert of(found, "freeze") == []  # black stands still, too


def test_a_flood_of_findings_is_cut() -> None:
    frozen = tuple((start, start + 10) for start in range(2000, 50_000, 100))
    found = report(FILM, measured.Measured(frozen=frozen, sound=(GOOD,)))
    assert len(of(found, "freeze")) == 100
    assert of(found, "freeze-more")[0].sentence.startswith("380 more")


@pytest.mark.parametrize(
    ("lufs", "peak", "code"), [(-40.0, -9.0, "loudness-unusual"), (-20.0, 1.2, "true-peak")]
)
def test_unusual_levels_are_told(lufs: float, peak: float, code: str) -> None:
    heard = measured.Heard(integrated_lufs=lufs, true_peak_dbtp=peak)
    assert of(report(FILM, measured.Measured(sound=(heard,))), code)


def test_spans_that_never_end_are_read() -> None:
    said = (
        "[silencedetect@s0 @ 0x1] silence_start: 1.5\n"
        "[silencedetect@s1 @ 0x2] silence_start: 2\n"
        "[silencedetect@s0 @ 0x1] silence_end: 4 | silence_duration: 2.5\n"
        "[Parsed_blackdetect_1 @ 0x3] black_start:0 black_end:3 black_duration:3\n"
        "[Parsed_freezedetect_2 @ 0x4] lavfi.freezedetect.freeze_start: 7\n"
        "[ebur128@l0 @ 0x5] Summary:\n\n  Integrated loudness:\n    I:         -21.6 LUFS\n"
        "    Threshold: -34.9 LUFS\n\n  Loudness range:\n    LRA:        17.7 LU\n"
        "    Threshold: -44.6 LUFS\n\n  True peak:\n    Peak:       -inf dBFS\n"
        "[out#0/null @ 0x6] video:1KiB\n"
    )
    read = measured.read(said, 2)
    assert read.black == ((0, 3000),)
    assert read.frozen == ((7000, None),)
    assert [heard.silent for heard in read.sound] == [((1500, 4000),), ((2000, None),)]
    first = read.sound[0]
    assert (first.integrated_lufs, first.range_lu, first.threshold_lufs) == (-21.6, 17.7, -34.9)
    assert first.true_peak_dbtp == read.sound[1].integrated_lufs == measured.FLOOR_LUFS


async def test_the_master_is_only_read(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes((CLIPS / "bbb_rot90.mp4").read_bytes())
    before = film.stat()
    await checked(film)
    after = film.stat()
    assert (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
    assert list(tmp_path.iterdir()) == [film]
    assert Input(path=film).trusted is False
