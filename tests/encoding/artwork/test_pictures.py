"""I11: pictures taken from the film: which frames, how they are cut, and what comes of a film."""

import asyncio
import io
import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from tests.encoding.steps import (
    MEDIA,
    SMALL,
    cancelled_at,
    encoder_in,
    inspected,
    quick_parts,
    runs_of,
)
from vitascope.encoding import (
    ArtworkRefs,
    FindShots,
    Inspect,
    MakeArtwork,
    RenditionRef,
    ShotPlan,
    Source,
)
from vitascope.encoding.artwork.framing import (
    TALL,
    WHOLE,
    WIDE,
    Crop,
    contrast,
    framed,
    tint,
    within,
    without_bars,
)
from vitascope.encoding.artwork.passages import candidates, liveliest
from vitascope.encoding.artwork.pictures import chosen
from vitascope.encoding.artwork.selection import selected
from vitascope.encoding.artwork.stills import Frame, Look, Place, inner, look, places, scores
from vitascope.encoding.contract.picture import Chunk
from vitascope.encoding.local import LocalEncoding
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Input, Tool, ToolResult
from vitascope.engines.media.sandboxed import SandboxedMedia

pytestmark = pytest.mark.long

RATE = Fraction(24)
PICTURES = ("poster", "landscape", "billboard")


# -- frames drawn for a test


def plain(level: int = 0, height: int = 90, width: int = 160) -> Frame:
    return np.full((height, width, 3), level, dtype=np.uint8)


def scene(seed: int = 1, *, left: int = 60, brightness: float = 1.0) -> Frame:
    """A dim wall with something many-coloured before it."""
    random = np.random.default_rng(seed)
    frame = plain(70)
    frame[20:80, left : left + 36] = random.integers(40, 220, (60, 36, 3))
    return (frame * brightness).clip(0, 255).astype(np.uint8)


def soft(frame: Frame) -> Frame:
    height, width = frame.shape[:2]
    small = Image.fromarray(frame).resize((width // 8, height // 8), Image.Resampling.BOX)
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def lettered(frame: Frame) -> Frame:
    made = frame.copy()
    for column in range(10, 150, 8):
        made[30:60, column : column + 4] = 255
    return made


def seen(*frames: Frame) -> list[Look]:
    return [look(frame, frame) for frame in frames]


def chunks_of(*lengths: int, complexity: tuple[float, ...] = ()) -> list[Chunk]:
    found: list[Chunk] = []
    for n, length in enumerate(lengths):
        start = found[-1].end if found else 0
        bits = complexity[n] if complexity else 1.0
        found.append(
            Chunk(index=n, start=start, end=start + length, keyframes=(start,), complexity=bits)
        )
    return found


# -- which frames


def test_black_white_and_flat_frames_are_unfit() -> None:
    assert [one.fit for one in seen(plain(0), plain(128), plain(255), scene())] == [
        *(False, False, False),
        True,
    ]
    assert scores(seen(plain(0), plain(5))) == [0.0, 0.0]


def test_a_fade_is_unfit_and_a_movement_is_not() -> None:
    assert look(scene(brightness=0.4), scene(brightness=0.8)).fades
    assert not look(scene(left=40), scene(left=60)).fades
    assert not look(scene(1), scene(2)).fades


def test_sharp_colourful_clear_frames_come_first() -> None:
    best = scene()
    grey = np.repeat(best.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    worse = [soft(best), grey, scene(brightness=0.5), lettered(best)]
    first, *others = scores(seen(best, *worse))
    assert all(0 < other < first for other in others), (first, others)


def test_a_subject_comes_before_the_same_texture_everywhere() -> None:
    meadow = np.random.default_rng(3).integers(40, 220, (90, 160, 3)).astype(np.uint8)
    assert look(scene(), scene()).focus > 4 * look(meadow, meadow).focus


@given(
    lengths=some.lists(some.integers(12, 400), min_size=1, max_size=60),
    most=some.integers(1, 24),
)
def test_places_lie_in_one_shot_each_and_away_from_the_ends(lengths: list[int], most: int) -> None:
    chunks = chunks_of(*lengths)
    frames = chunks[-1].end
    found = places(chunks, frames, RATE, most)
    assert len(found) <= most
    assert found == sorted(set(found))
    for place in found:
        assert place.frame in inner(frames)
        assert any(chunk.start <= place.frame <= place.later < chunk.end for chunk in chunks)


def test_many_shots_are_looked_at_evenly_and_few_several_times() -> None:
    many = places(chunks_of(*[48] * 500), 24_000, RATE, 24)
    assert len(many) == 24
    apart = np.diff([place.frame for place in many])
    assert apart.max() < 2 * apart.min()
    assert len(places(chunks_of(480), 480, RATE, 24)) >= 10


# -- how they are cut


def test_bars_of_the_whole_film_are_cut_off_and_a_dark_scene_is_no_bar() -> None:
    wide = [scene(n) for n in range(4)]
    for frame in wide:
        frame[:12] = frame[-12:] = 3
    part = without_bars(wide)
    assert (part.left, part.right) == (0.0, 1.0)
    assert part.top * 90 == pytest.approx(13, abs=1.1)
    assert part.top == pytest.approx(1 - part.bottom)
    wide[2][:12] = 90
    assert without_bars(wide) == WHOLE
    assert without_bars([plain(0)] * 5) == WHOLE


@pytest.mark.parametrize("left", [0, 30, 62, 100, 124])
def test_an_upright_cut_has_the_subject_in_it(left: int) -> None:
    part, share = framed(scene(left=left), TALL)
    assert part.left * 160 <= left + 8
    assert part.right * 160 >= left + 28
    assert share > 0.6


@given(height=some.integers(20, 200), width=some.integers(20, 200))
def test_a_cut_has_the_shape_asked_for_and_lies_in_the_picture(height: int, width: int) -> None:
    frame = np.random.default_rng(height * width).integers(0, 255, (height, width, 3), np.uint8)
    for shape in (WIDE, TALL):
        part, share = framed(frame, shape)
        left, top, right, bottom = part.box(width, height)
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert abs((right - left) - (bottom - top) * shape) <= 2
        assert 0 < share <= 1
        inside = within(Crop(left=0.1, top=0.2, right=0.9, bottom=0.8), part)
        assert 0.1 <= inside.left < inside.right <= 0.9 + 1e-9


@given(some.tuples(*[some.integers(0, 255)] * 3))
def test_a_tint_can_be_written_on(colour: tuple[int, int, int]) -> None:
    frame = np.full((8, 8, 3), colour, dtype=np.uint8)
    told = tint(frame)
    assert len(told) == 7
    shown = [int(told[at : at + 2], 16) for at in (1, 3, 5)]
    assert contrast(shown, (251, 238, 218)) >= 4.5


def test_a_tint_is_the_vivid_colour_of_a_grey_picture() -> None:
    frame = plain(120)
    frame[:, :60] = (20, 60, 160)
    red, green, blue = (int(tint(frame)[at : at + 2], 16) for at in (1, 3, 5))
    assert blue > 2 * red
    assert blue > green


def test_of_a_film_without_a_fit_frame_nothing_is_chosen() -> None:
    spots = [Place(frame=n, later=n + 1) for n in range(4)]
    assert chosen(spots, [(plain(4), plain(4))] * 4, chunks_of(4)) == (WHOLE, None)
    seen = [(plain(4), plain(4)), *[(scene(n), scene(n)) for n in range(3)]]
    _, choice = chosen(spots, seen, chunks_of(4))
    assert choice is not None
    assert choice.wide > 0
    assert choice.tall > 0


# -- which stills are offered


def places_in(*frames: int) -> list[Place]:
    return [Place(frame=frame, later=frame + 1) for frame in frames]


def view(seed: int) -> Frame:
    blocks = np.random.default_rng(seed).integers(0, 255, (9, 16, 3), dtype=np.uint8)
    return blocks.repeat(10, axis=0).repeat(10, axis=1)


def test_the_best_are_offered_first_and_never_too_many() -> None:
    frames = [view(n) for n in range(20)]
    worth = [0.5 + (n * 7 % 20) / 100 for n in range(20)]
    found = selected(places_in(*range(0, 800, 40)), frames, worth, chunks_of(*[40] * 20))
    assert found == sorted(range(20), key=lambda n: -worth[n])[:12]


def test_no_two_alike_are_offered_whichever_shot_they_are_from() -> None:
    """A conversation: two pictures, to and fro, and one that is unfit."""
    frames = [view(n % 2) for n in range(6)]
    worth = [0.5, 0.6, 0.7, 0.4, 0.3, 0.0]
    found = selected(places_in(*range(0, 240, 40)), frames, worth, chunks_of(*[40] * 6))
    assert found == [2, 1]
    only = selected(places_in(0, 40), [view(1), view(2)], [0.0, 0.3], chunks_of(40, 40))
    assert only == [1], "what is unfit was offered"


def test_a_shot_is_offered_twice_only_when_it_has_become_another_picture() -> None:
    one = plain(60)
    near, far = one.copy(), one.copy()
    near[: len(near) // 2] += 30  # a mean difference of 15: enough between shots
    far[: len(far) // 2] += 80
    frames, worth = [one, near, far], [0.9, 0.8, 0.7]
    assert selected(places_in(10, 20, 30), frames, worth, chunks_of(40)) == [0, 2]
    assert selected(places_in(10, 50, 90), frames, worth, chunks_of(40, 40, 40)) == [0, 1, 2]


# -- which passage


def test_a_passage_lies_within_the_film_and_none_over_another() -> None:
    chunks = chunks_of(*[40] * 60, complexity=tuple(float(n % 7) for n in range(60)))
    found = candidates(chunks, 2400, RATE)
    assert 1 < len(found) <= 4
    for passage in found:
        assert len(passage) == 144
        assert inner(2400).start <= passage.start < passage.stop <= inner(2400).stop
    assert all(a.stop <= b.start for a, b in itertools.pairwise(found))


def test_a_short_film_has_a_short_preview_and_a_very_short_one_none() -> None:
    (only,) = candidates(chunks_of(96), 96, RATE)
    assert 72 < len(only) < 96
    assert candidates(chunks_of(40), 40, RATE) == []


def test_the_passage_that_moves_is_taken_and_black_never() -> None:
    found = [range(0, 144), range(200, 344), range(400, 544)]
    still, moving = look(scene(), scene()), look(scene(1), scene(2))
    black = look(plain(0), plain(1))
    assert liveliest(found, [*[still] * 3, *[moving] * 3, *[black] * 3]) == found[1]
    assert liveliest(found, [black] * 9) is None
    assert liveliest([], []) is None


# -- a real film


Made = tuple[ArtworkRefs, DiskBlobs, LocalEncoding, Source]


async def made_of(film: Path | str, folder: Path) -> Made:
    encoder, blobs = encoder_in(folder, msgspec.structs.replace(SMALL, quick_heights=(360,)))
    if isinstance(film, str):
        source = await inspected(encoder, blobs, film)
    else:
        await blobs.put_file("masters/mas_1/bytes", film, overwrite=True)
        found = await encoder.run(Inspect(master_key="masters/mas_1/bytes", file_name=film.name))
        assert found.source is not None, found.findings
        source = found.source
    return await artwork(encoder, source), blobs, encoder, source


async def artwork(encoder: LocalEncoding, source: Source) -> ArtworkRefs:
    renditions, _ = await quick_parts(encoder, source)
    shots = await encoder.run(FindShots(source=source))
    return await encoder.run(artwork_of(source, shots, renditions))


async def picture(blobs: DiskBlobs, key: str) -> Frame:
    with Image.open(io.BytesIO(await blobs.get(key))) as image:
        assert image.format == "WEBP"
        return np.asarray(image.convert("RGB"))


async def filmed(folder: Path, *args: str, film: str = "") -> Path:
    """A film made for a test, by ffmpeg's own words."""
    bound = {"film": Input(path=MEDIA / film, trusted=True)} if film else {}
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "{out}/made.mp4"]
    folder.mkdir(parents=True, exist_ok=True)
    await SandboxedMedia().run(Tool.FFMPEG, [*args, "-an", *coded], inputs=bound, output=folder)
    return folder / "made.mp4"


async def test_a_film_gets_pictures_and_a_preview_of_its_own(tmp_path: Path) -> None:
    refs, blobs, _, _ = await made_of("bbb_1080p24_4s_aac51.mp4", tmp_path)
    shapes = {name: (await picture(blobs, getattr(refs, name))).shape[:2] for name in PICTURES}
    assert shapes == {"poster": (720, 480), "landscape": (360, 640), "billboard": (1080, 1920)}
    for name in PICTURES:
        frame = await picture(blobs, getattr(refs, name))
        assert look(frame, frame).fit, f"{name} is not worth showing"
    assert len(await blobs.get(refs.billboard)) < 600_000
    assert refs.stills
    for still in refs.stills:
        whole, small = await picture(blobs, still.key), await picture(blobs, still.small_key)
        assert whole.shape[:2] == (still.height, still.width) == (1080, 1920)
        assert small.shape[:2] == (180, 320)
        assert 0 < still.at_ms < 4000
        assert look(whole, whole).fit
    await the_preview_is_small_silent_and_starts_at_once(blobs, refs.preview, tmp_path)


async def the_preview_is_small_silent_and_starts_at_once(
    blobs: DiskBlobs, key: str, folder: Path
) -> None:
    content = await blobs.get(key)
    assert len(content) < 1_000_000
    assert 0 < content.index(b"moov") < content.index(b"mdat")
    file = folder / "preview.mp4"
    await asyncio.to_thread(file.write_bytes, content)
    asked = "stream=codec_name,codec_type,width,height,pix_fmt,nb_frames"
    told = await SandboxedMedia().run(
        Tool.FFPROBE,
        ["-v", "error", "-show_entries", asked, "-of", "json", "{in.preview}"],
        inputs={"preview": Input(path=file, trusted=True)},
    )
    (stream,) = msgspec.json.decode(told.stdout)["streams"]
    assert (stream["codec_type"], stream["codec_name"], stream["pix_fmt"]) == (
        *("video", "h264"),
        "yuv420p",
    )
    assert (stream["width"], stream["height"]) == (480, 270)
    assert 60 < int(stream["nb_frames"]) <= 98


async def test_nothing_is_made_larger_than_the_film(tmp_path: Path) -> None:
    refs, blobs, _, _ = await made_of("street_432p12.5_6s.mp4", tmp_path)
    shapes = {name: (await picture(blobs, getattr(refs, name))).shape[:2] for name in PICTURES}
    assert shapes == {"poster": (432, 288), "landscape": (360, 640), "billboard": (432, 768)}


async def test_planted_an_all_black_film_has_no_pictures_and_fails_nothing(tmp_path: Path) -> None:
    film = await filmed(tmp_path / "film", "-f", "lavfi", "-i", "color=black:s=640x360:r=24:d=6")
    refs, _, _, _ = await made_of(film, tmp_path)
    assert refs == ArtworkRefs()


async def test_planted_black_and_bars_are_kept_out_of_the_pictures(tmp_path: Path) -> None:
    """Two of three seconds are black, and the picture has bars above and below."""
    barred = "scale=640:270,pad=640:360:0:45:black,trim=end=2,setpts=PTS-STARTPTS[film]"
    black = "color=black:s=640x360:r=24:d=2,setsar=1,split[before][after]"
    joined = f"[0:v]{barred};{black};[film]setsar=1[middle];[before][middle][after]concat=n=3[all]"
    film = await filmed(
        tmp_path / "film",
        *("-i", "{in.film}", "-filter_complex", joined, "-map", "[all]"),
        film="bbb_480p24_6s.mp4",
    )
    refs, blobs, _, _ = await made_of(film, tmp_path)
    for name in PICTURES:
        frame = await picture(blobs, getattr(refs, name))
        assert look(frame, frame).fit
        assert frame[0].mean() > 24 < frame[-1].mean(), f"{name} has a black bar"
    assert (await picture(blobs, refs.poster)).shape[0] <= 270


async def test_a_killed_step_writes_the_same_files_again(tmp_path: Path) -> None:
    name = "bbb_480p24_6s.mp4"
    whole, blobs, encoder, source = await made_of(name, tmp_path / "baseline")
    runs = len(runs_of(encoder))
    assert await artwork(encoder, source) == whole
    assert len(runs_of(encoder)) == runs, "a finished step ran again"

    killed, its_blobs = encoder_in(
        tmp_path / "killed", msgspec.structs.replace(SMALL, quick_heights=(360,))
    )
    source = await inspected(killed, its_blobs, name)
    renditions, _ = await quick_parts(killed, source)
    shots = await killed.run(FindShots(source=source))
    for moment in ("look-", "still-", "preview"):
        await cancelled_at(killed, moment, killed.run(artwork_of(source, shots, renditions)))
        assert not list((tmp_path / "killed" / "work").iterdir())
    assert await artwork(killed, source) == whole
    keys = [getattr(whole, each) for each in (*PICTURES, "preview")]
    keys += [key for still in whole.stills for key in (still.key, still.small_key)]
    assert len(keys) > 4
    for key in keys:
        assert await its_blobs.get(key) == await blobs.get(key), key


async def test_it_all_gives_way_to_other_work(tmp_path: Path) -> None:
    _, _, encoder, source = await made_of("street_432p12.5_6s.mp4", tmp_path)
    asked: list[bool] = []
    real = encoder._workspace.tools.run

    async def watched(tool: Tool, args: Sequence[str], **more: Any) -> ToolResult:
        asked.append(more.get("background", False))
        return await real(tool, args, **more)

    renditions, _ = await quick_parts(encoder, source)
    shots = await encoder.run(FindShots(source=source))
    for kept in await encoder._workspace.blobs.list("encodes/"):
        if "/artwork/" in kept.key:
            await encoder._workspace.blobs.delete(kept.key)
    encoder._workspace.tools.run = watched  # type: ignore[method-assign]
    await encoder.run(artwork_of(source, shots, renditions))
    assert asked
    assert all(asked)


def artwork_of(source: Source, shots: ShotPlan, renditions: Iterable[RenditionRef]) -> MakeArtwork:
    return MakeArtwork(source=source, shots=shots, renditions=tuple(renditions))
