"""A sound track that was delivered by itself, for a version that is live."""

from collections.abc import Sequence

import msgspec

from vitascope.catalog import Asset
from vitascope.encoding import (
    AudioRef,
    CompareSound,
    EncodeAudio,
    Finding,
    FindingCode,
    InspectSound,
    MasterRefused,
    OnProgress,
    OpenedPackage,
    Severity,
    SoundInspection,
    SoundLag,
    SoundSource,
)
from vitascope.kernel.media import AudioTrack
from vitascope.publishing.contract import JobState, NewSound
from vitascope.publishing.running import Running

_COMPARED = 3  # tracks at most that a new one is laid beside


class SoundSteps:
    """A refusal of the file ends the job as one of a master does: rejected, with the reason."""

    def __init__(self, running: Running, given: NewSound) -> None:
        self._running = running
        self._tools = running.tools
        self._given = given

    async def inspect(self, live: Asset) -> SoundInspection:
        draft = self._given.draft
        request = InspectSound(
            key=self._given.blob_key,
            duration_ms=live.duration_ms,
            language=draft.language,
            descriptive=draft.role == "description",
        )

        async def work(progress: OnProgress) -> SoundInspection:
            if not draft.replaces and any(self._is_replaced(track) for track in live.audio):
                raise _refused([_already_there(draft.language)])
            found = await self._running.ask(request, progress)
            if found.stream is None:
                raise _refused(found.findings)
            await self._tools.ledger.report(
                self._running.job_id,
                findings=found.findings,
                loudness_lufs=found.qc.loudness_lufs,
                master=found.file,
            )
            return found

        return await self._running.step("inspect sound", JobState.INSPECTING, work, SoundInspection)

    def source(self, found: SoundInspection, opened: OpenedPackage) -> SoundSource:
        if found.stream is None:
            raise ValueError("a sound that was refused is not encoded")
        return SoundSource(
            key=self._given.blob_key,
            sha256=found.sha256,
            format=found.format,
            programme=opened.programme,
            streams=(
                msgspec.structs.replace(
                    found.stream,
                    commentary=self._given.draft.role == "commentary",
                    label=self._given.draft.label,
                ),
            ),
        )

    async def compare(self, sound: SoundSource, opened: OpenedPackage) -> None:
        """Check that the new sound is in step with the sound that stays, where the two have enough
        in common to tell. What it replaces does not count: that may be what was wrong."""
        beside = [one for one in opened.audio if not self._is_replaced(one.track)][:_COMPARED]

        async def work(progress: OnProgress) -> SoundLag:
            lag = SoundLag(lag_ms=None, allowed_ms=0.0)
            for one in beside:
                request = CompareSound(sound=sound, beside=one)
                lag = await self._running.ask(request, progress)
                if lag.lag_ms is not None:
                    break
            if lag.lag_ms is not None and abs(lag.lag_ms) > lag.allowed_ms:
                raise _refused([_out_of_step(lag.lag_ms)])
            return lag

        lag = await self._running.step("compare sound", JobState.INSPECTING, work, SoundLag)
        if lag.lag_ms is None:
            await self._running.remark(
                "sync-unknown",
                "The new audio has too little in common with the other audio of this film to tell "
                "whether it is in sync. Watch a passage.",
            )

    async def encode(self, sound: SoundSource, found: SoundInspection) -> tuple[AudioRef, ...]:
        request = EncodeAudio(sound=sound, qc=found.qc)
        return await self._running.encoding(
            "audio", JobState.ENCODING, request, tuple[AudioRef, ...]
        )

    def among(self, kept: Sequence[AudioRef], new: Sequence[AudioRef]) -> tuple[AudioRef, ...]:
        """Returns `kept` with the new sound in the place of what it replaces, else after all. The
        first is what players begin with."""
        replaced = [self._is_replaced(one.track) for one in kept]
        place = replaced.index(True) if any(replaced) else len(kept)
        before = [one for one in kept[:place] if not self._is_replaced(one.track)]
        after = [one for one in kept[place:] if not self._is_replaced(one.track)]
        return (*before, *new, *after)

    def _is_replaced(self, track: AudioTrack) -> bool:
        draft = self._given.draft
        return (track.language, track.role) == (draft.language, draft.role)


def _refused(findings: Sequence[Finding]) -> MasterRefused:
    refusals = [one for one in findings if one.severity is Severity.REFUSAL]
    told = [{"code": one.code, "sentence": one.sentence} for one in refusals]
    return MasterRefused(" ".join(one.sentence for one in refusals), findings=told)


def _already_there(language: str) -> Finding:
    sentence = (
        f"There is audio in '{language}' and this role already. Upload it again and say that it "
        "replaces what is there."
    )
    return _refusal("sound-already-there", sentence)


def _out_of_step(lag_ms: float) -> Finding:
    how = "late" if lag_ms > 0 else "early"
    sentence = (
        f"The audio is {abs(lag_ms):.0f} ms too {how}, beside the audio that this film has. "
        "Move it, and upload it again."
    )
    return _refusal("sound-out-of-step", sentence)


def _refusal(code: FindingCode, sentence: str) -> Finding:
    return Finding(code=code, severity=Severity.REFUSAL, sentence=sentence)
