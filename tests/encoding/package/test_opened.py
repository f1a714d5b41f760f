"""A version made from a version: nothing is encoded, and nothing but the change is different."""

import asyncio
import itertools
import shutil
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from tests.encoding.steps import (
    KEYS,
    SMALL,
    encoder_in,
    inspected,
    package_of,
    quick_parts,
    runs_of,
    subtitles_of,
)
from tests.encoding.test_pipeline import verified
from vitascope.encoding import (
    AudioRef,
    BuildPackage,
    EncodingFailed,
    MakeSubtitles,
    MakeThumbnails,
    OpenedPackage,
    OpenPackage,
    Package,
    TextRef,
    TextSource,
)
from vitascope.encoding.companions.cues import Cue, webvtt
from vitascope.encoding.companions.wvtt import read_wvtt
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.package.hashes import hashes_of
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Input
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import Language, Scheme

pytestmark = pytest.mark.long

SCHEMES: tuple[Scheme, ...] = ("cbcs", "cenc", "none")
Packaged = tuple[Path, dict[Scheme, Package]]
"""The folder of an encoder, and what it has packaged in each way. Not to be changed."""

Ref = TypeVar("Ref", AudioRef, TextRef)
Published = tuple[LocalEncoding, DiskBlobs, Package]


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    folder = tmp_path_factory.mktemp("films")
    return folder, asyncio.run(in_each_way(folder))


async def in_each_way(folder: Path) -> dict[Scheme, Package]:
    """A film with three sound tracks, two of subtitles, and thumbnails."""
    encoding, blobs = encoder_in(folder)
    source = await inspected(encoding, blobs, "bbb_multi.mkv")
    made, sound = await quick_parts(encoding, source)
    text = await encoding.run(subtitles_of(source))
    sprites = await encoding.run(MakeThumbnails(source=source, rendition=made[0]))
    asked = package_of(source, made, sound, text, thumbnails=sprites)
    return {
        scheme: await encoding.run(msgspec.structs.replace(asked, scheme=scheme))
        for scheme in SCHEMES
    }


@pytest.fixture(params=SCHEMES)
def published(packaged: Packaged, tmp_path: Path, request: pytest.FixtureRequest) -> Published:
    """A copy for this test, as an encoder finds it that has not made it."""
    folder, packages = packaged
    shutil.copytree(folder / "blobs", tmp_path / "blobs")
    settings = msgspec.structs.replace(SMALL, scheme=request.param)
    return *encoder_in(tmp_path, settings), packages[request.param]


def opening(package: Package) -> OpenPackage:
    return OpenPackage(
        prefix=package.prefix,
        duration_ms=package.duration_ms,
        ladder=package.ladder,
        audio=package.audio,
        text=package.text,
        files=package.files,
        keys=() if package.scheme == "none" else tuple(KEYS),
        scheme=package.scheme,
    )


def again(opened: OpenedPackage, scheme: Scheme) -> BuildPackage:
    return BuildPackage(
        asset_id=AssetId("ast_1"),
        programme=opened.programme,
        renditions=opened.renditions,
        audio=opened.audio,
        text=opened.text,
        keys=tuple(KEYS),
        scheme=scheme,
        thumbnails=opened.thumbnails,
    )


async def test_what_is_opened_is_what_was_encoded_packet_by_packet(
    published: Published, tmp_path: Path
) -> None:
    encoding, blobs, package = published
    opened = await encoding.run(opening(package))
    assert [one.rung for one in opened.renditions] == list(package.ladder)
    there = {one.rung.name: one.key for one in opened.renditions}
    there |= {one.track.name: one.key for one in opened.audio}
    assert set(there) == set(package.clear)
    for name, key in there.items():
        hashes = []
        for each in (key, package.clear[name]):
            file = Input(path=await blobs.fetch(each, tmp_path / "x"), trusted=True)
            kind = "a" if name.startswith("a-") else "v"
            hashes.append(await hashes_of(encoding._workspace, file, kind, decode=False))
        assert hashes[0] == hashes[1], name
        assert hashes[0][0], name


async def test_a_version_packaged_again_has_the_same_pictures_and_words(
    published: Published,
) -> None:
    encoding, _, package = published
    opened = await encoding.run(opening(package))
    made = await encoding.run(again(opened, package.scheme))
    kept = {name for name in made.files if made.files[name] == package.files[name]}
    assert set(made.files) == set(package.files)
    # a header of the sound tells another estimate of its bitrate
    assert set(made.files) - kept <= {f"{track.name}.mp4" for track in made.audio}
    assert made.thumbnails is not None


async def test_tracks_with_the_same_bytes_stay_two_tracks(published: Published) -> None:
    """As where one file was given for two languages, or for two roles."""
    encoding, _, package = published
    opened = await encoding.run(opening(package))
    twice = msgspec.structs.replace(
        opened,
        audio=(*opened.audio, _called(opened.audio[-1], "a-es-2")),
        text=(*opened.text, _called(opened.text[-1], "t-es")),
    )
    made = await encoding.run(again(twice, package.scheme))
    assert made.files["t-es.mp4"] == made.files[f"{opened.text[-1].track.name}.mp4"]
    reopened = await encoding.run(opening(made))
    assert [one.track for one in reopened.audio] == list(made.audio)
    assert [one.track for one in reopened.text] == list(made.text)
    third = await encoding.run(again(reopened, package.scheme))
    assert set(third.files) == set(made.files)


def _called(ref: Ref, name: str) -> Ref:
    track = msgspec.structs.replace(ref.track, name=name, language=Language("es"))
    return msgspec.structs.replace(ref, track=track)


async def test_new_subtitles_change_nothing_but_the_manifests(published: Published) -> None:
    encoding, blobs, package = published
    runs = runs_of(encoding)
    await blobs.put("subtitles/x/1", b"1\n00:00:01,000 --> 00:00:02,000\nHej\n")
    before = len(runs)
    opened = await encoding.run(opening(package))
    text = (TextSource(language=Language("sv"), codec="subrip", key="subtitles/x/1"),)
    words = await encoding.run(MakeSubtitles(programme=opened.programme, text=text))
    asked = msgspec.structs.replace(
        again(opened, package.scheme),
        text=(*opened.text, *words),
    )
    made = await encoding.run(asked)
    assert not any("chunk" in run for run in runs[before:])
    changed = {name for name in made.files if made.files[name] != package.files.get(name)}
    sound = {f"{track.name}.mp4" for track in made.audio}
    assert changed - sound == {"t-sv.mp4", "t-sv.m3u8", "manifest.mpd", "main.m3u8"}
    assert [track.language for track in made.text] == ["en", "fr", "sv"]
    found = await verified(encoding, made)
    assert found.passed, found.failures


@pytest.mark.parametrize(
    ("published", "other"), list(itertools.permutations(SCHEMES, 2)), indirect=["published"]
)
async def test_another_scheme_has_the_same_pictures(published: Published, other: Scheme) -> None:
    """Locked, locked otherwise, or opened."""
    encoding, _, package = published
    opened = await encoding.run(opening(package))
    made = await encoding.run(again(opened, other))
    assert made.scheme == other
    found = await verified(encoding, made)
    assert found.passed, found.failures
    back = await encoding.run(opening(made))
    assert [one.keyframes for one in back.renditions] == [
        one.keyframes for one in opened.renditions
    ]


@pytest.mark.parametrize("published", ["cbcs", "cenc"], indirect=True)
async def test_planted_a_foreign_key_opens_nothing_that_could_be_published(
    published: Published,
) -> None:
    """What it lets out is no picture: it must not become a version."""
    encoding, _, package = published
    foreign = tuple(msgspec.structs.replace(key, key=b"\x7f" * 16) for key in KEYS)
    opened = await encoding.run(msgspec.structs.replace(opening(package), keys=foreign))
    with pytest.raises(EncodingFailed):
        made = await encoding.run(again(opened, package.scheme))
        found = await verified(encoding, made)
        if not found.passed:
            raise EncodingFailed("It is seen before it is published.")


async def test_packaged_subtitles_are_read_as_they_were_written(published: Published) -> None:
    _, blobs, package = published
    read = read_wvtt(await blobs.get(f"{package.prefix}/t-fr.mp4"))
    assert webvtt(read) == webvtt([Cue(start_ms=11_000, end_ms=14_000, text="Bonjour")])


def test_what_is_no_mp4_is_refused() -> None:
    with pytest.raises(EncodingFailed, match="cannot be read"):
        read_wvtt(b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n")
