"""An encoding that costs nothing: for the order of steps, cancelling and retrying only.

Every call that would cost something writes a line to a log, as the real one runs a tool; outputs
are files named by what went in, and a call whose output is there is done.
"""

import asyncio
import hashlib
import re
from collections.abc import Collection
from pathlib import Path
from typing import TypeVar

import msgspec

from tests.publishing.fake_pictures import FakePictures
from vitascope.encoding import (
    ArtworkRefs,
    AudioRef,
    AudioSource,
    BuildPackage,
    Check,
    CheckQuality,
    CompareSound,
    EncodeAudio,
    EncodingFailed,
    Finding,
    FindingPicture,
    Inspect,
    Inspection,
    InspectSound,
    MakeArtwork,
    MakeSubtitles,
    MakeThumbnails,
    NoRoom,
    OnProgress,
    OpenedPackage,
    OpenPackage,
    Package,
    PictureFindings,
    Programme,
    QcReport,
    RenditionRef,
    Request,
    Severity,
    SoundInspection,
    SoundLag,
    Source,
    Still,
    TextRef,
    TextSource,
    ThumbnailSet,
    Verification,
    VerifyPackage,
)
from vitascope.engines.blobs import BlobNotFound
from vitascope.kernel.media import AudioTrack, Codec, DynamicRange, KeyLabel, Language, TextTrack

T = TypeVar("T")

ODD_CUE = Finding(
    code="subtitle-cut", severity=Severity.WARNING, sentence="A cue is cut.", from_ms=1, until_ms=2
)


BLACK = Finding(
    code="black",
    severity=Severity.WARNING,
    sentence="The picture is black for 3.0 s.",
    from_ms=1000,
    until_ms=4000,
)


FROZEN = Finding(
    code="freeze",
    severity=Severity.NOTE,
    sentence="The picture does not change for 2.0 s.",
    from_ms=2000,
    until_ms=4000,
)


def _touch(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


class FakeEncoding(FakePictures):
    """`pause_s` is how long a chunk takes. While the file `broken` is there, packaging fails;
    while `dark` is, masters have three seconds of black; while `scratched` is, masters and sound
    are damaged; while `gone` is, no master is there; while `late` is, new sound is out of step;
    while `full` is, there is no room on the disk;
    while `odd-2` is, packages of two rungs are not as they should be; while `settled` is, the first
    trials tell enough. What has the words of the file `hold` in its name does not end while that is
    there. A master called `hdr.mov` is in HDR10."""

    async def run(self, request: Request[T], progress: OnProgress | None = None) -> T:
        await self.need_room()
        kind = type(request).__name__
        name = re.sub("([A-Z])", r"_\1", kind).lower()
        file = self._folder / "efforts" / f"{request.effort} {kind}"
        await asyncio.to_thread(_touch, file)
        done: T = await getattr(self, name)(request, progress)
        return done

    @staticmethod
    def asked_at(folder: Path) -> dict[str, set[str]]:
        """What was asked for at each effort; what belongs to no job is asked for at none."""
        asked = [file.name.split() for file in (folder / "efforts").iterdir()]
        efforts = {effort for effort, _ in asked if effort != "None"}
        return {each: {kind for effort, kind in asked if effort == each} for each in efforts}

    async def need_room(self) -> None:
        if await asyncio.to_thread((self._folder / "full").exists):
            raise NoRoom("The disk that holds /data is full.")

    async def _inspect(self, request: Inspect, progress: OnProgress | None) -> Inspection:
        if request.file_name == "notes.txt":
            sentence = "This is a text file. Send a film."
            finding = Finding(code="no-video", severity=Severity.REFUSAL, sentence=sentence)
            return Inspection(findings=(finding,), source=None)
        await self._until_released(f"inspect {request.file_name}")
        if await asyncio.to_thread((self._folder / "gone").exists):
            raise BlobNotFound(f"There is no object {request.master_key}.")
        frames = 50 * await self._chunks()
        source = Source(
            master_key=request.master_key,
            sha256="00",
            size=1,
            format="mov",
            duration_ms=40 * frames,
            video_index=0,
            width=640,
            height=360,
            frame_rate="25",
            frames=frames,
            text=tuple(
                TextSource(language=Language(language), codec="mov_text", index=index)
                for index, language in ((3, "en"), (4, "fr"))
            ),
        )
        if request.file_name != "hdr.mov":
            return Inspection(findings=(), source=source, master={"format": "mov"})
        source = msgspec.structs.replace(source, dynamic_range=DynamicRange.HDR10)
        found = Finding(code="hdr", severity=Severity.NOTE, sentence="The video is HDR10.")
        return Inspection(findings=(found,), source=source, master={"format": "mov"})

    async def _check_quality(self, request: CheckQuality, progress: OnProgress | None) -> QcReport:
        if progress is not None:
            progress(0.5)
        if await asyncio.to_thread((self._folder / "scratched").exists):
            sentence = "The film is damaged about 3.0 s in. Export it again."
            finding = Finding(code="damaged", severity=Severity.REFUSAL, sentence=sentence)
            return QcReport(findings=(finding,))
        if await asyncio.to_thread((self._folder / "dark").exists):
            return QcReport(findings=(BLACK, FROZEN))
        return QcReport()

    async def _picture_findings(
        self, request: PictureFindings, progress: OnProgress | None
    ) -> tuple[FindingPicture, ...]:
        """Fails while the file `dropped` is there."""
        if await asyncio.to_thread((self._folder / "dropped").exists):
            raise EncodingFailed("the pencil broke")
        made = []
        for at_ms in request.at_ms:
            key = f"encodes/00/finding-{at_ms}.webp"
            file = self._folder / "blobs" / key
            await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
            await asyncio.to_thread(file.write_bytes, key.encode())
            made.append(FindingPicture(key=key, at_ms=at_ms))
        return tuple(made)

    async def _encode_audio(
        self, request: EncodeAudio, progress: OnProgress | None
    ) -> tuple[AudioRef, ...]:
        sound = request.sound
        refs = []
        for stream in sound.streams:
            await self._once(f"sound {stream.language} of {sound.sha256}")
            track = AudioTrack(
                name=f"a-{stream.language}-2",
                language=stream.language,
                channels=2,
                codec=Codec.AAC,
                bitrate_kbps=128,
                descriptive=stream.descriptive,
                commentary=stream.commentary,
                label=stream.label,
            )
            key = f"{stream.language} of {sound.sha256}"
            refs.append(_sound(track, key))
        return tuple(refs)

    async def _inspect_sound(
        self, request: InspectSound, progress: OnProgress | None
    ) -> SoundInspection:
        if await asyncio.to_thread((self._folder / "scratched").exists):
            sentence = "The sound is damaged about 3.0 s in. Export it again."
            finding = Finding(code="damaged", severity=Severity.REFUSAL, sentence=sentence)
            return SoundInspection(findings=(finding,))
        stream = AudioSource(
            index=0,
            language=request.language,
            channels=2,
            sample_rate=48_000,
            codec="flac",
            descriptive=request.descriptive,
        )
        digest = hashlib.sha256(request.key.encode()).hexdigest()
        return SoundInspection(findings=(), stream=stream, sha256=digest, format="flac")

    async def _compare_sound(self, request: CompareSound, progress: OnProgress | None) -> SoundLag:
        await self._say(f"compare with {request.beside.track.language}")
        late = await asyncio.to_thread((self._folder / "late").exists)
        return SoundLag(lag_ms=144.0 if late else 0.0, allowed_ms=40.0)

    async def _make_subtitles(
        self, request: MakeSubtitles, progress: OnProgress | None
    ) -> tuple[TextRef, ...]:
        for text in request.text:
            await self._say(f"text {text.language} of {text.key or text.index}")
        return tuple(
            TextRef(
                key=str(text.key),
                sha256=str(text.key),
                track=TextTrack(
                    name=f"t-{text.language}",
                    language=text.language,
                    forced=text.forced,
                    closed_captions=text.closed_captions,
                ),
                cues=1,
                findings=(ODD_CUE,) if text.key.endswith("odd") else (),
            )
            for text in request.text
            if text.key
        )

    async def _make_thumbnails(
        self, request: MakeThumbnails, progress: OnProgress | None
    ) -> ThumbnailSet:
        return ThumbnailSet(
            keys=("t",), width=1, height=1, columns=1, rows=1, interval_ms=1000, count=1
        )

    async def _make_artwork(self, request: MakeArtwork, progress: OnProgress | None) -> ArtworkRefs:
        """Fails while the file `dropped` is there, and finds nothing while `black` is."""
        await self._say("artwork")
        if await asyncio.to_thread((self._folder / "dropped").exists):
            raise EncodingFailed("the pencil broke")
        if await asyncio.to_thread((self._folder / "black").exists):
            return ArtworkRefs()
        return await asyncio.to_thread(self._draw)

    def _draw(self) -> ArtworkRefs:
        names = {"poster": "webp", "landscape": "webp", "billboard": "webp", "preview": "mp4"}
        keys = {name: f"encodes/00/{name}.{suffix}" for name, suffix in names.items()}
        for key in keys.values():
            file = self._folder / "blobs" / key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(key.encode())
        stills = []
        for n in range(2):
            pair = [f"encodes/00/still-{n}{kind}.webp" for kind in ("", "-small")]
            for key in pair:
                (self._folder / "blobs" / key).write_bytes(key.encode())
            at_ms = 1000 * (n + 1)
            stills.append(Still(key=pair[0], small_key=pair[1], at_ms=at_ms, width=640, height=360))
        return msgspec.structs.replace(ArtworkRefs(tint="#402010", stills=tuple(stills)), **keys)

    async def _build_package(self, request: BuildPackage, progress: OnProgress | None) -> Package:
        await self._until_released(f"package {request.asset_id}")
        if await asyncio.to_thread((self._folder / "broken").exists):
            raise OSError("the packager is broken")
        shas = [one.sha256 for one in request.renditions]
        shas += [one.sha256 for one in request.audio]
        shas += [one.sha256 for one in request.text]
        shas += [request.scheme or "", *sorted(key.key_id for key in request.keys)]
        digest = hashlib.sha256(repr(shas).encode()).hexdigest()
        return Package(
            asset_id=request.asset_id,
            version=digest[:8],
            prefix=f"assets/{request.asset_id}/{digest[:8]}",
            duration_ms=request.programme.duration_ms,
            ladder=tuple(one.rung for one in request.renditions),
            audio=tuple(one.track for one in request.audio),
            text=tuple(one.track for one in request.text),
            key_ids={key.label: key.key_id for key in request.keys},
            scheme=request.scheme or "cbcs",
            files={"v240.mp4": digest},
            sizes={"v240.mp4": 1},
        )

    async def _open_package(
        self, request: OpenPackage, progress: OnProgress | None
    ) -> OpenedPackage:
        await self._say("open")
        await asyncio.sleep(self._pause_s)
        renditions = tuple(
            RenditionRef(
                key=rung.name, sha256=rung.name, rung=rung, frames=150, keyframes=(0,), size=1
            )
            for rung in request.ladder
        )
        text = tuple(
            TextRef(key=track.name, sha256=track.name, track=track, cues=1)
            for track in request.text
        )
        name = hashlib.sha256(request.prefix.encode()).hexdigest()
        programme = Programme(name, 150, "25", request.duration_ms)
        return OpenedPackage(
            programme=programme,
            renditions=renditions,
            audio=tuple(_sound(track, track.name) for track in request.audio),
            text=text,
        )

    async def _verify_package(
        self, request: VerifyPackage, progress: OnProgress | None
    ) -> Verification:
        package = request.package
        assert (KeyLabel.AUDIO in package.key_ids) is (package.scheme != "none")
        odd = await asyncio.to_thread((self._folder / f"odd-{len(package.ladder)}").exists)
        sentence = "Sound is +144 ms from where it was delivered."
        check = Check(name="sync", subject="a-en-2", passed=not odd, sentence=sentence)
        return Verification(passed=not odd, checks=(check,))

    async def sweep(self, before_ms: int, keep: Collection[str] = ()) -> int:
        await self._say("sweep")
        return 0


def _sound(track: AudioTrack, key: str) -> AudioRef:
    return AudioRef(key=key, sha256=key, track=track, duration_ms=6000, size=1)
