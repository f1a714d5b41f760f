"""A new version from the version that is live, one line a step: no picture is encoded again, and of
the sound only what is new.

As in `pipeline.py`, everything behind `steps` is durable. The live version stays what viewers see
until the new one is verified; then one pointer is flipped.
"""

import msgspec

from vitascope.catalog import Asset
from vitascope.encoding import (
    AudioRef,
    BuildPackage,
    MakeSubtitles,
    OnProgress,
    OpenedPackage,
    OpenPackage,
    Package,
    RenditionRef,
    SoundInspection,
    SoundSource,
    TextRef,
    Verification,
)
from vitascope.engines.work import StepFailed
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import ContentKey
from vitascope.publishing import store
from vitascope.publishing.contract import JobState
from vitascope.publishing.formats import FormatSteps, fits, missing, not_in
from vitascope.publishing.release import asset_of
from vitascope.publishing.running import Running
from vitascope.publishing.sounds import SoundSteps
from vitascope.publishing.steps import verified
from vitascope.publishing.subtitles import beside, kind_of
from vitascope.publishing.tasks import RepublishOrder

_NOT_LIVE = "There is nothing published to change. The next version will have it."
_OVERTAKEN = "Another version was published meanwhile."
_FIRST_ONLY = "Only a first version is live. The whole one must be there before formats are added."
_THERE = "The live version has these formats already."
_TRIES = 5  # each time another version is published while this one is verified


async def republish(running: Running, order: RepublishOrder) -> None:
    try:
        steps = RepublishSteps(running, order)
        if order.change.formats:
            await _add_formats(steps, FormatSteps(running, order), order)
        else:
            await _republish(steps)
    except StepFailed as failure:
        await running.fail(failure)
        raise


async def _republish(steps: "RepublishSteps") -> None:
    while not await steps.wait():
        await steps.hold()
    master: str | None = None
    for again in ("", *(f" again {n}" for n in range(1, _TRIES))):
        live = await steps.live_version(again)
        if live is None:
            return await steps.end(JobState.CANCELLED, _NOT_LIVE)
        made_of = await steps.master_of(live, again)
        if master is not None and made_of != master:  # which has its own of all
            return await steps.end(JobState.CANCELLED, _OVERTAKEN)
        master = made_of
        heard = await steps.inspect_sound(live)
        opened = await steps.open(live, again)
        audio, sounds = await steps.sound(opened, heard)
        text = await steps.subtitles(opened)
        package = await steps.package(live, opened, audio, text, sounds, again=again)
        await steps.verify(package, again)
        if await steps.publish(live, package, again):
            return await steps.end(JobState.LIVE)
    return await steps.end(JobState.CANCELLED, _OVERTAKEN)


async def _add_formats(
    steps: "RepublishSteps", formats: FormatSteps, order: RepublishOrder
) -> None:
    while not await steps.wait():
        await steps.hold()
    live = await steps.live_version()
    if live is None:
        return await steps.end(JobState.CANCELLED, _NOT_LIVE)
    if live.partial:
        return await steps.end(JobState.CANCELLED, _FIRST_ONLY)
    if missing(live, order.change.formats, in_hdr=True) != order.change.formats:
        return await steps.end(JobState.CANCELLED, _THERE)
    master = await steps.master_of(live)
    opened = await steps.open(live)
    made = await formats.encode(live, opened, order.change.formats)
    for n in range(1, _TRIES + 1):
        live = await steps.live_version(f" again {n}")
        if live is None:
            return await steps.end(JobState.CANCELLED, _NOT_LIVE)
        if await steps.master_of(live, f" again {n}") != master:
            return await steps.end(JobState.CANCELLED, _OVERTAKEN)
        opened = await steps.open(live, f" again {n}")
        if not fits(opened, made):
            return await steps.end(JobState.CANCELLED, _OVERTAKEN)
        more = not_in(opened, made)
        if not more:  # an earlier try of this very step published them
            return await steps.end(JobState.LIVE)
        package = await steps.package(live, opened, opened.audio, opened.text, (), more, f" {n}")
        await steps.verify(package, f" {n}")
        if await steps.publish(live, package, f" {n}"):
            return await steps.end(JobState.LIVE)
    return await steps.end(JobState.CANCELLED, _OVERTAKEN)


class RepublishSteps:
    """`again` tells apart what is done more than once in a job."""

    def __init__(self, running: Running, order: RepublishOrder) -> None:
        self._running = running
        self._tools = running.tools
        self._ledger = running.tools.ledger
        self._order = order
        self._change = order.change
        given = order.change.sound
        self._new_sound = SoundSteps(running, given) if given else None

    async def wait(self) -> bool:
        """Wait for jobs of the same film that began earlier: the change is made to what they
        publish. Returns False if one of them waits for somebody's decision."""

        async def look() -> bool | None:
            with self._tools.changed.pauses(first_s=0.5, longest_s=10.0) as pauses:
                while await self._ledger.has_earlier(self._order.job_id):
                    await pauses.pause()
            return not await self._is_behind_review()

        returns: type[bool | None] = bool | None  # type: ignore[assignment]
        return await self._running.quietly("wait", look, returns) is not False  # earlier: nothing

    async def hold(self) -> None:
        """Wait until that is decided."""
        if await self._is_behind_review():
            await self._running.hold()

    async def _is_behind_review(self) -> bool:
        job_id = self._order.job_id
        return await self._ledger.rows.read(lambda c: store.is_behind_review(c, job_id))

    async def live_version(self, again: str = "") -> Asset | None:
        """Returns what is to be changed: the live version, else the one that waits to be."""

        async def look() -> Asset | None:
            content_id, catalog = self._order.content_id, self._tools.catalog
            live = None if self._order.waiting else await catalog.asset(content_id)
            return live or await catalog.prepared(content_id)

        attempts = self._tools.settings.attempts
        return await self._running.quietly(f"look{again}", look, Asset | None, attempts=attempts)  # type: ignore[arg-type]

    async def master_of(self, live: Asset, again: str = "") -> str:
        """Returns the job of the master that a version was made of; nothing where that is not
        known any more."""

        async def look() -> str:
            content_id, rows = self._order.content_id, self._ledger.rows
            found = await rows.read(lambda c: store.master_of_asset(c, content_id, live.id))
            return found or ""

        attempts = self._tools.settings.attempts
        return await self._running.quietly(f"master{again}", look, str, attempts=attempts)

    async def open(self, live: Asset, again: str = "") -> OpenedPackage:
        async def work(progress: OnProgress) -> OpenedPackage:
            request = OpenPackage(
                prefix=live.prefix,
                duration_ms=live.duration_ms,
                ladder=live.ladder,
                audio=live.audio,
                text=live.text,
                files=live.files,
                keys=tuple(await self._keys(live.id, tuple(live.key_ids))),
                scheme=live.scheme,
            )
            return await self._running.ask(request, progress)

        return await self._running.step(
            f"open the live version{again}", JobState.PACKAGING, work, OpenedPackage
        )

    async def subtitles(self, opened: OpenedPackage) -> tuple[TextRef, ...]:
        """New ones take the place of what the version has in their languages and of their
        kinds."""
        change = self._change
        gone = {(language, "full") for language in change.without_subtitles}
        gone |= {(one.language, one.kind) for one in change.without_text}
        gone |= {(one.language, one.kind) for one in change.subtitles}
        kept = [one for one in opened.text if (one.track.language, kind_of(one.track)) not in gone]
        request = MakeSubtitles(
            programme=opened.programme, text=tuple(map(beside, self._change.subtitles))
        )
        made = await self._running.encoding(
            "subtitles", JobState.PACKAGING, request, tuple[TextRef, ...]
        )
        findings = tuple(found for one in made for found in one.findings)
        await self._running.report(*findings)
        return (*kept, *made)

    async def inspect_sound(self, live: Asset) -> SoundInspection | None:
        """Inspect a new sound before anything is opened: a file that is not fit is refused
        soonest."""
        return await self._new_sound.inspect(live) if self._new_sound else None

    async def sound(
        self, opened: OpenedPackage, heard: SoundInspection | None
    ) -> tuple[tuple[AudioRef, ...], tuple[SoundSource, ...]]:
        """Returns the tracks of the next version, and what the new ones among them were made of."""
        dropped = self._change.without_audio
        kept = tuple(one for one in opened.audio if one.track.name not in dropped)
        if self._new_sound is None or heard is None:
            return kept, ()
        source = self._new_sound.source(heard, opened)
        await self._new_sound.compare(source, opened)
        new = await self._new_sound.encode(source, heard)
        return self._new_sound.among(kept, new), (source,)

    async def package(
        self,
        live: Asset,
        opened: OpenedPackage,
        audio: tuple[AudioRef, ...],
        text: tuple[TextRef, ...],
        sounds: tuple[SoundSource, ...],
        more: tuple[RenditionRef, ...] = (),
        again: str = "",
    ) -> Package:
        asset_id = self._asset_id(live)
        scheme = self._change.scheme or live.scheme
        renditions = (*opened.renditions, *more)
        labels = dict.fromkeys([KeyLabel.AUDIO, *(one.rung.key_label for one in renditions)])
        wanted = () if scheme == "none" else tuple(labels)

        async def work(progress: OnProgress) -> Package:
            request = BuildPackage(
                asset_id=asset_id,
                programme=opened.programme,
                renditions=renditions,
                audio=audio,
                text=text,
                keys=tuple(await self._keys(asset_id, wanted)),
                scheme=scheme,
                thumbnails=opened.thumbnails,
                sounds=sounds,
            )
            return await self._running.ask(request, progress)

        return await self._running.step(f"package{again}", JobState.PACKAGING, work, Package)

    async def verify(self, package: Package, again: str = "") -> None:
        async def work(progress: OnProgress) -> Verification:
            keys = await self._keys(package.asset_id, tuple(package.key_ids))
            return await verified(self._running, package, keys, progress)

        await self._running.step(f"verify{again}", JobState.VERIFYING, work, Verification)

    async def publish(self, live: Asset, package: Package, again: str = "") -> bool:
        """Returns False when what was changed is not there any more: newer never gives way to
        older."""
        made = asset_of(package, live.content_id, partial=live.partial)
        made = msgspec.structs.replace(made, credits_start_ms=live.credits_start_ms)

        async def work(_: OnProgress) -> bool:
            catalog, title_id = self._tools.catalog, self._order.title_id
            there = await catalog.asset(live.content_id)
            if there is None or there.version not in (live.version, made.version):
                return await catalog.prepare(title_id, made, instead_of=live.version)
            if not await catalog.publish(title_id, made, instead_of=there.version):
                return False
            await self._ledger.playable(self._order.job_id)
            return True

        name = f"publish{again}"
        return await self._running.step(name, JobState.VERIFYING, work, bool, light=True)

    async def end(self, state: JobState, reason: str = "") -> None:
        async def work() -> None:
            await self._ledger.move(self._order.job_id, state, reason)

        await self._running.quietly("end", work, type(None))

    def _asset_id(self, live: Asset) -> AssetId:
        """Keys belong to an asset, so new keys make it another one."""
        if not self._change.new_keys:
            return live.id
        return AssetId("ast_" + self._order.job_id.partition("_")[2])

    async def _keys(self, asset_id: AssetId, labels: tuple[KeyLabel, ...]) -> list[ContentKey]:
        return await self._tools.licensing.keys_for(asset_id, labels)
